// fuseline check --host from the command line: kernels with planted faults, and right ones, run on the CPU.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/app/program.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr const char* kProblem = R"({
  "schema": "fuseline/problem/1", "name": "pairs", "title": "Pairs", "formula": "out[i] = x[i] + x[i + 1]",
  "description": "Every element and the one behind it in its tile.", "source": "a test",
  "dims": [{"name": "tiles", "description": "tiles of 128", "min": 1, "max": 1048576}],
  "derived": [{"name": "n", "value": "tiles * 128"}],
  "shapes": [{"name": "small", "description": "quick", "dims": {"tiles": 6}},
             {"name": "large", "description": "not for a CPU", "dims": {"tiles": 1048575}}],
  "dtypes": ["f32"],
  "tensors": [
    {"name": "x", "role": "input", "dtype": "f32", "shape": "[n]", "elements": "n",
     "fill": {"kind": "uniform", "low": 1, "high": 2}},
    {"name": "out", "role": "output", "dtype": "f32", "shape": "[n]", "elements": "n"}],
  "flops": "n", "tolerance": {"f32": {"absolute": 1e-5, "relative": 1e-5}},
  "reference": {"source": "reference.cu", "launches": [
    {"kernel": "reference", "grid": ["tiles"], "block": [128], "args": ["x", "out"]}]}
})";

constexpr const char* kReference = R"(extern "C" __global__ void reference(const float* x, double* out) {
  const int first = blockIdx.x * 128;
  out[first + threadIdx.x] = double(x[first + threadIdx.x]) + double(x[first + (threadIdx.x + 1) % 128]);
}
)";

/// What the sources have in common: a header of the problem's own. A block takes three tiles.
constexpr const char* kHeader = R"(#pragma once
extern __shared__ float
    both[];  // Two tiles, of which one is summed while the other is brought.

template <int faults>
struct Tile {
  static __device__ float sum(const float* tile) { return tile[threadIdx.x] + tile[(threadIdx.x + 1) % 128]; }
};
)";

/// A kernel with a place for what is wrong with it.
std::string staged(const std::string& wait, const std::string& barrier) {
  return R"(#include "common/pipeline.cuh"
#include "tile.cuh"
extern "C" __global__ void kernel(const float* x, float* out) {
  const int first = blockIdx.x * 384 + threadIdx.x;
  if (threadIdx.x % 4 == 0) fuseline::async_copy(both + threadIdx.x, x + first);
  fuseline::async_commit();
  for (int stage = 0; stage < 3; ++stage) {
    const int next = stage + 1;
    if (next < 3 && threadIdx.x % 4 == 0)
      fuseline::async_copy(both + next % 2 * 128 + threadIdx.x, x + first + next * 128);
    fuseline::async_commit();
    fuseline::async_wait<)" +
         wait + R"(>();
    __syncthreads();
    out[first + stage * 128] = Tile<0>::sum(both + stage % 2 * 128);
    )" + barrier +
         R"(
  }
}
)";
}

std::string plain(const std::string& body) {
  return "#include \"tile.cuh\"\nextern \"C\" __global__ void kernel(const float* x, float* out) {\n"
         "  for (int stage = 0; stage < 3; ++stage) {\n"
         "    const int i = blockIdx.x * 384 + stage * 128 + threadIdx.x;\n"
         "    __shared__ float tile[128];\n" +
         body + "  }\n}\n";
}

/// A template, with copies by the toolkit's functions.
std::string primitive(int pending) {
  return fmt::format(R"(#include <cuda_pipeline.h>
#include "tile.cuh"
template <int width, typename Element>
__global__ void pairs(const Element* x, Element* out) {{
  for (int stage = 0; stage < 3; ++stage) {{
    const int i = blockIdx.x * 3 * width + stage * width + threadIdx.x;
    __pipeline_memcpy_async(both + threadIdx.x, x + i, sizeof(Element));
    __pipeline_commit();
    __pipeline_wait_prior({});
    __syncthreads();
    out[i] = Tile<1>::sum(both);
    __syncthreads();
  }}
}}
)",
                     pending);
}

constexpr const char* kRightBody =
    "    tile[threadIdx.x] = x[i];\n    __syncthreads();\n    out[i] = Tile<0>::sum(tile);\n    __syncthreads();\n";

