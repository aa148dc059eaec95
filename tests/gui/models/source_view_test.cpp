#include "app/gui/models/source_view.hpp"

#include <gmock/gmock.h>

#include "tuner/problem/catalog.hpp"

namespace fuseline::app::gui {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SourceViews : public ::testing::Test {
 protected:
  static SourceView view(const std::string& variant, int compute_major = 9) {
    const std::filesystem::path root = FUSELINE_SOURCE_DIR;
    const auto catalog = tuner::Catalog::load(root, {root / "tests/data/image_problem"}).value();
    tuner::RunInfo info;
    info.device.limits.compute_major = compute_major;
    for (const tuner::Variant& one : catalog.find("scale_add_images").value()->variants) {
      if (one.name == variant) return source_view(one, {variant, {{"block", 256}}}, info);
    }
    return {};
  }
};

TEST_F(SourceViews, TextIsShownAsItIs) {
  EXPECT_EQ(view("text").name, "scale_add.cu");
  EXPECT_THAT(*view("text").text, HasSubstr("__launch_bounds__(BLOCK)"));
  EXPECT_THAT(*view("ptx").text, HasSubstr(".visible .entry scale_add("));
}

TEST_F(SourceViews, AnImageIsShownByItsKernels) {
  const SourceView cubin = view("cubin");
  EXPECT_EQ(cubin.name, "cubins/scale_add_256.sm_90.cubin");
  EXPECT_EQ(cubin.text, nullptr);
  ASSERT_EQ(cubin.kernels.size(), 1U);
  EXPECT_EQ(cubin.kernels[0].size(), kernel_columns().size());
  EXPECT_THAT(cubin.kernels[0], ElementsAre("scale_add", "22", "16", "0", "8 8 4 8 4 8"));
}

TEST_F(SourceViews, WhatIsNotThereIsSaid) {
  const SourceView missing = view("cubin", 8);
  EXPECT_EQ(missing.text, nullptr);
  EXPECT_THAT(missing.missing, HasSubstr("there is no file \"cubins/scale_add_256.sm_80.cubin\""));
}

}  // namespace
}  // namespace fuseline::app::gui
