// Every configuration, in the order of the space.
#include "tuner/search/methods.hpp"
#include "tuner/search/proposer.hpp"

namespace fuseline::tuner {

namespace {

class Exhaustive final : public Proposer {
 public:
  Exhaustive(std::string_view name, StrategyContext context) : Proposer(name, std::move(context)) {}

 private:
  std::optional<std::uint64_t> propose() override {
    while (history().proposed(next_)) ++next_;
    return next_;
  }
  std::uint64_t next_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> make_everything(std::string_view name, StrategyContext context) {
  return std::make_unique<Exhaustive>(name, std::move(context));
}

std::unique_ptr<Strategy> make_exhaustive(StrategyContext context) {
  return make_everything("exhaustive", std::move(context));
}

}  // namespace fuseline::tuner
