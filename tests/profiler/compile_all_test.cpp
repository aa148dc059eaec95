// Every kernel of every built-in variant compiles for an RTX 4090 (sm_89) and an H200 (sm_90), reaching each value of
// each parameter, in each dtype for one of them at least.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "profiler/compile/compiler_pool.hpp"
#include "tests/profiler/support.hpp"
#include "tuner/base/files.hpp"
#include "tuner/device/device.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/session/session.hpp"
#include "tuner/space/variant_space.hpp"

namespace fuseline::profiler {
namespace {

using tuner::Configuration;

struct Pending {
  std::string what;
  std::vector<std::string> kernels;
  std::shared_future<CompileResult> result;
};

/// Configurations that together have every value of every parameter that any valid configuration has.
std::vector<Configuration> covering(const tuner::Space& space) {
  std::set<std::string> reached;
  std::vector<Configuration> chosen;
  // A stride that shares no factor with the size visits far-apart configurations first: fewer are needed.
  const std::uint64_t size = space.size();
  std::uint64_t stride = size * 5 / 8 + 1;
  while (std::gcd(stride, size) != 1) ++stride;
  for (std::uint64_t i = 0; i < size; ++i) {
    Configuration configuration = space.configuration(i * stride % size);
    bool fresh = false;
    for (const auto& [name, value] : configuration.values)
      fresh |= reached.insert(configuration.variant + " " + name + "=" + value.to_string()).second;
    if (fresh) chosen.push_back(std::move(configuration));
  }
  return chosen;
}

const tuner::Variant& variant_of(const tuner::CatalogEntry& entry, const std::string& name) {
  for (const auto& variant : entry.variants) {
    if (variant.name == name) return variant;
  }
  throw std::logic_error("unknown variant " + name);
}

class CompileAll : public ::testing::TestWithParam<std::string> {
 protected:
  void submit_reference(const tuner::ProblemInstance& instance, const tuner::Target& target) {
    CompileRequest request = base(target);
    request.name = "reference.cu";
    request.source = instance.problem->reference_source;
    request.options = tuner::instance_defines(instance);
    submit(std::move(request), instance.problem->name + " reference", {});
  }

  void submit_variants(const tuner::CatalogEntry& entry, const tuner::ProblemInstance& instance,
                       const tuner::Target& target) {
    const auto space = tuner::variant_space(entry, instance, target.limits, {});
    ASSERT_TRUE(space.has_value()) << space.error().message();
    for (const Configuration& configuration : covering(**space))
      submit_configuration(entry, configuration, instance, target);
  }

  void submit_configuration(const tuner::CatalogEntry& entry, const Configuration& configuration,
                            const tuner::ProblemInstance& instance, const tuner::Target& target) {
    const tuner::Variant& variant = variant_of(entry, configuration.variant);
    const auto resolved = tuner::resolve(variant, configuration, instance, target.limits);
    ASSERT_TRUE(resolved.has_value()) << resolved.error().message();
    CompileRequest request = base(target);
    request.name = resolved->source_name;
    request.source = *variant.sources.at(resolved->source_name);
    request.options = resolved->defines;
    request.options.insert(request.options.end(), resolved->compile_options.begin(), resolved->compile_options.end());
    std::vector<std::string> kernels;
    for (const auto& launch : resolved->launches) kernels.push_back(launch.kernel);
    submit(std::move(request), configuration.key() + " " + std::string(to_string(instance.dtype)), std::move(kernels));
  }

  void check_all() {
    for (const Pending& each : pending_) {
      const CompileResult& result = each.result.get();
      ASSERT_EQ(result.status, CompileResult::Status::ok) << each.what << "\n" << result.reason << "\n" << result.log;
      for (const std::string& kernel : each.kernels) {
        const bool found =
            std::any_of(result.kernels.begin(), result.kernels.end(),
                        [&](const KernelResources& found_kernel) { return found_kernel.name == kernel; });
        EXPECT_TRUE(found) << each.what << ": no kernel " << kernel;
      }
    }
    RecordProperty("compilations", static_cast<int>(pending_.size()));
  }

  void check_no_spills() {
    for (const Pending& each : pending_) {
      for (const KernelResources& kernel : each.result.get().kernels)
        EXPECT_EQ(kernel.spill_store_bytes + kernel.spill_load_bytes, 0) << each.what << ": " << kernel.name;
    }
  }
  [[nodiscard]] std::size_t submitted() const { return pending_.size(); }

  tuner::Catalog catalog_ = tuner::Catalog::load(tuner::data_folder(), {}).value();

 private:
  CompileRequest base(const tuner::Target& target) const {
    CompileRequest request;
    for (const auto& [name, text] : catalog_.common_headers()) request.headers["common/" + name] = text;
    request.architecture = target.limits.sm();
    return request;
  }
  void submit(CompileRequest request, std::string what, std::vector<std::string> kernels) {
    what += " for " + request.architecture;
    pending_.push_back({std::move(what), std::move(kernels), pool_.submit({std::move(request), 120, {}, {}})});
  }

