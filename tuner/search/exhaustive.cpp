// Every configuration, in the order of the space.
#include "tuner/search/methods.hpp"
#include "tuner/search/proposer.hpp"

namespace fuseline::tuner {

namespace {

class Exhaustive final : public Proposer {
 public:
  explicit Exhaustive(StrategyContext context) : Proposer("exhaustive", std::move(context)) {}

 private:
  std::optional<std::uint64_t> propose() override {
    while (history().proposed(next_)) ++next_;
    return next_;
  }
  std::uint64_t next_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> make_exhaustive(StrategyContext context) { return std::make_unique<Exhaustive>(std::move(context)); }

}  // namespace fuseline::tuner
