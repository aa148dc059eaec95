// How fast constrained spaces are enumerated, counted and indexed. The bounds to meet: enumerating 10^6 raw
// combinations in under 0.5 s, and counting, indexing and sampling over 10^9 raw combinations in independent groups in
// under 1 s, each on one core.
#include <benchmark/benchmark.h>

#include <random>
#include <stdexcept>

#include "tuner/space/space.hpp"

namespace fuseline::tuner {
namespace {

Parameter powers(const std::string& name, int count) {
  Parameter parameter{name, {}, true};
  for (int i = 0; i < count; ++i) parameter.values.emplace_back(std::int64_t{1} << i);
  return parameter;
}

Parameter steps(const std::string& name, int count) {
  Parameter parameter{name, {}, true};
  for (int i = 1; i <= count; ++i) parameter.values.emplace_back(i);
  return parameter;
}

std::shared_ptr<const Space> built(const SubSpaceSpec& spec) {
  const auto space = build_space({spec});
  if (!space) throw std::runtime_error(space.error().message());
  return *space;
}

/// Six parameters of ten values, tied into one group as those of a row kernel are.
SubSpaceSpec coupled() {
  SubSpaceSpec spec;
  spec.variant = "row_group";
  spec.parameters = {powers("block", 10), powers("lanes", 10), powers("vector", 10),
                     steps("rows", 10),   steps("stages", 10), steps("unroll", 10)};
  spec.derived = {{"groups", "block / lanes"},
                  {"row_elements", "lanes * vector * unroll"},
                  {"shared", "stages * rows * row_elements * dtype_bytes"}};
  spec.constraints = {{"mod(block, lanes) == 0", "whole groups"},
                      {"row_elements <= 4 * W", "no more than four rows' worth"},
                      {"groups * rows <= 1024", "rows a block"},
                      {"shared <= 101376 || stages == 1", "shared memory"},
                      {"mod(W, vector) == 0 && unroll <= 8", "vectors in rows"}};
  spec.constants = {{"W", 4096}, {"dtype_bytes", 4}};
  return spec;
}

/// 1000^3 raw combinations in three groups of two, four and three parameters.
SubSpaceSpec grouped() {
  SubSpaceSpec spec;
  spec.variant = "grouped";
  for (const char* name : {"a", "b"}) spec.parameters.push_back(steps(name, 32));
  for (const char* name : {"c", "d", "e", "f"}) spec.parameters.push_back(steps(name, 6));
  for (const char* name : {"g", "h", "i"}) spec.parameters.push_back(steps(name, 10));
  spec.derived = {{"area", "a * b"}, {"sum", "c + d + e + f"}};
  spec.constraints = {{"area <= 512", "tile"},
                      {"sum > 6 && mod(sum, 2) == 0", "even"},
                      {"g <= h", "ordered"},
                      {"mod(h * i, 2) == 0 || h == 1", "pairs"}};
  return spec;
}

void enumerate_a_million(benchmark::State& state) {
  std::uint64_t valid = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto space = built(coupled());
    valid = space->size();
    for (std::uint64_t i = 0; i < valid; ++i) benchmark::DoNotOptimize(space->point(i));
  }
  state.counters["raw"] = 1e6;
  state.counters["valid"] = static_cast<double>(valid);
}
BENCHMARK(enumerate_a_million)->Unit(benchmark::kMillisecond);

void count_index_and_sample_a_billion(benchmark::State& state) {
  std::uint64_t valid = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto space = built(grouped());
    valid = space->size();
    std::mt19937_64 random(1);
    std::uniform_int_distribution<std::uint64_t> any(0, valid - 1);
    for (int i = 0; i < 100000; ++i) {
      const std::uint64_t index = any(random);
      if (space->index_of(space->point(index)) != index) state.SkipWithError("an index does not come back");
    }
  }
  state.counters["raw"] = 32.0 * 32 * 6 * 6 * 6 * 6 * 1000;
  state.counters["valid"] = static_cast<double>(valid);
  state.counters["samples"] = 100000;
}
BENCHMARK(count_index_and_sample_a_billion)->Unit(benchmark::kMillisecond);

void point_of_index(benchmark::State& state) {
  const auto space = built(grouped());
  std::uint64_t index = 0;
  for ([[maybe_unused]] auto _ : state) {
    index = (index + 1000003) % space->size();
    benchmark::DoNotOptimize(space->point(index));
  }
}
BENCHMARK(point_of_index);

void index_of_point(benchmark::State& state) {
  const auto space = built(grouped());
  std::vector<Point> points;
  for (std::uint64_t i = 0; i < 1024; ++i) points.push_back(space->point(i * 1000003 % space->size()));
  std::size_t at = 0;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(space->index_of(points[at++ % points.size()]));
}
BENCHMARK(index_of_point);

}  // namespace
}  // namespace fuseline::tuner
