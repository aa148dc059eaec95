// What the window says of the run on show, whatever else is set up or swept; and what leaves by the clipboard.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "app/gui/models/about.hpp"
#include "app/gui/models/facts.hpp"
#include "tests/gui/models/support.hpp"
#include "tuner/base/files.hpp"
#include "tuner/formats/read_run.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

class OnShowTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = make_app();
    ASSERT_TRUE(made) << made.error().message();
    app = std::move(*made);
    ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->devices.searching(); }));
  }
  void act(const std::string& id, const std::string& value = {}) {
    const auto result = app->actions.run(id, value);
    ASSERT_TRUE(result) << result.error().message();
  }
  void sweep() {
    act("run.first");
    ASSERT_TRUE(update_until(*app, [&] { return !app->control.active() && app->control.snapshot() != nullptr; }));
    ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  }
  std::unique_ptr<App> app;
};

TEST_F(OnShowTest, OneFloorForEachGpuAndTheRunsOwnCopyWhereItIsOnShow) {
  const auto line = [&](std::size_t at) { return app->allowed_times(*app->setup.choice.instance()).at(at); };
  sweep();
  ASSERT_EQ(app->allowed_times(*app->setup.choice.instance()).size(), 2U);
  EXPECT_EQ(line(0).name, "H200");
  EXPECT_EQ(known_text(line(0)), "this run");
  EXPECT_EQ(known_text(line(1)), "data sheet");
  const auto model = [&] {
    (void)app->convergence();
    return update_until(*app, [&] { return app->convergence() != nullptr; });
  };
  ASSERT_TRUE(model());
  EXPECT_NEAR(line(0).ms, app->convergence()->floor_ms.value(), 1e-6) << "as the progress plot has it";
  // A run on another GPU: the line stays, by the data sheet.
  tuner::Run other = run_of({evaluation(0, "a", 128, 0.9)});
  other.info.device.name = "NVIDIA A100-SXM4-80GB";
  app->show_run(std::make_shared<const tuner::Run>(std::move(other)));
  ASSERT_EQ(app->allowed_times(*app->setup.choice.instance()).size(), 2U);
  EXPECT_EQ(line(0).name, "H200");
  EXPECT_EQ(known_text(line(0)), "data sheet");
}

TEST_F(OnShowTest, WhatBoundsItIsOfTheRowOnShowWhetherAPanelShowsItOrNot) {
  EXPECT_EQ(session_facts(*app)["bound"], "") << "there is no run yet";
  tuner::Run run = tuner::read_run(tuner::data_folder() /
                                   "presets/recordings/h200/softmax_bias_scale_sigmoid.f16.kernelbench.t4.json")
                       .value();
  app->show_run(std::make_shared<const tuner::Run>(std::move(run)));
  const Row* best = app->data.best_row();
  ASSERT_NE(best, nullptr);
  const std::string of_best = session_facts(*app)["bound"];
  EXPECT_EQ(of_best, "Bound by L2") << "nothing was drawn";
  EXPECT_EQ(app->bound.of(app->data, *best)->text, of_best) << "as Details has it";
  const auto other = std::find_if(app->data.rows().begin(), app->data.rows().end(), [&](const Row& row) {
    const auto bound = bound_of(app->data, row);
    return bound && bound->text != of_best;
  });
  ASSERT_NE(other, app->data.rows().end());
  app->selection.only(other->evaluation->sequence);
  const std::string of_other = session_facts(*app)["bound"];
  EXPECT_NE(of_other, of_best) << "another row was selected since";
  EXPECT_EQ(app->bound.of(app->data, *app->row_on_show())->text, of_other);
  const auto unread = std::find_if(app->data.rows().begin(), app->data.rows().end(),
                                   [](const Row& row) { return row.evaluation->measurement.counters.empty(); });
  if (unread == app->data.rows().end()) return;
  app->selection.only(unread->evaluation->sequence);
  EXPECT_EQ(session_facts(*app)["bound"], "") << "its counters were not read";
}

