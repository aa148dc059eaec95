#include "tuner/problem/variant.hpp"

#include <gmock/gmock.h>

#include <tuple>

#include "tests/tuner/problem/temporary_problem.hpp"
#include "tuner/problem/compile_options.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

DeviceLimits a_device() {
  DeviceLimits device;
  device.sm_count = 128;
  device.compute_major = 8;
  device.compute_minor = 9;
  device.shared_bytes_per_block = std::int64_t{99} * 1024;
  return device;
}

Result<Variant> load_strided(const TemporaryProblem& folder) {
  const Result<Problem> problem = load_problem(folder.problem_file());
  EXPECT_TRUE(problem);
  return load_variant(folder.manifest(), *problem);
}

TEST(LoadVariant, ReadsEverything) {
  const TemporaryProblem folder;
  folder.edit("strided.json", [](Json& j) {
    j["minimum_compute_capability"] = 8.0;
    j["compile_options"] = {"--use_fast_math", "--maxrregcount=64"};
    j["workspace"] = {{{"name", "partial"}, {"dtype", "f32"}, {"elements", "cdiv(total, tile)"}}};
    j["launches"][0]["args"].push_back("partial");
  });
  const Result<Variant> variant = load_strided(folder);
  ASSERT_TRUE(variant) << variant.error().message();
  EXPECT_EQ(variant->name, "strided");
  ASSERT_EQ(variant->parameters.size(), 3u);
  EXPECT_EQ(variant->parameters[0].values, (std::vector<Value>{64, 128, 256}));
  EXPECT_EQ(variant->parameters[0].full_values, (std::vector<Value>{32, 64, 128, 256, 512, 1024}));
  EXPECT_EQ(variant->parameters[1].full_values, variant->parameters[1].values);
  EXPECT_EQ(variant->parameters[2].values, (std::vector<Value>{"plain", "fused"}));
  EXPECT_EQ(variant->constraints[0].text, "tile <= 1024");
  EXPECT_EQ(variant->source_name, "strided.cu");
  EXPECT_EQ(variant->form, KernelForm::cuda);
  EXPECT_THAT(*variant->sources.at("strided.cu"), HasSubstr("scale_add_strided"));
  EXPECT_EQ(variant->minimum_compute_capability, 8.0);
  EXPECT_THAT(variant->compile_options, ElementsAre("--use_fast_math", "--maxrregcount=64"));
  EXPECT_EQ(variant->workspace[0].name, "partial");
}

struct BadManifest {
  const char* name;
  TemporaryProblem::Edit edit;
  const char* path;
  const char* reason;
};
void PrintTo(const BadManifest& bad, std::ostream* out) { *out << bad.name; }
std::string manifest_case(const ::testing::TestParamInfo<BadManifest>& bad) { return bad.param.name; }

class BadVariant : public ::testing::TestWithParam<BadManifest> {};

