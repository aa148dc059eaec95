#include "tuner/problem/problem.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "tests/tuner/problem/temporary_problem.hpp"
#include "tuner/problem/variant.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

Result<Problem> load(const TemporaryProblem& problem) { return load_problem(problem.problem_file()); }

TEST(LoadProblem, ReadsEverything) {
  const TemporaryProblem folder;
  const Result<Problem> problem = load(folder);
  ASSERT_TRUE(problem) << problem.error().message();
  EXPECT_EQ(problem->name, "scale_add");
  EXPECT_EQ(problem->title, "Scale and add");
  ASSERT_EQ(problem->dims.size(), 2u);
  EXPECT_EQ(problem->dims[1].name, "width");
  EXPECT_EQ(problem->dims[1].maximum, 65536);
  ASSERT_EQ(problem->shapes.size(), 2u);
  EXPECT_EQ(problem->shapes[0].dims, (std::vector<Dimension>{{"rows", 64}, {"width", 256}}));
  EXPECT_EQ(problem->dtypes, (std::vector{Dtype::f32, Dtype::f16, Dtype::bf16}));
  EXPECT_EQ(problem->scalars, (std::vector<std::pair<std::string, double>>{{"alpha", 0.5}}));
  ASSERT_EQ(problem->tensors.size(), 3u);
  EXPECT_EQ(problem->tensors[1].fill.kind, Fill::Kind::uniform);
  EXPECT_EQ(problem->tensors[1].fill.low, -1);
  EXPECT_EQ(problem->tensors[2].role, TensorRole::output);
  EXPECT_EQ(problem->tolerance.at(Dtype::bf16).relative, 8e-3);
  EXPECT_THAT(problem->reference_source, HasSubstr("scale_add_reference"));
  ASSERT_EQ(problem->reference_launches.size(), 1u);
  EXPECT_EQ(problem->reference_launches[0].block, (std::vector<std::string>{"128"}));
  using Kind = ArgumentKind;
  EXPECT_EQ(problem->reference_launches[0].args,
            (std::vector<ArgumentSpec>{
                {Kind::buffer, "x"}, {Kind::buffer, "y"}, {Kind::f32, "alpha"}, {Kind::buffer, "out"}}));
}

TEST(LoadProblem, ReadsWhatItsLaunchesAreTimedBehind) {
  const TemporaryProblem folder;
  EXPECT_EQ(load(folder)->after, std::nullopt);
  for (const Predecessor after : {Predecessor::clean, Predecessor::producer}) {
    folder.edit("problem.json", [&](Json& json) { json["after"] = to_string(after); });
    const Result<Problem> problem = load(folder);
    ASSERT_TRUE(problem) << problem.error().message();
    EXPECT_EQ(problem->after, after);
  }
  for (const Json& wrong : {Json("itself"), Json("unsettled"), Json("lunch"), Json(1)}) {
    folder.edit("problem.json", [&](Json& json) { json["after"] = wrong; });
    const Result<Problem> problem = load(folder);
    ASSERT_FALSE(problem) << wrong;
    EXPECT_EQ(problem.error().path, "/after");
  }
}

struct BadFile {
  const char* name;
  TemporaryProblem::Edit edit;
  const char* path;    ///< Exactly.
  const char* reason;  ///< A part.
};
void PrintTo(const BadFile& bad, std::ostream* out) { *out << bad.name; }
std::string case_name(const ::testing::TestParamInfo<BadFile>& bad) { return bad.param.name; }

