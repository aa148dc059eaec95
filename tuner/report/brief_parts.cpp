#include "tuner/report/brief_parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "tuner/base/text.hpp"
#include "tuner/problem/included_headers.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kTriedShown = 10;
constexpr std::size_t kReasonLength = 200;

/// A line of the table of limits: what the data sheet says, and what was found on the device.
struct Limit {
  std::string name, target, device;
};

std::string number(double value, const char* unit = "", double scale = 1) {
  return value > 0 ? fmt::format("{}{}", grouped(value / scale), unit) : "not known";
}
std::string kibibytes(std::int64_t bytes) { return number(static_cast<double>(bytes), " KiB", 1024); }

void add_limits(const DeviceLimits& there, const DeviceLimits& here, std::vector<Limit>& table) {
  const auto add = [&](const char* name, const auto& text) { table.push_back({name, text(there), text(here)}); };
  using L = const DeviceLimits&;
  add("compute capability", [](L l) { return l.compute_capability(); });
  add("SMs", [](L l) { return number(l.sm_count); });
  add("threads a block / an SM",
      [](L l) { return number(l.max_threads_per_block) + " / " + number(l.max_threads_per_sm); });
  add("blocks an SM", [](L l) { return number(l.max_blocks_per_sm); });
  add("32-bit registers an SM / a thread",
      [](L l) { return number(static_cast<double>(l.registers_per_sm)) + " / " + number(l.registers_per_thread); });
  add("shared memory an SM / a block",
      [](L l) { return kibibytes(l.shared_bytes_per_sm) + " / " + kibibytes(l.shared_bytes_per_block); });
  add("L2", [](L l) { return number(static_cast<double>(l.l2_bytes), " MiB", 1 << 20); });
}

/// A rate of the target with how it is known.
std::string rate(const Target& target, const char* name, double value, const char* unit, double scale = 1) {
  return value > 0 ? fmt::format("{:.4g}{} ({})", value / scale, unit, target.known_by(name)) : "not known";
}
std::string measured(double value, const char* unit, double scale = 1) {
  return value > 0 ? fmt::format("{:.4g}{} (measured)", value / scale, unit) : "not measured";
}

void add_rates(const Target& target, const RunInfo& info, std::vector<Limit>& table) {
  const Ceilings ceilings = info.device.ceilings.value_or(Ceilings{});
  const auto memory = [](std::int64_t bytes) {
    return bytes > 0 ? format_bytes(static_cast<double>(bytes)) : std::string("not known");
  };
  table.push_back({"memory", memory(target.memory_bytes) + (target.memory_kind.empty() ? "" : " " + target.memory_kind),
                   memory(info.device.memory_bytes)});
  table.push_back({"DRAM bandwidth, peak", rate(target, "dram_gbps", target.dram_gbps, " GB/s"),
                   info.device.dram_peak_gbps > 0
                       ? fmt::format("{:.4g} GB/s (by the driver or the data sheet)", info.device.dram_peak_gbps)
                       : "not known"});
  table.push_back({"copy", rate(target, "copy_gbps", target.copy_gbps, " GB/s"), measured(copy_gbps(info), " GB/s")});
  table.push_back({"L2 reads", rate(target, "l2_gbps", target.l2_gbps, " GB/s"), measured(ceilings.l2_gbps, " GB/s")});
  table.push_back({"FP32", rate(target, "fp32_gflops", target.fp32_gflops, " TFLOP/s", 1000),
                   measured(ceilings.fp32_gflops, " TFLOP/s", 1000)});
  table.push_back(
      {"FP16 tensor", rate(target, "fp16_tensor_gflops", target.fp16_tensor_gflops, " TFLOP/s", 1000), "not measured"});
  table.push_back({"SM clock", rate(target, "sm_mhz", target.sm_mhz, " MHz"),
                   measured(info.clocks ? info.clocks->sm_mhz : 0, " MHz")});
  table.push_back({"special functions a cycle and SM", rate(target, "special_per_clock", target.special_per_clock, ""),
                   "not measured"});
  table.push_back({"shared memory a cycle and SM",
                   rate(target, "shared_bytes_per_clock", target.shared_bytes_per_clock, " bytes"), "not measured"});
}

