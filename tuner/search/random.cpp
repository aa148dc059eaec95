// Uniform sampling without replacement, in constant memory beyond what was proposed.
#include "tuner/search/methods.hpp"
#include "tuner/search/proposer.hpp"

namespace fuseline::tuner {

namespace {

class Random final : public Proposer {
 public:
  explicit Random(StrategyContext context) : Proposer("random", std::move(context)) {}

 private:
  std::optional<std::uint64_t> propose() override { return std::nullopt; }
};

}  // namespace

std::unique_ptr<Strategy> make_random(StrategyContext context) { return std::make_unique<Random>(std::move(context)); }

}  // namespace fuseline::tuner