class BadProblem : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadProblem, IsRefusedWithFilePathAndReason) {
  const TemporaryProblem folder;
  folder.edit("problem.json", GetParam().edit);
  const Result<Problem> problem = load(folder);
  ASSERT_FALSE(problem);
  EXPECT_EQ(problem.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(problem.error().file, folder.problem_file().string());
  EXPECT_EQ(problem.error().path, GetParam().path) << problem.error().message();
  EXPECT_THAT(problem.error().reason, HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadProblem,
    ::testing::Values(
        BadFile{"another_schema", set("/schema", "fuseline/problem/9"), "/schema", ""},
        BadFile{"name_missing", set("/name", nullptr), "/", "name"},
        BadFile{"name_no_identifier", set("/name", "a-b"), "/name", ""},
        BadFile{"member_unknown", set("/extra", 1), "/", "extra"},
        BadFile{"dims_empty", set("/dims", Json::array()), "/dims", ""},
        BadFile{"dim_named_twice", set("/dims/1/name", "rows"), "/dims/1/name",
                "the name \"rows\" is taken by a dimension"},
        BadFile{"dim_named_like_a_function", set("/dims/0/name", "cdiv"), "/dims/0/name", "taken by a function"},
        BadFile{"dim_named_device", set("/dims/0/name", "device"), "/dims/0/name", "taken by"},
        BadFile{"dim_range_upside_down", set("/dims/0/min", 9999999), "/dims/0", "more than the greatest"},
        BadFile{"derived_does_not_parse", set("/derived/0/value", "rows*"), "/derived/0/value", "does not parse"},
        BadFile{"derived_unknown_name", set("/derived/0/value", "row*width"), "/derived/0/value",
                "unknown name \"row\" in \"row*width\"; did you mean rows"},
        BadFile{"derived_uses_itself", set("/derived/0/value", "total + 1"), "/derived/0/value",
                "unknown name \"total\""},
        BadFile{"derived_divides_by_zero", set("/derived/0/value", "rows/(width-256)"), "/derived/0/value",
                "divides by zero (shape \"small\")"},
        BadFile{"derived_not_an_integer", set("/derived/0/value", "rows/3"), "/derived/0/value", "not an integer"},
        BadFile{"derived_takes_a_dims_name", set("/derived/0/name", "rows"), "/derived/0/name", "taken by a dimension"},
        BadFile{"requires_unmet_by_a_shape", set("/requires/0", "width < 1000"), "/requires/0",
                "which rows = 16384, width = 4096 does not meet (shape \"large\")"},
        BadFile{"share_of_an_input", set("/tensors/0/absolute_of_largest", 1e-6), "/tensors/0/absolute_of_largest",
                "only an output is compared"},
        BadFile{"share_negative", set("/tensors/2/absolute_of_largest", -1e-6), "/tensors/2/absolute_of_largest", ""},
        BadFile{"shape_lacks_a_dim", set("/shapes/1/dims/width", nullptr), "/shapes/1/dims", "\"width\" is missing"},
        BadFile{"shape_has_an_unknown_dim", set("/shapes/1/dims/widht", 3), "/shapes/1/dims/widht",
                "unknown dimension \"widht\"; did you mean width?"},
        BadFile{"shape_out_of_range", set("/shapes/1/dims/rows", 0), "/shapes/1/dims/rows",
                "0 is not within 1 and 1048576"},
        BadFile{"shape_named_twice", set("/shapes/1/name", "small"), "/shapes/1/name", "taken by a shape"},
        BadFile{"shape_named_custom", set("/shapes/1/name", "custom"), "/shapes/1/name", "overridden"},
        BadFile{"dtype_unknown", set("/dtypes/1", "f8"), "/dtypes/1", ""},
        BadFile{"dtype_twice", set("/dtypes/1", "f32"), "/dtypes/1", "twice"},
        BadFile{"scalar_is_text", set("/scalars/alpha", "half"), "/scalars/alpha", ""},
        BadFile{"scalar_named_like_a_dim", set("/scalars/rows", 1.0), "/scalars/rows", "taken by a dimension"},
        BadFile{"tensor_named_like_a_scalar", set("/tensors/0/name", "alpha"), "/tensors/0/name", "taken by a scalar"},
        BadFile{"tensor_twice", set("/tensors/1/name", "x"), "/tensors/1/name", "taken by a tensor"},
        BadFile{"tensor_of_no_elements", set("/tensors/0/elements", "total - rows*width"), "/tensors/0/elements",
                "less than 1"},
        BadFile{"tensor_elements_unknown_name", set("/tensors/0/elements", "totl"), "/tensors/0/elements",
                "did you mean total"},
        BadFile{"tensor_far_too_large", set("/tensors/0/elements", "2^50"), "/tensors/0/elements", "more than 2^44"},
        BadFile{"tensor_role_unknown", set("/tensors/0/role", "scratch"), "/tensors/0/role", ""},
        BadFile{"no_input",
                [](Json& j) {
                  j["tensors"][0]["role"] = j["tensors"][1]["role"] = "output";
                  j["tensors"][0].erase("fill");
                  j["tensors"][1].erase("fill");
                },
                "/tensors", "no tensor is an input"},
        BadFile{"no_output", set("/tensors/2/role", "input"), "/tensors", "no tensor is an output"},
        BadFile{"output_filled", set("/tensors/2/fill", {{"kind", "constant"}}), "/tensors/2/fill",
                "an output is not filled"},
        BadFile{"fill_upside_down", set("/tensors/1/fill/low", 5), "/tensors/1/fill", "low is more than high"},
        BadFile{"flops_unknown_name", set("/flops", "2*sum"), "/flops", "unknown name \"sum\""},
        BadFile{"flops_negative", set("/flops", "-total"), "/flops", "less than none"},
        BadFile{"tolerance_missing", set("/tolerance/f16", nullptr), "/tolerance", "\"f16\" is missing"},
        BadFile{"tolerance_negative", set("/tolerance/f16/relative", -1), "/tolerance/f16/relative", ""},
        BadFile{"reference_outside", set("/reference/source", "../x.cu"), "/reference/source", "outside"},
        BadFile{"reference_absolute", set("/reference/source", "/etc/passwd"), "/reference/source", "absolute"},
        BadFile{"reference_missing", set("/reference/source", "none.cu"), "/reference/source", "no such file"},
        BadFile{"reference_unknown_argument", set("/reference/launches/0/args/1", "z"), "/reference/launches/0/args/1",
                "unknown tensor, workspace or scalar \"z\""},
        BadFile{"reference_leaves_an_output", set("/reference/launches/0/args", {"x", "y", "alpha"}),
                "/reference/launches", "no launch takes the output \"out\""},
        BadFile{"reference_four_extents", set("/reference/launches/0/grid", {1, 1, 1, 1}), "/reference/launches/0/grid",
                ""},
        BadFile{"reference_grid_does_not_parse", set("/reference/launches/0/grid/0", "cdiv(total"),
                "/reference/launches/0/grid/0", "does not parse"},
        BadFile{"reference_kernel_no_identifier", set("/reference/launches/0/kernel", "f<int>"),
                "/reference/launches/0/kernel", ""}),
    case_name);

TEST(LoadProblem, MalformedJsonNamesLineAndColumn) {
  const TemporaryProblem folder;
  folder.write("problem.json", "{\n  \"schema\": nope\n}");
  const Result<Problem> problem = load(folder);
  ASSERT_FALSE(problem);
  EXPECT_EQ(problem.error().file, folder.problem_file().string());
  EXPECT_THAT(problem.error().reason, HasSubstr("line 2"));
}

TEST(LoadProblem, ALinkThatLeavesTheFolderIsRefused) {
  const TemporaryProblem folder;
  const std::filesystem::path outside = folder.folder().string() + "-outside.cu";
  std::ofstream(outside) << "secret";
  std::filesystem::remove(folder.folder() / "reference.cu");
  std::filesystem::create_symlink(outside, folder.folder() / "reference.cu");
  const Result<Problem> problem = load(folder);
  std::filesystem::remove(outside);
  ASSERT_FALSE(problem);
  EXPECT_EQ(problem.error().path, "/reference/source");
  EXPECT_THAT(problem.error().reason, HasSubstr("outside"));
}

TEST(LoadProblem, LongExpressionsForManyShapesAreRefusedBeforeTheyAreWorkedOut) {
  const TemporaryProblem folder;
  std::string text = "1";
  while (text.size() + 2 <= kMaximumExpressionLength) text += "+1";
  folder.edit("problem.json", [&](Json& json) {
    for (int i = 0; i < 40; ++i) json["requires"].push_back(text);
    const Json shape = json["shapes"][0];
    for (int i = 0; i < 40; ++i) {
      json["shapes"].push_back(shape);
      json["shapes"].back()["name"] = "shape" + std::to_string(i);
    }
  });
  const Result<Problem> problem = load(folder);
  ASSERT_FALSE(problem);
  EXPECT_EQ(problem.error().path, "/shapes");
  EXPECT_THAT(problem.error().reason, HasSubstr("too long for 42 shapes in 3 dtypes"));
}

TEST(LoadProblem, HostileDocumentsAreErrors) {
  const TemporaryProblem folder;
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("null"), std::string("\"x\""), std::string(100000, '['),
        std::string("{\"schema\": \"fuseline/problem/1\", \"name\": \"") + std::string(200000, 'a') + "\"}"}) {
    folder.write("problem.json", text);
    EXPECT_FALSE(load(folder)) << text.substr(0, 40);
  }
}