std::string launch_text(const Launch& launch) {
  return fmt::format("grid ({}), block ({}), {} bytes of dynamic shared memory", fmt::join(launch.grid, ", "),
                     fmt::join(launch.block, ", "), grouped(static_cast<double>(launch.shared_bytes)));
}

std::string argument_text(const ResolvedArgument& argument) {
  if (argument.kind == ArgumentKind::buffer) return argument.name;
  const std::string value =
      is_integer(argument.kind) ? fmt::format("{}", argument.integer) : fmt::format("{:g}", argument.real);
  return fmt::format("{} {}{}", to_string(argument.kind), argument.name.empty() ? "" : argument.name + " = ", value);
}

/// `macros`: name those that the source is compiled with.
std::string resolved_text(const ResolvedConfiguration& resolved, bool macros) {
  std::string text;
  for (const ResolvedLaunch& launch : resolved.launches) {
    std::vector<std::string> arguments;
    for (const ResolvedArgument& argument : launch.args) arguments.push_back(argument_text(argument));
    text += fmt::format("- Launch `{}`: {}{}; arguments: {}.\n", launch.kernel, launch_text(launch.launch),
                        launch.cooperative ? ", cooperative" : "", fmt::join(arguments, ", "));
  }
  for (const ResolvedWorkspace& workspace : resolved.workspace)
    text += fmt::format("- Workspace `{}`: {} bytes, zeroed: {}.\n", workspace.name,
                        grouped(static_cast<double>(workspace.bytes)), to_string(workspace.zero));
  if (macros && !resolved.defines.empty()) text += fmt::format("- Macros: `{}`.\n", fmt::join(resolved.defines, " "));
  return text;
}

std::string measured_text(const Measurement& measurement) {
  std::string text;
  for (const Launch& launch : measurement.launches) text += fmt::format("- Launch: {}.\n", launch_text(launch));
  if (!measurement.compile_options.empty())
    text += fmt::format("- Compiled with: `{}`.\n", fmt::join(measurement.compile_options, " "));
  if (measurement.facts) {
    text += fmt::format("- {} registers a thread, {} bytes spilled, {} bytes of static shared memory, occupancy {}.\n",
                        measurement.facts->registers, measurement.facts->spill_bytes,
                        measurement.facts->static_shared_bytes, measurement.facts->occupancy_text());
  }
  if (!measurement.source_sha256.empty())
    text += fmt::format(
        "- Digest of what was measured (source, headers, macros): {}. The text below is the one at "
        "hand now.\n",
        printable(measurement.source_sha256));
  return text;
}

std::string source_blocks(const Variant& variant, const std::string& name, const Catalog& catalog,
                          const CatalogEntry& problem) {
  if (variant.form == KernelForm::cubin)
    return fmt::format("\n`{}` is a finished image: there is no source.\n", printable(name));
  const auto found = variant.sources.find(name);
  if (found == variant.sources.end()) return fmt::format("\nThe source `{}` is not at hand.\n", printable(name));
  const std::string& source = *found->second;
  const bool cuda = variant.form == KernelForm::cuda;
  std::string text = fmt::format("\n`{}`:\n\n{}\n", printable(name), fenced(source, cuda ? "cuda" : "ptx"));
  if (!cuda) return text;
  for (const auto& [header, content] : included_headers(source, catalog.headers_for(problem)))
    text += fmt::format("\n`{}`, included:\n\n{}\n", printable(header), fenced(content, "cuda"));
  return text;
}

std::string first_line(const std::string& text) {
  std::string line = printable(text.substr(0, text.find('\n')));
  if (line.size() > kReasonLength) line = line.substr(0, kReasonLength - 3) + "...";
  return line;
}

