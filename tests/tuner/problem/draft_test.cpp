// Folders of problems made from kernels: what they hold, what is left to decide, and that they load once it is decided.
#include "tuner/problem/draft.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/temporary_folder.hpp"
#include "tests/tuner/problem/temporary_problem.hpp"
#include "tuner/base/files.hpp"
#include "tuner/problem/variant.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Json = nlohmann::ordered_json;

constexpr const char* kScaledAdd =
    "extern \"C\" __global__ void scaled_add(const float* x, const float* y, float a, float* out, int n) {\n"
    "  const int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
    "  if (i < n) out[i] = a * x[i] + y[i];\n}\n";

Draft draft(const std::string& source, const std::string& kernel = "") {
  auto made = draft_problem({"mine", source, "some/k.cu", kernel});
  EXPECT_TRUE(made) << made.error().message();
  return made ? std::move(*made) : Draft{};
}
std::string refusal(const std::string& source, const std::string& kernel = "", const std::string& name = "mine") {
  const auto made = draft_problem({name, source, "some/k.cu", kernel});
  return made ? "" : made.error().message();
}
std::vector<std::string> names(const Draft& made) {
  std::vector<std::string> all;
  for (const auto& [name, text] : made.files) all.push_back(name);
  return all;
}
std::string text_of(const Draft& made, const std::string& file) {
  for (const auto& [name, text] : made.files) {
    if (name == file) return text;
  }
  return "{}";
}
Json json_of(const Draft& made, const std::string& file) { return Json::parse(text_of(made, file)); }
std::vector<std::string> open(const Draft& made) {
  std::vector<std::string> all;
  for (const OpenDecision& each : made.decisions) all.push_back(each.file + " " + each.path);
  return all;
}

TEST(Drafts, OfASimpleKernelFewDecisionsAreLeft) {
  const Draft made = draft(kScaledAdd);
  EXPECT_THAT(names(made), ElementsAre("problem.json", "scaled_add.json", "reference.cu", "scaled_add.cu"));
  EXPECT_EQ(text_of(made, "scaled_add.cu"), kScaledAdd);
  EXPECT_THAT(open(made),
              ElementsAre("problem.json /scalars/a", "scaled_add.json /launches/0/grid/0", "reference.cu line 4"));
  const Json problem = json_of(made, "problem.json");
  EXPECT_EQ(problem.at("dtypes"), Json({"f32"}));
  EXPECT_EQ(problem.at("tensors")[0].at("role"), "input");
  EXPECT_EQ(problem.at("tensors")[2].at("role"), "output");
  EXPECT_EQ(problem.at("tensors")[2].at("elements"), "n");
  EXPECT_FALSE(problem.at("tensors")[2].contains("fill"));
  const Json manifest = json_of(made, "scaled_add.json");
  EXPECT_EQ(manifest.at("launches")[0].at("args"), Json::parse(R"(["x", "y", "a", "out", {"i32": "n"}])"));
  EXPECT_EQ(manifest.at("launches")[0].at("block"), Json({"block"}));
  EXPECT_EQ(manifest.at("parameters")[0].at("values"), Json({64, 128, 256, 512}));
  EXPECT_EQ(manifest.at("launches")[0].at("kernel"), "scaled_add");
}

