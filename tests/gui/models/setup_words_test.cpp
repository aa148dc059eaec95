// Sweeps in words: what is meant, what is refused, and what the palette makes of them.
#include "app/gui/models/setup_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gui/models/support.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SetupWordsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = make_app();
    ASSERT_TRUE(made) << made.error().message();
    app = std::move(*made);
  }
  [[nodiscard]] std::string meant(const std::string& text) const {
    const auto found = sweeps_in_words(app->word_spaces, app->setup, text);
    return found.empty() ? "" : words_of(found.front());
  }
  std::unique_ptr<App> app;
};

TEST_F(SetupWordsTest, WordsStandForWhatTheyBegin) {
  const std::string whole = "softmax_bias_scale_sigmoid f16 channel_split groups=4,8";
  for (const char* text : {"softmax f16 channel_split groups 4 8", "softmax f16 split groups=4,8", "sof f16 spl gr=4,8",
                           "softmax bias  f16 channel_split groups 4 8"}) {
    EXPECT_EQ(meant(text), whole) << text;
    EXPECT_EQ(meant(meant(text)), whole) << "what it means in full means the same";
  }
  EXPECT_EQ(meant("layernorm_gelu_scale N=64 bf16"), "layernorm_gelu_scale bf16 N=64");
}

TEST_F(SetupWordsTest, WhatMeansNothingIsNoSweep) {
  for (const char* text :
       {"", "softmax", "f16 softmax", "softmax f64", "softmax groups", "softmax groups=3", "softmax nosuch=1",
        "softmax groups 4,8", "delete a run", "light or dark theme:", "scale 2", "so f16"})
    EXPECT_THAT(sweeps_in_words(app->word_spaces, app->setup, text), IsEmpty()) << text;
  const auto refused = app->actions.run("setup.words", "softmax f64");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("'softmax f64' sets no sweep up"));
}

TEST_F(SetupWordsTest, ThePlainestProblemIsFirstAndTheOthersAreOffered) {
  const auto found = sweeps_in_words(app->word_spaces, app->setup, "softmax f32");
  ASSERT_GT(found.size(), 1U);
  EXPECT_EQ(found[0].problem, "softmax_bias_scale_sigmoid");
  const auto entries = app->actions.search("softmax backward f32");
  ASSERT_GT(entries.size(), 1U);
  EXPECT_EQ(entries[0].text, "Sweep in words: softmax_bias_scale_sigmoid_backward f32") << "before anything found";
  EXPECT_EQ(entries[0].argument, "softmax_bias_scale_sigmoid_backward f32");
}

TEST_F(SetupWordsTest, TheyAreSetUpAndEverythingElseOfTheSpaceIsOn) {
  ASSERT_TRUE(app->actions.run("problem.choose", "softmax_bias_scale_sigmoid"));
  ASSERT_TRUE(app->actions.run("space.narrow", "lanes=32"));
  ASSERT_TRUE(app->actions.run("setup.words", "softmax f16 channel_split groups 4 8"));
  const auto request = app->setup.request();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->problem, "softmax_bias_scale_sigmoid");
  EXPECT_EQ(request->dtype, "f16");
  EXPECT_THAT(request->variants, ElementsAre("channel_split"));
  ASSERT_THAT(request->parameters, SizeIs(1)) << "lanes are all on again";
  EXPECT_THAT(request->parameters.at("groups"), ElementsAre("4", "8"));
}

TEST_F(SetupWordsTest, TheSpaceOfAProblemIsWorkedOutOnceHoweverMuchIsTyped) {
  const std::string typed = "layernorm_gelu_scale_strided f16 vec";
  std::size_t after_first = 0;
  for (std::size_t length = 1; length <= typed.size(); ++length) {
    (void)app->actions.search(typed.substr(0, length));
    if (length == typed.find(' ') + 2) after_first = app->word_spaces.made();
  }
  EXPECT_EQ(after_first, 1U) << "of the one problem that the first word leaves, though two actions ask";
  EXPECT_EQ(app->word_spaces.made(), after_first);
  ASSERT_TRUE(app->actions.run("problem.choose", "layernorm_gelu_scale_strided"));
  app->setup.space.set_full(!app->setup.space.full());
  (void)app->actions.search(typed);
  EXPECT_EQ(app->word_spaces.made(), after_first + 1) << "the whole space is another";
}

TEST_F(SetupWordsTest, OneActionSetsUpAndStarts) {
  ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->devices.searching(); }));
  ASSERT_TRUE(app->actions.run("device.choose", "replay:h200"));
  ASSERT_TRUE(app->actions.run("run.words", "softmax f16 channel_split groups=8"));
  ASSERT_TRUE(update_until(*app, [&] { return app->idle() && app->data.best().has_value(); }));
  for (const Row& row : app->data.rows())
    EXPECT_THAT(row.evaluation->configuration.key(), HasSubstr("groups=8")) << "of channel_split";
}

}  // namespace
}  // namespace fuseline::app::gui
