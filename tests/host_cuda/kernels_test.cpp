// Every variant of every built-in problem on the CPU, against references written for these tests.
#include <gtest/gtest.h>
#include <sanitizer/common_interface_defs.h>

#include <cstdio>

#include "case_run.hpp"

namespace fuseline::host_cuda {
namespace {

std::string name_of(const testing::TestParamInfo<Target>& info) { return info.param.title(); }

std::string running;

/// Sanitizers end the program: say what it was doing.
void name_what_ran() { std::fprintf(stderr, "While running %s\n", running.c_str()); }

std::filesystem::path source_of(const Target& target) {
  const auto entry = catalog().find(target.problem);
  if (target.variant.empty()) return (*entry)->problem.kernel_folder / "reference.cu";
  for (const tuner::Variant& variant : (*entry)->variants) {
    if (variant.name == target.variant) return variant.file.parent_path() / variant.source_name;
  }
  return {};
}

class Kernels : public testing::TestWithParam<Target> {
 protected:
  static void SetUpTestSuite() { __sanitizer_set_death_callback(name_what_ran); }

  // Fills and orders of threads go round together, so that every kernel meets every order.
  void check(const CaseRun& run, const Allowance& allowance) {
    std::size_t turn = run.number;
    for (const PreparedFill& fill : fills_of(run.one)) {
      const RunSettings settings{kOrders[turn % kOrders.size()], static_cast<unsigned>(turn + 1),
                                 turn / kOrders.size() % 2 == 0};
      ++turn;
      running = run.one.title() + ", " + fill.name + ", threads in order: " + std::string(to_string(settings.order)) +
                (settings.late_copies ? ", late copies" : "");
      EXPECT_EQ(compare(run_case(run, fill, settings), fill.expected, allowance), "") << running;
    }
  }

 private:
  const std::vector<PreparedFill>& fills_of(const Case& one) {
    const auto found = prepared_.find(one.instance);
    return found != prepared_.end() ? found->second : prepared_[one.instance] = prepare_fills(*one.instance);
  }

  // Cases of a test share instances. Held by the instances themselves: the address of one that is gone may become
  // another's.
  std::map<std::shared_ptr<const tuner::ProblemInstance>, std::vector<PreparedFill>> prepared_;
};

TEST_P(Kernels, MatchTheReference) {
  const std::vector<Case> cases = choose_cases(GetParam());
  if (cases.empty()) GTEST_SKIP() << "the variant can do none of the shapes in this dtype";
  const auto module = Module::build(source_of(GetParam()), cases);
  ASSERT_TRUE(module.has_value()) << module.error().message();
  const bool is_reference = GetParam().variant.empty();
  for (std::size_t number = 0; number < cases.size(); ++number) {
    // The problem's reference computes in fp64 as ours does.
    check({*module, number, cases[number], is_reference},
          is_reference ? Allowance{1e-9, 1e-9} : allowance_of(cases[number]));
  }
}

INSTANTIATE_TEST_SUITE_P(All, Kernels, testing::ValuesIn(all_targets()), name_of);

TEST(KernelSample, ReachesEveryValueOfEveryParameter) {
  for (const auto& entry : catalog().entries()) {
    for (const tuner::Variant& variant : entry->variants) {
      std::map<std::string, std::map<std::string, int>> reached;
      for (const tuner::Dtype dtype : entry->problem.dtypes) {
        for (const Case& one : choose_cases({entry->problem.name, variant.name, dtype})) {
          for (const tuner::NamedValue& value : one.resolved.configuration.values)
            ++reached[value.name][value.value.to_string()];
        }
      }
      for (const tuner::ParameterSpec& parameter : variant.parameters) {
        for (const tuner::Value& value : parameter.full_values) {
          EXPECT_GT(reached[parameter.name][value.to_string()], 0)
              << entry->problem.name << " " << variant.name << " " << parameter.name << "=" << value.to_string();
        }
      }
    }
  }
}

TEST(KernelSample, EveryProblemHasAReferenceOfItsOwnHere) {
  for (const auto& entry : catalog().entries()) {
    EXPECT_NE(find_reference(entry->problem.name), nullptr)
        << entry->problem.name << ": write it in references.cpp, with shapes in shapes.cpp and traps in fills.cpp";
  }
}

}  // namespace
}  // namespace fuseline::host_cuda
