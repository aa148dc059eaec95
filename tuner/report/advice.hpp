// What to try with one configuration, or to leave, each piece with the reading behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/counters/analysis.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// Both are sentences without a full stop.
struct Advice {
  std::string text, reading;
  /// Sequence of the configuration that the run measured with what is advised; empty where the advice names none.
  std::optional<std::uint64_t> measured = {};
  std::string parameter = {}, value = {};  ///< What differs there; empty where it names none.
  double time_ratio = 0;  ///< Time there over that of the configuration advised; 0 where it names none.
  bool tried = false;     ///< Nothing to try: what was, and is no faster.
};
/// Pieces of advice in one statement, at most.
inline constexpr std::size_t kMostAdvice = 3;

/// The most important first, at most kMostAdvice. In this order:
/// 1. neighbours that the run measured as faster by more than it can mistake, by their gain, at most two;
/// 2. an intermediate in DRAM, inputs read twice, spills;
/// 3. the line where at least a quarter of the waiting warps wait for one reason, where lines were profiled and a copy
///    is faster;
/// 4. what the tightest bound says, or that a copy is no faster (`of_floor` of kAtTheCopy);
/// 5. occupancy on the target, where by Little's law its warps keep too few bytes in flight and a neighbour has more;
/// 6. what the nearest alternatives cost, where none is faster: `tried`.
/// What the configuration has exhausted (accesses as wide as they get) is not advised.
[[nodiscard]] std::vector<Advice> advice_on(const Run& run, const Evaluation& evaluation,
                                            const CounterAnalysis& analysis, double of_floor);

/// What a change moved, as one run read both: "DRAM throughput 79.2 to 84.1 %, registers 32 to 40". Throughput of DRAM
/// where it moved, and the two of counters and resources that moved most; empty where nothing did.
[[nodiscard]] std::string moved_text(const Measurement& here, const Measurement& there);

/// [{"text", "reading", "param", "value", "time_ratio"}]; the last three of advice that names a measured configuration.
[[nodiscard]] OrderedJson advice_json(const std::vector<Advice>& advice);

}  // namespace fuseline::tuner
