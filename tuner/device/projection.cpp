#include "tuner/device/projection.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "tuner/device/roofline.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kSpecialPerClock = 16;   ///< An SM, 7.0 to 12.0; for the device measured.
constexpr double kSharedPerClock = 128;   ///< Bytes an SM; the same.
constexpr double kLaunchMs = 0.002;       ///< From event to event around an empty kernel; the same everywhere.
constexpr double kMostLaunchShare = 0.5;  ///< Of the time: what is left is never negative.

/// Where the interval comes from two GPUs of one architecture, another architecture's is so much wider. A judgement:
/// one architecture's recordings cannot say.
constexpr double kOtherArchitecture = 1.5;
constexpr double kAssumedRate = 0.08;  ///< Logarithm; where the target's copy rate is estimated from its data sheet.
constexpr double kLeastSum = 0.3;      ///< Of the parts' sum: no time is projected as nothing.
constexpr double kLeast = 0.02;        ///< Logarithm: about what two runs of one device differ by.

double ms_at(double units, double units_per_s) { return units_per_s > 0 ? units / units_per_s * 1e3 : 0.0; }

/// Cycles of all SMs in a second.
double sm_cycles(const DeviceLimits& limits, double mhz) { return limits.sm_count * mhz * 1e6; }

double ratio(double numerator, double denominator) {
  return numerator > 0 && denominator > 0 ? numerator / denominator : 1.0;
}

/// Shares of the time, to the p-th power: they add up to 1.
struct Parts {
  double dram = 0, issue = 0, special = 0, shared = 0;
  double memory = 0;   ///< Left over, and put down to DRAM.
  double waiting = 0;  ///< Left over.
};

/// How the launch sits on the SMs of a device.
struct Placement {
  double resident = 0;  ///< Blocks on an SM.
  double waves = 0;
  /// Of the last wave: as many turns as started over those that are full.
  [[nodiscard]] double tail() const { return waves > 1 ? std::ceil(waves) / waves : 1.0; }
};

Placement placement(const ObservedWork& work, const DeviceLimits& limits) {
  Placement placed;
  placed.resident = resident_blocks(limits, work.block);
  if (placed.resident > 0 && limits.sm_count > 0) placed.waves = work.blocks / (placed.resident * limits.sm_count);
  return placed;
}

class Projector {
 public:
  Projector(const ObservedWork& work, const DeviceInfo& device, const Target& target, const ProjectionModel& model)
      : work_(work),
        device_(device),
        target_(target),
        model_(model),
        here_(placement(work, device.limits)),
        there_(placement(work, target.limits)),
        streaming_(streaming_rate(target)) {
    fixed_ms_ = std::min(kLaunchMs * std::max(work.launches, 1), kMostLaunchShare * work.time_ms);
    moving_ms_ = work.time_ms - fixed_ms_;
    // A grid of one wave is one that was sized by the SMs: its blocks loop, and no phases can be told apart.
    looping_ = here_.waves <= 1;
  }

  [[nodiscard]] Projection result() const {
    const Parts here = parts();
    const Parts there = scaled(here);
    const double p = model_.norm;
    const double sum = there.dram + there.issue + there.special + there.shared + there.memory + there.waiting;
    Projection projection;
    projection.time_ms = moving_ms_ * std::pow(sum, 1 / p) + fixed_ms_;
    projection.data = data();
    projection.bound = bound(there);
    projection.streaming = streaming_;
    projection.floor_ms = floor_ms(work_.flops, work_.compulsory_bytes, target_.dram_gbps, target_.fp32_gflops);
    projection.fits_l2 = work_.compulsory_bytes <= static_cast<double>(target_.limits.l2_bytes);
    if (!(work_.warm && projection.fits_l2)) projection.time_ms = std::max(projection.time_ms, projection.floor_ms);
    add_interval(here, projection);
    projection.gbps = achieved_gbps(work_.compulsory_bytes, projection.time_ms);
    projection.gflops = work_.flops / projection.time_ms / 1e6;
    projection.share = target_.dram_gbps > 0 ? projection.gbps / target_.dram_gbps : 0.0;
    return projection;
  }

  [[nodiscard]] double residual(double measured_ms) const {
    const Parts here = parts();
    const double p = model_.norm, other = others(here, scaled(here)), moved = std::pow(dram(), p);
    const double times = std::max(measured_ms - fixed_ms_, 0.0) / moving_ms_;
    return (std::pow(times, p) - other) / (moved - other) - (here.dram + here.memory);
  }

 private:
  [[nodiscard]] double dram_bytes() const { return work_.dram_bytes > 0 ? work_.dram_bytes : work_.compulsory_bytes; }

  [[nodiscard]] ProjectionData data() const {
    if (!(work_.dram_bytes > 0)) return ProjectionData::time;
    return work_.special_instructions > 0 || work_.shared_busy > 0 ? ProjectionData::full : ProjectionData::fast;
  }

