// The part that all strategies share: one proposal at a time, never twice, with uniform sampling when the method has nothing new.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "tuner/search/ledger.hpp"
#include "tuner/search/random_source.hpp"
#include "tuner/search/strategy.hpp"

namespace fuseline::tuner {

/// Methods are asynchronous: propose() must not wait for answers, so that any number of configurations can be asked for at once and
/// answers may come in any order.
class Proposer : public Strategy {
 public:
  Proposer(std::string_view name, StrategyContext context);

  [[nodiscard]] std::string_view name() const final { return name_; }
  [[nodiscard]] std::vector<std::uint64_t> ask(std::size_t count) final;
  void tell(const Observation& observation) final;
  [[nodiscard]] bool exhausted() const final { return ledger_.exhausted(); }

 protected:
  /// An index not proposed yet, or empty for one drawn uniformly instead. Called only while there is something left.
  [[nodiscard]] virtual std::optional<std::uint64_t> propose() = 0;
  /// A new answer, already in the ledger.
  virtual void learn(const Observation& /*observation*/) {}

  [[nodiscard]] const Space& space() const { return *context_.space; }
  [[nodiscard]] const StrategyContext& context() const { return context_; }
  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] RandomSource& random() { return random_; }
  /// Part of the budget used, 0 to 1.
  [[nodiscard]] double progress() const;
  /// Evaluations that the budget allows in all, as far as can be told from the costs so far; at most the size of the space.
  [[nodiscard]] double expected_evaluations() const;

 private:
  std::string_view name_;
  StrategyContext context_;
  Ledger ledger_;
  RandomSource random_;
  double spent_s_ = 0;
};

}  // namespace fuseline::tuner
