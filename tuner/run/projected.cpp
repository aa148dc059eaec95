#include "tuner/run/projected.hpp"

#include <algorithm>
#include <utility>

#include "tuner/counters/names.hpp"

namespace fuseline::tuner {
namespace {

double counter(const Measurement& measurement, const char* name) {
  const auto found = measurement.counters.find(name);
  return found == measurement.counters.end() ? 0.0 : found->second;
}

double product(const std::int64_t (&extents)[3]) {
  return static_cast<double>(extents[0]) * static_cast<double>(extents[1]) * static_cast<double>(extents[2]);
}

}  // namespace

/// 128 lanes an SM, two operations each, as on all but 7.5 and 8.0.
double likely_sm_mhz(const RunInfo& info, const Evaluation& evaluation) {
  if (const double read = sm_mhz(info, evaluation.measurement); read > 0) return read;
  const DeviceLimits& limits = info.device.limits;
  if (!info.device.ceilings || limits.sm_count <= 0) return 0;
  const double lanes = limits.compute_major * 10 + limits.compute_minor > 80 ? 128 : 64;
  return info.device.ceilings->fp32_gflops * 1e3 / (2 * lanes * limits.sm_count);
}

void set_target(RunInfo& info, Target target) {
  if (!info.target || info.target->name != target.name) info.target_fit.reset();
  info.target = std::move(target);
}

ObservedWork observed_work(const RunInfo& info, const Evaluation& evaluation, double time_ms) {
  const Measurement& measurement = evaluation.measurement;
  ObservedWork work;
  work.time_ms = time_ms;
  work.flops = info.flops;
  work.compulsory_bytes = static_cast<double>(info.compulsory_bytes);
  work.warm = measurement.after == Predecessor::itself;
  const double read = counter(measurement, metric::kDramRead), written = counter(measurement, metric::kDramWritten);
  if (read > 0 && written > 0) work.dram_bytes = read + written;
  work.instructions = counter(measurement, metric::kInstructions);
  work.special_instructions = counter(measurement, metric::kSpecial);
  work.shared_busy = counter(measurement, metric::kSharedBusy) / 100;
  work.copy_gbps = copy_gbps(info);
  work.sm_mhz = likely_sm_mhz(info, evaluation);
  work.launches = static_cast<int>(measurement.launches.size());
  const Launch* launch = shown_launch(measurement);
  if (launch == nullptr) return work;
  work.blocks = product(launch->grid);
  work.block.threads = static_cast<int>(product(launch->block));
  work.block.shared_bytes = launch->shared_bytes;
  if (measurement.facts) {
    work.block.registers = measurement.facts->registers;
    work.block.shared_bytes += measurement.facts->static_shared_bytes;
  }
  return work;
}

std::optional<Projection> projected(const RunInfo& info, const Evaluation& evaluation, double time_ms) {
  if (!info.target || evaluation.measurement.outcome != Outcome::ok) return std::nullopt;
  if (info.target_fit) {
    const auto& unfit = info.target_fit->unfit;
    if (std::binary_search(unfit.begin(), unfit.end(), evaluation.sequence)) return std::nullopt;
  }
  return project(observed_work(info, evaluation, time_ms), info.device, *info.target);
}

std::optional<Projection> projected(const RunInfo& info, const Evaluation& evaluation) {
  return projected(info, evaluation, figures_of(info, evaluation).time_ms);
}

double given_dram_gbps(const RunInfo& info, const GivenReading& reading) {
  if (!info.target || reading.device != info.target->name || reading.dtype != to_string(info.dtype)) return 0;
  const auto share = reading.counters.find(metric::kDramThroughput);
  return share == reading.counters.end() ? 0.0 : share->second / 100 * info.target->dram_gbps;
}

TargetRanking rank_on_target(const RunInfo& info, std::size_t count,
                             const std::function<const Evaluation&(std::size_t)>& at) {
  std::vector<std::pair<Projection, std::size_t>> found;
  for (const std::size_t position : rank_order(info, count, at)) {
    if (const auto projection = projected(info, at(position))) found.emplace_back(*projection, position);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first.time_ms < b.first.time_ms; });
  TargetRanking ranking;
  for (const auto& [projection, position] : found) {
    ranking.order.push_back(position);
    ranking.projections.push_back(projection);
    if (ranking.together + 1 == ranking.order.size() && projection.low_ms <= found.front().first.time_ms)
      ++ranking.together;
  }
  return ranking;
}

TargetRanking rank_on_target(const Run& run) {
  return rank_on_target(run.info, run.evaluations.size(),
                        [&run](std::size_t i) -> const Evaluation& { return run.evaluations[i]; });
}

}  // namespace fuseline::tuner
