#include "tuner/problem/kernel_match.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace fuseline::tuner {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Model norm() {
  Model model;
  model.file = "ref.py";
  model.inputs = {{"x", {64, 128}}};
  model.held = {{"norm.weight", {128}}, {"norm.bias", {128}}, {"norm.batches", {}, false}};
  model.outputs = {{"out", {64, 128}}};
  model.numbers = {{"width", 128}, {"norm.eps", 1e-5}};
  return model;
}

Result<KernelMatch> match(const std::string& parameters, const Model& model, const ArgumentChoices& chosen = {}) {
  const auto text = read_kernel_text("__global__ void k(" + parameters + ") {}", "k.cu");
  EXPECT_TRUE(text) << text.error().message();
  return match_kernel(text->kernels.at(0), *text, model, chosen);
}
KernelMatch matched(const std::string& parameters, const Model& model, const ArgumentChoices& chosen = {}) {
  auto made = match(parameters, model, chosen);
  EXPECT_TRUE(made) << made.error().message();
  return made ? std::move(*made) : KernelMatch{};
}
std::vector<std::string> tensors(const KernelMatch& match) {
  std::vector<std::string> all;
  for (const auto& [name, each] : match.tensors) all.push_back(name + "=" + each.tensor.name);
  return all;
}

TEST(KernelMatches, NamesComeBeforePlaces) {
  const KernelMatch match = matched(
      "float* y, const float* beta, const float* x_ptr, const float* gamma, int rows, int cols, float eps", norm());
  EXPECT_THAT(match.open, IsEmpty());
  EXPECT_THAT(tensors(match), ElementsAre("beta=norm.bias", "gamma=norm.weight", "x_ptr=x", "y=out"));
  EXPECT_TRUE(match.tensors.at("y").output);
  EXPECT_EQ(match.integers.at("rows"), 64);
  EXPECT_EQ(match.integers.at("cols"), 128);
  EXPECT_DOUBLE_EQ(match.reals.at("eps"), 1e-5);
  ASSERT_EQ(match.guesses.size(), 1U);
  EXPECT_THAT(match.guesses[0], AllOf(HasSubstr("gamma is norm.weight [128]"), HasSubstr("rows is 64")));
}

TEST(KernelMatches, PlacesDecideWhereAsManyAreLeft) {
  EXPECT_THAT(tensors(matched("const float* p, const float* q, const float* r, float* s", norm())),
              ElementsAre("p=x", "q=norm.weight", "r=norm.bias", "s=out"));
  // Without its parameters, and without a const.
  const KernelMatch bare = matched("float* p, float* s, int n", norm());
  EXPECT_THAT(tensors(bare), ElementsAre("p=x", "s=out"));
  EXPECT_EQ(bare.integers.at("n"), 64 * 128);
  EXPECT_THAT(bare.guesses.at(1), HasSubstr("does not get norm.weight, norm.bias of the model"));
}

TEST(KernelMatches, WhatIsNotPlainNamesItsOption) {
  const KernelMatch match = matched("const float* p, const float* q, float* s, int span, float slope", norm());
  EXPECT_THAT(match.open,
              ElementsAre(AllOf(HasSubstr("\"const float* p\""), HasSubstr("x [64, 128]"), HasSubstr("--arg p=TENSOR")),
                          HasSubstr("--arg q=TENSOR"),
                          AllOf(HasSubstr("integer span"), HasSubstr("64, 128, 8192"), HasSubstr("--arg span=N")),
                          AllOf(HasSubstr("scalar slope"), HasSubstr("norm.eps 1e-05"), HasSubstr("--arg slope=X"))));
  const KernelMatch said = matched("const float* p, const float* q, float* s, int span, float slope", norm(),
                                   {{"q", "norm.bias"}, {"span", "128"}, {"slope", "0.5"}});
  EXPECT_THAT(said.open, IsEmpty());
  EXPECT_THAT(tensors(said), ElementsAre("p=x", "q=norm.bias", "s=out"));
  EXPECT_EQ(said.integers.at("span"), 128);
  EXPECT_DOUBLE_EQ(said.reals.at("slope"), 0.5);
}

TEST(KernelMatches, AChoiceForNothingIsAnError) {
  const auto refused = [](const ArgumentChoices& chosen) {
    const auto made = match("const float* x, float* y, int n, float eps", norm(), chosen);
    return made ? std::string() : made.error().message();
  };
  EXPECT_THAT(refused({{"z", "x"}}), HasSubstr("--arg: the kernel k takes no \"z\""));
  EXPECT_THAT(refused({{"x", "out"}}), HasSubstr("x=out names no tensor of ref.py that is left for it"));
  EXPECT_THAT(refused({{"x", "xx"}}), HasSubstr("known: x, norm.weight"));
  EXPECT_THAT(refused({{"n", "many"}}), HasSubstr("n=many is no integer"));
  EXPECT_THAT(refused({{"eps", "1e999"}}), HasSubstr("is no number"));
}

TEST(KernelMatches, TypesMustAgree) {
  Model model = norm();
  model.inputs = {{"table", {10, 4}}, {"index", {7}, false}};
  model.held.clear();
  EXPECT_THAT(tensors(matched("const int* i, const float* t, float* o", model)), ElementsAre("o=out"));
  EXPECT_THAT(tensors(matched("const float* t, const int* i, float* o", model)),
              ElementsAre("i=index", "o=out", "t=table"));
}

TEST(KernelMatches, SizesGoByTheirNames) {
  Model model;
  model.inputs = {{"x", {2, 3, 5, 7}}};
  model.outputs = {{"out", {2, 3, 5, 7}}};
  EXPECT_THAT(matched("const float* x, float* out, int N, int C, int H, int W", model).integers,
              ElementsAre(std::pair("C", 3), std::pair("H", 5), std::pair("N", 2), std::pair("W", 7)));
  EXPECT_EQ(matched("const float* x, float* out, int channels, int spatial", model).integers.at("spatial"), 35);
  EXPECT_THAT(matched("const float* x, float* out, int rows, int N", model).integers,
              ElementsAre(std::pair("N", 7), std::pair("rows", 30)));
  EXPECT_EQ(matched("const float2* x, float2* out, int n2", model).integers.at("n2"), 105);
  EXPECT_THAT(matched("const float4* x, float4* out, int n4", model).open, ElementsAre(HasSubstr("--arg n4=N")));
  Model product;
  product.inputs = {{"a", {2, 3}}, {"b", {3, 5}}};
  product.outputs = {{"out", {2, 5}}};
  EXPECT_THAT(matched("const float* a, const float* b, float* c, int M, int N, int K", product).integers,
              ElementsAre(std::pair("K", 3), std::pair("M", 2), std::pair("N", 5)));
  // Input and output differ, so that a number of elements may be that of either.
  EXPECT_THAT(matched("const float* a, const float* b, float* c, int n", product).open,
              ElementsAre(HasSubstr("--arg n=N")));
}

TEST(KernelMatches, MacrosAreNumbersToo) {
  const auto text = read_kernel_text(
      "__global__ void k(const float* x, float* out) { int i = DIM_rows; float e = SCALAR_eps; }", "k.cu");
  ASSERT_TRUE(text);
  const auto made = match_kernel(text->kernels.at(0), *text, norm(), {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->integers.at("rows"), 64);
  EXPECT_DOUBLE_EQ(made->reals.at("eps"), 1e-5);
}

}  // namespace
}  // namespace fuseline::tuner