TEST_P(BadVariant, IsRefusedWithFilePathAndReason) {
  const TemporaryProblem folder;
  folder.edit("strided.json", GetParam().edit);
  const Result<Variant> variant = load_strided(folder);
  ASSERT_FALSE(variant);
  EXPECT_EQ(variant.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(variant.error().file, folder.manifest().string());
  EXPECT_EQ(variant.error().path, GetParam().path) << variant.error().message();
  EXPECT_THAT(variant.error().reason, HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadVariant,
    ::testing::Values(
        BadManifest{"another_schema", set("/schema", "fuseline/problem/1"), "/schema", ""},
        BadManifest{"source_missing", set("/source", nullptr), "/", "source"},
        BadManifest{"source_outside", set("/source", "../x.cu"), "/source", "\"../x.cu\" lies outside its folder"},
        BadManifest{"source_absolute", set("/source", "/etc/hostname"), "/source", "absolute"},
        BadManifest{"source_not_there", set("/source", "other.cu"), "/source", "\"other.cu\": no such file"},
        BadManifest{"source_a_folder", set("/source", "."), "/source", "folder"},
        BadManifest{"parameter_twice", set("/parameters/1/name", "block"), "/parameters/1/name",
                    "taken by a parameter"},
        BadManifest{"parameter_named_like_a_dimension", set("/parameters/1/name", "rows"), "/parameters/1/name",
                    "taken by a dimension of the problem"},
        BadManifest{"parameter_named_like_a_derived_dimension", set("/parameters/1/name", "total"),
                    "/parameters/1/name", "taken by a derived dimension"},
        BadManifest{"parameter_named_like_a_function", set("/parameters/1/name", "max"), "/parameters/1/name",
                    "taken by a function"},
        BadManifest{"parameter_named_like_the_dtype", set("/parameters/1/name", "dtype"), "/parameters/1/name",
                    "taken by a name that every expression sees"},
        BadManifest{"constraint_names_another_dtype", set("/constraints/0/require", "dtype == dtype.f8"),
                    "/constraints/0/require", "unknown name \"dtype.f8\""},
        BadManifest{"no_values", set("/parameters/1/values", Json::array()), "/parameters/1/values", ""},
        BadManifest{"value_twice", set("/parameters/1/values", {1, 2, 2.0}), "/parameters/1/values/2", "given twice"},
        BadManifest{"values_mixed", set("/parameters/1/values", {1, "two"}), "/parameters/1/values/1",
                    "not all numbers"},
        BadManifest{"booleans_and_numbers", set("/parameters/1/values", {2, true}), "/parameters/1/values/1",
                    "not all numbers"},
        BadManifest{"value_no_identifier", set("/parameters/2/values", {"a b"}), "/parameters/2/values/0", ""},
        BadManifest{"value_a_list", set("/parameters/1/values", Json::parse("[[1]]")), "/parameters/1/values/0", ""},
        BadManifest{"full_leaves_one_out", set("/parameters/0/full", {64, 128}), "/parameters/0/full", "leave out 256"},
        BadManifest{"derived_unknown_name", set("/derived/0/value", "blok*items"), "/derived/0/value",
                    "unknown name \"blok\" in \"blok*items\"; did you mean block"},
        BadManifest{"constraint_does_not_parse", set("/constraints/0/require", "tile <="), "/constraints/0/require",
                    "does not parse"},
        BadManifest{"constraint_assigns", set("/constraints/0/require", "tile = 4"), "/constraints/0/require",
                    "assignment is not allowed"},
        BadManifest{"constraint_unknown_value", set("/constraints/0/require", "order == order.fusd"),
                    "/constraints/0/require", "did you mean order.fused"},
        BadManifest{"constraint_without_reason", set("/constraints/0/reason", nullptr), "/constraints/0", "reason"},
        BadManifest{"workspace_named_like_a_tensor",
                    set("/workspace", Json::parse(R"([{"name":"x","dtype":"f32","elements":"1"}])")),
                    "/workspace/0/name", "taken by a tensor"},
        BadManifest{"workspace_dtype_unknown",
                    set("/workspace", Json::parse(R"([{"name":"p","dtype":"f8","elements":"1"}])")),
                    "/workspace/0/dtype", ""},
        BadManifest{"workspace_elements_unknown",
                    set("/workspace", Json::parse(R"([{"name":"p","dtype":"f32","elements":"blocks"}])")),
                    "/workspace/0/elements", "unknown name"},
        BadManifest{"no_launch", set("/launches", Json::array()), "/launches", ""},
        BadManifest{"launch_unknown_argument", set("/launches/0/args/0", "xx"), "/launches/0/args/0",
                    "unknown tensor, workspace or scalar \"xx\""},
        BadManifest{"launch_parameter_as_argument", set("/launches/0/args/0", "block"), "/launches/0/args/0",
                    "unknown tensor"},
        BadManifest{"launch_leaves_the_output", set("/launches/0/args", {"x", "y", "alpha"}), "/launches",
                    "no launch takes the output \"out\""},
        BadManifest{"launch_block_unknown_name", set("/launches/0/block/0", "threads"), "/launches/0/block/0",
                    "unknown name \"threads\""},
        BadManifest{"launch_shared_unknown_name", set("/launches/0/shared_bytes", "4*tiles"),
                    "/launches/0/shared_bytes", "did you mean tile"},
        BadManifest{"option_include", set("/compile_options", {"-I/tmp"}), "/compile_options/0",
                    "the compiler option \"-I/tmp\" is not allowed"},
        BadManifest{"option_include_file", set("/compile_options", {"--use_fast_math", "--pre-include=x.h"}),
                    "/compile_options/1", "not allowed"},
        BadManifest{"option_registers_no_number", set("/compile_options", {"--maxrregcount=64 -I/"}),
                    "/compile_options/0", "not allowed"},
        BadManifest{"member_unknown", set("/launch", 1), "/", "launch"}),
    manifest_case);

TEST(CompileOptions, OnlyCodeGeneration) {
  for (const char* option :
       {"--use_fast_math", "-use_fast_math", "--fmad=false", "--ftz=true", "--prec-div=false", "--prec-sqrt=true",
        "--restrict", "--extra-device-vectorization", "--maxrregcount=32", "--maxrregcount=255"}) {
    EXPECT_TRUE(is_allowed_compile_option(option)) << option;
  }
  for (const char* option :
       {"", "-I.", "--include-path=/", "-DX=1", "--gpu-architecture=sm_90", "--fmad=", "--fmad=maybe",
        "--maxrregcount=", "--maxrregcount=8", "--maxrregcount=256", "--maxrregcount=-1", "--maxrregcount=1e2",
        "--optix-ir", "--device-debug", "--time=x", "-arch=sm_90"}) {
    EXPECT_FALSE(is_allowed_compile_option(option)) << option;
  }
}

class Resolve : public ::testing::Test {
 protected:
  Result<ResolvedConfiguration> resolved(std::vector<NamedValue> values) {
    return resolve(variant_, {"strided", std::move(values)}, instance_, a_device());
  }

  TemporaryProblem folder_;
  Problem problem_ = load_problem(folder_.problem_file()).value();
  Variant variant_ = load_variant(folder_.manifest(), problem_).value();
  ProblemInstance instance_ = instantiate(problem_, "", {}, Dtype::bf16).value();
};

TEST_F(Resolve, DefinesGeometryAndArguments) {
  // Given in another order than the manifest's.
  const Result<ResolvedConfiguration> got = resolved({{"order", "fused"}, {"block", 128}, {"items", 4}});
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->configuration.key(), "strided block=128 items=4 order=fused");
  EXPECT_THAT(got->defines, ElementsAre("-DFUSELINE_DTYPE_BF16=1", "-DDIM_rows=64", "-DDIM_width=256",
                                        "-DDIM_total=16384", "-DSCALAR_alpha=0.5", "-DPARAM_block=128",
                                        "-DPARAM_items=4", "-DPARAM_order=fused", "-DDERIVED_tile=512"));
  ASSERT_EQ(got->launches.size(), 1u);
  EXPECT_EQ(got->launches[0].kernel, "scale_add_strided");
  EXPECT_EQ(got->launches[0].launch, (Launch{{32, 1, 1}, {128, 1, 1}, 0}));
  using Kind = ArgumentKind;
  EXPECT_THAT(got->launches[0].args,
              ElementsAre(ResolvedArgument{Kind::buffer, "x", 0, 0}, ResolvedArgument{Kind::buffer, "y", 0, 0},
                          ResolvedArgument{Kind::f32, "alpha", 0, 0.5}, ResolvedArgument{Kind::buffer, "out", 0, 0}));
}

TEST_F(Resolve, TheDtypeIsComparedLikeAStringParameter) {
  folder_.edit("strided.json", [](Json& j) {
    j["derived"].push_back({{"name", "wide"}, {"value", "dtype == dtype.f32 ? 4 : dtype == dtype.bf16 ? 8 : 6"}});
    j["constraints"].push_back({{"require", "dtype != dtype.f16 || items > 1"}, {"reason", "narrow"}});
    j["launches"][0]["grid"][0] = "cdiv(total, tile) * (dtype == dtype.bf16 ? 2 : 1)";
  });
  const Variant variant = load_variant(folder_.manifest(), problem_).value();
  const std::vector<std::tuple<Dtype, std::string, std::int64_t, std::string>> cases = {
      {Dtype::f32, "-DDERIVED_wide=4", 128, ""},
      {Dtype::f16, "-DDERIVED_wide=6", 128, "narrow"},
      {Dtype::bf16, "-DDERIVED_wide=8", 256, ""}};
  for (const auto& [dtype, define, blocks, reason] : cases) {
    const auto instance = instantiate(problem_, "", {}, dtype).value();
    const Configuration configuration{"strided", {{"block", 128}, {"items", 1}, {"order", "fused"}}};
    const auto got = resolve(variant, configuration, instance, a_device());
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_THAT(got->defines, Contains(define));
    EXPECT_EQ(got->launches[0].launch.grid[0], blocks) << to_string(dtype);
    EXPECT_EQ(misfit(variant, configuration, instance, a_device()).value(), reason);
  }
}

TEST_F(Resolve, ValuesOfTheFullSpaceWork) {
  EXPECT_EQ(resolved({{"block", 512}, {"items", 1}, {"order", "plain"}})->launches[0].launch.grid[0], 32);
}

TEST_F(Resolve, BooleansAndRealsAsDefines) {
  folder_.edit("strided.json", [](Json& j) {
    j["parameters"][1] = {{"name", "wide"}, {"values", {false, true}}};
    j["parameters"][2] = {{"name", "factor"}, {"values", {1.5, 2.0, 1e-9}}};
    j["derived"][0]["value"] = "wide ? block*2 : block";
  });
  const Variant variant = load_variant(folder_.manifest(), problem_).value();
  const auto got =
      resolve(variant, {"strided", {{"block", 64}, {"wide", true}, {"factor", 2.0}}}, instance_, a_device());
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_THAT(got->defines, Contains("-DPARAM_wide=1"));
  EXPECT_THAT(got->defines, Contains("-DPARAM_factor=2.0"));
  EXPECT_EQ(got->launches[0].launch.grid[0], 16384 / 128);
  EXPECT_THAT(
      resolve(variant, {"strided", {{"block", 64}, {"wide", false}, {"factor", 1e-9}}}, instance_, a_device())->defines,
      Contains("-DPARAM_factor=1e-09"));
}

TEST_F(Resolve, WhatADeviceCannotRunIsSaidWithTheReason) {
  const Configuration configuration{"strided", {{"block", 128}, {"items", 4}, {"order", "fused"}}};
  EXPECT_EQ(misfit(variant_, configuration, instance_, a_device()).value(), "");
  DeviceLimits small = a_device();
  small.max_threads_per_block = 64;
  EXPECT_EQ(misfit(variant_, configuration, instance_, small).value(), "128 threads a block are over the 64 there");
  folder_.edit("strided.json", [](Json& j) {
    j["launches"][0]["shared_bytes"] = "1024*items";
    j["constraints"] = Json::parse(
        R"([{"require": "block*items <= device.max_threads_per_sm", "reason": "too much a multiprocessor"}])");
    j["minimum_compute_capability"] = 8.0;
  });
  const Variant variant = load_variant(folder_.manifest(), problem_).value();
  DeviceLimits device = a_device();
  device.max_threads_per_sm = 1536;
  EXPECT_EQ(misfit(variant, configuration, instance_, device).value(), "");
  device.shared_bytes_per_block = 4095;
  EXPECT_EQ(misfit(variant, configuration, instance_, device).value(),
            "4096 bytes of shared memory a block are over the 4095 there");
  device.shared_bytes_per_block = 0;
  EXPECT_EQ(misfit(variant, configuration, instance_, device).value(), "")
      << "a limit that is not known bounds nothing";
  device.max_threads_per_sm = 511;
  EXPECT_EQ(misfit(variant, configuration, instance_, device).value(), "too much a multiprocessor");
  Variant tall = variant;
  tall.launches.front().grid = {"1", "65536"};
  EXPECT_EQ(misfit(tall, configuration, instance_, device).value(),
            "65536 blocks along axis 1 of a grid are over the 65535 there");
  device.compute_major = 7;
  device.compute_minor = 5;
  EXPECT_EQ(misfit(variant, configuration, instance_, device).value(),
            "it needs compute capability 8.0, and 7.5 is there");
  EXPECT_FALSE(misfit(variant, {"other", {}}, instance_, device));
}

TEST_F(Resolve, BytesInFlightAreWhatTheManifestSaysAndElseNotKnown) {
  const Configuration configuration{"strided", {{"block", 128}, {"items", 4}, {"order", "fused"}}};
  EXPECT_EQ(bytes_in_flight(variant_, configuration, instance_, a_device()).value(), std::nullopt);
  const auto with = [&](const std::string& expression) {
    folder_.edit("strided.json", [&](Json& j) { j["bytes_in_flight"] = expression; });
    return load_variant(folder_.manifest(), problem_);
  };
  const Variant variant = with("2 * items * dtype_bytes").value();
  EXPECT_EQ(bytes_in_flight(variant, configuration, instance_, a_device()).value(),
            std::int64_t{8} * dtype_bytes(instance_.dtype));
  const auto negative = bytes_in_flight(with("items - 5").value(), configuration, instance_, a_device());
  ASSERT_FALSE(negative);
  EXPECT_THAT(negative.error().message(), HasSubstr("/bytes_in_flight: -1 bytes are less than none"));
  EXPECT_THAT(with("itms").error().message(), HasSubstr("/bytes_in_flight"));
}

TEST_F(Resolve, WorkspaceInBytes) {
  folder_.edit("strided.json", [](Json& j) {
    j["workspace"] = Json::parse(
        R"([{"name":"p","dtype":"f64","elements":"items*device.sm_count"},{"name":"q","dtype":"T","elements":3},
            {"name":"r","dtype":"u64","elements":"2^33","zero":"timed"}])");
  });
  const Variant variant = load_variant(folder_.manifest(), problem_).value();
  const auto got =
      resolve(variant, {"strided", {{"block", 64}, {"items", 2}, {"order", "plain"}}}, instance_, a_device());
  ASSERT_TRUE(got) << got.error().message();
  ASSERT_EQ(got->workspace.size(), 3u);
  EXPECT_EQ(got->workspace[0].bytes, 2 * 128 * 8);
  EXPECT_EQ(got->workspace[1].bytes, 3 * 2);
  EXPECT_EQ(got->workspace[1].zero, WorkspaceZero::never);
  EXPECT_EQ(got->workspace[2].bytes, std::int64_t{8} << 33) << "more elements than 2^31";
  EXPECT_EQ(got->workspace[2].zero, WorkspaceZero::timed);
}

