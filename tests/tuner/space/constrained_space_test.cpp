#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "tuner/problem/expression.hpp"
#include "tuner/space/space.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Parameter numbers(const std::string& name, int count, int first = 1) {
  Parameter parameter{name, {}, true};
  for (int i = 0; i < count; ++i) parameter.values.emplace_back(first + i);
  return parameter;
}

SubSpaceSpec spec(std::vector<Parameter> parameters, std::vector<SpaceConstraint> constraints = {}) {
  SubSpaceSpec made;
  made.variant = "v";
  made.file = "v.json";
  made.parameters = std::move(parameters);
  made.constraints = std::move(constraints);
  return made;
}

std::shared_ptr<const Space> build(const std::vector<SubSpaceSpec>& specs) {
  const Result<std::shared_ptr<const Space>> space = build_space(specs);
  EXPECT_TRUE(space) << space.error().message();
  return space.value_or(nullptr);
}

Error error_of(const std::vector<SubSpaceSpec>& specs) {
  const Result<std::shared_ptr<const Space>> space = build_space(specs);
  EXPECT_FALSE(space);
  return space ? Error{} : space.error();
}

std::vector<std::string> keys(const Space& space) {
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < space.size(); ++i) all.push_back(space.configuration(i).key());
  return all;
}

/// index -> point -> index, and index -> configuration -> index.
void expect_round_trips(const Space& space) {
  for (std::uint64_t i = 0; i < space.size(); ++i) {
    const Point point = space.point(i);
    ASSERT_EQ(space.index_of(point), i);
    ASSERT_EQ(space.index_of(space.configuration(i)), i);
  }
}

TEST(ConstrainedSpace, LexicographicWithoutConstraints) {
  const auto space = build({spec({numbers("a", 2), {"b", {"x", "y"}, false}})});
  EXPECT_THAT(keys(*space), ElementsAre("v a=1 b=x", "v a=1 b=y", "v a=2 b=x", "v a=2 b=y"));
  expect_round_trips(*space);
  EXPECT_EQ(space->subspaces()[0].raw_size, 4);
}

TEST(ConstrainedSpace, ConstraintsLeaveOut) {
  const auto space = build({spec({numbers("a", 3), numbers("b", 3)}, {{"a < b", "ordered"}})});
  EXPECT_THAT(keys(*space), ElementsAre("v a=1 b=2", "v a=1 b=3", "v a=2 b=3"));
  EXPECT_EQ(space->subspaces()[0].size, 3u);
  EXPECT_EQ(space->subspaces()[0].raw_size, 9);
  expect_round_trips(*space);
  EXPECT_EQ(space->index_of(Point{0, {2, 1}}), std::nullopt);
}

TEST(ConstrainedSpace, DerivedValuesTieParameters) {
  SubSpaceSpec one = spec({numbers("a", 4), numbers("b", 4)}, {{"tile == 4", "tiles of four"}});
  one.derived = {{"product", "a*b"}, {"tile", "product"}, {"unused", "1 / (a - 1)"}};
  EXPECT_THAT(keys(*build({one})), ElementsAre("v a=1 b=4", "v a=2 b=2", "v a=4 b=1"));
}

TEST(ConstrainedSpace, StringsAreComparedByName) {
  const auto space = build({spec({{"gelu", {"erf", "as", "tanh"}, false}, numbers("n", 2)},
                                 {{"gelu != gelu.as || n == 2", "as needs two"}})});
  EXPECT_THAT(keys(*space),
              ElementsAre("v gelu=erf n=1", "v gelu=erf n=2", "v gelu=as n=2", "v gelu=tanh n=1", "v gelu=tanh n=2"));
}

TEST(ConstrainedSpace, ConstantsMayNameValuesThatAreLeftOut) {
  SubSpaceSpec one =
      spec({{"gelu", {"tanh"}, false}, numbers("n", 2)}, {{"gelu == gelu.erf || n == 2", "tanh needs two"}});
  one.constants = {{"gelu.erf", 0}, {"gelu.tanh", 2}};
  EXPECT_THAT(keys(*build({one})), ElementsAre("v gelu=tanh n=2"));
}

