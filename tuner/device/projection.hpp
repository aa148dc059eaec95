// What a configuration that was measured on one device may be expected to take on another that was not.
//
// The time on the device measured is taken apart into what DRAM, the SMs' issue slots, special functions and shared
// memory would have needed at their rates, and what is left: waiting. Each part is scaled to the target by its own
// rates, and the parts are joined by a p-norm: p = 1 would be a sum (nothing overlaps), p = infinity the maximum
// (everything does). docs/notes/projection.md has the measured errors.
//
// Sources. Rates and their maximum: Williams, Waterman, Patterson, "Roofline" (CACM 2009). Parts of a measured time
// scaled to another GPU by its own rates: Yu et al., "Habitat" (USENIX ATC 2021), whose wave scaling this follows for
// partial waves. Waiting by what is in flight: Little, "A proof for the queuing formula L = lambda W" (1961), as
// Volkov, "Understanding latency hiding on GPUs" (2016), uses it. Phases of barriers that overlap across blocks: Hong
// and Kim, "An analytical model for a GPU architecture" (ISCA 2009).
#pragma once

#include <optional>
#include <string_view>

#include "tuner/device/device.hpp"
#include "tuner/device/residency.hpp"

namespace fuseline::tuner {

inline constexpr double kWarpLanes = 32;
/// Of an SM, since compute capability 7.0: each issues one warp instruction a cycle.
inline constexpr double kSchedulersPerSm = 4;

/// What one call of a configuration did on the device measured. 0: not known.
struct ObservedWork {
  double time_ms = 0;
  double flops = 0, compulsory_bytes = 0;
  bool warm = false;                 ///< Behind itself: L2 held what fits.
  double dram_bytes = 0;             ///< Read and written, by counters.
  double instructions = 0;           ///< Of warps.
  double special_instructions = 0;   ///< Of warps, to the special-function unit.
  double shared_busy = 0;            ///< 0 to 1 of the time: the data path of shared memory.
  double copy_gbps = 0, sm_mhz = 0;  ///< Of the device, while it was measured.
  double blocks = 0;                 ///< Of the launch shown.
  BlockNeeds block;                  ///< Of the same.
  int launches = 1;
};

/// What a projection stands on. Less of it makes the interval wider.
enum class ProjectionData { time, fast, full };  ///< The time alone, the counters of set fast, or of set full.
[[nodiscard]] std::string_view to_string(ProjectionData data);

enum class ProjectionBound { dram, l2, issue, special, shared, waiting };
[[nodiscard]] std::string_view to_string(ProjectionBound bound);  ///< "DRAM", "L2", "issue", ...

/// What was fitted: H200 to H100 and back, over presets/recordings/h200 and tests/data/projection/h100.csv (five
/// problems). Bytes of L2 over its rate were tried as a part of their own and explained nothing there.
struct ProjectionModel {
  double norm = 3;              ///< Chosen, not fitted: 2.5 to 3.5 hardly differ.
  double issue_slots = 0.55;    ///< Share of the issue slots that a kernel which only issues is taken to fill.
  double waiting_by_l2 = 0.60;  ///< Waiting goes with the rate of L2 to this power.
  /// Blocks that an SM must hold for the phases of their barriers to overlap: from there on what nothing else explains
  /// is put down to DRAM. Chosen, with its power.
  double phases = 3, phases_power = 4;
};

/// A projection, never a measurement.
struct Projection {
  double time_ms = 0;
  double low_ms = 0, high_ms = 0;  ///< Interval meant to hold 80 of 100 cases.
  ProjectionBound bound = ProjectionBound::dram;
  ProjectionData data = ProjectionData::time;
  StreamingRate streaming;  ///< Of the target.
  double gbps = 0;          ///< Effective bandwidth on the target: compulsory bytes over time.
  double gflops = 0;
  double share = 0;      ///< Of the target's data-sheet bandwidth.
  double floor_ms = 0;   ///< Least time that the target's data sheet allows.
  bool fits_l2 = false;  ///< All compulsory bytes fit the target's L2, so that warm runs may be faster.
};

/// Empty where the time, the bytes, the rate of copies on either side, or the target's FP32 rate is not known, where
/// the device is the target itself, or where the target cannot hold one block.
[[nodiscard]] std::optional<Projection> project(const ObservedWork& work, const DeviceInfo& device,
                                                const Target& target, const ProjectionModel& model = {});

/// How far the part of the time that goes with DRAM (to the power of the norm, 0 to 1) was from what it was taken for:
/// of 80 of 100 cases. A range of shares, not of times, as a share carries over to any ratio of rates: a target with a
/// fifth of the bandwidth makes the time that of DRAM alone, whatever waits. `dram_share`: of the time on the device
/// that DRAM needs at a copy's rate, 0 to 1.
struct ResidualRange {
  double low = 0, high = 0;
};
[[nodiscard]] ResidualRange residual_range(ProjectionData data, double dram_share);
/// What `measured_ms` on the target says of that part, less what it was taken for; for the table of residuals. Empty as
/// project() is.
[[nodiscard]] std::optional<double> dram_residual(const ObservedWork& work, const DeviceInfo& device,
                                                  const Target& target, double measured_ms,
                                                  const ProjectionModel& model = {});

}  // namespace fuseline::tuner
