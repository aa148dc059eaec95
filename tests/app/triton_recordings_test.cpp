// Sweeps of imported Triton kernels replay from their recordings, without their folders, without Triton and a GPU.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/app/program.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::app {
namespace {

struct Recorded {
  const char *kernel, *dtype, *given;  ///< The configuration in the kernel's file, as --param options.
  std::size_t configurations;
  double given_ms, tuned_ms;  ///< As docs/results-h200.md has them.
};
void PrintTo(const Recorded& recorded, std::ostream* out) { *out << recorded.kernel << ' ' << recorded.dtype; }

class TritonRecordings : public testing::TestWithParam<Recorded> {
 protected:
  /// The result's JSON of a replay with `options` more.
  [[nodiscard]] tuner::OrderedJson replayed(const std::string& options) const {
    const Finished finished = program_.run(std::string("sweep ") + GetParam().kernel + " --dtype " + GetParam().dtype +
                                           " --device replay:triton --quiet --json out.json " + options);
    EXPECT_EQ(finished.code, 0) << finished.err;
    return tuner::parse_json(program_.read("out.json"), "out.json").value_or(tuner::OrderedJson());
  }
  Program program_;
};

TEST_P(TritonRecordings, Replay) {
  const tuner::OrderedJson all = replayed("");
  EXPECT_TRUE(tuner::validate_schema(all, "result", "out.json"));
  EXPECT_EQ(all.at("search").at("outcomes").at("ok"), GetParam().configurations);
  EXPECT_NEAR(all.at("best").at("time_ms").at("median").get<double>(), GetParam().tuned_ms, 0.0005);
  EXPECT_GT(all.at("best").at("counters").size(), 10U);
  EXPECT_EQ(all.at("problem").at("flops_counted"), true) << "and so there is a roofline";
  const tuner::OrderedJson given = replayed(GetParam().given);
  EXPECT_NEAR(given.at("best").at("time_ms").at("median").get<double>(), GetParam().given_ms, 0.0005);
  const Finished plotted = program_.run("plot --kind roofline -o roofline.svg");
  EXPECT_EQ(plotted.code, 0) << plotted.err;
}

constexpr const char* kSoftmax = "fused_softmax_bias_scale_sigmoid_kernel_2d";
constexpr const char* kGiven = "--param num_warps=4 --param BLOCK_HW=8 --param BLOCK_C=128";
INSTANTIATE_TEST_SUITE_P(
    All, TritonRecordings,
    testing::Values(Recorded{"ln_gelu_scale_kernel", "f32", "--param num_warps=4", 6, 3.958, 2.526},
                    Recorded{"add_layernorm_lastdim_kernel", "f32", "--param num_warps=4", 6, 2.545, 2.526},
                    Recorded{kSoftmax, "f32", kGiven, 80, 1.875, 1.048},
                    Recorded{kSoftmax, "f16", kGiven, 80, 1.261, 0.676},
                    Recorded{kSoftmax, "bf16", kGiven, 80, 1.263, 0.675}),
    [](const auto& test) { return std::string(test.param.kernel) + "_" + test.param.dtype; });

}  // namespace
}  // namespace fuseline::app