TEST_F(OnShowTest, TheRooflineByInstructionsIsChosenExportedAndKept) {
  const auto refused = app->actions.run("roofline.view", "instructions");
  ASSERT_FALSE(refused) << "there is no run yet";
  EXPECT_THAT(refused.error().message(), HasSubstr("counters of warp instructions"));
  EXPECT_THAT(app->actions.run("roofline.view", "sideways").error().message(),
              HasSubstr("instructions, not 'sideways'"));
  sweep();
  act("roofline.view", "instructions");
  app->update();
  EXPECT_TRUE(app->scene.by_instructions());
  EXPECT_EQ(app->scene.chosen_view(), tuner::RooflineView::instructions);
  EXPECT_FALSE(app->actions.enabled(*app->actions.find("roofline.units"))) << "there are none of its roofs here";
  const std::string file = ::testing::TempDir() + "instructions.svg";
  act("export.roofline", file);
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  const auto svg = tuner::read_file(file);
  ASSERT_TRUE(svg) << svg.error().message();
  EXPECT_THAT(*svg, HasSubstr("Warp instructions a transaction"));
}

TEST_F(OnShowTest, SeveralTargetsAreDrawnAtOnce) {
  sweep();
  const auto count = [&](const std::string& name) {
    const auto& frame = app->scene.frame();
    return std::pair(std::count_if(frame.roofs.begin(), frame.roofs.end(),
                                   [&](const tuner::Roof& roof) { return roof.label.starts_with(name); }),
                     std::count_if(frame.marks.begin(), frame.marks.end(), [&](const tuner::RooflineMark& mark) {
                       return mark.callout.find(name) != std::string::npos;
                     }));
  };
  app->update();
  ASSERT_EQ(app->data.info().target->name, "rtx4090");
  EXPECT_EQ(count("RTX 5090"), std::pair(0L, 0L));
  const auto own = count("RTX 4090");
  act("target.also", "rtx5090");
  app->update();
  EXPECT_GE(count("RTX 5090").first, 1);
  EXPECT_EQ(count("RTX 5090").second, 1) << "what the best may be expected to do there";
  EXPECT_EQ(count("RTX 4090"), own);
  act("target.also", "rtx5090");
  app->update();
  EXPECT_EQ(count("RTX 5090"), std::pair(0L, 0L));
  EXPECT_FALSE(app->actions.run("target.also", "rtx"));
}

