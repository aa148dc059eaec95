// What nvdisasm prints, read; and children that take too long or write too much.
#include "profiler/compile/disassembler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "profiler/cuda/toolkit.hpp"
#include "tests/support/environment_variable.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

/// As nvdisasm 13.0 printed it, with the encodings that older ones print beside.
constexpr const char* kListing =
    "\t.target\tsm_90\n\n"
    "//--------------------- .text.fill                --------------------------\n"
    "\t.section\t.text.fill,\"ax\",@progbits\n"
    "        .size           fill,(.L_x_11 - fill)\n"
    "fill:\n"
    ".text.fill:\n"
    "        /*0000*/                   LDC R1, c[0x0][0x28] ;\n"
    "\t//## File \"/tmp/kernel.cu\", line 20\n"
    "        /*0070*/               @P0 EXIT ;\n"
    ".L_x_0:\n"
    "        /*0140*/                   STG.E.128 desc[UR6][R2.64], R8 ;  /* 0x00000008020079ae */\n"
    "                                                                      /* 0x000fe2000c101d06 */\n"
    "        /*0150*/              @!P0 BRA `(.L_x_0) ;\n"
    "        /*1f0a0*/                  BRA `(.L_x_1);\n"
    ".L_x_11:\n"
    "\t.section\t.text.busy,\"ax\",@progbits\n"
    ".text.busy:\n"
    "        /*0000*/                   NOP;\n";

TEST(Disassembly, IsOfOneKernelWithoutLabelsAndEncodings) {
  EXPECT_THAT(parse_disassembly(kListing, "fill"),
              ElementsAre(Pair(0x0, "LDC R1, c[0x0][0x28]"), Pair(0x70, "@P0 EXIT"),
                          Pair(0x140, "STG.E.128 desc[UR6][R2.64], R8"), Pair(0x150, "@!P0 BRA `(.L_x_0)"),
                          Pair(0x1f0a0, "BRA `(.L_x_1)")));
  EXPECT_THAT(parse_disassembly(kListing, "busy"), ElementsAre(Pair(0, "NOP")));
  EXPECT_THAT(parse_disassembly(kListing, "fil"), IsEmpty());
  EXPECT_THAT(parse_disassembly("/*", "fill"), IsEmpty());
}

class Program {
 public:
  explicit Program(const std::string& script)
      : file_(folder_.write("nvdisasm", script)), chosen_("FUSELINE_NVDISASM", file_.string()) {
    std::filesystem::permissions(file_, std::filesystem::perms::owner_all);
  }

 private:
  TemporaryFolder folder_;
  std::filesystem::path file_;
  EnvironmentVariable chosen_;
};

TEST(Disassembly, OfAProgramThatHangsIsGivenUp) {
  const Program program("#!/bin/sh\nsleep 60\n");
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = disassemble("cubin", "k", 0.3);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().reason, HasSubstr("took longer than it may"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(Disassembly, WithoutTheKernelIsAnError) {
  const Program program("#!/bin/sh\necho '.text.other:'\n");
  const auto refused = disassemble("cubin", "k", 30);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().reason, HasSubstr("no instruction of k"));
}

TEST(Disassembly, SaysWhatToInstallWhereThereIsNone) {
  const TemporaryFolder empty;
  const EnvironmentVariable path("PATH", empty.path().string());
  std::string looked_for;
  if (!toolkit_program("nvdisasm", looked_for).empty()) GTEST_SKIP() << "a toolkit here has nvdisasm";
  const auto refused = disassemble("cubin", "k", 30);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().reason, HasSubstr("cuda-nvdisasm"));
  EXPECT_THAT(refused.error().reason, HasSubstr((empty.path() / "nvdisasm").string()));
}

}  // namespace
}  // namespace fuseline::profiler
