// The part that all strategies share: one proposal at a time, never twice, with uniform sampling when the method has
// nothing new.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "tuner/search/history.hpp"
#include "tuner/search/neighbourhood.hpp"
#include "tuner/search/random_source.hpp"
#include "tuner/search/strategy.hpp"

namespace fuseline::tuner {

/// Methods are asynchronous: propose() must not wait for answers, so that any number of configurations can be asked for
/// at once and answers may come in any order.
class Proposer : public Strategy {
 public:
  Proposer(std::string_view name, StrategyContext context);

  [[nodiscard]] std::string_view name() const final { return name_; }
  [[nodiscard]] std::vector<std::uint64_t> ask(std::size_t count) final;
  void tell(const Observation& observation) final;
  [[nodiscard]] bool exhausted() const final { return history_.exhausted(); }

 protected:
  /// An index not proposed yet, or empty for one drawn uniformly instead. Called only while there is something left.
  [[nodiscard]] virtual std::optional<std::uint64_t> propose() = 0;
  /// A new answer, already in the history.
  virtual void learn(const Observation& /*observation*/) {}

  [[nodiscard]] const Space& space() const { return *context_.space; }
  [[nodiscard]] const StrategyContext& context() const { return context_; }
  [[nodiscard]] History& history() { return history_; }
  [[nodiscard]] const History& history() const { return history_; }
  [[nodiscard]] RandomSource& random() { return random_; }
  [[nodiscard]] const Neighbourhood& neighbourhood() const { return neighbourhood_; }
  /// `index` where it was not proposed yet, else one a few random steps away; empty where all that were met had been.
  [[nodiscard]] std::optional<std::uint64_t> fresh(std::uint64_t index);
  /// Part of the budget used, 0 to 1.
  [[nodiscard]] double progress() const;
  /// Evaluations that the budget allows in all, as far as can be told from the costs so far; at most the size of the
  /// space.
  [[nodiscard]] double expected_evaluations() const;

 private:
  std::string_view name_;
  StrategyContext context_;
  History history_;
  RandomSource random_;
  Neighbourhood neighbourhood_;
  double spent_s_ = 0;
};

}  // namespace fuseline::tuner
