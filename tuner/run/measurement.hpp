// What is known of one configuration after it was evaluated.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tuner/base/boxed.hpp"
#include "tuner/base/error.hpp"
#include "tuner/base/json.hpp"
#include "tuner/base/types.hpp"
#include "tuner/counters/source_profile.hpp"
#include "tuner/device/clocks.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::tuner {

/// How far the outputs are from the reference. Present once outputs were compared.
struct Verification {
  double max_absolute_error = 0;
  double max_relative_error = 0;  ///< |got - ref| / max(|ref|, absolute tolerance): meaningful near zero too.
  std::int64_t mismatches = 0;    ///< Elements out of tolerance (an unwritten one counts).
  std::string worst_tensor;
  std::int64_t worst_index = -1;
  double got = 0, expected = 0;  ///< At worst_index.
  bool guard_overwritten = false;
  /// Of all elements the largest |got - ref| / (absolute + relative * |ref|): what is over 1 is a mismatch. 1e30 where
  /// something was unwritten, not a number, or should be 0 by a tolerance of nothing. Results of before have none.
  std::optional<double> tolerance_share = {};
};

/// What the compiler and the occupancy calculator say.
struct StaticFacts {
  int registers = 0;             ///< A thread.
  std::int64_t spill_bytes = 0;  ///< Local memory a thread beyond the declared stack: spill stores and loads.
  std::int64_t local_bytes = 0;
  std::int64_t static_shared_bytes = 0;
  int max_threads_per_block = 0;
  double occupancy = 0;           ///< Theoretical, 0 to 1.
  std::string occupancy_limiter;  ///< "registers", "shared memory", "warps", "blocks"
  double waves = 0;               ///< Blocks of the grid over blocks the device holds at once.
  /// Empty where every warp fits: the calculator names what it met first, which then limits nothing.
  [[nodiscard]] std::string limiter() const { return occupancy < 1 ? occupancy_limiter : std::string(); }
  /// "88 %, limited by registers"
  [[nodiscard]] std::string occupancy_text() const;
};

/// What a file of another tool says of a configuration and has no place elsewhere: kept, and written out again.
struct Recorded {
  std::string key;        ///< Of its entry in a cache file, where it is another than we would write.
  std::string timestamp;  ///< As the file has it.
  std::optional<double> framework_ms = {}, search_ms = {}, validation_ms = {}, benchmark_ms = {};
  std::map<std::string, std::string> members = {};  ///< Measured, but no number: JSON text by name.
};

/// What few have is boxed: a run has hundreds of thousands of these.
struct Measurement {
  Outcome outcome = Outcome::skipped;
  std::string reason;              ///< Empty for ok.
  std::vector<double> samples_ms;  ///< In the order in which they were taken; empty where not timed.
  Summary time_ms;
  Predecessor after = Predecessor::unsettled;  ///< What each of the samples follows.
  Boxed<Clocks> clocks;                        ///< While it was timed; empty where the device does not tell.
  bool abandoned = false;                      ///< Sampling was cut short: hopelessly slower than the best.
  int card = 0;  ///< That it was timed on: its number in RunInfo::cards, from 1; 0 in a run of one card.
  std::vector<Launch> launches;
  std::size_t shown_launch = 0;  ///< The launch that results show: named by the manifest, or the longest.
  Boxed<Verification> verification;
  Boxed<StaticFacts> facts;
  std::map<std::string, double> counters;                    ///< Empty where none were read.
  std::shared_ptr<const SourceProfile> source_profile = {};  ///< Null where none was taken.
  std::string source_sha256;                                 ///< Of source, common headers and defines.
  std::vector<std::string> compile_options;
  double compile_ms = 0;  ///< 0 where the cubin came from the cache.
  bool compile_cached = false;
  double gpu_ms = 0;         ///< Time the device was busy for it (fill, verify, samples).
  double cost_s = 0;         ///< Wall time it took, or took when recorded.
  std::string compiler_log;  ///< Trimmed to 16 KiB.
  Boxed<Recorded> recorded = {};
};

/// Whether it is of a configuration that worked and has a time: the one rule of what is ranked.
[[nodiscard]] bool worked(const Measurement& measurement);

/// The launch that results show; nothing where nothing was launched.
[[nodiscard]] const Launch* shown_launch(const Measurement& measurement);

/// A configuration with its measurement, as the session streams and stores it.
struct Evaluation {
  std::uint64_t sequence = 0;  ///< 0, 1, 2, ... in order of arrival within the run.
  Configuration configuration;
  Measurement measurement;
  double elapsed_s = 0;  ///< Since the sweep started (recorded time in a replay).
};

/// One round of the finals: sample i of every finalist is of round i.
struct FinalRound {
  static constexpr std::int64_t copy = -1;
  std::vector<std::int64_t> order;  ///< Sequences of those timed, as they took their turns; `copy` for the copy.
  int place = 0;                    ///< The set of buffers that all of them ran on.
  double copy_gbps = 0;
  std::optional<Clocks> clocks = {};
};

[[nodiscard]] nlohmann::json to_json(const Measurement& measurement);
[[nodiscard]] Result<Measurement> measurement_from_json(const JsonView& view);
[[nodiscard]] nlohmann::json to_json(const Evaluation& evaluation);
[[nodiscard]] Result<Evaluation> evaluation_from_json(const JsonView& view);

}  // namespace fuseline::tuner
