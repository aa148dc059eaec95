// Spaces that others enumerated and recorded, written as manifests: the same configurations, to the last one.
#include <gtest/gtest.h>

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/space/variant_space.hpp"

namespace fuseline::tuner {
namespace {

struct RecordedSpace {
  const char* problem;
  std::uint64_t size;
  /// Of the recorded keys ("16,1,1,..."), one a line in the order of bytes:
  ///   zcat convolution_A100.json.gz | jq -r '.cache | keys[]' | LC_ALL=C sort | sha256sum
  const char* digest;
};

std::shared_ptr<const Space> space_of(const std::string& problem) {
  const auto folder = std::filesystem::path(FUSELINE_SOURCE_DIR) / "tests/data/recorded_spaces" / problem;
  CatalogEntry entry;
  auto loaded = load_problem(folder / "problem.json");
  if (!loaded) throw std::runtime_error(loaded.error().message());
  entry.problem = std::move(*loaded);
  auto variant = load_variant(folder / "tiled.json", entry.problem);
  if (!variant) throw std::runtime_error(variant.error().message());
  entry.variants.push_back(std::move(*variant));
  const auto instance = instantiate(entry.problem, "", {}, Dtype::f32);
  DeviceLimits device;
  device.compute_major = 8;
  device.max_threads_per_block = 1024;
  device.shared_bytes_per_block = std::int64_t{163} * 1024;
  auto space = variant_space(entry, instance.value(), device, {});
  if (!space) throw std::runtime_error(space.error().message());
  return *space;
}

/// Values of a configuration as the recordings write them.
std::string recorded_key(const Configuration& configuration) {
  std::string key;
  for (const auto& [name, value] : configuration.values) key += (key.empty() ? "" : ",") + value.to_string();
  return key;
}

class RecordedSpaces : public ::testing::TestWithParam<RecordedSpace> {};

TEST_P(RecordedSpaces, HaveTheRecordedNumberOfConfigurations) {
  EXPECT_EQ(space_of(GetParam().problem)->size(), GetParam().size);
}

TEST_P(RecordedSpaces, AreTheRecordedConfigurations) {
  const auto space = space_of(GetParam().problem);
  std::vector<std::string> keys;
  for (std::uint64_t i = 0; i < space->size(); ++i) keys.push_back(recorded_key(space->configuration(i)));
  std::sort(keys.begin(), keys.end());
  std::string lines;
  for (const auto& key : keys) lines += key + "\n";
  EXPECT_EQ(sha256_hex(lines), GetParam().digest);
}

INSTANTIATE_TEST_SUITE_P(
    BenchmarkHub, RecordedSpaces,
    ::testing::Values(
        RecordedSpace{"convolution", 4362, "2a771476728f6df68621202ee5a0a6de0330184210e072255d77284c729e37b1"},
        RecordedSpace{"dedispersion", 11130, "64dc310199f44ef36ba9e5cdd54d0565a33ff2ff772a5435b8878c64ff2b4d8a"}),
    [](const auto& test) { return std::string(test.param.problem); });

}  // namespace
}  // namespace fuseline::tuner
