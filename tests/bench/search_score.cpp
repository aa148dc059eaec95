// Runs a strategy on a recorded space many times, without the rest of a sweep: for developing strategies.
//   search_score SPACE.json[.gz] STRATEGY BUDGET_SECONDS SEEDS
// prints one line a seed: the evaluated configurations as positions in the file, in order. With `batch` as fifth argument, that many are asked
// for at a time and answered in reverse order.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/search/strategy.hpp"

namespace {

using namespace fuseline::tuner;

struct Recorded {
  std::shared_ptr<const Space> space;
  std::vector<Observation> observations;
};

Observation observation_of(const OrderedJson& entry) {
  Observation observation;
  observation.ok = entry.at("time").is_number() && entry.at("time").get<double>() < 1e20;
  if (observation.ok) observation.time_ms = entry.at("time").get<double>();
  for (const char* part : {"compile_time", "verification_time", "framework_time", "strategy_time"}) observation.cost_s += entry.value(part, 0.0);
  if (entry.contains("times"))
    for (const auto& time : entry.at("times")) observation.cost_s += time.get<double>();
  observation.cost_s /= 1000;
  return observation;
}

Recorded load(const std::string& file) {
  const auto json = read_json_file(file, {std::size_t{1} << 30, 64});
  if (!json) {
    std::fprintf(stderr, "%s\n", json.error().message().c_str());
    std::exit(2);
  }
  Recorded recorded;
  std::vector<Configuration> configurations;
  for (const auto& entry : json->at("cache")) {
    Configuration configuration{json->value("kernel_name", "kernel"), {}};
    for (const auto& key : json->at("tune_params_keys")) {
      const auto name = key.get<std::string>();
      configuration.values.push_back({name, *Value::from_json(entry.at(name))});
    }
    configurations.push_back(std::move(configuration));
    recorded.observations.push_back(observation_of(entry));
  }
  recorded.space = *list_space(configurations);
  return recorded;
}

std::string run(const Recorded& recorded, const std::string& strategy_name, double budget_s, std::uint64_t seed, std::size_t batch) {
  StrategyContext context;
  context.space = recorded.space;
  context.seed = seed;
  context.budget.seconds = budget_s;
  auto strategy = make_strategy(strategy_name, context);
  if (!strategy) {
    std::fprintf(stderr, "%s\n", strategy.error().message().c_str());
    std::exit(2);
  }
  std::string trace;
  double spent_s = 0;
  while (spent_s < budget_s && !(*strategy)->exhausted()) {
    auto asked = (*strategy)->ask(batch);
    for (auto index = asked.rbegin(); index != asked.rend(); ++index) {
      auto observation = recorded.observations[*index];
      observation.index = *index;
      spent_s += observation.cost_s;
      trace += std::to_string(*index) + " ";
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
        for (std::uint64_t seed = part; seed < seeds; seed += 2) traces[seed] = run(recorded, arguments[2], std::strtod(arguments[3], nullptr), seed, batch);
      });
  }
  for (const auto& trace : traces) std::printf("%s\n", trace.c_str());
  return 0;
}