TEST(ConstrainedSpace, BooleansAreZeroAndOne) {
  const auto space = build({spec({{"wide", {false, true}, true}, numbers("n", 2)}, {{"wide + n == 2", ""}})});
  EXPECT_THAT(keys(*space), ElementsAre("v wide=false n=2", "v wide=true n=1"));
}

TEST(ConstrainedSpace, AVariantWithoutParametersIsOneConfiguration) {
  const auto space = build({spec({})});
  EXPECT_THAT(keys(*space), ElementsAre("v"));
  expect_round_trips(*space);
}

TEST(ConstrainedSpace, SubSpacesFollowEachOtherAndEmptyOnesAreLeftOut) {
  SubSpaceSpec first = spec({numbers("a", 2)}), empty = spec({numbers("a", 2)}, {{"a > 5", "large"}}),
               last = spec({numbers("b", 3)});
  first.variant = "first";
  empty.variant = "empty";
  last.variant = "last";
  const auto space = build({first, empty, last});
  ASSERT_EQ(space->subspaces().size(), 2u);
  EXPECT_EQ(space->subspaces()[1].first_index, 2u);
  EXPECT_THAT(keys(*space), ElementsAre("first a=1", "first a=2", "last b=1", "last b=2", "last b=3"));
  expect_round_trips(*space);
}

TEST(ConstrainedSpace, WhatIsNotInTheSpaceHasNoIndex) {
  const auto space = build({spec({numbers("a", 2), numbers("b", 2)}, {{"a != b", ""}})});
  EXPECT_EQ(space->index_of(Point{1, {0, 0}}), std::nullopt);
  EXPECT_EQ(space->index_of(Point{0, {0}}), std::nullopt);
  EXPECT_EQ(space->index_of(Point{0, {0, 7}}), std::nullopt);
  EXPECT_EQ(space->index_of(Configuration{"v", {{"a", 1}, {"b", 1}}}), std::nullopt);
  EXPECT_EQ(space->index_of(Configuration{"v", {{"a", 1}, {"b", 9}}}), std::nullopt);
  EXPECT_EQ(space->index_of(Configuration{"v", {{"a", 1}}}), std::nullopt);
  EXPECT_EQ(space->index_of(Configuration{"w", {{"a", 1}, {"b", 2}}}), std::nullopt);
  EXPECT_EQ(space->index_of(Configuration{"v", {{"b", 2}, {"a", 1}}}), 0u);
}

TEST(ConstrainedSpaceErrors, NothingLeftNamesTheConstraintThatRemovedMost) {
  const Error error = error_of({spec({numbers("a", 10), numbers("b", 10)},
                                     {{"a > 9", "large a"}, {"b < 1", "small b"}, {"a + b == 3", "three"}})});
  EXPECT_EQ(error.file, "v.json");
  EXPECT_EQ(error.path, "/constraints/0/require");
  EXPECT_EQ(error.reason, "no configuration is left: \"a > 9\" (large a) removes 90 of 100");
}

TEST(ConstrainedSpaceErrors, NothingLeftCountsSharedBranchesEachTime) {
  // c's branch is shared between all values of a and b, so its removals count 9 times.
  const Error error = error_of({spec({numbers("a", 3), numbers("b", 3), numbers("c", 3)},
                                     {{"a != b", "unequal"}, {"c > 3", "large c"}, {"a + b + c > 0", "joined"}})});
  EXPECT_EQ(error.path, "/constraints/1/require");
  EXPECT_THAT(error.reason, HasSubstr("removes 18 of 27"));
}

TEST(ConstrainedSpaceErrors, NothingLeftInAGroupOfItsOwn) {
  const Error error = error_of({spec({numbers("a", 5), numbers("b", 4)}, {{"a < 2", "most of a"}, {"b > 4", "no b"}})});
  EXPECT_EQ(error.path, "/constraints/1/require");
  EXPECT_EQ(error.reason, "no configuration is left: \"b > 4\" (no b) removes 20 of 20");
}

TEST(ConstrainedSpaceErrors, AConstraintOverConstants) {
  SubSpaceSpec one = spec({numbers("a", 5)}, {{"a > 0", ""}, {"W <= 64", "short rows", "/elsewhere"}});
  one.constants = {{"W", 100}};
  const Error error = error_of({one});
  EXPECT_EQ(error.path, "/elsewhere");
  EXPECT_EQ(error.reason, "no configuration is left: \"W <= 64\" (short rows) removes 5 of 5");
}

