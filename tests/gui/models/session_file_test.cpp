// A session file: the run, how it is looked at, and the set-up, saved by one and opened by another.
#include "app/gui/models/session_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gui/models/support.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

SessionFile sample() {
  SessionFile session;
  session.run = *small_run();
  session.run.info.note = "slow on <Fridays>";
  session.view.filter = "block=128";
  session.view.second_window = {"why"};
  session.view.in_view = tuner::RooflineRanges{{0.5, 8}, {100, 9000}};
  session.selection = {2, 0};
  session.setup = tuner::SweepRequest();
  session.setup->problem = "layernorm_gelu_scale";
  session.setup->workers = {"rm -rf /"};
  return session;
}

std::string saved() { return session_text(sample()).value(); }

TEST(SessionFileText, IsReadBackAsItWasSaved) {
  const std::string text = saved();
  EXPECT_TRUE(tuner::validate_schema(tuner::parse_json(text, "s").value(), "session", "s"));
  EXPECT_EQ(text.find("rm -rf"), std::string::npos) << "commands stay at home";
  const auto back = session_from_text(text, "a.fuseline");
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->run.evaluations.size(), 5U);
  EXPECT_EQ(back->run.info.note, "slow on <Fridays>");
  EXPECT_EQ(back->run.info.backend, tuner::Backend::replay) << "nothing was measured now";
  EXPECT_EQ(back->run.ranked().front()->configuration.key(), small_run()->ranked().front()->configuration.key());
  EXPECT_EQ(back->view.filter, "block=128");
  EXPECT_THAT(back->view.second_window, ElementsAre("why"));
  EXPECT_EQ(back->view.in_view->gflops.high, 9000);
  EXPECT_THAT(back->selection, ElementsAre(2, 0));
  EXPECT_EQ(back->setup->problem, "layernorm_gelu_scale");
}

TEST(SessionFileText, ThatIsNoneIsOneClearError) {
  const auto said = [](const std::string& text) {
    const auto session = session_from_text(text, "a.fuseline");
    return session ? "read" : session.error().message();
  };
  EXPECT_THAT(said(""), HasSubstr("a.fuseline"));
  EXPECT_THAT(said(R"({"schema": "fuseline/gui/1"})"), HasSubstr("a.fuseline"));
  tuner::OrderedJson json = tuner::parse_json(saved(), "s").value();
  json["view"]["gflops"] = {5, 4};
  EXPECT_THAT(said(json.dump()), HasSubstr("/view/gflops"));
  json["view"]["gflops"] = {5, 6};
  json["selection"] = {-1};
  EXPECT_THAT(said(json.dump()), HasSubstr("/selection"));
  json["selection"] = tuner::OrderedJson::array();
  json["run"] = tuner::OrderedJson::object();
  EXPECT_THAT(said(json.dump()), HasSubstr("a.fuseline"));
  // Cut anywhere, it is an error and no harm.
  const std::string text = saved();
  for (std::size_t length = 0; length + 2 < text.size(); length += 997)
    EXPECT_NE(said(text.substr(0, length)), "read") << length;
}

TEST(SessionFiles, AreSavedByOneAndOpenedByAnother) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "mine.fuseline").string();
  {
    const auto app = make_app().value();
    app->show_run(small_run());
    app->update();
    for (const auto& [action, value] : {std::pair("select.rows", "1,2"), std::pair("results.filter", "time<0.85"),
                                        std::pair("problem.choose", "bias_gelu")}) {
      const auto done = app->actions.run(action, value);
      EXPECT_TRUE(done) << action << ": " << done.error().message();
    }
    app->view.show({{1, 4}, {1000, 6000}});
    ASSERT_TRUE(app->actions.run("session.save", file));
    ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  }
  const auto app = make_app().value();
  ASSERT_TRUE(app->actions.run("file.open", file)) << "told apart by what is in it";
  ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->data.rows().empty(); }));
  EXPECT_EQ(app->data.rows().size(), 5U);
  EXPECT_THAT(app->selection.items(), ElementsAre(1, 2));
  EXPECT_EQ(app->results.filter(), "time<0.85");
  EXPECT_EQ(app->setup.choice.entry()->problem.name, "bias_gelu");
  EXPECT_DOUBLE_EQ(app->view.ranges().gflops.high, 6000);
  EXPECT_THAT(app->settings.recent, ::testing::Contains(file));
  EXPECT_FALSE(app->actions.run("session.open", " "));
  ASSERT_TRUE(app->actions.run("session.open", folder.write("bad.fuseline", "{").string()));
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  EXPECT_EQ(app->messages.all().back().severity, Severity::error);
  EXPECT_EQ(app->data.rows().size(), 5U) << "what is on show stays";
}

}  // namespace
}  // namespace fuseline::app::gui