class HostChecked : public ::testing::Test {
 protected:
  HostChecked() {
    add("problem.json", kProblem);
    add("reference.cu", kReference);
    add("tile.cuh", kHeader);
  }
  void add(const std::string& name, const std::string& text) const { (void)program_.write("mine/" + name, text); }
  void add_variant(const std::string& name, const std::string& source, const std::string& form = "cuda",
                   const std::string& kernel = "kernel") const {
    add(name + ".json",
        fmt::format(R"({{"schema": "fuseline/variant/1", "name": "{0}", "description": "{0}", "source": "{0}.{2}", {1}
  "parameters": [], "launches": [{{"kernel": "{3}", "grid": ["tiles / 3"], "block": [128], "shared_bytes": 1024,
  "args": ["x", "out"]}}]}})",
                    name, form == "cuda" ? "" : R"("form": "ptx",)", form == "cuda" ? "cu" : form, kernel));
    add(fmt::format("{}.{}", name, form == "cuda" ? "cu" : form), source);
  }
  [[nodiscard]] Finished check(const std::string& more = "", const std::string& prefix = "") const {
    return program_.run("check mine --host --shape small " + more, prefix);
  }
  Program program_;
};

/// The line of a text that begins with the file's path; empty: none does.
std::string line_of(const std::string& text, const std::string& file) {
  const std::size_t at = text.find(file);
  if (at == std::string::npos) return {};
  return text.substr(at, text.find('\n', at) - at);
}

TEST_F(HostChecked, PlantedFaultsAreFoundEachAndRightKernelsAreNot) {
  add_variant("right", plain(kRightBody));
  add_variant("right_staged", staged("1", "__syncthreads();"));
  add_variant("right_template", primitive(0), "cuda", "pairs<128, float>");
  add_variant("early_prior", primitive(1), "cuda", "pairs<128, float>");
  add_variant("early_wait", staged("2", "__syncthreads();"));
  add_variant("no_barrier", staged("1", ""));
  add_variant("reads_outside", plain("    out[i] = x[i] + x[i + 1 - threadIdx.x / 127 * 128 + 768 * (i == 5)];\n"));
  add_variant("writes_outside", plain("    out[i - 1] = x[i] + x[i];\n"));
  add_variant("asserts", "#include <cassert>\n" + plain("    assert(i != 400);\n"));
  add_variant("copies_outside",
              "#include \"common/pipeline.cuh\"\n" +
                  plain("    if (threadIdx.x % 4 == 0) fuseline::async_copy(both + threadIdx.x, x + i + 768);\n"));
  add_variant("wrong", plain("    out[i] = x[i] + (i == 700 ? 1.0f : x[i / 128 * 128 + (i + 1) % 128]);\n"));
  add_variant("unwritten", plain("    if (i != 77) out[i] = x[i] + x[i / 128 * 128 + (i + 1) % 128];\n"));
  add_variant("changes_input", plain(std::string(kRightBody) + "    const_cast<float*>(x)[i] = 3.0f;\n"));
  add_variant("misaligned", plain("    out[i] = reinterpret_cast<const float4*>(x + 1)[0].x + tile[0];\n"));
  add_variant("apart", plain("    if (threadIdx.x == 5) __syncthreads(); else __syncwarp();\n    __syncthreads();\n"));
  const Finished finished = check("--json found.json");
  EXPECT_EQ(finished.code, 2) << finished.err;
  const std::string folder = std::filesystem::canonical(program_.path("mine")).string();
  const auto found = [&](const std::string& name) { return line_of(finished.out, folder + "/" + name + ".cu"); };

  EXPECT_THAT(found("right"), IsEmpty()) << finished.out;
  EXPECT_THAT(found("right_staged"), IsEmpty());
  EXPECT_THAT(found("right_template"), IsEmpty());
  EXPECT_THAT(found("early_prior"), AllOf(HasSubstr("wrong result: "), HasSubstr("copies late")));
  EXPECT_THAT(found("early_wait"), AllOf(HasSubstr("wrong result: "), HasSubstr("copies late")));
  EXPECT_THAT(found("no_barrier"), HasSubstr("wrong result: "));
  EXPECT_THAT(found("reads_outside"), AllOf(HasSubstr("reads_outside.cu:6: bad access: reads x[774], of 768 elements"),
                                            HasSubstr("by thread (5, 0, 0) of block (0, 0, 0)")));
  EXPECT_THAT(found("writes_outside"), HasSubstr("writes_outside.cu:6: bad access: writes out[-1], of 768 elements"));
  EXPECT_THAT(found("asserts"), AllOf(HasSubstr("killed by signal 6"), HasSubstr("Assertion `i != 400' failed")));
  EXPECT_THAT(found("copies_outside"), HasSubstr("copies_outside.cu:7: bad access: reads x[768], of 768 elements"));
  EXPECT_THAT(found("wrong"), MatchesRegex(".*wrong result: largest error [0-9.e+]+ times the tolerance at out.700.: .*"
                                           "; 1 of 768 elements are wrong, for wrong \\(f32, small; threads in .*\\)"));
  EXPECT_THAT(
      found("unwritten"),
      HasSubstr("1 of 768 elements of out hold the NaN that outputs and shared memory begin with, the first out[77]"));
  EXPECT_THAT(found("changes_input"), HasSubstr("changed the input \"x\""));
  EXPECT_THAT(found("misaligned"), AllOf(HasSubstr("misaligned.cu:6: "), HasSubstr("misaligned address")));
  EXPECT_THAT(found("apart"), HasSubstr("deadlock"));

  const auto json = tuner::read_json_file(program_.path("found.json"), {std::size_t{1} << 20, 32});
  ASSERT_TRUE(json.has_value());
  EXPECT_TRUE(tuner::validate_schema(*json, "check", "found.json"));
  EXPECT_EQ((*json)["findings"].size(), 12u);
  for (const auto& finding : (*json)["findings"]) EXPECT_EQ(finding["kind"], "run");
  EXPECT_EQ((*json)["problems"][0]["variants"][0]["host"]["run"], 1);
}

