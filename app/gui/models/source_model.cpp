#include "app/gui/models/source_model.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/problem/included_headers.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

/// Values of a parameter that is still open, in the staged space.
std::string open_values(const tuner::ParameterSpec& parameter) {
  std::vector<std::string> texts;
  for (const tuner::Value& value : parameter.values) texts.push_back(value.to_string());
  return fmt::format("one of {}", fmt::join(texts, ", "));
}

/// "-DPARAM_block=256" in its two parts.
std::pair<std::string, std::string> define_parts(std::string_view define) {
  if (define.starts_with("-D")) define.remove_prefix(2);
  const std::size_t equals = std::min(define.find('='), define.size());
  return {std::string(define.substr(0, equals)), std::string(define.substr(std::min(equals + 1, define.size())))};
}

}  // namespace

std::vector<SourceFile> source_files(const SourceSubject& subject, const SourceView& view) {
  std::vector<SourceFile> files;
  if (subject.variant == nullptr) return files;
  const std::filesystem::path folder = subject.variant->file.parent_path();
  if (view.text) {
    files.push_back({view.name, folder / view.name, "kernel", view.text});
    if (subject.variant->form == tuner::KernelForm::cuda) {
      std::vector<SourceFile> common;
      for (auto& [name, text] : tuner::included_headers(*view.text, subject.catalog->headers_for(*subject.entry))) {
        auto shared = std::make_shared<const std::string>(text);
        const bool is_common = name.starts_with("common/");
        (is_common ? common : files)
            .push_back({name, (is_common ? subject.data / "kernels" : folder) / name,
                        is_common ? "common header" : "header", std::move(shared)});
      }
      files.insert(files.end(), common.begin(), common.end());
    }
  }
  if (auto manifest = tuner::read_file(subject.variant->file))
    files.push_back({subject.variant->file.filename().string(), subject.variant->file, "manifest",
                     std::make_shared<const std::string>(std::move(*manifest))});
  const tuner::Problem& problem = subject.entry->problem;
  if (!problem.reference_source.empty())
    files.push_back({"reference.cu", problem.kernel_folder / "reference.cu", "reference",
                     std::make_shared<const std::string>(problem.reference_source)});
  return files;
}

void SourceModel::show(SourceSubject subject) {
  const std::string role = file() == nullptr ? "kernel" : file()->role;
  const std::string name = file() == nullptr ? "" : file()->name;
  const bool same_variant =
      subject_.variant != nullptr && subject.variant != nullptr && subject_.variant->file == subject.variant->file;
  subject_ = std::move(subject);
  view_ = {};
  if (subject_.variant != nullptr) {
    tuner::RunInfo info;
    info.dtype = subject_.dtype;
    info.device.limits = subject_.limits;
    view_ = source_view(*subject_.variant, subject_.configuration, info);
  }
  files_ = source_files(subject_, view_);
  chosen_ = 0;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    // Of another variant the file that plays the same part; headers of all are alike.
    if (files_[i].name == name || (!same_variant && role == "kernel" && files_[i].role == role)) {
      chosen_ = i;
      break;
    }
  }
  if (file() == nullptr || file()->name != name) line_ = last_line_ = 0;
  work_out_macros();
  lay_out();
}

void SourceModel::work_out_macros() {
  macros_.clear();
  if (subject_.variant == nullptr) return;
  if (subject_.instance) {
    std::vector<std::string> defines = tuner::instance_defines(*subject_.instance);
    if (subject_.settled) {
      const auto resolved =
          tuner::resolve(*subject_.variant, subject_.configuration, *subject_.instance, subject_.limits);
      if (resolved) defines = resolved->defines;
    }
    for (const std::string& define : defines) macros_.insert(define_parts(define));
  }
  for (const tuner::NamedValue& value : subject_.configuration.values) {
    if (subject_.settled) macros_.try_emplace("PARAM_" + value.name, value.value.to_string());
  }
  if (subject_.settled) return;
  for (const tuner::ParameterSpec& parameter : subject_.variant->parameters)
    macros_.try_emplace("PARAM_" + parameter.name, open_values(parameter));
}

std::string SourceModel::value_of(std::string_view macro) const {
  const auto found = macros_.find(macro);
  return found == macros_.end() ? "" : found->second;
}

void SourceModel::lay_out() {
  const auto text = file() == nullptr ? nullptr : file()->text;
  const bool same = text && laid_out_ && (text == laid_out_ || *text == *laid_out_);
  laid_out_ = text;
  if (!same) code_ = text ? std::make_shared<const CodeText>(*text) : nullptr;
  const std::size_t lines = code_ ? code_->lines().size() : 0;
  line_ = std::min(line_, lines);
  last_line_ = std::min(last_line_, lines);
  if (!same) look();
}

Result<void> SourceModel::choose(const std::string& name) {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (files_[i].name != name) continue;
    if (i == chosen_) return {};
    chosen_ = i;
    line_ = last_line_ = 0;
    scroll_ = 1;
    lay_out();
    return {};
  }
  return tuner::bad_input("there is no file '" + tuner::printable(name) + "' among those of the kernel");
}

void SourceModel::mark(std::size_t line, bool extend) {
  if (!code_ || line == 0 || line > code_->lines().size()) return;
  if (!extend || line_ == 0) line_ = line;
  last_line_ = line;
}

Result<void> SourceModel::go_to(const std::string& name, std::size_t line) {
  if (!name.empty()) FUSELINE_CHECK(choose(name));
  if (!code_) return tuner::bad_input("there is no source to go to a line of");
  if (line == 0 || line > code_->lines().size())
    return tuner::bad_input(
        fmt::format("there is no line {}: {} has {}", line, tuner::printable(file()->name), code_->lines().size()));
  mark(line, false);
  scroll_ = line;
  return {};
}

std::optional<std::size_t> SourceModel::take_scroll() { return std::exchange(scroll_, std::nullopt); }

std::string SourceModel::copied() const {
  if (!code_) return "";
  if (line_ == last_line_) return *file()->text;
  const auto [first, last] = std::minmax(line_, last_line_);
  std::string text;
  for (std::size_t i = first; i <= last; ++i) text += std::string(code_->line(i - 1)) + "\n";
  return text;
}

void SourceModel::look_for(const std::string& query) {
  if (query == query_) return;
  query_ = query;
  look();
  // The first from the line on show on.
  const auto from = std::find_if(matches_.begin(), matches_.end(), [&](const CodeMatch& each) {
    return each.line + 1 >= std::max<std::size_t>(line_, 1);
  });
  if (from != matches_.end()) match_ = static_cast<std::size_t>(from - matches_.begin());
  go_to_match();
}

void SourceModel::look() {
  matches_ = code_ ? code_->find(query_) : std::vector<CodeMatch>();
  match_ = 0;
}

void SourceModel::next_match(bool forward) {
  if (matches_.empty()) return;
  match_ = (match_ + (forward ? 1 : matches_.size() - 1)) % matches_.size();
  go_to_match();
}

void SourceModel::go_to_match() {
  if (matches_.empty()) return;
  mark(matches_[match_].line + 1, false);
  scroll_ = matches_[match_].line + 1;
}

}  // namespace fuseline::app::gui
