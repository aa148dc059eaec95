// One configuration compiled by the real worker and NVRTC, without a GPU.
#include "tuner/check/compile_look.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "tests/profiler/support.hpp"
#include "tuner/base/files.hpp"
#include "tuner/problem/problem.hpp"
#include "tuner/session/images.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::HasSubstr;

class CompileLookTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy(std::filesystem::path(FUSELINE_SOURCE_DIR) / "tests/data/user_problem",
                          folder.path() / "mine", std::filesystem::copy_options::recursive);
  }
  tuner::CompileLook look() {
    const auto catalog = tuner::Catalog::load(tuner::data_folder(), {folder.path()}).value();
    const auto entry = catalog.find("scale_add").value();
    const auto instance = tuner::instantiate(entry->problem, "", {}, tuner::Dtype::f32).value();
    tuner::StaticGround ground;
    ground.entry = entry.get();
    ground.headers = std::make_shared<const std::map<std::string, std::string>>(catalog.headers_for(*entry));
    ground.instance = &instance;
    ground.chip = tuner::find_target(tuner::data_folder(), "rtx4090").value().limits;
    ground.build = tuner::image_stream(testing::kWorkerProgram);
    ground.cache_folder = "none";
    const auto first = tuner::first_configuration(ground, {{"strided"}, {{"items", {"4"}}}, false});
    EXPECT_TRUE(first) << first.error().message();
    auto found = tuner::look_at_configuration(ground, *first);
    EXPECT_TRUE(found) << found.error().message();
    return *found;
  }
  void edit(const std::string& from, const std::string& to) {
    const auto file = folder.path() / "mine/strided.cu";
    std::string text = tuner::read_file(file).value();
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    ASSERT_TRUE(tuner::write_file(file, text.replace(at, from.size(), to)));
  }
  testing::TemporaryFolder folder;
};

TEST_F(CompileLookTest, SaysRegistersSpillsAndWarnings) {
  edit("  const long long first", "  int nothing = 3;\n  const long long first");
  const tuner::CompileLook found = look();
  EXPECT_EQ(found.architecture, "sm_89");
  EXPECT_EQ(found.entry.state, tuner::StaticState::fits);
  EXPECT_GT(found.entry.shown_launch()->registers.value_or(0), 0);
  EXPECT_EQ(found.entry.spill_bytes, 0);
  ASSERT_EQ(found.messages.size(), 1U) << found.log;
  EXPECT_EQ(found.messages[0].kind, tuner::MessageKind::warning);
  EXPECT_EQ(found.messages[0].file, "strided.cu");
  EXPECT_EQ(found.messages[0].line, 8);
  EXPECT_THAT(found.messages[0].text, HasSubstr("nothing"));
}

TEST_F(CompileLookTest, OfABrokenKernelHasEveryErrorWithItsLine) {
  edit("  const long long first", "  int a = nothing_such;\n  int b = nor_this;\n  const long long first");
  const tuner::CompileLook found = look();
  EXPECT_EQ(found.entry.state, tuner::StaticState::failed);
  EXPECT_THAT(found.entry.reason, HasSubstr("strided.cu(8)"));
  ASSERT_GE(found.messages.size(), 2U) << found.log;
  EXPECT_EQ(found.messages[0].line, 8);
  EXPECT_EQ(found.messages[1].line, 9);
  EXPECT_EQ(found.messages[1].kind, tuner::MessageKind::error);
  EXPECT_THAT(found.messages[1].text, HasSubstr("nor_this"));
}

}  // namespace
}  // namespace fuseline::profiler
