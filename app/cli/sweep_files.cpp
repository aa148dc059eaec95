// Files that a sweep writes, and the command that goes on with it.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "app/cli/sweep.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/csv.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/formats/t4.hpp"
#include "tuner/formats/trace.hpp"

namespace fuseline::app {

using tuner::Result;

Trace::Trace(const std::string& file) : file_(file) {
  if (!file.empty()) stream_.open(file, std::ios::trunc);
}

Result<void> Trace::check() const {
  if (!file_.empty() && !stream_) return tuner::io_error(file_, "cannot be written");
  return {};
}

void Trace::add(const tuner::Evaluation& evaluation) {
  if (file_.empty() || failed_) return;
  stream_ << tuner::trace_json(evaluation).dump(-1, ' ', false, tuner::OrderedJson::error_handler_t::replace) << "\n"
          << std::flush;
  failed_ = !stream_;
  if (failed_) spdlog::error("{}: the trace could not be written further", file_);
}

SweepFiles files_of(const SweepFiles& files, const tuner::CampaignInstance& instance) {
  return {tuner::instance_file(files.json, instance), tuner::instance_file(files.record, instance),
          tuner::instance_file(files.trace, instance), tuner::instance_file(files.csv, instance)};
}

Result<void> write_results(const tuner::Run& run, const SweepFiles& files) {
  const auto write = [](const std::string& file, const std::string& text) -> Result<void> {
    if (file != "-") return tuner::write_file(file, text);
    print_data(text);
    return {};
  };
  if (!files.record.empty()) FUSELINE_CHECK(write(files.record, tuner::t4_text(run)));
  if (!files.csv.empty()) FUSELINE_CHECK(write(files.csv, tuner::csv(run)));
  if (files.json.empty()) return {};
  FUSELINE_TRY(json, tuner::result_json(run));
  return write(files.json, tuner::json_text(json));
}

std::string resume_command(std::vector<std::string> arguments) {
  if (!arguments.empty()) arguments.front() = "fuseline";
  if (std::find(arguments.begin(), arguments.end(), "--resume") == arguments.end()) arguments.emplace_back("--resume");
  std::string text;
  for (const std::string& argument : arguments) text += (text.empty() ? "" : " ") + tuner::shell_quoted(argument);
  return tuner::printable(text);
}

}  // namespace fuseline::app
