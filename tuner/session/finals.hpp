// Which configurations are re-timed interleaved at the end of a sweep, for how many rounds, and what comes of it. No
// device in here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "tuner/run/measurement.hpp"
#include "tuner/run/run.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::tuner {

struct FinalsPolicy {
  double within = 0.03;       ///< Everything this close to the best of the sweep takes part ...
  std::size_t maximum = 256;  ///< ... up to this many, the best ones.
  int first_rounds = 8;       ///< For all; then those that are clearly slower are dropped ...
  int rounds = 25;            ///< ... and the others go on up to this many in all.
  int least_rounds = 5;
  double allowance_s = 1.5;  ///< Kernel time that the rounds may take; the least rounds are run all the same.
  double screening_confidence =
      0.9;  ///< Two-sided, of the interval by which one finalist is judged clearly slower after the first rounds.
  TieRule tie;
};

using EvaluationPointer = std::shared_ptr<const Evaluation>;

/// Evaluations to re-time, best first: ok, not abandoned, within the policy's share of the best median. Of a run of
/// several cards the medians are as if on the reference card, and the share is wider by what their copies differ, by 1
/// % at least: a kernel that bandwidth does not decide is misjudged by so much.
[[nodiscard]] std::vector<EvaluationPointer> choose_finalists(const RunInfo& info,
                                                              const std::vector<EvaluationPointer>& evaluations,
                                                              const FinalsPolicy& policy = {});

/// Two phases of interleaved rounds. Ask next(), run it, add() the answer; then result().
class Finals {
 public:
  explicit Finals(std::vector<EvaluationPointer> finalists, FinalsPolicy policy = {});

  struct Phase {
    std::vector<EvaluationPointer> finalists;
    int rounds = 0;
    int first_round = 0;  ///< How many there were before.
  };
  /// What to time now; empty once done.
  [[nodiscard]] std::optional<Phase> next() const;
  /// The answer to next(), whose ids are sequence numbers. Finalists that are missing in it failed and are left out
  /// from here on.
  void add(const FinalsReply& reply);
  /// Sequence numbers of those that failed.
  [[nodiscard]] const std::vector<std::uint64_t>& failed() const { return failed_; }

  /// Survivors by rank, then the dropped ones by theirs; empty where nothing was timed.
  [[nodiscard]] std::vector<FinalTiming> result() const;
  /// How each was run, in order.
  [[nodiscard]] const std::vector<FinalRound>& rounds() const { return rounds_; }
  /// Median over the rounds; 0 where there were none.
  [[nodiscard]] double copy_gbps() const;
  [[nodiscard]] double busy_s() const { return busy_s_; }

 private:
  void drop_slow();

  FinalsPolicy policy_;
  std::vector<EvaluationPointer> finalists_;  ///< Still in: all, then the survivors.
  std::map<std::uint64_t, std::vector<double>>
      samples_ms_;  ///< By sequence; one a round, equally many for all in finalists_.
  std::vector<FinalTiming> dropped_;
  std::vector<std::uint64_t> failed_;
  std::vector<FinalRound> rounds_;
  int phase_ = 0;
  double busy_s_ = 0;
};

}  // namespace fuseline::tuner
