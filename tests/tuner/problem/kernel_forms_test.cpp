// A user's kernel as CUDA text, as PTX and as cubins: what is found out without a GPU.
#include <gmock/gmock.h>

#include "tests/tuner/problem/temporary_problem.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/space/variant_space.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Json = nlohmann::ordered_json;

DeviceLimits hopper() {
  DeviceLimits device;
  device.sm_count = 132;
  device.compute_major = 9;
  device.shared_bytes_per_block = std::int64_t{227} * 1024;
  return device;
}

class Forms : public ::testing::Test {
 protected:
  Result<Variant> load(const std::string& name) { return load_variant(folder_.folder() / (name + ".json"), problem_); }
  Result<ResolvedConfiguration> resolved(const std::string& name, const DeviceLimits& device = hopper()) {
    FUSELINE_TRY(variant, load(name));
    return resolve(variant, {name, {{"block", 128}}}, instance_, device);
  }
  /// Of `name`, after an edit of its manifest, loaded and resolved; its file is the manifest.
  Error refused(const std::string& name, const TemporaryProblem::Edit& edit, const DeviceLimits& device = hopper()) {
    folder_.edit(name + ".json", edit);
    const auto got = resolved(name, device);
    if (got) return Error{};
    EXPECT_EQ(got.error().file, (folder_.folder() / (name + ".json")).string());
    return got.error();
  }

  using Kind = ArgumentKind;
  TemporaryProblem folder_{"image_problem"};
  Problem problem_ = load_problem(folder_.problem_file()).value();
  ProblemInstance instance_ = instantiate(problem_, "", {}, Dtype::f32).value();
};

TEST_F(Forms, TheSameLaunchIsResolvedInEachForm) {
  for (const char* name : {"text", "ptx", "cubin"}) {
    const auto got = resolved(name);
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_EQ(to_string(got->form), std::string(name) == "text" ? "cuda" : name);
    ASSERT_EQ(got->launches.size(), 1U);
    EXPECT_EQ(got->launches[0].kernel, "scale_add");
    EXPECT_EQ(got->launches[0].launch, (Launch{{4, 64, 1}, {128, 1, 1}, 0}));
    const std::vector<ResolvedArgument> expected{{Kind::buffer, "x", 0, 0},     {Kind::buffer, "y", 0, 0},
                                                 {Kind::f32, "alpha", 0, 0.5},  {Kind::buffer, "out", 0, 0},
                                                 {Kind::i32, "width", 2048, 0}, {Kind::i64, "total", 131072, 0}};
    EXPECT_EQ(got->launches[0].args, expected) << name;
    EXPECT_FALSE(got->shown_launch);
    EXPECT_EQ(got->defines.empty(), got->form != KernelForm::cuda) << "macros cannot reach a finished image";
  }
  EXPECT_EQ(resolved("cubin")->source_name, "cubins/scale_add_128.sm_90.cubin");
  EXPECT_EQ(resolved("ptx")->source_name, "scale_add.ptx");
}

TEST_F(Forms, ATemplatesInstanceIsNamedByDtypeAndParameters) {
  const auto got = resolved("templated");
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->launches[0].kernel, "fused::scale_add<float, 128>");
  EXPECT_THAT(got->defines, Contains("-DDERIVED_tile=512"));
  instance_.dtype = Dtype::bf16;
  EXPECT_EQ(resolved("templated")->launches[0].kernel, "fused::scale_add<__nv_bfloat16, 128>");
}

TEST_F(Forms, AParameterNamedLikeAPlaceholderComesFirst) {
  folder_.edit("templated.json", [](Json& j) {
    j["parameters"].push_back({{"name", "T"}, {"values", {"wide", "narrow"}}});
  });
  const auto variant = load("templated");
  ASSERT_TRUE(variant) << variant.error().message();
  EXPECT_EQ(
      resolve(*variant, {"templated", {{"block", 128}, {"T", "narrow"}}}, instance_, hopper())->launches[0].kernel,
      "fused::scale_add<narrow, 128>");
}