TEST(ConstrainedSpaceErrors, DividingByZeroGivesTheValuesAtHand) {
  const Error error = error_of({spec({numbers("block", 2, 128), numbers("lanes", 2, 0), numbers("other", 2)},
                                     {{"block > 0", ""}, {"other > 0", ""}, {"mod(block, lanes) == 0", ""}})});
  EXPECT_EQ(error.file, "v.json");
  EXPECT_EQ(error.path, "/constraints/2/require");
  EXPECT_EQ(error.reason, "expression \"mod(block, lanes) == 0\" divides by zero with block = 128, lanes = 0");
}

TEST(ConstrainedSpaceErrors, DividingByZeroInADerivedValue) {
  SubSpaceSpec one = spec({numbers("a", 2, 0)}, {{"inverse > 0", ""}});
  one.derived = {{"first", "a + 1"}, {"inverse", "1 / a"}};
  const Error error = error_of({one});
  EXPECT_EQ(error.path, "/derived/1/value");
  EXPECT_EQ(error.reason, "expression \"1 / a\" divides by zero with a = 0");
}

TEST(ConstrainedSpaceErrors, AnEarlierConstraintGuardsALaterOne) {
  SubSpaceSpec one = spec({numbers("a", 3, 0)}, {{"a > 0", "positive"}, {"inverse < 1", ""}});
  one.derived = {{"inverse", "1 / a"}};
  EXPECT_THAT(keys(*build({one})), ElementsAre("v a=2"));
}

TEST(ConstrainedSpaceErrors, WhatDoesNotParseNamesItsPlace) {
  EXPECT_EQ(error_of({spec({numbers("a", 2)}, {{"a >", ""}})}).path, "/constraints/0/require");
  EXPECT_THAT(error_of({spec({numbers("abc", 2)}, {{"abd > 1", ""}})}).reason, HasSubstr("did you mean abc?"));
  SubSpaceSpec late = spec({numbers("a", 2)});
  late.derived = {{"x", "y"}, {"y", "a"}};
  EXPECT_EQ(error_of({late}).path, "/derived/0/value");
}

TEST(ConstrainedSpaceErrors, NoVariantAndNoValue) {
  EXPECT_THAT(error_of({}).reason, HasSubstr("no variant"));
  EXPECT_EQ(error_of({spec({{"a", {}, true}})}).path, "/parameters/0/values");
}

TEST(ConstrainedSpaceErrors, MoreThan2To40Configurations) {
  std::vector<Parameter> parameters;
  parameters.reserve(41);
  for (int i = 0; i < 41; ++i) parameters.push_back(numbers("p" + std::to_string(i), 2));
  EXPECT_THAT(error_of({spec(parameters)}).reason, HasSubstr("more than 1099511627776 configurations"));
  parameters.pop_back();
  EXPECT_EQ(build({spec(parameters)})->size(), std::uint64_t{1} << 40);
}

TEST(ConstrainedSpaceErrors, WorkIsBounded) {
  // Everything is coupled, so that nothing can be shared or pruned before the last of 30^30 combinations.
  std::vector<Parameter> parameters;
  std::string sum = "0";
  for (int i = 0; i < 30; ++i) {
    parameters.push_back(numbers("p" + std::to_string(i), 30));
    sum += " + p" + std::to_string(i);
  }
  SpaceLimits limits;
  limits.work = 100000;
  const auto space = build_space({spec(parameters, {{sum + " > 100000", "never"}})}, limits);
  ASSERT_FALSE(space);
  EXPECT_EQ(space.error().file, "v.json");
  EXPECT_THAT(space.error().reason, HasSubstr("the space is too large: enumerating it takes too long"));
}

TEST(ConstrainedSpaceErrors, MemoryIsBounded) {
  SpaceLimits limits;
  limits.edges = 1000;
  const auto space = build_space({spec({numbers("a", 100), numbers("b", 100)}, {{"a + b > 0", ""}})}, limits);
  ASSERT_FALSE(space);
  EXPECT_THAT(space.error().reason, HasSubstr("needs a tree of more than 1000 edges"));
}