TEST_F(Resolve, WrongConfigurations) {
  EXPECT_THAT(resolved({{"block", 128}, {"items", 4}}).error().reason, HasSubstr("parameter \"order\" is missing"));
  EXPECT_THAT(resolved({{"block", 100}, {"items", 4}, {"order", "plain"}}).error().reason,
              HasSubstr("parameter \"block\" has no value 100"));
  EXPECT_THAT(resolved({{"block", 128}, {"items", 4}, {"order", "plain"}, {"z", 1}}).error().reason,
              HasSubstr("other parameters"));
  EXPECT_THAT(resolve(variant_, {"other", {}}, instance_, a_device()).error().reason,
              HasSubstr("not one of variant \"strided\""));
}

TEST_F(Resolve, GeometryThatIsNoLaunchNamesItsPlace) {
  folder_.edit("strided.json", set("/launches/0/grid/0", "total / (block - 64)"));
  const Variant variant = load_variant(folder_.manifest(), problem_).value();
  const Configuration configuration{"strided", {{"block", 64}, {"items", 2}, {"order", "plain"}}};
  const Error error = resolve(variant, configuration, instance_, a_device()).error();
  EXPECT_EQ(error.file, folder_.manifest().string());
  EXPECT_EQ(error.path, "/launches/0/grid/0");
  EXPECT_EQ(error.reason, "expression \"total / (block - 64)\" divides by zero");
}

TEST_F(Resolve, TheReference) {
  const auto launches = resolve_reference(instance_, a_device());
  ASSERT_TRUE(launches) << launches.error().message();
  ASSERT_EQ(launches->size(), 1u);
  EXPECT_EQ((*launches)[0].launch, (Launch{{128, 1, 1}, {128, 1, 1}, 0}));
  EXPECT_THAT(instance_defines(instance_), ElementsAre("-DFUSELINE_DTYPE_BF16=1", "-DDIM_rows=64", "-DDIM_width=256",
                                                       "-DDIM_total=16384", "-DSCALAR_alpha=0.5"));
}

TEST_F(Resolve, ScopeOfADevice) {
  const Scope scope = variant_scope(instance_, a_device());
  EXPECT_EQ(scope.at("device.sm_count"), 128);
  EXPECT_DOUBLE_EQ(scope.at("device.compute_capability"), 8.9);
  EXPECT_EQ(scope.at("device.shared_bytes_per_block"), 101376);
  EXPECT_EQ(scope.at("total"), 16384);
}

}  // namespace
}  // namespace fuseline::tuner