TEST(Drafts, LoadAfterTheMarkedDecisionsAloneAndSayWhichIsOpen) {
  const TemporaryFolder folder;
  const fs::path mine = folder.path() / "mine";
  ASSERT_TRUE(write_draft(draft(kScaledAdd), mine));
  const auto edit = [&](const std::string& name, const std::string& pointer, const Json& value) {
    Json json = Json::parse(read_file(mine / name).value());
    json[Json::json_pointer(pointer)] = value;
    folder.write("mine/" + name, json.dump(2));
  };
  EXPECT_THAT(load_problem(mine / "problem.json").error().message(),
              AllOf(HasSubstr("problem.json: /scalars/a: is to be decided: the value of a")));
  edit("problem.json", "/scalars/a", 2.0);
  EXPECT_THAT(load_problem(mine / "problem.json").error().message(),
              HasSubstr("reference.cu: line 4 is to be decided: write mine here"));
  std::string reference = read_file(mine / "reference.cu").value();
  const std::size_t mark = reference.find("#error");
  folder.write("mine/reference.cu", reference.erase(mark, reference.find('\n', mark) + 1 - mark));
  const auto problem = load_problem(mine / "problem.json");
  ASSERT_TRUE(problem) << problem.error().message();
  EXPECT_THAT(load_variant(mine / "scaled_add.json", *problem).error().message(),
              HasSubstr("scaled_add.json: /launches/0/grid/0: is to be decided: how many blocks"));
  edit("scaled_add.json", "/launches/0/grid/0", "cdiv(n, block)");
  const auto variant = load_variant(mine / "scaled_add.json", *problem);
  ASSERT_TRUE(variant) << variant.error().message();
  const auto instance = instantiate(*problem, "small", {}, Dtype::f32).value();
  const auto resolved = resolve(*variant, {"scaled_add", {{"block", 128}}}, instance, DeviceLimits{});
  ASSERT_TRUE(resolved) << resolved.error().message();
  EXPECT_EQ(resolved->launches[0].launch.grid[0], 8);
  EXPECT_EQ(resolved->launches[0].args[4].integer, 1003);
}

TEST(Drafts, TemplatesAndMacrosAreSwept) {
  const Draft made = draft(
      "namespace ns { template <typename Element, int kBlock, int kItems, bool Wide>\n"
      "__global__ void __launch_bounds__(256) rows(const Element* x, Element* out, long long n, unsigned m) {\n"
      "  extern __shared__ char tile[]; int i = PARAM_stages; } }\n");
  const Json manifest = json_of(made, "rows.json");
  const Json& launch = manifest.at("launches")[0];
  EXPECT_EQ(launch.at("kernel"), "ns::rows<{T}, {kBlock}, {kItems}, {Wide}>");
  EXPECT_EQ(launch.at("block"), Json({"kBlock"}));
  EXPECT_EQ(launch.at("args"), Json::parse(R"(["x", "out", {"i64": "n"}, {"u32": "m"}])"));
  EXPECT_EQ(manifest.at("parameters")[0].at("values"), Json({64, 128, 256}));
  EXPECT_EQ(manifest.at("parameters")[2].at("values"), Json({false, true}));
  EXPECT_THAT(open(made), ElementsAre("problem.json /tensors/0/elements", "problem.json /tensors/1/elements",
                                      "problem.json /reference/launches/0/grid/0", "rows.json /parameters/1/values/0",
                                      "rows.json /parameters/3/values/0", "rows.json /launches/0/grid/0",
                                      "rows.json /launches/0/shared_bytes", "reference.cu line 4"));
  const Json problem = json_of(made, "problem.json");
  EXPECT_EQ(problem.at("dtypes"), Json({"f32", "f16", "bf16"}));
  EXPECT_EQ(problem.at("tensors")[0].at("dtype"), "T");
  EXPECT_EQ(problem.at("dims").size(), 2U);
}

TEST(Drafts, APlainNameIsMangledUnlessItIsExternC) {
  const auto kernel = [](const std::string& source) {
    return json_of(draft(source), "k.json").at("launches")[0].at("kernel");
  };
  EXPECT_EQ(kernel("__global__ void k(const float* x, float* y, int n) {}"), "::k");
  EXPECT_EQ(kernel("namespace a::b { __global__ void k(const float* x, float* y, int n) {} }"), "a::b::k");
  EXPECT_EQ(kernel("extern \"C\" __global__ void k(const float* x, float* y, int n) {}"), "k");
}

TEST(Drafts, WhatCannotBeKnownIsMarked) {
  const Draft made = draft("__global__ void k(const float4* x, const int* index, Params p, double s) { }");
  EXPECT_THAT(open(made),
              ElementsAre("problem.json /dims", "problem.json /shapes/0/dims", "problem.json /shapes/1/dims",
                          "problem.json /scalars/s", "problem.json /tensors/0/dtype",
                          "problem.json /tensors/0/elements", "problem.json /tensors/0/fill/kind",
                          "problem.json /tensors/1/role", "problem.json /tensors/1/elements",
                          "problem.json /reference/launches/0/grid/0", "k.json /launches/0/grid/0",
                          "k.json /launches/0/block/0", "k.json /launches/0/args/2", "reference.cu line 4"));
  EXPECT_EQ(json_of(made, "k.json").at("launches")[0].at("args")[3], Json({{"f64", "s"}}));
}

