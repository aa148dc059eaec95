#include "tuner/report/describe.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

/// Three significant digits, never in scientific notation, digits grouped.
std::string three_digits(double value) {
  return value >= 100 ? grouped(value) : value >= 10 ? fmt::format("{:.1f}", value) : fmt::format("{:.2f}", value);
}

std::string day(const std::string& iso) { return iso.substr(0, 10); }

}  // namespace

std::string short_device_name(const std::string& name) {
  std::string text = name;
  for (const std::string prefix : {"NVIDIA ", "GeForce "}) {
    if (text.rfind(prefix, 0) == 0 && text.size() > prefix.size()) text.erase(0, prefix.size());
  }
  return text.empty() ? "device" : text;
}

std::string bandwidth_text(double gbps) {
  return gbps >= 1000 ? three_digits(gbps / 1000) + " TB/s" : three_digits(gbps) + " GB/s";
}

std::string flops_text(double gflops) {
  return gflops >= 1000 ? three_digits(gflops / 1000) + " TFLOP/s" : three_digits(gflops) + " GFLOP/s";
}

std::string percent_text(double share) { return fmt::format("{:.1f} %", share * 100); }

std::string time_text(double ms) { return fmt::format("{:#.4g} ms", ms); }

std::string instance_text(const RunInfo& info) {
  std::string text(to_string(info.dtype));
  if (!info.dims.empty()) text += ",";
  for (const Dimension& dim : info.dims) text += fmt::format(" {}={}", printable(dim.name), dim.value);
  if (!info.shape.empty()) text += " (shape " + printable(info.shape) + ")";
  const Scalars changed = changed_scalars(info);
  if (!changed.empty()) text += ", " + scalars_text(changed);
  return text;
}

std::string origin_text(const RunInfo& info) {
  std::string where = info.device.name.empty() ? "a device that the recording does not name" : info.device.name;
  if (!info.device.driver.empty()) where += ", driver " + info.device.driver;
  if (!info.device.cuda.empty()) where += ", CUDA " + info.device.cuda;
  if (info.backend == Backend::cuda) return "Measured on " + where + ", " + day(info.started_at);
  if (!info.recorded_at.empty()) where += ", " + day(info.recorded_at);
  return "Replayed from the recording " + info.recording + ", measured on " + where + "; nothing was measured now";
}

std::string after_text(Predecessor after) {
  switch (after) {
    case Predecessor::clean:
      return "Timed cold: L2 full, clean, and with nothing of use in it";
    case Predecessor::producer:
      return "Timed after a producer that has just written the inputs";
    case Predecessor::itself:
      return "Timed warm: L2 as the launch before left it";
    case Predecessor::unsettled:
      break;
  }
  return "Timed behind whatever ran before: a recording of before 0.3, or by others";
}

std::string outcomes_text(const Run& run) {
  std::string text;
  for (const auto& [outcome, count] : run.outcome_counts()) {
    if (count > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", grouped(static_cast<double>(count)), to_string(outcome));
  }
  const double evaluated = static_cast<double>(run.evaluations.size());
  const std::string of = run.info.space_size > 0 ? " of " + grouped(static_cast<double>(run.info.space_size)) : "";
  return fmt::format("{}{} configurations evaluated{}{}", grouped(evaluated), of, text.empty() ? "" : ": ", text);
}

std::string target_note(const RunInfo& info, std::uint64_t sequence, std::uint64_t best) {
  if (!info.target || !info.target_fit || info.target_fit->misfit.empty()) return "";
  const std::string name = printable(short_device_name(info.target->label()));
  if (sequence == best) return fmt::format("Not in the space of {}: {}.", name, printable(info.target_fit->misfit));
  return info.target_fit->best == sequence ? fmt::format("The best in the space of {}.", name) : "";
}

std::string projection_line(const RunInfo& info, const Evaluation& evaluation, double time_ms) {
  const auto projection = projected(info, evaluation, time_ms);
  if (!projection) return "";
  return fmt::format("projected {} on {} ({} to {}), bound by {}", time_text(projection->time_ms),
                     short_device_name(info.target->label()), time_text(projection->low_ms),
                     time_text(projection->high_ms), to_string(projection->bound));
}

std::string first_there_text(const Projection& projection) {
  return fmt::format("first there, projected\n{} ({:.4g} to {:.4g})", time_text(projection.time_ms), projection.low_ms,
                     projection.high_ms);
}

std::string projection_text(const Projection& projection, const std::string& target) {
  const char* from = projection.data == ProjectionData::time   ? "the time alone"
                     : projection.data == ProjectionData::fast ? "the time and the fast counters"
                                                               : "the time and the counters";
  return fmt::format(
      "Projected, not measured: {} on {} (in 80 of 100 cases {} to {}), bound by {}; copies {} {} there and the data "
      "sheet allows {}. From {}.",
      time_text(projection.time_ms), target, time_text(projection.low_ms), time_text(projection.high_ms),
      to_string(projection.bound), projection.streaming.measured ? "reach" : "are taken to reach",
      bandwidth_text(projection.streaming.gbps), time_text(projection.floor_ms), from);
}

}  // namespace fuseline::tuner