TEST_F(Forms, DerivedValuesAreMacrosWholeOrReal) {
  folder_.edit("text.json", set("/derived", Json::parse(R"([{"name": "whole", "value": "block - 130"},
      {"name": "part", "value": "block/3"}, {"name": "huge", "value": "2^60"}])")));
  const auto got = resolved("text");
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_THAT(got->defines, Contains("-DDERIVED_whole=-2"));
  EXPECT_THAT(got->defines, Contains(StartsWith("-DDERIVED_part=42.6666")));
  EXPECT_THAT(got->defines, Contains("-DDERIVED_huge=1.152921504606847e+18"));
}

TEST_F(Forms, EveryFileOfAPatternIsReadAndNoOther) {
  folder_.write("cubins/scale_add_64.sm_90.cubin", "not a value of the parameter");
  folder_.write("cubins/notes.txt", "not an image");
  const auto variant = load("cubin");
  ASSERT_TRUE(variant) << variant.error().message();
  std::vector<std::string> names;
  for (const auto& [name, bytes] : variant->sources) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"cubins/scale_add_128.sm_90.cubin", "cubins/scale_add_256.sm_90.cubin"}));
  EXPECT_EQ(variant->images.at(names[0])->sm, 90);
}

TEST_F(Forms, AnImageMayBeOfOneDtypeAlone) {
  const auto cubins = folder_.folder() / "cubins";
  std::filesystem::copy(cubins / "scale_add_128.sm_90.cubin", cubins / "scale_add_128.f32.sm_90.cubin");
  folder_.edit("cubin.json", set("/source", "cubins/scale_add_{block}.{dtype}.sm_{sm}.cubin"));
  const auto got = resolved("cubin");
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->source_name, "cubins/scale_add_128.f32.sm_90.cubin");
  instance_.dtype = Dtype::bf16;
  EXPECT_THAT(resolved("cubin").error().reason,
              HasSubstr("there is no file \"cubins/scale_add_128.bf16.sm_90.cubin\""));
}

TEST_F(Forms, AMissingFileConcernsItsConfigurationsAlone) {
  std::filesystem::remove(folder_.folder() / "cubins/scale_add_128.sm_90.cubin");
  const auto variant = load("cubin");
  ASSERT_TRUE(variant) << variant.error().message();
  const auto missing = resolve(*variant, {"cubin", {{"block", 128}}}, instance_, hopper());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().path, "/source");
  EXPECT_THAT(missing.error().reason,
              HasSubstr("there is no file \"cubins/scale_add_128.sm_90.cubin\" for this configuration"));
  EXPECT_TRUE(resolve(*variant, {"cubin", {{"block", 256}}}, instance_, hopper()));
  std::filesystem::remove(folder_.folder() / "cubins/scale_add_256.sm_90.cubin");
  EXPECT_TRUE(load("cubin")) << "the other variants stay usable";
}

TEST_F(Forms, AFileThatIsNoImageConcernsItsConfigurationsAlone) {
  folder_.write("cubins/scale_add_128.sm_90.cubin", "no image");
  const auto variant = load("cubin");
  ASSERT_TRUE(variant) << variant.error().message();
  const auto broken = resolve(*variant, {"cubin", {{"block", 128}}}, instance_, hopper());
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().reason, HasSubstr("scale_add_128.sm_90.cubin: is no cubin"));
  EXPECT_TRUE(resolve(*variant, {"cubin", {{"block", 256}}}, instance_, hopper()));
}

TEST_F(Forms, AFileThatIsNoImageIsRefusedWhereThereIsNoOther) {
  folder_.write("scale_add.ptx", "// nothing");
  const Error error = refused("ptx", [](Json&) {});
  EXPECT_EQ(error.path, "/source");
  EXPECT_THAT(error.reason, HasSubstr("scale_add.ptx: is no PTX that can be read"));
}