/// Random parameters, derived values and constraints with few variables each, so that groups, sharing and pruning all
/// occur.
SubSpaceSpec random_spec(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&](int count) { return std::uniform_int_distribution<int>(0, count - 1)(random); };
  SubSpaceSpec made = spec({});
  const int parameters = 2 + pick(5);
  std::vector<std::string> names;
  for (int p = 0; p < parameters; ++p) {
    const std::string name(1, static_cast<char>('a' + p));
    names.push_back(name);
    made.parameters.push_back(numbers(name, 1 + pick(4), pick(3)));
  }
  const auto any = [&] { return names[static_cast<std::size_t>(pick(static_cast<int>(names.size())))]; };
  for (int d = 0; d < pick(3); ++d) {
    const std::string name = "d" + std::to_string(d);
    made.derived.emplace_back(name, pick(2) == 0 ? any() + " * " + any() : any() + " + 2 * " + any());
    names.push_back(name);
  }
  for (int c = 0; c < 1 + pick(4); ++c) {
    const std::string x = any(), y = any();
    const char* kForms[] = {"{x} <= {y} + 1", "mod({x} + {y}, 3) != 1", "{x} != {y} || {x} > 1",
                            "{x} * {y} < 9",  "max({x}, {y}) > 1",      "{x} < 4 && {y} >= 1"};
    std::string text = kForms[pick(6)];
    for (const auto& [mark, name] : {std::pair<std::string, std::string>{"{x}", x}, {"{y}", y}}) {
      for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark))
        text.replace(at, mark.size(), name);
    }
    made.constraints.push_back({text, "random"});
  }
  return made;
}

/// Valid configurations by looking at every combination.
class BruteForce {
 public:
  explicit BruteForce(const SubSpaceSpec& one) : spec_(one) {
    std::vector<std::string> names;
    for (const Parameter& parameter : one.parameters) names.push_back(parameter.name);
    for (const auto& [name, text] : one.derived) {
      derived_.push_back(Expression::parse(text, names).value());
      names.push_back(name);
    }
    for (const SpaceConstraint& constraint : one.constraints)
      constraints_.push_back(Expression::parse(constraint.text, names).value());
    std::vector<std::uint16_t> choices(one.parameters.size(), 0);
    do look_at(choices);
    while (advance(choices));
  }

  std::vector<std::string> valid;
  std::vector<Point> invalid;

 private:
  void look_at(const std::vector<std::uint16_t>& choices) {
    std::vector<double> values;
    Configuration configuration{spec_.variant, {}};
    for (std::size_t p = 0; p < choices.size(); ++p) {
      const Value& value = spec_.parameters[p].values[choices[p]];
      values.push_back(value.number().value());
      configuration.values.push_back({spec_.parameters[p].name, value});
    }
    for (const Expression& expression : derived_) values.push_back(expression.evaluate(values).value());
    const auto met = [&](const Expression& expression) { return expression.evaluate(values).value() != 0; };
    if (std::all_of(constraints_.begin(), constraints_.end(), met))
      valid.push_back(configuration.key());
    else
      invalid.push_back({0, choices});
  }

  bool advance(std::vector<std::uint16_t>& choices) const {
    for (std::size_t p = choices.size(); p-- > 0;) {
      if (++choices[p] < spec_.parameters[p].values.size()) return true;
      choices[p] = 0;
    }
    return false;
  }

  const SubSpaceSpec& spec_;
  std::vector<Expression> derived_, constraints_;
};

TEST(ConstrainedSpace, ForgettingPartialResultsCostsWorkNotAnswers) {
  const auto of_size = [](int count) {
    return std::vector{spec({numbers("a", count), numbers("b", count), numbers("c", count)},
                            {{"a + b > 3", ""}, {"mod(b + c, 3) != 0", ""}})};
  };
  SpaceLimits forgetful;
  forgetful.remembered_bytes = 0;
  const auto remembered = build_space(of_size(12)), forgotten = build_space(of_size(12), forgetful);
  ASSERT_TRUE(remembered && forgotten);
  EXPECT_EQ(keys(**remembered), keys(**forgotten));
  // What is remembered stays within its bound: with none of it, every branch is walked again.
  SpaceLimits limits;
  limits.work = 1'000'000;
  EXPECT_TRUE(build_space(of_size(150), limits));
  limits.remembered_bytes = 0;
  const auto refused = build_space(of_size(150), limits);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().reason, HasSubstr("takes too long"));
}