class Instantiate : public ::testing::Test {
 protected:
  TemporaryProblem folder_;
  Problem problem_ = load(folder_).value();
};

TEST_F(Instantiate, TheDefaultShape) {
  const Result<ProblemInstance> instance = instantiate(problem_, "", {}, Dtype::f16);
  ASSERT_TRUE(instance) << instance.error().message();
  EXPECT_EQ(instance->shape, "small");
  EXPECT_EQ(instance->derived, (std::vector<Dimension>{{"total", 16384}}));
  ASSERT_EQ(instance->tensors.size(), 3u);
  EXPECT_EQ(instance->tensors[0].dtype, Dtype::f16);
  EXPECT_EQ(instance->tensors[0].elements, 16384);
  EXPECT_EQ(instance->compulsory_bytes, 3 * 2 * 16384);
  EXPECT_EQ(instance->flops, 2 * 16384);
  EXPECT_EQ(instance->tolerance.absolute, 1e-3);
  EXPECT_EQ(instance->scope.at("dtype_bytes"), 2);
  EXPECT_EQ(instance->scope.at("alpha"), 0.5);
  EXPECT_DOUBLE_EQ(instance->intensity(), 1.0 / 3.0);
}

TEST(CompulsoryBytes, CountWhatIsUsedOfATensor) {
  const TemporaryProblem folder;
  folder.edit("problem.json", set("/tensors/0/used", "rows"));
  const Result<Problem> problem = load(folder);
  ASSERT_TRUE(problem) << problem.error().message();
  const Result<ProblemInstance> instance = instantiate(*problem, "", {}, Dtype::f16);
  ASSERT_TRUE(instance) << instance.error().message();
  EXPECT_EQ(instance->tensors[0].elements, 16384);
  EXPECT_EQ(instance->compulsory_bytes, 2 * (64 + 2 * 16384));
  EXPECT_EQ(instance->input_bytes, 2 * (64 + 16384));
  EXPECT_EQ(instance->output_bytes, 2 * 16384);
}