TEST_F(Forms, ALinkOutOfTheFolderIsRefused) {
  std::filesystem::remove(folder_.folder() / "cubins/scale_add_128.sm_90.cubin");
  std::filesystem::create_symlink("/etc/hostname", folder_.folder() / "cubins/scale_add_128.sm_90.cubin");
  EXPECT_THAT(refused("cubin", [](Json&) {}).reason, HasSubstr("outside its folder"));
  EXPECT_THAT(refused("cubin", set("/source", "../{block}.cubin")).reason, HasSubstr("outside its folder"));
}

struct Misfit {
  const char* variant;
  TemporaryProblem::Edit edit;
  const char* path;
  const char* reason;
};

TEST_F(Forms, WhatDoesNotFitTheImageIsOneMessageWithItsPlace) {
  const Misfit cases[] = {
      {"ptx", set("/launches/0/kernel", "scale_ad"), "/launches/0/kernel",
       "the image has no kernel \"scale_ad\"; did you mean scale_add?"},
      {"cubin", set("/launches/0/kernel", "scale_{block}"), "/launches/0/kernel", "no kernel \"scale_128\""},
      {"ptx", [](Json& j) { j["launches"][0]["args"].erase(5); }, "/launches/0/args",
       "takes 6 arguments of 8, 8, 4, 8, 4, 8 bytes, and 5 are given"},
      {"cubin",
       [](Json& j) {
         j["launches"][0]["args"].push_back({{"u64", 0}});
       },
       "/launches/0/args", "and 7 are given"},
      {"ptx", set("/launches/0/args/5", Json::parse(R"({"i32": "total"})")), "/launches/0/args/5",
       "kernel \"scale_add\" takes 8 bytes here, and an i32 has 4"},
      {"cubin", set("/launches/0/args/4", "x"), "/launches/0/args/4", "takes 4 bytes here, and a buffer has 8"},
      {"cubin", set("/launches/0/shared_bytes", 227 * 1024), "/launches/0/shared_bytes",
       "has 16 bytes of shared memory and is launched with 232448 more: over the 232448 of a block"},
  };
  for (const Misfit& one : cases) {
    folder_.edit(std::string(one.variant) + ".json", [](Json&) {});
    const Json kept = Json::parse(std::ifstream(folder_.folder() / (std::string(one.variant) + ".json")));
    const Error error = refused(one.variant, one.edit);
    EXPECT_EQ(error.path, one.path) << error.message();
    EXPECT_THAT(error.reason, HasSubstr(one.reason));
    folder_.write(std::string(one.variant) + ".json", kept.dump());
  }
}

TEST_F(Forms, WhatTheManifestAloneSaysIsFoundWhenItIsRead) {
  folder_.edit("ptx.json", set("/launches/0/args/5", "x"));
  EXPECT_TRUE(load("ptx")) << "a pointer has the size of the number";
  folder_.edit("ptx.json", set("/launches/0/args/4", "x"));
  EXPECT_EQ(load("ptx").error().path, "/launches/0/args/4");
}

TEST_F(Forms, AnImageForAnotherArchitectureIsRefused) {
  DeviceLimits device = hopper();
  device.compute_major = 7;
  EXPECT_THAT(resolved("ptx", device).error().reason, HasSubstr("has the target sm_80, and the device is sm_70"));
  device.compute_major = 10;
  EXPECT_TRUE(resolved("ptx", device)) << "PTX is for later devices too";
  EXPECT_THAT(resolved("cubin", device).error().reason, HasSubstr("scale_add_128.sm_100.cubin"));
  folder_.edit("cubin.json", set("/source", "cubins/scale_add_{block}.sm_90.cubin"));
  EXPECT_THAT(resolved("cubin", device).error().reason, HasSubstr("is for sm_90, and the device is sm_100"));
  device.compute_major = 0;
  EXPECT_TRUE(resolved("cubin", device)) << "a device that is not known bounds nothing";
}