  /// Of the time, 0 to 1.
  [[nodiscard]] double dram_share() const {
    return std::min(1.0, ms_at(dram_bytes(), work_.copy_gbps * 1e9) / moving_ms_);
  }

  [[nodiscard]] Parts parts() const {
    const double p = model_.norm;
    const auto power = [&](double share) { return std::pow(std::clamp(share, 0.0, 1.0), p); };
    Parts parts;
    parts.dram = power(dram_share());
    double left = 1 - parts.dram;
    const auto take = [&left](double part) {
      const double taken = std::min(part, left);
      left -= taken;
      return taken;
    };
    if (const double cycles = sm_cycles(device_.limits, work_.sm_mhz); cycles > 0) {
      const double issue = ms_at(work_.instructions, kSchedulersPerSm * cycles) / moving_ms_;
      const double special = ms_at(work_.special_instructions * kWarpLanes, kSpecialPerClock * cycles) / moving_ms_;
      parts.issue = take(power(issue / model_.issue_slots));
      parts.special = take(power(special));
      parts.shared = take(power(work_.shared_busy));
    }
    parts.memory = left * overlap();
    parts.waiting = left - parts.memory;
    return parts;
  }

  /// Share of what is left over that DRAM is taken to be asked for all the while: blocks whose threads meet at barriers
  /// load and compute in turns, and from a few blocks on some block always loads. Warps that never meet wait for
  /// themselves.
  [[nodiscard]] double overlap() const {
    const bool meets = work_.block.shared_bytes > 0;
    if (!meets || looping_ || here_.resident <= 0 || !(work_.dram_bytes > 0)) return 0;
    return 1 / (1 + std::pow(model_.phases / here_.resident, model_.phases_power));
  }

  [[nodiscard]] double sms() const {
    return ratio(sm_cycles(device_.limits, work_.sm_mhz), sm_cycles(target_.limits, target_.sm_mhz));
  }

  [[nodiscard]] double l2() const { return ratio(device_.ceilings ? device_.ceilings->l2_gbps : 0.0, target_.l2_gbps); }

  /// Time for the bytes of DRAM: on the target over the device.
  [[nodiscard]] double dram() const {
    const bool held = work_.warm && dram_bytes() <= static_cast<double>(target_.limits.l2_bytes);
    const double rate = held && target_.l2_gbps > 0 ? target_.l2_gbps : streaming_.gbps;
    return ratio(work_.copy_gbps, rate);
  }

  /// Warps in flight here over those there (Little's law): fewer of them wait in turns.
  [[nodiscard]] double in_flight() const {
    if (here_.resident <= 0 || there_.resident <= 0) return 1;
    const double on_sm = looping_ ? std::max(1.0, work_.blocks / std::max(device_.limits.sm_count, 1)) : here_.resident;
    const double there = looping_ ? std::min(there_.resident, on_sm) : there_.resident;
    return ratio(on_sm * device_.limits.sm_count, there * target_.limits.sm_count);
  }

  [[nodiscard]] Parts scaled(const Parts& here) const {
    const double p = model_.norm, tail = looping_ ? 1.0 : ratio(there_.tail(), here_.tail());
    const auto by = [p](double part, double factor) { return part * std::pow(factor, p); };
    Parts there;
    there.dram = by(here.dram, dram());
    there.memory = by(here.memory, dram());
    there.issue = by(here.issue, sms() * tail);
    there.special = by(here.special, sms() * tail * ratio(kSpecialPerClock, target_.special_per_clock));
    there.shared = by(here.shared, sms() * tail * ratio(kSharedPerClock, target_.shared_bytes_per_clock));
    there.waiting = by(here.waiting, std::pow(l2(), model_.waiting_by_l2) * in_flight() * tail);
    return there;
  }

  [[nodiscard]] ProjectionBound bound(const Parts& there) const {
    const bool held = work_.warm && dram_bytes() <= static_cast<double>(target_.limits.l2_bytes);
    const std::pair<double, ProjectionBound> parts[] = {
        {there.dram + there.memory, held ? ProjectionBound::l2 : ProjectionBound::dram},
        {there.issue, ProjectionBound::issue},
        {there.special, ProjectionBound::special},
        {there.shared, ProjectionBound::shared},
        {there.waiting, ProjectionBound::waiting}};
    return std::max_element(std::begin(parts), std::end(parts),
                            [](const auto& a, const auto& b) { return a.first < b.first; })
        ->second;
  }

  /// What all that does not go with DRAM becomes on the target, over what it was; to the power of the norm.
  [[nodiscard]] double others(const Parts& here, const Parts& there) const {
    return ratio(there.issue + there.special + there.shared + there.waiting,
                 here.issue + here.special + here.shared + here.waiting);
  }