TEST(CompulsoryBytes, CannotCountMoreThanThereIs) {
  const TemporaryProblem folder;
  folder.edit("problem.json", set("/tensors/0/used", "total + 1"));
  const Result<Problem> problem = load(folder);
  const Error error = problem ? instantiate(*problem, "", {}, Dtype::f16).error() : problem.error();
  EXPECT_EQ(error.path, "/tensors/0/used");
  EXPECT_THAT(error.reason, HasSubstr("cannot be used"));
}

TEST_F(Instantiate, OverriddenDimensionsMakeACustomShape) {
  const Result<ProblemInstance> instance = instantiate(problem_, "large", {{"width", 8}}, Dtype::f32);
  ASSERT_TRUE(instance);
  EXPECT_EQ(instance->shape, "custom");
  EXPECT_EQ(instance->dims, (std::vector<Dimension>{{"rows", 16384}, {"width", 8}}));
  EXPECT_EQ(instantiate(problem_, "large", {{"width", 4096}}, Dtype::f32)->shape, "large");
}

TEST_F(Instantiate, WrongRequestsNameWhatThereIs) {
  EXPECT_EQ(instantiate(problem_, "smal", {}, Dtype::f32).error().message(),
            "scale_add has no shape \"smal\"; did you mean small? known: small, large");
  EXPECT_EQ(instantiate(problem_, "", {{"N", 4}}, Dtype::f32).error().message(),
            "scale_add has no dimension \"N\"; known: rows, width");
  EXPECT_EQ(instantiate(problem_, "", {{"rows", 0}}, Dtype::f32).error().message(),
            "dimension rows of scale_add must be within 1 and 1048576, not 0");
  EXPECT_THAT(instantiate(problem_, "", {{"rows", 1}, {"rows", 2}}, Dtype::f32).error().message(),
              HasSubstr("given twice"));
  EXPECT_THAT(instantiate(problem_, "", {}, Dtype::f64).error().message(), HasSubstr("not offered in f64"));
  const Error unmet = instantiate(problem_, "", {{"rows", 1}, {"width", 3}}, Dtype::f32).error();
  EXPECT_EQ(unmet.file, folder_.problem_file().string());
  EXPECT_EQ(unmet.path, "/requires/0");
  EXPECT_EQ(unmet.reason, "scale_add needs \"mod(total, 4) == 0\", which rows = 1, width = 3 does not meet");
}