TEST_F(HostChecked, WhatCannotRunIsSaidAndNothingIsNotARun) {
  add_variant("tensor_cores", "#include <mma.h>\n" + plain(kRightBody));
  add_variant("assembled",
              ".version 7.0\n.target sm_70\n.address_size 64\n.visible .entry kernel(.param .u64 x, .param "
              ".u64 out) { ret; }\n",
              "ptx");
  const Finished finished = check();
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.out,
              AllOf(HasSubstr("1 configuration not run on the CPU"), HasSubstr("mma.h"),
                    HasSubstr("is ptx, which no CPU runs"), HasSubstr("pairs tensor_cores"), HasSubstr("0 of 1")));
  EXPECT_THAT(finished.err, HasSubstr("not run: pairs: no variant of it was run"));

  const Finished large = program_.run("check mine --host --shape large");
  EXPECT_EQ(large.code, 2);
  EXPECT_THAT(large.err, HasSubstr("not run: pairs: no variant of it was run, in none of these shapes"));
  EXPECT_THAT(large.out, HasSubstr("shape large has 268,435,200 elements, more than the 1,048,576 that are run"));
}

TEST_F(HostChecked, AKernelThatHangsCostsItself) {
  add_variant("hangs", plain("    volatile int go = 0;\n    while (go == 0) {}\n    out[i] = x[i];\n"));
  add_variant("right", plain(kRightBody));
  const Finished finished = check("--host-seconds 8");
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, HasSubstr("not run: the 8 s of --host-seconds were over before 1 configuration had run"));
  EXPECT_THAT(finished.out, HasSubstr("pairs right                    1          1 of 1"));
}

TEST_F(HostChecked, ACompilerThatIsNotThereIsNamed) {
  add_variant("right", plain(kRightBody));
  const Finished none = check("", "FUSELINE_CXX=no-such-compiler");
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, AllOf(HasSubstr("no-such-compiler"), HasSubstr("FUSELINE_CXX names another")));
  const Finished other = check("", "FUSELINE_CXX=true");
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("true: is no g++"));
}

TEST(HostCheck, InputsAndReferencesAreTakenFromFilesAsWell) {
  const Program program;
  std::filesystem::copy(std::string(FUSELINE_SOURCE_DIR) + "/tests/data/file_problem", program.path("mine"),
                        std::filesystem::copy_options::recursive);
  const Finished finished = program.run("check mine --host --at-most 2");
  EXPECT_EQ(finished.code, 0) << finished.out << finished.err;
  EXPECT_THAT(finished.out, AllOf(HasSubstr("4 of 4"), HasSubstr("nothing found"),
                                  HasSubstr("note: shape wide is not run on the CPU"), HasSubstr("x.npy")));
}

TEST(HostCheck, ABuiltInProblemRunsInEveryDtype) {
  const Program program;
  const Finished finished = program.run("check bias_gelu --host --shape small --at-most 2");
  EXPECT_EQ(finished.code, 0) << finished.out << finished.err;
  EXPECT_THAT(finished.out, AllOf(HasSubstr("6 of 6"), HasSubstr("kernels were run on the CPU")));
}

}  // namespace
}  // namespace fuseline::app
