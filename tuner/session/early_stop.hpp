// When a sweep with --budget auto has found what there is to find.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tuner/search/strategy.hpp"

namespace fuseline::tuner {

/// Told of every answer; says when nothing more should be asked. Two grounds: the best reaches the bandwidth, or the
/// strategy's model has for a while expected next to nothing of what it proposed. A strategy without a model stops on
/// the first alone.
class EarlyStop {
 public:
  static constexpr double within_noise = 0.995;     ///< Of the bandwidth.
  static constexpr double next_to_nothing = 0.005;  ///< Expected improvement, as a part of the best time.
  static constexpr std::uint64_t a_while = 20;      ///< Answers in a row.
  static constexpr std::uint64_t at_least = 40;     ///< Answers before a model is believed.

  /// `bytes` moved at least, at `gbps`; 0 where either is not known.
  EarlyStop(double bytes, double gbps);

  /// `expected`: Strategy::expected_improvement() when the answer came.
  void answered(const Observation& observation, std::optional<double> expected);
  /// Why nothing more should be asked, for people; empty: go on. A better answer that was still out may bring it back
  /// to empty.
  [[nodiscard]] std::optional<std::string> reason() const;

 private:
  double bytes_, gbps_;
  std::optional<double> best_ms_;
  std::uint64_t answers_ = 0;
  std::uint64_t quiet_ = 0;  ///< Answers in a row with next to nothing expected, and no better one among them.
};

}  // namespace fuseline::tuner
