// The few configurations that serve many shapes: of runs of one problem, which at most so many configurations lose
// least where each shape takes the best of them.
//
// This is a facility-location problem (p-median, k-medoids): shapes are the customers, measured configurations the
// facilities, and the cost of a pair is the logarithm of time over the best time of that shape. What is minimised is
// the sum of the costs, which is the geometric mean of the ratios. p-median is NP-hard (Kariv & Hakimi 1979), but at
// most a few configurations are wanted of candidates of which most are dominated: one that is nowhere faster than
// another is never needed. While the sets left are few all are looked at, which is exact. Else the set is grown
// greedily (Cornuejols, Fisher & Nemhauser 1977) and improved by exchanging one at a time until no exchange helps
// (Teitz & Bart 1968; PAM of Kaufman & Rousseeuw 1987 is the same).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tuner/run/run.hpp"

namespace fuseline::tuner {

struct DistilRules {
  std::size_t most = 3;                 ///< Configurations; at least 1.
  std::uint64_t most_sets = 1'000'000;  ///< That are all looked at; with more the search is greedy.
  /// Whether a configuration may be chosen; empty: every one may. The best of a shape is the first that may.
  std::function<bool(const Run& run, const Evaluation& evaluation)> may = nullptr;
};

/// One shape of a group, as its run measured it, and what it takes of the chosen.
struct DistilledShape {
  const Run* run = nullptr;          ///< One of those given.
  const Evaluation* best = nullptr;  ///< Of the run.
  double best_ms = 0;
  const Evaluation* taken = nullptr;  ///< Of the run; null where none of the chosen was measured, or all failed.
  std::optional<std::size_t> chosen;  ///< Its place in the group's configurations.
  double taken_ms = 0;
  double loss = 0;    ///< taken_ms / best_ms - 1; what was no finalist is never taken for faster than the best.
  bool tied = false;  ///< What is taken cannot be told from the best.
};

struct DistilledConfiguration {
  Configuration configuration;
  std::size_t measured_in = 0;  ///< Shapes in which it worked and was timed.
  std::size_t tied_in = 0;      ///< Of these those in which it is the best or cannot be told from it.
  std::size_t serves = 0;       ///< Shapes that take it.
};

/// A number of configurations and how well the best set of so many does.
struct DistilledSize {
  std::size_t configurations = 0;
  std::size_t unserved = 0;
  double mean_loss = 0, worst_loss = 0;  ///< Over the shapes served: geometric mean of the ratios less 1, and highest.
};

/// Shapes of one problem in one dtype on one device.
struct Distilled {
  std::string problem, device;
  Dtype dtype = Dtype::f32;
  std::vector<DistilledShape> shapes;                  ///< In the order of the runs.
  std::vector<DistilledConfiguration> configurations;  ///< Those that serve most shapes first.
  std::size_t candidates = 0;                          ///< Configurations that worked in some shape.
  std::size_t measured_everywhere = 0;                 ///< Of them those that worked in every shape.
  bool exact = false;                                  ///< Every set was looked at; else greedy choice and exchange.
  std::vector<DistilledSize> sizes;                    ///< Of 1, 2, ... configurations, as far as more help.
  /// That of the configurations chosen.
  [[nodiscard]] const DistilledSize& size() const { return sizes.back(); }
};

struct Distillation {
  std::vector<Distilled> groups;  ///< In the order of the first run of each.
  std::vector<std::string> warnings;
};

/// Groups runs by problem, dtype and device, and chooses for each group. A configuration can serve a shape only where
/// its run measured it. Times are Run::time_of(), the order is Run::ranked().
///
/// A configuration that is tied with the best of a shape costs nothing there: it cannot be told from the best. Of sets
/// that cost the same the smaller is taken, then the one whose configurations are tied with the best in more shapes,
/// then the one with the lower times. Sets that serve more shapes come before all. Of several runs of one shape the
/// newest counts, of equally old ones the last. Warnings say which runs were left out and why (one is that they are
/// not ranked by time), and where launches of a
/// group followed different predecessors. Error (bad_input): a number of configurations of 0; (worker): in none of the
/// runs did a configuration work.
[[nodiscard]] Result<Distillation> distil(const std::vector<Run>& runs, const DistilRules& rules = {});

}  // namespace fuseline::tuner
