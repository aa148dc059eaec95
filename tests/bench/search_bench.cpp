// What asking and telling costs: one evaluation of each strategy, in a space of 10^5 configurations, after 0 to 1000
// others.
#include <benchmark/benchmark.h>

#include <cmath>

#include "tuner/search/strategy.hpp"

namespace {

using namespace fuseline::tuner;

Parameter numbers(const std::string& name, int count, int step) {
  Parameter parameter{name, {}, true};
  for (int i = 1; i <= count; ++i) parameter.values.emplace_back(i * step);
  return parameter;
}

/// 32 * 32 * 12 * 4 * 2 = 98,304 less what the constraint removes.
std::shared_ptr<const Space> space_of_a_hundred_thousand() {
  SubSpaceSpec spec{
      "v",
      {numbers("x", 32, 8), numbers("y", 32, 4), numbers("tile", 12, 1), numbers("vector", 4, 1), numbers("pad", 2, 1)},
      {},
      {},
      {},
      ""};
  spec.constraints = {{"x * y <= 30000", ""}};
  return *build_space({spec});
}

double time_ms(const Configuration& configuration) {
  double time = 1;
  for (const auto& [name, value] : configuration.values) time += std::abs(std::log2(*value.number()) - 3);
  return time;
}

void evaluation(benchmark::State& state, const std::string& name) {
  static const auto space = space_of_a_hundred_thousand();
  constexpr std::uint64_t evaluations = 1000;
  std::uint64_t done = evaluations, seed = 0;
  std::unique_ptr<Strategy> strategy;
  for ([[maybe_unused]] auto _ : state) {
    if (done == evaluations) {
      StrategyContext context{space, ++seed, {evaluations, {}}};
      strategy = *make_strategy(name, std::move(context));
      done = 0;
    }
    const auto asked = strategy->ask(1);
    state.PauseTiming();
    const Observation observation{asked.front(), true, time_ms(space->configuration(asked.front())), 0.1};
    state.ResumeTiming();
    strategy->tell(observation);
    ++done;
  }
  state.counters["size"] = static_cast<double>(space->size());
}

const bool registered = [] {
  for (const auto& strategy : strategies())
    benchmark::RegisterBenchmark(("ask_and_tell/" + strategy.name).c_str(), evaluation, strategy.name)
        ->Iterations(1000)
        ->Unit(benchmark::kMicrosecond);
  return true;
}();

}  // namespace