TEST(ConstrainedSpace, AgreesWithBruteForceOnRandomSpaces) {
  int empty = 0, sizes = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const SubSpaceSpec one = random_spec(seed);
    const BruteForce all(one);
    std::vector<std::string> expected = all.valid;
    const auto space = build_space({one});
    if (expected.empty()) {
      ++empty;
      ASSERT_FALSE(space) << seed;
      continue;
    }
    ASSERT_TRUE(space) << seed << ": " << space.error().message();
    std::vector<std::string> got = keys(**space);
    sizes += got.size() > 10 ? 1 : 0;
    std::sort(got.begin(), got.end());
    std::sort(expected.begin(), expected.end());
    ASSERT_EQ(got, expected) << seed;
    expect_round_trips(**space);
    for (const Point& point : all.invalid) ASSERT_EQ((*space)->index_of(point), std::nullopt) << seed;
  }
  EXPECT_GT(sizes, 50);
  EXPECT_GT(empty, 0);
}

TEST(ConstrainedSpace, OneGroupIsLexicographic) {
  const auto space = build({spec({numbers("a", 5), numbers("b", 4), numbers("c", 3)}, {{"a + b + c > 4", ""}})});
  std::vector<std::vector<std::uint16_t>> choices;
  for (std::uint64_t i = 0; i < space->size(); ++i) choices.push_back(space->point(i).choices);
  EXPECT_TRUE(std::is_sorted(choices.begin(), choices.end()));
}

TEST(ConstrainedSpace, BillionsOfRawCombinationsInIndependentGroups) {
  // Pairs (p0,p1), (p2,p3), ...: 32^6 = 2^30 raw combinations.
  std::vector<Parameter> parameters;
  parameters.reserve(6);
  std::vector<SpaceConstraint> constraints;
  for (int i = 0; i < 6; ++i) parameters.push_back(numbers("p" + std::to_string(i), 32));
  for (int i = 0; i < 6; i += 2) constraints.push_back({"p" + std::to_string(i) + " <= p" + std::to_string(i + 1), ""});
  const auto space = build({spec(parameters, constraints)});
  const std::uint64_t pairs = 32 * 33 / 2;
  EXPECT_EQ(space->size(), pairs * pairs * pairs);
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t index = random() % space->size();
    ASSERT_EQ(space->index_of(space->point(index)), index);
  }
}

TEST(ConstrainedSpace, AChainOfConstraintsIsCountedWithoutEnumeratingIt) {
  // p0 <= p1 <= ... <= p9 over 0..15: non-decreasing sequences, C(16 + 10 - 1, 10) of 2^40 raw ones.
  std::vector<Parameter> parameters;
  parameters.reserve(10);
  std::vector<SpaceConstraint> constraints;
  for (int i = 0; i < 10; ++i) parameters.push_back(numbers("p" + std::to_string(i), 16, 0));
  for (int i = 0; i + 1 < 10; ++i)
    constraints.push_back({"p" + std::to_string(i) + " <= p" + std::to_string(i + 1), ""});
  const auto space = build({spec(parameters, constraints)});
  EXPECT_EQ(space->size(), 3268760u);
  EXPECT_EQ(space->configuration(0).key(), "v p0=0 p1=0 p2=0 p3=0 p4=0 p5=0 p6=0 p7=0 p8=0 p9=0");
  for (std::uint64_t index : {std::uint64_t{1}, std::uint64_t{777777}, space->size() - 1})
    EXPECT_EQ(space->index_of(space->point(index)), index);
}

TEST(ConstrainedSpace, IsReadFromManyThreads) {
  const auto space = build({spec({numbers("a", 20), numbers("b", 20)}, {{"a <= b", ""}})});
  std::vector<std::jthread> threads;
  threads.reserve(4);
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < space->size(); ++i) wrong += space->index_of(space->point(i)) == i ? 0 : 1;
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace fuseline::tuner
