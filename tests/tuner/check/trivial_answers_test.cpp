// Outputs that no kernel had to work for, held against the reference in files.
#include "tuner/check/trivial_answers.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <limits>
#include <vector>

#include "tests/support/npy.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tuner/base/files.hpp"
#include "tuner/problem/variant.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

/// tests/data/file_problem with other values: 4 rows of 256 in f32, within 1e-6 + 1e-6 |ref|.
class Trivial : public ::testing::Test {
 protected:
  Trivial() {
    std::filesystem::copy(std::string(FUSELINE_SOURCE_DIR) + "/tests/data/file_problem", folder_.path(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }
  void write(const std::string& file, const std::vector<float>& values) const {
    (void)folder_.write(file, npy_file("<f4", "(4, 256)", values));
  }
  [[nodiscard]] std::vector<TrivialAnswer> answers() const {
    const Problem problem = load_problem(folder_.path() / "problem.json").value();
    return trivial_answers(instantiate(problem, "small", {}, Dtype::f32).value()).value();
  }
  [[nodiscard]] std::vector<PassingShares> shares() const {
    const Problem problem = load_problem(folder_.path() / "problem.json").value();
    return passing_shares(instantiate(problem, "small", {}, Dtype::f32).value()).value();
  }
  static std::vector<float> rising() {
    std::vector<float> values(1024);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
    return values;
  }
  TemporaryFolder folder_;
};

TEST_F(Trivial, SharesSayHowMuchOfAnOutputWouldPass) {
  std::vector<float> values = rising();  // Its mean is 511.5.
  write("x.npy", values);
  for (std::size_t i = 0; i < 256; ++i) values[i] = 0;
  for (std::size_t i = 512; i < 1024; ++i) values[i] = i % 2 == 0 ? -1.F : 1.F;
  write("out.npy", values);
  const auto found = shares();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].output, "out");
  // x is right where both are 0 and from 256 to 511; of the mean, 383.5 over 4, nothing is.
  EXPECT_THAT(found[0].shares, ElementsAre(Pair("zeros", 0.25), Pair("its mean", 0.0), Pair("x", 257.0 / 1024)));
  values.assign(1024, 2.5F);
  write("out.npy", values);
  EXPECT_THAT(shares()[0].shares, ElementsAre(Pair("zeros", 0.0), Pair("its mean", 1.0), Pair("x", 0.0)));
  values[1023] = std::numeric_limits<float>::quiet_NaN();
  write("out.npy", values);
  EXPECT_THAT(shares()[0].shares, ElementsAre(Pair("zeros", 0.0), Pair("its mean", 0.0), Pair("x", 0.0)));
}

TEST_F(Trivial, NoneOfThemPassesAnOrdinaryReference) {
  write("out.npy", rising());
  const auto found = answers();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].any());
  EXPECT_FALSE(is_vacuous(found));
}

TEST_F(Trivial, ZerosPassWhereTheReferenceIsBelowTheTolerance) {
  std::vector<float> values(1024, 5e-7F);
  values[1023] = -5e-7F;
  write("out.npy", values);
  EXPECT_TRUE(answers()[0].zeros);
  EXPECT_TRUE(is_vacuous(answers()));
  values[1023] = 3e-6F;
  write("out.npy", values);
  EXPECT_FALSE(answers()[0].zeros) << "the last element counts";
}

TEST_F(Trivial, AConstantMayPassThoughZerosDoNot) {
  write("out.npy", std::vector<float>(1024, 0.5F));
  EXPECT_FALSE(answers()[0].zeros);
  EXPECT_TRUE(answers()[0].constant);
  std::vector<float> values(1024, 0.5F);
  values[7] = std::numeric_limits<float>::quiet_NaN();
  write("out.npy", values);
  EXPECT_FALSE(answers()[0].constant);
}

TEST_F(Trivial, ACopyOfAnInputMayPass) {
  write("x.npy", rising());
  write("out.npy", rising());
  EXPECT_THAT(answers()[0].inputs, ElementsAre("x"));
  EXPECT_TRUE(is_vacuous(answers()));
}

TEST_F(Trivial, NothingIsSaidWhereAKernelIsTheReference) {
  const Problem problem = load_problem(data_folder() / "kernels" / "swiglu" / "problem.json").value();
  const auto found = trivial_answers(instantiate(problem, "", {}, Dtype::f32).value()).value();
  EXPECT_TRUE(found.empty());
  EXPECT_FALSE(is_vacuous(found));
}

}  // namespace
}  // namespace fuseline::tuner