  CompilerPool pool_{testing::pool_options(2)};
  std::vector<Pending> pending_;
};

TEST_P(CompileAll, ForBothArchitectures) {
  const auto entry = catalog_.find(GetParam());
  ASSERT_TRUE(entry.has_value()) << entry.error().message();
  // What differs by architecture is how data are moved, and by dtype how elements are: each of both is met in f32, and
  // the 16-bit dtypes are shared out.
  for (const auto& [name, left_out] : {std::pair{"rtx4090", tuner::Dtype::bf16}, {"h200", tuner::Dtype::f16}}) {
    const auto target = tuner::find_target(tuner::data_folder(), name);
    ASSERT_TRUE(target.has_value()) << target.error().message();
    for (const tuner::Dtype dtype : (*entry)->problem.dtypes) {
      if (dtype == left_out) continue;
      const auto instance = tuner::instantiate((*entry)->problem, "", {}, dtype);
      ASSERT_TRUE(instance.has_value()) << instance.error().message();
      submit_reference(*instance, *target);
      submit_variants(**entry, *instance, *target);
    }
  }
  check_all();
}

constexpr int kMostOfARecording = 5;  ///< Some have twenty that are tied, much alike.

class BestRecorded : public CompileAll {
 protected:
  /// What a result names as the best in the target's space is compiled for it too, and is not far behind.
  void submit_best_that_fits(const tuner::CatalogEntry& entry, const tuner::Run& run,
                             const tuner::ProblemInstance& instance, const tuner::Target& target) {
    const auto ranked = run.ranked();
    const auto fits = std::find_if(ranked.begin(), ranked.end(), [&](const tuner::Evaluation* evaluation) {
      const auto variant = std::find_if(entry.variants.begin(), entry.variants.end(), [&](const auto& each) {
        return each.name == evaluation->configuration.variant;
      });
      const auto why = variant == entry.variants.end()
                           ? tuner::Result<std::string>(std::string("no such variant"))
                           : misfit(*variant, evaluation->configuration, instance, target.limits);
      return why && why->empty();
    });
    ASSERT_NE(fits, ranked.end());
    const double slower = run.time_of(**fits).median / run.time_of(*ranked.front()).median;
    std::cout << run.info.problem << " " << to_string(run.info.dtype) << " " << run.info.shape
              << ": the best in the space of " << target.title << " is number " << fits - ranked.begin() + 1 << ", "
              << slower << " times the best's time\n";
    EXPECT_LT(slower, 1.15);
    if (fits != ranked.begin()) submit_configuration(entry, (*fits)->configuration, instance, target);
  }
};

TEST_P(BestRecorded, AndItsTiesCompileForBothArchitecturesWithoutSpills) {
  const auto recordings = tuner::list_recordings(tuner::data_folder());
  ASSERT_TRUE(recordings.has_value()) << recordings.error().message();
  const auto entry = catalog_.find(GetParam());
  ASSERT_TRUE(entry.has_value()) << entry.error().message();
  for (const auto& recording : *recordings) {
    if (recording.problem != GetParam()) continue;
    const auto run = tuner::read_run(recording.file);
    ASSERT_TRUE(run.has_value()) << run.error().message();
    const auto instance = tuner::instantiate((*entry)->problem, "", run->info.dims, recording.dtype);
    ASSERT_TRUE(instance.has_value()) << instance.error().message();
    const auto target = tuner::find_target(tuner::data_folder(), "rtx4090");
    ASSERT_TRUE(target) << target.error().message();
    int chosen = 0;
    for (const tuner::Evaluation* evaluation : run->ranked()) {
      const tuner::FinalTiming* timing = run->final_of(*evaluation);
      if (timing == nullptr || !timing->tied || ++chosen > kMostOfARecording) break;
      for (const char* name : {"rtx4090", "h200"})
        submit_configuration(**entry, evaluation->configuration, *instance,
                             *tuner::find_target(tuner::data_folder(), name));
    }
    submit_best_that_fits(**entry, *run, *instance, *target);
  }
  if (submitted() == 0) GTEST_SKIP() << "there is no recording of this problem";
  EXPECT_GE(submitted(), 6U);  // Two architectures, three dtypes.
  check_all();
  check_no_spills();
}

/// By their folders: the program starts anew for each of its tests, and reading them all would take longer than most.
std::vector<std::string> problem_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(tuner::data_folder() / "kernels")) {
    if (std::filesystem::exists(entry.path() / "problem.json")) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Problems, CompileAll, ::testing::ValuesIn(problem_names()),
                         [](const auto& problem) { return problem.param; });

INSTANTIATE_TEST_SUITE_P(Problems, BestRecorded, ::testing::ValuesIn(problem_names()),
                         [](const auto& problem) { return problem.param; });

TEST(CompileAllProblems, AreTheCatalogs) {
  const auto catalog = tuner::Catalog::load(tuner::data_folder(), {});
  ASSERT_TRUE(catalog.has_value()) << catalog.error().message();
  std::vector<std::string> names;
  for (const auto& entry : catalog->entries()) names.push_back(entry->problem.name);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(problem_names(), names);
}

}  // namespace
}  // namespace fuseline::profiler