TEST_F(Forms, NumbersAreWorkedOutAndHeldAgainstTheirKind) {
  const auto with = [](const char* argument) { return set("/launches/0/args/4", Json::parse(argument)); };
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"i32": "total*total"})", "\"total*total\" is 17179869184, which no i32 can be"},
      {R"({"i32": "width/3"})", "not an integer"},
      {R"({"u32": "0 - width"})", "is -2048, which no u32 can be"},
      {R"({"u64": -1})", "which no u64 can be"},
      {R"({"f32": 1e39})", "which no f32 can be"},
      {R"({"i32": "widht"})", "did you mean width"},
      {R"json({"f64": "1/(block - 128)"})json", "divides by zero"},
      {R"({"i16": 1})", ""},
      {R"({"i32": 1, "i64": 2})", ""},
  };
  for (const auto& [argument, reason] : wrong) {
    const Error error = refused("text", with(argument));
    EXPECT_THAT(error.path, StartsWith("/launches/0/args/4")) << argument << error.message();
    EXPECT_THAT(error.reason, HasSubstr(reason)) << argument;
  }
  const std::pair<const char*, std::int64_t> right[] = {
      {R"({"i32": -2147483648})", -2147483648},
      {R"({"u32": 4294967295})", 4294967295},
      {R"({"i64": 9223372036854775807})", 9223372036854775807},
      {R"({"u64": 0})", 0},
      {R"({"i64": "block*device.sm_count - 1e6"})", 128 * 132 - 1000000}};
  for (const auto& [argument, value] : right) {
    folder_.edit("text.json", with(argument));
    const auto got = resolved("text");
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_EQ(got->launches[0].args[4].integer, value) << argument;
  }
}

TEST_F(Forms, OneLaunchAtMostIsShown) {
  folder_.edit("text.json", [](Json& j) {
    j["launches"].push_back(j["launches"][0]);
    j["launches"][1]["shown"] = true;
    j["launches"][1]["cooperative"] = true;
  });
  const auto got = resolved("text");
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->shown_launch, std::optional<std::size_t>(1));
  EXPECT_FALSE(got->launches[0].cooperative);
  EXPECT_TRUE(got->launches[1].cooperative);
  const Error error = refused("text", set("/launches/0/shown", true));
  EXPECT_EQ(error.path, "/launches/1/shown");
}

TEST_F(Forms, NamesOfKernelsAreChecked) {
  for (const char* name : {"rows<float", "rows>float<", "a b; c", "\"a\"", "1rows", "rows<(4>)", "a\nb"}) {
    folder_.edit("templated.json", set("/launches/0/kernel", name));
    EXPECT_EQ(load("templated").error().path, "/launches/0/kernel") << name;
  }
  for (const char* name : {"rows", "::a::rows<{T}, {block}, -1>", "rows<a::pair<int, float>, (4)>"}) {
    folder_.edit("templated.json", set("/launches/0/kernel", name));
    EXPECT_TRUE(load("templated")) << name;
  }
  EXPECT_THAT(refused("templated", set("/launches/0/kernel", "rows<{blok}>")).reason, HasSubstr("did you mean block"));
  EXPECT_EQ(refused("ptx", set("/launches/0/kernel", "rows<float>")).reason, "a kernel's name is an identifier");
}

TEST_F(Forms, WhatIsNotCompiledTakesNoOptions) {
  EXPECT_EQ(refused("ptx", set("/compile_options", {"--use_fast_math"})).path, "/compile_options");
}

TEST_F(Forms, EveryVariantIsListedWithItsSpace) {
  const Catalog catalog = Catalog::load(FUSELINE_SOURCE_DIR, {folder_.folder()}).value();
  const auto entry = catalog.find("scale_add_images").value();
  ASSERT_EQ(entry->variants.size(), 4U);
  const auto space = variant_space(*entry, instance_, hopper(), {});
  ASSERT_TRUE(space) << space.error().message();
  EXPECT_EQ((*space)->size(), 8U);
  for (std::uint64_t i = 0; i < 8; ++i) {
    const Configuration configuration = (*space)->configuration(i);
    const auto variant = std::find_if(entry->variants.begin(), entry->variants.end(),
                                      [&](const Variant& v) { return v.name == configuration.variant; });
    const auto got = resolve(*variant, configuration, instance_, hopper());
    EXPECT_TRUE(got) << got.error().message();
  }
}

}  // namespace
}  // namespace fuseline::tuner
