// Runs a strategy on a recorded space many times, without the rest of a sweep: for developing strategies.
//   search_score SPACE.json[.gz] STRATEGY BUDGET_SECONDS SEEDS
// prints one line a seed: the evaluated configurations as positions in the file, in order. With a fifth argument, that
// many are asked for at a time and answered in reverse order.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "tuner/base/files.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/search/strategy.hpp"

namespace {

using namespace fuseline::tuner;

struct Recorded {
  std::shared_ptr<const Space> space;
  std::vector<Observation> observations;
  std::vector<std::size_t> positions;  ///< In the file, by index.
};

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message().c_str());
  std::exit(2);
}

Recorded load(const std::string& file) {
  const auto run = read_run(file);
  if (!run) give_up(run.error());
  Recorded recorded;
  std::vector<Configuration> configurations;
  for (const auto& evaluation : run->evaluations) configurations.push_back(evaluation.configuration);
  auto space = list_space(configurations);
  if (!space) give_up(space.error());
  recorded.space = *space;
  // The space may have an order of its own.
  recorded.observations.resize(configurations.size());
  recorded.positions.resize(configurations.size());
  for (std::size_t i = 0; i < configurations.size(); ++i) {
    const auto index = recorded.space->index_of(configurations[i]).value();
    const auto& measurement = run->evaluations[i].measurement;
    recorded.observations[index] = {index, measurement.outcome == Outcome::ok, measurement.time_ms.median,
                                    measurement.cost_s};
    recorded.positions[index] = i;
  }
  return recorded;
}

std::string run(const Recorded& recorded, const std::string& strategy_name, double budget_s, std::uint64_t seed,
                std::size_t batch) {
  StrategyContext context;
  context.space = recorded.space;
  context.seed = seed;
  context.budget.seconds = budget_s;
  auto strategy = make_strategy(strategy_name, context);
  if (!strategy) give_up(strategy.error());
  std::string trace;
  double spent_s = 0;
  while (spent_s < budget_s && !(*strategy)->exhausted()) {
    auto asked = (*strategy)->ask(batch);
    for (auto index = asked.rbegin(); index != asked.rend(); ++index) {
      const auto& observation = recorded.observations[*index];
      spent_s += observation.cost_s;
      trace += std::to_string(recorded.positions[*index]) + " ";
      (*strategy)->tell(observation);
    }
  }
  return trace;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 5) {
    std::fprintf(stderr, "usage: search_score SPACE STRATEGY BUDGET_SECONDS SEEDS [BATCH]\n");
    return 2;
  }
  const auto recorded = load(arguments[1]);
  const auto seeds = std::strtoull(arguments[4], nullptr, 10);
  const std::size_t batch = count > 5 ? std::strtoull(arguments[5], nullptr, 10) : 1;
  std::vector<std::string> traces(seeds);
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t part = 0; part < 2; ++part)
      threads.emplace_back([&, part] {
        for (std::uint64_t seed = part; seed < seeds; seed += 2)
          traces[seed] = run(recorded, arguments[2], std::strtod(arguments[3], nullptr), seed, batch);
      });
  }
  for (const auto& trace : traces) std::printf("%s\n", trace.c_str());
  return 0;
}