  /// The time on the target where `part` of the time here goes with DRAM. More than all of it, and the time moves more
  /// than the rates of copies do.
  [[nodiscard]] double time_where(double part, double other) const {
    const double p = model_.norm, moved = std::pow(dram(), p);
    const double sum = std::max(part * moved + (1 - part) * other, kLeastSum * std::min(moved, other));
    return moving_ms_ * std::pow(sum, 1 / p) + fixed_ms_;
  }

  void add_interval(const Parts& here, Projection& projection) const {
    const bool other = device_.limits.compute_major != target_.limits.compute_major ||
                       device_.limits.compute_minor != target_.limits.compute_minor;
    const double wider = other ? kOtherArchitecture : 1.0, assumed = streaming_.measured ? 0.0 : kAssumedRate;
    const ResidualRange range = residual_range(projection.data, dram_share());
    const double part = here.dram + here.memory, rest = others(here, scaled(here));
    // How waiting goes with L2 was seen within one architecture; on another it may be the clock's alone.
    const double least_rest = other ? std::min(rest, std::pow(sms(), model_.norm)) : rest;
    const double a = time_where(std::max(0.0, part + wider * range.low), least_rest);
    const double b = time_where(part + wider * range.high, rest);
    const double least = wider * kLeast + assumed;
    projection.low_ms = std::min({a, b, projection.time_ms * std::exp(-least)});
    projection.high_ms = std::max({a, b, projection.time_ms * std::exp(least)});
    if (!(work_.warm && projection.fits_l2)) projection.low_ms = std::max(projection.low_ms, projection.floor_ms);
    projection.high_ms = std::max(projection.high_ms, projection.time_ms);
  }

  const ObservedWork& work_;
  const DeviceInfo& device_;
  const Target& target_;
  const ProjectionModel& model_;
  Placement here_, there_;
  StreamingRate streaming_;
  double fixed_ms_ = 0, moving_ms_ = 0;
  bool looping_ = false;
};

bool can_project(const ObservedWork& work, const DeviceInfo& device, const Target& target) {
  const bool known = work.time_ms > 0 && work.compulsory_bytes > 0 && work.copy_gbps > 0 &&
                     streaming_rate(target).gbps > 0 && target.fp32_gflops > 0;
  if (!known || data_sheet_of({target}, device.name)) return false;
  return work.block.threads <= 0 || resident_blocks(target.limits, work.block) > 0;
}

/// One row of the table of residuals: up to this share of DRAM.
struct ResidualRow {
  double dram_share;
  ResidualRange with_counters, time_alone;
};

/// tests/tuner/formats/projection_errors_test.cpp works those with counters out again and holds these to it. Of the
/// time alone the residuals of one direction do not carry over to the other, so that they are made wider by a third.
constexpr std::array<ResidualRow, 6> kResiduals = {{
    {0.50, {-0.19, 0.26}, {-0.45, 0.35}},
    {0.65, {-0.20, 0.47}, {-0.55, 1.00}},
    {0.75, {-0.22, 0.57}, {-0.60, 1.10}},
    {0.85, {-0.27, 0.47}, {-0.90, 0.80}},
    {0.95, {-0.24, 0.25}, {-0.90, 0.50}},
    {1.00, {-0.13, 0.08}, {-0.35, 0.15}},
}};

}  // namespace

std::string_view to_string(ProjectionData data) {
  switch (data) {
    case ProjectionData::time:
      return "time";
    case ProjectionData::fast:
      return "fast";
    case ProjectionData::full:
      return "full";
  }
  return "";
}

std::string_view to_string(ProjectionBound bound) {
  switch (bound) {
    case ProjectionBound::dram:
      return "DRAM";
    case ProjectionBound::l2:
      return "L2";
    case ProjectionBound::issue:
      return "issue";
    case ProjectionBound::special:
      return "special functions";
    case ProjectionBound::shared:
      return "shared memory";
    case ProjectionBound::waiting:
      return "waiting";
  }
  return "";
}

ResidualRange residual_range(ProjectionData data, double dram_share) {
  const auto row = std::find_if(kResiduals.begin(), kResiduals.end(),
                                [&](const ResidualRow& each) { return dram_share <= each.dram_share; });
  const ResidualRow& found = row == kResiduals.end() ? kResiduals.back() : *row;
  return data == ProjectionData::time ? found.time_alone : found.with_counters;
}

std::optional<Projection> project(const ObservedWork& work, const DeviceInfo& device, const Target& target,
                                  const ProjectionModel& model) {
  if (!can_project(work, device, target)) return std::nullopt;
  return Projector(work, device, target, model).result();
}

std::optional<double> dram_residual(const ObservedWork& work, const DeviceInfo& device, const Target& target,
                                    double measured_ms, const ProjectionModel& model) {
  if (!can_project(work, device, target)) return std::nullopt;
  return Projector(work, device, target, model).residual(measured_ms);
}

}  // namespace fuseline::tuner
