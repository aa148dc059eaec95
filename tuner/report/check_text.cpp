#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/report/check_report.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::tuner {
namespace {

std::string count_text(double count) { return grouped(count); }

std::string range_text(double low, double high) {
  return low == high ? count_text(low) : fmt::format("{} to {}", count_text(low), count_text(high));
}

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count_text(static_cast<double>(count)), what, count == 1 ? "" : "s");
}

std::string configurations_text(const VariantCheck& variant) {
  if (variant.spaces.empty()) return "-";
  double fewest = static_cast<double>(variant.spaces.front().configurations);
  double most = fewest;
  for (const SpaceCount& space : variant.spaces) {
    fewest = std::min(fewest, static_cast<double>(space.configurations));
    most = std::max(most, static_cast<double>(space.configurations));
  }
  return range_text(fewest, most);
}

std::string compiled_text(const CompileSummary& images) {
  std::string text = fmt::format("{} of {}", images.compiled, images.distinct);
  if (images.failed > 0) text += fmt::format(", {} failed", images.failed);
  return text;
}

std::string registers_text(const CompileSummary& images) {
  return images.most_registers == 0 ? "-" : range_text(images.fewest_registers, images.most_registers);
}

std::string spills_text(const CompileSummary& images) {
  if (images.compiled == images.failed) return "-";
  if (images.spilling == 0) return "none";
  return fmt::format("{} spill, at most {} bytes", images.spilling, images.most_spill_bytes);
}

std::string host_text(const HostSummary& host) {
  std::string text = fmt::format("{} of {}", host.run, host.chosen);
  if (host.wrong > 0) text += fmt::format(", {} wrong", host.wrong);
  return text;
}

void add_row(TextTable& table, const std::string& name, const std::string& configurations, const CompileSummary& images,
             bool compiles) {
  table.rows.push_back({name, configurations});
  if (!compiles) return;
  for (std::string& text : std::vector<std::string>{compiled_text(images), registers_text(images), spills_text(images)})
    table.rows.back().push_back(std::move(text));
}

std::string constraints_text(const VariantCheck& variant) {
  std::string text;
  for (const ConstraintEffect& effect : variant.constraints) {
    text += fmt::format("  where {}: ", printable(effect.text));
    text += effect.met_by == 0 ? "not looked at"
            : effect.removed == 0
                ? "removes nothing"
                : fmt::format("removes {} of {}", count_text(effect.removed), count_text(effect.met_by));
    text += effect.reason.empty() ? "\n" : fmt::format(" ({})\n", effect.reason);
  }
  double over = 0;
  for (const SpaceCount& space : variant.spaces) over += space.over_the_device;
  if (over > 0) text += fmt::format("  limits of the devices: remove {}\n", count_text(over));
  return text;
}

std::string details_text(const ProblemCheck& problem, const VariantCheck& variant) {
  std::string text = constraints_text(variant);
  if (variant.images.spilling > 0)
    text += fmt::format("  spills most: {}, {} bytes\n", variant.images.spills_most, variant.images.most_spill_bytes);
  for (const std::string& remark : variant.remarks) text += fmt::format("  note: {}\n", remark);
  return text.empty() ? text : fmt::format("\n{} {}\n{}", problem.name, variant.name, text);
}

std::string what_was_done(const CheckReport& report) {
  if (report.runs)
    return fmt::format("; kernels were run on the CPU and not compiled for GPUs (--host){}",
                       report.not_run.empty() ? "" : "; not everything was run");
  return report.compiles ? "" : "; nothing was compiled (--no-compile)";
}

std::string ending(const CheckReport& report) {
  std::vector<std::string> devices;
  for (const CheckedDevice& device : report.devices)
    devices.push_back(fmt::format("sm_{} ({})", device.capability, device.title));
  const std::string found =
      report.findings.empty() ? "nothing found" : fmt::format("{} found", counted(report.findings.size(), "mistake"));
  return fmt::format("\n{}, on {}{}{}.\n", found, fmt::join(devices, " and "), what_was_done(report),
                     report.not_compiled.empty() ? "" : "; not everything was compiled: " + report.not_compiled);
}

}  // namespace

std::string check_text(const CheckReport& report, bool colour, bool findings_only) {
  std::string text;
  for (const Finding& finding : report.findings) text += to_string(finding) + "\n";
  if (findings_only) return text;
  TextTable table{{"problem, variant", "configurations"}, {}};
  if (report.compiles) {
    for (const char* heading : {"compiled", "registers", "spills"}) table.header.emplace_back(heading);
  }
  if (report.runs) table.header.emplace_back("run on the CPU");
  std::string details;
  for (const ProblemCheck& problem : report.problems) {
    for (const std::string& remark : problem.remarks)
      details += fmt::format("\n{}\n  note: {}\n", problem.name, remark);
    if (problem.reference.distinct > 0 && report.compiles)
      add_row(table, problem.name + " reference", "-", problem.reference, true);
    for (const VariantCheck& variant : problem.variants) {
      add_row(table, fmt::format("{} {}", problem.name, variant.name), configurations_text(variant), variant.images,
              report.compiles);
      if (report.runs) table.rows.back().push_back(host_text(variant.host));
      details += details_text(problem, variant);
    }
  }
  if (!table.rows.empty()) text += (text.empty() ? "" : "\n") + table.render(colour);
  return text + details + ending(report);
}

}  // namespace fuseline::tuner