std::string tried_row(const Run& run, std::size_t rank, const Evaluation& evaluation) {
  const Figures figures = figures_of(run.info, evaluation);
  return fmt::format("| {} | `{}` | {} | {} | {} |\n", rank, printable(evaluation.configuration.key()),
                     format_ms(figures.time_ms), figures.of_copy > 0 ? percent_text(figures.of_copy) : "not known",
                     rank == 1      ? "best"
                     : figures.tied ? "tied with the best"
                                    : "");
}

std::string failures_text(const Run& run) {
  const std::vector<FailureKind> kinds = run.failures();
  if (kinds.empty()) return "\nNothing failed.\n";
  std::string text = "\nWhat did not work, by kind:\n\n";
  for (const FailureKind& kind : kinds) {
    const std::string reason = first_line(kind.first->measurement.reason);
    text += fmt::format("- {}: {}, the first `{}`{}{}\n", to_string(kind.outcome), kind.count,
                        printable(kind.first->configuration.key()), reason.empty() ? "" : ": ", reason);
  }
  return text;
}

}  // namespace

std::string fenced(const std::string& text, const std::string& language) {
  std::size_t longest = 2, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  const bool ended = !text.empty() && text.back() == '\n';
  return fence + language + "\n" + printable(text, true) + (ended ? "" : "\n") + fence;
}

std::string target_section(const RunInfo& info) {
  const Target target = info.target.value_or(Target{});
  std::vector<Limit> table;
  add_limits(target.limits, info.device.limits, table);
  add_rates(target, info, table);
  std::string text = "\n## The GPU\n\n";
  if (!info.target) {
    text += fmt::format("There is no target beside the device measured.\n\n| | {} |\n|---|---|\n",
                        printable(info.device.name));
    for (const Limit& limit : table) text += fmt::format("| {} | {} |\n", limit.name, limit.device);
    return text;
  }
  text += fmt::format(
      "The target is the {}. Nothing was measured on it: its column is the data sheet's. Times are from "
      "the {}, whose column is what its driver says and what was measured there.\n\n| | {} (target) | {} "
      "(measured on) |\n|---|---|---|\n",
      printable(target.label()), printable(info.device.name), printable(target.label()), printable(info.device.name));
  for (const Limit& limit : table) text += fmt::format("| {} | {} | {} |\n", limit.name, limit.target, limit.device);
  return text;
}

Result<std::string> code_section(const Run& run, const Evaluation& evaluation, const Catalog& catalog,
                                 const CatalogEntry& problem, const ProblemInstance& instance) {
  FUSELINE_TRY(variant, find_variant(problem.variants, evaluation.configuration.variant));
  const auto resolved = resolve(*variant, evaluation.configuration, instance, run.info.device.limits);
  std::string text = fmt::format("\n## The best code so far\n\n`{}`: {}\n\n{}, median of {}.\n\n",
                                 printable(evaluation.configuration.key()), printable(variant->description),
                                 time_text(run.time_of(evaluation).median), figures_of(run.info, evaluation).samples);
  if (resolved) text += resolved_text(*resolved, evaluation.measurement.compile_options.empty());
  if (!resolved)
    text += fmt::format("- Its launches cannot be worked out: {}.\n", printable(resolved.error().message()));
  text += measured_text(evaluation.measurement);
  return text + source_blocks(*variant, resolved ? resolved->source_name : variant->source_name, catalog, problem);
}

std::string tried_section(const Run& run) {
  const auto ranked = run.ranked();
  std::string text = fmt::format(
      "\n## What was tried\n\n{}. {}.\n\n| # | configuration | ms | of copy | |\n"
      "|---|---|---|---|---|\n",
      outcomes_text(run), finals_text(run.info));
  for (std::size_t i = 0; i < std::min(kTriedShown, ranked.size()); ++i) text += tried_row(run, i + 1, *ranked[i]);
  if (ranked.size() > kTriedShown) text += tried_row(run, ranked.size(), *ranked.back());
  if (ranked.size() > 1) {
    const double slower = run.time_of(*ranked.back()).median / run.time_of(*ranked.front()).median;
    text += fmt::format("\nThe last in rank takes {:.2f} times as long as the best.\n", slower);
  }
  return text + failures_text(run);
}

}  // namespace fuseline::tuner