TEST_F(Instantiate, ScalarsHaveTheirDefaultsUnlessTheyAreSet) {
  EXPECT_EQ(instantiate(problem_, "", {}, Dtype::f32)->scalars, (Scalars{{"alpha", 0.5}}));
  const Result<ProblemInstance> set = instantiate(problem_, "", {}, Dtype::f32, {{"alpha", 1e-6}});
  ASSERT_TRUE(set) << set.error().message();
  EXPECT_EQ(set->scalars, (Scalars{{"alpha", 1e-6}}));
  EXPECT_EQ(set->scope.at("alpha"), 1e-6);
  EXPECT_EQ(set->shape, "small") << "the shape is the same";
  EXPECT_THAT(instance_defines(*set), ::testing::Contains("-DSCALAR_alpha=1e-06"));
}

TEST(ScalarsThatAreSet, CountInWhateverIsWorkedOutFromThem) {
  const TemporaryProblem folder;
  folder.edit("problem.json", [](Json& json) {
    json["derived"][0]["value"] = "rows*width*(alpha + 0.5)";
    json["flops"] = "alpha*total";
  });
  const Problem problem = load(folder).value();
  const Result<ProblemInstance> instance = instantiate(problem, "", {}, Dtype::f32, {{"alpha", 1.5}});
  ASSERT_TRUE(instance) << instance.error().message();
  EXPECT_EQ(instance->derived, (std::vector<Dimension>{{"total", 32768}}));
  EXPECT_EQ(instance->flops, 1.5 * 32768);
  EXPECT_EQ(instance->compulsory_bytes, 3 * 4 * 32768);
}

TEST_F(Instantiate, WrongScalarsAreNamed) {
  const auto reason = [&](const Scalars& scalars) {
    const auto instance = instantiate(problem_, "", {}, Dtype::f32, scalars);
    return instance ? std::string("accepted") : instance.error().message();
  };
  EXPECT_EQ(reason({{"alhpa", 1}}), "scale_add has no scalar \"alhpa\"; did you mean alpha? known: alpha");
  EXPECT_EQ(reason({{"alpha", 1}, {"alpha", 1}}), "scalar alpha is given twice");
  EXPECT_EQ(reason({{"alpha", std::numeric_limits<double>::infinity()}}),
            "scalar alpha of scale_add must be finite, not inf");
  EXPECT_EQ(reason({{"alpha", std::nan("")}}), "scalar alpha of scale_add must be finite, not nan");
}

TEST_F(Instantiate, OnlyScalarsThatDifferFromTheDefaultsAreChanged) {
  EXPECT_TRUE(changed_scalars(problem_, {{"alpha", 0.5}}).empty());
  EXPECT_EQ(changed_scalars(problem_, {{"alpha", 0.25}}), (Scalars{{"alpha", 0.25}}));
}

TEST(ScalarTexts, AreReadAsTheyAreWritten) {
  for (const double value : {1.0, -2.5, 1e-6, 0.1, 1e300}) {
    const auto read = scalar_from_text(scalars_text({{"eps", value}}));
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(*read, (std::pair<std::string, double>{"eps", value}));
  }
  EXPECT_EQ(scalars_text({{"scale", 2}, {"eps\x1b", 1e-6}}), "scale=2 eps\\x1B=1e-06");
}

TEST(ScalarTexts, ThatAreNoneSayWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {{"", "sets no scalar"},
                                                       {"eps", "'eps' sets no scalar: write eps=1e-6"},
                                                       {"=1", "sets no scalar"},
                                                       {"eps=", "'' is no number, in eps="},
                                                       {"eps=small", "'small' is no number, in eps=small"},
                                                       {"eps=1.0x", "'1.0x' is no number"},
                                                       {"eps=1e999", "that no double holds"}};
  for (const auto& [text, reason] : cases) {
    const auto read = scalar_from_text(text);
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().reason, HasSubstr(reason));
  }
}

}  // namespace
}  // namespace fuseline::tuner
