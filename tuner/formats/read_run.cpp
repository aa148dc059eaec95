#include "tuner/formats/read_run.hpp"

#include "tuner/base/files.hpp"
#include "tuner/base/memory.hpp"
#include "tuner/base/text.hpp"
#include "tuner/device/device.hpp"
#include "tuner/formats/kernel_tuner.hpp"
#include "tuner/formats/result.hpp"

namespace fuseline::tuner {
namespace {

Result<Run> run_of_its_kind(std::string_view text, const std::string& file, const TextPassed& passed) {
  if (is_kernel_tuner_cache(text)) return run_from_kernel_tuner(text, file);
  if (!is_result(text)) return run_from_t4(text, file, passed);
  FUSELINE_TRY(json, parse_json(text, file));
  return run_from_result(json, file);
}

}  // namespace

Result<Run> run_from_text(std::string_view text, const std::string& file, const TextPassed& passed) {
  auto run = run_of_its_kind(text, file, passed);
  if (!run) return run;
  run->info.request.workers.clear();
  // A file of before the device's own copy was counted: what another one of its name did is the measure.
  const auto& ceilings = run->info.device.ceilings;
  if (!ceilings || ceilings->streams.known()) return run;
  if (const auto sheets = load_targets(data_folder())) add_catalogued_streams(run->info.device, *sheets);
  return run;
}

Result<Run> read_run(const std::filesystem::path& file) {
  auto text = read_file(file, kLargestRunFile);
  if (!text) {
    // A file that the user named and that cannot be had is wrong input, whatever the system's reason.
    Error error = std::move(text).error();
    error.kind = ErrorKind::bad_input;
    return tl::unexpected(std::move(error));
  }
  return run_from_text(*text, printable(file.string()), [&text](std::size_t bytes) { forget_start(*text, bytes); });
}

}  // namespace fuseline::tuner