TEST_F(OnShowTest, AReportOfAFaultSaysWhatThisIs) {
  app->messages.add(Severity::error, "something broke");
  const std::string text = diagnostics_text(*app);
  for (const char* part : {"version: ", "licence: Apache-2.0", "runs: :memory:", "something broke"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST_F(OnShowTest, ATitleNamesProblemElementsDeviceAndDay) {
  EXPECT_EQ(run_title(info()).substr(0, 1), "p");
  EXPECT_THAT(run_title(info()), HasSubstr("H200"));
  EXPECT_THAT(run_title(info()), HasSubstr("2025-11-20"));
  tuner::RunInfo foreign = info();
  foreign.problem.clear();
  EXPECT_THAT(run_title(foreign), HasSubstr("another tuner"));
}

TEST_F(OnShowTest, AnotherTargetIsDrawnAtOnceAndLeavesWithTheRun) {
  sweep();
  ASSERT_TRUE(app->data.info().target);
  const std::string own = app->data.info().target->name;
  std::string other;
  for (const tuner::Target& target : app->devices.targets()) other = target.name != own ? target.name : other;
  ASSERT_FALSE(other.empty());
  const std::uint64_t drawn = app->scene.revision();
  const auto roofs = app->scene.frame().title + app->scene.callout();
  act("target.choose", other);
  app->update();
  EXPECT_EQ(app->data.info().target->name, other);
  EXPECT_NE(app->scene.revision(), drawn);
  EXPECT_FALSE(app->data.info().target_fit) << "what is in the space of the other is not known";
  app->data.follow(*app->control.snapshot());
  EXPECT_EQ(app->data.info().target->name, other) << "a later snapshot keeps it";
  act("history.open", std::to_string(app->history.runs().front().id));
  ASSERT_TRUE(update_until(*app, [&] { return !app->watching(); }));
  EXPECT_EQ(app->data.info().target->name, own) << "a run from the store has its own";
}

TEST_F(OnShowTest, ARunCanBeSetUpAgain) {
  EXPECT_FALSE(app->actions.run("setup.use_run")) << "nothing is on show";
  sweep();
  const std::string problem = app->data.info().request.problem;
  const std::string dtype(tuner::to_string(app->data.info().dtype));
  act("problem.choose", problem == "bias_gelu" ? "layernorm_gelu_scale" : "bias_gelu");
  act("setup.use_run");
  ASSERT_TRUE(app->setup.request());
  EXPECT_EQ(app->setup.request()->problem, problem);
  EXPECT_EQ(app->setup.request()->dtype, dtype);
}

TEST_F(OnShowTest, TheClipboardTakesNoMoreThanADisplayServerBears) {
  std::string clipboard = "as it was";
  app->set_clipboard = [&](const std::string& text) { clipboard = text; };
  std::vector<tuner::Evaluation> many;
  for (std::uint64_t i = 0; i < 50'000; ++i)
    many.push_back(evaluation(i, "a_variant_with_a_long_name", 32 * static_cast<int>(1 + i % 32), 1));
  app->show_run(std::make_shared<const tuner::Run>(run_of(std::move(many))));
  app->update();
  act("select.shown");
  ASSERT_EQ(app->selection.items().size(), 50'000U);
  const auto copied = app->actions.run("copy.json");
  ASSERT_FALSE(copied);
  EXPECT_THAT(copied.error().message(), HasSubstr("export a file"));
  EXPECT_EQ(clipboard, "as it was");
  EXPECT_FALSE(app->copy(std::string(kClipboardLimit + 1, 'x'), "text"));
  EXPECT_TRUE(app->copy(std::string(kClipboardLimit, 'x'), "text"));
  act("select.rows", "1,2");
  act("copy.json");
  EXPECT_THAT(clipboard, HasSubstr("a_variant_with_a_long_name"));
}

TEST_F(OnShowTest, CountersOfTheBestAreReadUnlessTheyAreTurnedOff) {
  EXPECT_EQ(app->setup.how.counters, tuner::CounterMode::best);
  act("search.counters", "none");
  ASSERT_TRUE(app->setup.request());
  EXPECT_EQ(app->setup.request()->counters, tuner::CounterMode::none);
}

TEST_F(OnShowTest, ValuesOfAParameterAreInOrder) {
  for (const auto& entry : app->setup.choice.problems()) {
    act("problem.choose", entry->problem.name);
    for (const ParameterToggle& parameter : app->setup.space.parameters()) {
      for (std::size_t i = 1; i < parameter.values.size(); ++i) {
        const ValueToggle &a = parameter.values[i - 1], &b = parameter.values[i];
        EXPECT_TRUE(!a.number || !b.number || *a.number < *b.number) << entry->problem.name << " " << parameter.name;
      }
    }
  }
}

TEST_F(OnShowTest, ThePaletteFindsValuesOfParametersAndTheFilter) {
  const auto& parameter = app->setup.space.parameters().front();
  const std::string text = parameter.name + "=" + parameter.values.front().text;
  bool found = false;
  for (const PaletteEntry& entry : app->actions.search(text)) found = found || entry.argument == text;
  EXPECT_TRUE(found) << text;
  const auto shortcut = [&](const char* text_of) {
    const Action* action = app->actions.for_shortcut(Shortcut::parse(text_of).value());
    return action == nullptr ? std::string() : action->id;
  };
  EXPECT_EQ(shortcut("Ctrl+F"), "results.find");
  EXPECT_EQ(shortcut("Ctrl+P"), "palette.open");
  EXPECT_EQ(shortcut("Ctrl+Shift+P"), "palette.open");
  act("results.find");
  EXPECT_TRUE(app->dialogs.find);
}

}  // namespace
}  // namespace fuseline::app::gui
