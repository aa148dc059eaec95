#include "app/gui/models/source_diff.hpp"

#include <algorithm>
#include <utility>

namespace fuseline::app::gui {
namespace {

constexpr std::size_t kContext = 3;

std::string text_of(const tuner::Configuration& configuration, const std::string& name) {
  const auto found = std::find_if(configuration.values.begin(), configuration.values.end(),
                                  [&](const tuner::NamedValue& value) { return value.name == name; });
  return found == configuration.values.end() ? "-" : found->value.to_string();
}

std::vector<ParameterChange> changes(const tuner::Configuration& before, const tuner::Configuration& after) {
  std::vector<ParameterChange> list;
  if (before.variant != after.variant) list.push_back({"variant", before.variant, after.variant});
  const auto add = [&](const std::string& name) {
    const bool known = std::any_of(list.begin(), list.end(), [&](const auto& each) { return each.name == name; });
    ParameterChange change{name, text_of(before, name), text_of(after, name)};
    if (!known && change.before != change.after) list.push_back(std::move(change));
  };
  for (const tuner::NamedValue& value : before.values) add(value.name);
  for (const tuner::NamedValue& value : after.values) add(value.name);
  return list;
}

std::vector<SourceFile> files_of(const SourceSubject& subject) {
  if (subject.variant == nullptr) return {};
  tuner::RunInfo info;
  info.dtype = subject.dtype;
  info.device.limits = subject.limits;
  return source_files(subject, source_view(*subject.variant, subject.configuration, info));
}

/// Whether two files play the same part.
bool counterparts(const SourceFile& a, const SourceFile& b) {
  const bool one_of_a_kind = a.role == "kernel" || a.role == "manifest" || a.role == "reference";
  return a.role == b.role && (one_of_a_kind || a.name == b.name);
}

FileDiff diff_of(const SourceFile* before, const SourceFile* after) {
  static const auto kNothing = std::make_shared<const std::string>();
  FileDiff diff;
  diff.before = before == nullptr ? kNothing : before->text;
  diff.after = after == nullptr ? kNothing : after->text;
  diff.name = before == nullptr             ? after->name + ", there alone"
              : after == nullptr            ? before->name + ", here alone"
              : before->name == after->name ? after->name
                                            : before->name + " \u2192 " + after->name;
  const auto lines = diff_lines(*diff.before, *diff.after);
  for (const DiffLine& line : lines) {
    diff.removed += line.kind == DiffLine::Kind::removed ? 1 : 0;
    diff.added += line.kind == DiffLine::Kind::added ? 1 : 0;
  }
  diff.lines = with_context(lines, kContext);
  return diff;
}

}  // namespace

SourceDiff source_diff(const SourceSubject& before, const SourceSubject& after) {
  SourceDiff diff{before.title, after.title, changes(before.configuration, after.configuration), {}, 0, {}};
  const auto here = files_of(before), there = files_of(after);
  if (here.empty() || there.empty()) {
    diff.missing = "The sources of " + (here.empty() ? before.title : after.title) + " are not among those found here.";
    return diff;
  }
  const auto add = [&](const SourceFile* a, const SourceFile* b) {
    if (a != nullptr && b != nullptr && *a->text == *b->text) {
      ++diff.same_files;
    } else {
      diff.files.push_back(diff_of(a, b));
    }
  };
  for (const SourceFile& file : there) {
    const auto found =
        std::find_if(here.begin(), here.end(), [&](const SourceFile& each) { return counterparts(each, file); });
    add(found == here.end() ? nullptr : &*found, &file);
  }
  for (const SourceFile& file : here) {
    if (std::none_of(there.begin(), there.end(), [&](const SourceFile& each) { return counterparts(file, each); }))
      add(&file, nullptr);
  }
  return diff;
}

}  // namespace fuseline::app::gui
