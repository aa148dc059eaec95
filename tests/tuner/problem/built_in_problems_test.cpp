// Every problem that ships: each of its shapes and dtypes gives a space on small and large devices, and what is in it
// resolves.
#include <gtest/gtest.h>

#include <algorithm>

#include "tuner/base/sanitized.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/space/variant_space.hpp"

namespace fuseline::tuner {
namespace {

DeviceLimits chip(int major, int minor, std::int64_t shared_bytes_per_block) {
  DeviceLimits limits;
  limits.sm_count = 128;
  limits.compute_major = major;
  limits.compute_minor = minor;
  limits.max_threads_per_sm = 1536;
  limits.max_blocks_per_sm = 24;
  limits.shared_bytes_per_sm = shared_bytes_per_block + 1024;
  limits.shared_bytes_per_block = shared_bytes_per_block;
  limits.l2_bytes = std::int64_t{72} << 20;
  return limits;
}

const std::vector<DeviceLimits>& chips() {
  static const std::vector<DeviceLimits> all = {chip(8, 9, std::int64_t{99} * 1024),
                                                chip(9, 0, std::int64_t{227} * 1024)};
  return all;
}

const Variant& variant_of(const CatalogEntry& entry, const std::string& name) {
  return *std::find_if(entry.variants.begin(), entry.variants.end(), [&](const Variant& v) { return v.name == name; });
}

/// About `count` configurations spread over the space.
void expect_resolves(const CatalogEntry& entry, const ProblemInstance& instance, const DeviceLimits& device,
                     const Space& space, std::uint64_t count) {
  const std::uint64_t step = std::max<std::uint64_t>(1, space.size() / count);
  for (std::uint64_t i = 0; i < space.size(); i += step) {
    const Configuration configuration = space.configuration(i);
    const auto resolved = resolve(variant_of(entry, configuration.variant), configuration, instance, device);
    ASSERT_TRUE(resolved) << resolved.error().message() << " (" << configuration.key() << ")";
    ASSERT_EQ(space.index_of(configuration), i);
  }
}

TEST(BuiltInProblems, EverySpaceIsThereAndResolves) {
  const Result<Catalog> catalog = Catalog::load(FUSELINE_SOURCE_DIR, {});
  ASSERT_TRUE(catalog) << catalog.error().message();
  for (const auto& entry : catalog->entries()) {
    for (const ShapePreset& shape : entry->problem.shapes) {
      if (kSanitized && shape.name != entry->problem.shapes.front().name) break;  // The others take the same paths.
      for (const Dtype dtype : entry->problem.dtypes) {
        SCOPED_TRACE(entry->problem.name + " " + shape.name + " " + std::string(to_string(dtype)));
        const Result<ProblemInstance> instance = instantiate(entry->problem, shape.name, {}, dtype);
        ASSERT_TRUE(instance) << instance.error().message();
        for (const DeviceLimits& device : chips()) {
          ASSERT_TRUE(resolve_reference(*instance, device));
          for (const bool full : {false, true}) {
            const auto space = variant_space(*entry, *instance, device, {{}, {}, full});
            ASSERT_TRUE(space) << space.error().message();
            expect_resolves(*entry, *instance, device, **space, 20);
          }
        }
      }
    }
  }
}

TEST(BuiltInProblems, TheProblemsOfTheMainJobAreThere) {
  const Result<Catalog> catalog = Catalog::load(FUSELINE_SOURCE_DIR, {});
  ASSERT_TRUE(catalog) << catalog.error().message();
  for (const char* name : {"layernorm_gelu_scale", "sum_layernorm_avgpool_gelu", "softmax_bias_scale_sigmoid"}) {
    const auto entry = catalog->find(name);
    ASSERT_TRUE(entry) << entry.error().message();
    EXPECT_EQ((*entry)->problem.dtypes.size(), 3u);
    EXPECT_GE((*entry)->variants.size(), 2u);
  }
}

}  // namespace
}  // namespace fuseline::tuner
