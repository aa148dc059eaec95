// What programs of kernels on the CPU are made of, told, and say.
#include <gmock/gmock.h>

#include "tests/tuner/problem/temporary_problem.hpp"
#include "tuner/check/host_answers.hpp"
#include "tuner/check/host_job.hpp"
#include "tuner/check/host_source.hpp"
#include "tuner/problem/variant.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(HostSource, DynamicSharedMemoryBecomesAPointerAndLinesStay) {
  const std::string text =
      "// extern __shared__ float old[];\n"
      "extern \"C\" __global__ void f(float* out) {\n"
      "  extern __shared__ __align__(16)\n    unsigned char bytes[]; float* const t = (float*)bytes;\n}\n"
      "extern __align__(16) __shared__ float rows[][33];\n"
      "extern __device__ int other[];\n";
  EXPECT_EQ(
      host_source(text, "/p/k.cu"),
      "#line 1 \"/p/k.cu\"\n"
      "// extern __shared__ float old[];\n"
      "extern \"C\" __global__ void f(float* out) {\n"
      "  unsigned char (*const bytes) = static_cast<unsigned char (*)>(::fuseline::host_cuda::dynamic_shared())\n;"
      " float* const t = (float*)bytes;\n}\n"
      "float (*const rows)[33] = static_cast<float (*)[33]>(::fuseline::host_cuda::dynamic_shared());\n"
      "extern __device__ int other[];\n");
}

TEST(HostSource, AUnitListsEachKernelOnceByOneWord) {
  const ResolvedLaunch rows{"rows<float, 256>", {}, {}, false}, sum{"sum", {}, {}, false};
  const std::string unit = host_unit("k.cu", {rows, sum, rows});
  EXPECT_THAT(unit, StartsWith("#include \"k.cu\"\n"));
  EXPECT_THAT(unit,
              HasSubstr("{\"rows<float,256>\", Entry<&rows<float, 256>>::kinds, &Entry<&rows<float, 256>>::call},\n"
                        "    {\"sum\", Entry<&sum>::kinds, &Entry<&sum>::call},\n    {nullptr"));
}

class HostJob : public ::testing::Test {
 protected:
  HostJob() : problem_(load_problem(made_.problem_file()).value()) {
    instance_ = instantiate(problem_, "small", {}, Dtype::f16).value();
    reference_.launches = resolve_reference(instance_, {}).value();
  }
  TemporaryProblem made_;
  Problem problem_;
  ProblemInstance instance_;
  ResolvedConfiguration reference_;
};

TEST_F(HostJob, NamesBuffersByTheirPlaceAndTheirFiles) {
  EXPECT_EQ(host_elements(instance_), 3 * 64 * 256);
  ResolvedConfiguration with_space = reference_;
  with_space.workspace = {{"sums", 64, WorkspaceZero::timed}};
  const std::string job = host_job("/a folder", {{0, true, &instance_, &with_space, "i7"}});
  EXPECT_THAT(job, StartsWith("fuseline-host 2\nfolder /a folder\ncase 0 reference 0x"));
  EXPECT_THAT(job, HasSubstr(" 4\ninput f16 16384 x i7.0\ninput f16 16384 y i7.1\noutput f64 16384 out i7.2 0x0p+0\n"
                             "zeroed u8 64 sums -\n1\n"
                             "scale_add_reference 128 1 1 128 1 1 0 4\np 0\np 1\nf 0x1p-1\np 2\nend\n"));
}

TEST_F(HostJob, InputsAreFilledAsTheProblemSaysAndOutputsAreLeftToTheReference) {
  const auto files = host_files(instance_, "i7", 1);
  ASSERT_TRUE(files.has_value());
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[1].name, "i7.1");
  EXPECT_EQ((*files)[1].bytes.size(), 2u * 64 * 256);
  EXPECT_NE((*files)[0].bytes, (*files)[1].bytes);
  EXPECT_EQ(host_files(instance_, "i7", 1)->front().bytes, files->front().bytes);
}

TEST(HostAnswers, SayWhereAndWhat) {
  const auto begun = host_answer(R"({"begin": 3, "setting": 1, "run": "threads in ascending order, copies late"})");
  ASSERT_TRUE(begun.has_value());
  EXPECT_FALSE(begun->ended);
  EXPECT_EQ(begun->number, 3u);
  const auto ended =
      host_answer(R"({"end": 3, "setting": 1, "kind": "access", "what": "reads x[7]", "place": "/p/k.cu:9"})");
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(to_string(host_finding(*ended, "", "/p/other.cu")), "/p/k.cu:9: bad access: reads x[7]");
  for (const char* line : {"", "a kernel prints", "{\"end\": -1}", "{\"end\": 1", "{\"other\": 1}"})
    EXPECT_FALSE(host_answer(line).has_value()) << line;
}

TEST(HostAnswers, TheReasonOfUndefinedBehaviourIsOnStandardError) {
  HostAnswer answer;
  answer.kind = "undefined";
  answer.what = ", by thread (1, 0, 0)";
  EXPECT_EQ(to_string(host_finding(answer, "noise\n/p/k.cuh:12:5: runtime error: load of misaligned address\nnote\n",
                                   "/p/k.cu")),
            "/p/k.cuh:12: load of misaligned address, by thread (1, 0, 0)");
  EXPECT_EQ(to_string(host_finding(answer, "", "/p/k.cu")), "/p/k.cu: the sanitizers ended it, by thread (1, 0, 0)");
}

TEST(HostAnswers, TheFirstErrorOfACompilerIsTaken) {
  EXPECT_EQ(first_complaint("In file included from k.cpp:1:\nk.cu:1:10: fatal error: mma.h: No such file\nmore\n"),
            "k.cu:1:10: fatal error: mma.h: No such file");
  EXPECT_EQ(first_complaint("something else\n"), "something else");
}

}  // namespace
}  // namespace fuseline::tuner