TEST(Drafts, NamesThatMeanSomethingElseAreChanged) {
  const Draft made =
      draft("__global__ void reference(const float* dtype, float* out, int max, int block) { blockDim.x; }");
  EXPECT_THAT(names(made), ElementsAre("problem.json", "kernel.json", "reference.cu", "kernel.cu"));
  const Json problem = json_of(made, "problem.json");
  EXPECT_EQ(problem.at("tensors")[0].at("name"), "dtype_");
  EXPECT_EQ(problem.at("dims")[0].at("name"), "max_");
  const Json launch = json_of(made, "kernel.json").at("launches")[0];
  EXPECT_EQ(launch.at("block"), Json({"block_"}));
  EXPECT_EQ(launch.at("kernel"), "::reference");
}

TEST(Drafts, SeveralKernelsNeedAName) {
  const std::string two = "__global__ void a(const float* x, float* y, int n) {} __global__ void b(float* x) {}";
  EXPECT_THAT(refusal(two), HasSubstr("name one of a, b with --kernel"));
  EXPECT_THAT(refusal(two, "c"), AllOf(HasSubstr("no kernel \"c\""), HasSubstr("a, b")));
  EXPECT_THAT(names(draft(two, "a")), ElementsAre("problem.json", "a.json", "reference.cu", "a.cu"));
  EXPECT_THAT(refusal("int x;"), HasSubstr("some/k.cu: holds no __global__ function"));
  EXPECT_THAT(refusal(kScaledAdd, "", "two words"), HasSubstr("is an identifier"));
}

TEST(Drafts, HeadersOfTheSourcesOwnAreNamed) {
  const Draft made =
      draft(std::string("#include \"common/dtype.cuh\"\n#include <cuda.h>\n#include \"rows.cuh\"\n") + kScaledAdd);
  EXPECT_THAT(made.guesses, Contains("\"rows.cuh\" is found where it is a *.cuh in this folder: copy it"));
  EXPECT_THAT(made.guesses, Not(Contains(AnyOf(HasSubstr("dtype.cuh"), HasSubstr("cuda.h")))));
}

TEST(Drafts, AFolderThatIsThereIsLeftAlone) {
  const TemporaryFolder folder;
  folder.write("mine/problem.json", "{}");
  EXPECT_THAT(write_draft(draft(kScaledAdd), folder.path() / "mine").error().message(), HasSubstr("is there already"));
  EXPECT_EQ(read_file(folder.path() / "mine" / "problem.json").value(), "{}");
}

TEST(Drafts, MarksAreFoundInAnyMemberAndNothingElseIsOne) {
  const OrderedJson json = OrderedJson::parse(R"({"a": ["x", "decide: this"], "b/c": {"d": "decide: that"}})");
  const auto found = open_decisions(json, "f.json");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, "/a/1");
  EXPECT_EQ(found[1].path, "/b~1c/d");
  EXPECT_EQ(check_decided(json, "f.json").error().message(),
            "f.json: /a/1: is to be decided: this; to be decided too: /b~1c/d");
  EXPECT_THAT(open_decisions(OrderedJson::parse(R"({"decide: x": "we decide: y"})"), ""), IsEmpty());
  EXPECT_TRUE(check_source_decided("// #error decide: x\n  decide: y\n", "r.cu"));
}

TEST(Drafts, TheTextSaysWhatIsLeftAndWhatWasGuessed) {
  const std::string text = draft_text(draft(kScaledAdd), "mine", "folder/mine");
  EXPECT_THAT(text, HasSubstr("folder/mine: problem.json scaled_add.json reference.cu scaled_add.cu\n"));
  EXPECT_THAT(text, HasSubstr("  scaled_add.json /launches/0/grid/0: how many blocks are launched, such as cdiv(n, "
                              "block) (--grid EXPR)\n"));
  EXPECT_THAT(text, HasSubstr("Guessed"));
  EXPECT_THAT(text, HasSubstr("fuseline problems mine --preset-path folder/mine"));
}

}  // namespace
}  // namespace fuseline::tuner
