// What people come for, done with a mouse and keys as they have them: what each job takes, beside what it took when
// the window was judged.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "tests/gui/scripted/support.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using nlohmann::json;
using ::testing::HasSubstr;

/// What hands do, and the seconds of it by the keystroke-level model (Card, Moran, Newell 1980): 0.2 s a key of an
/// average typist, 1.1 s to point and 0.2 s to press, 0.4 s from the mouse to the keys or back, and 1.35 s to think
/// before each of what is done as a whole: a click, a shortcut, a piece of text.
struct Effort {
  int clicks = 0, keys = 0;
  double seconds = 0;
};

class Hands {
 public:
  void click() {
    go_to(true);
    ++effort_.clicks;
    effort_.seconds += 1.35 + 1.1 + 0.2;
  }
  void shortcut(int keys_held) {
    go_to(false);
    ++effort_.keys;
    effort_.seconds += 1.35 + 0.2 * keys_held;
  }
  /// Of what was begun: no thought goes before it.
  void key() {
    go_to(false);
    ++effort_.keys;
    effort_.seconds += 0.2;
  }
  void text(std::size_t letters) {
    go_to(false);
    effort_.keys += static_cast<int>(letters);
    effort_.seconds += 1.35 + 0.2 * static_cast<double>(letters);
  }
  [[nodiscard]] const Effort& effort() const { return effort_; }

 private:
  void go_to(bool mouse) {
    if (started_ && mouse != at_mouse_) effort_.seconds += 0.4;
    started_ = true;
    at_mouse_ = mouse;
  }
  Effort effort_;
  bool started_ = false, at_mouse_ = false;
};

/// As the window was judged on 2026-11-28, by the same model.
Effort clicks_then(int clicks) {
  Hands hands;
  for (int i = 0; i < clicks; ++i) hands.click();
  return hands.effort();
}
/// Ctrl+D after three clicks.
Effort comparing_then() {
  Hands hands;
  for (int i = 0; i < 3; ++i) hands.click();
  hands.shortcut(2);
  return hands.effort();
}
/// Ctrl+E, Enter for one file; a button, Enter for the other.
Effort exporting_then() {
  Hands hands;
  hands.shortcut(2);
  hands.key();
  hands.click();
  hands.key();
  return hands.effort();
}
/// Ctrl+O, sixty letters, Enter.
Effort opening_then() {
  Hands hands;
  hands.shortcut(2);
  hands.text(60);
  hands.key();
  return hands.effort();
}
/// Some 45 keys: the palette four times, with arrows and blanks between.
Effort keyboard_then() {
  Hands hands;
  for (int i = 0; i < 4; ++i) {
    hands.shortcut(2);
    hands.text(8);
    hands.key();
  }
  for (int i = 0; i < 4; ++i) hands.key();
  hands.shortcut(2);
  return hands.effort();
}

class JobsTest : public DrivenTest {
 protected:
  /// Begins a job.
  void job(const std::string& name) {
    name_ = name;
    hands_ = {};
  }
  json by_click(const json& box) {
    hands_.click();
    click(box);
    return look();
  }
  json by_shortcut(const std::string& keys) {
    hands_.shortcut(static_cast<int>(std::count(keys.begin(), keys.end(), '+')) + 1);
    return look_after(keys);
  }
  json by_key(const std::string& key) {
    hands_.key();
    return look_after(key);
  }
  json by_text(const std::string& text) {
    hands_.text(text.size());
    return look_after_typing(text);
  }
  /// What somebody wants to write, in whatever way: it counts for nothing.
  void content(const std::string& text) { (void)look_after_typing(text); }
  /// The job is done: in half of the clicks, or without clicks of the keys, and of the seconds; with no more where it
  /// was one click or none. Nothing where it could not be done.
  void done(const std::optional<Effort>& then) {
    const Effort& now = hands_.effort();
    const std::string before =
        then ? fmt::format("{} | {} | {:.1f}", then->clicks, then->keys, then->seconds) : "- | - | not possible";
    table_ += fmt::format("| {} | {} | {} | {} | {:.1f} |\n", name_, before, now.clicks, now.keys, now.seconds);
    if (!then) return;
    const bool one = then->clicks + then->keys <= 1;
    EXPECT_LE(now.clicks, one ? then->clicks : then->clicks / 2) << name_;
    if (then->clicks == 0) {
      EXPECT_LE(now.keys, then->keys / 2) << name_;
    }
    EXPECT_LE(now.seconds, one ? then->seconds : then->seconds / 2) << name_;
  }
  /// Over the title of a run in the history, which is in front.
  json quick(const json& facts, int run, const std::string& what) {
    point_at(facts["boxes"][fmt::format("run.{}", run)]);
    const json pointed = look();
    return by_click(pointed["boxes"][fmt::format("run.{}.{}", run, what)]);
  }
  void TearDown() override {
    DrivenTest::TearDown();
    std::cout << "| job | clicks then | keys | s | clicks now | keys | s |\n|---|---|---|---|---|---|---|\n" << table_;
    std::cout.flush();
  }

  std::string name_, table_;
  Hands hands_;
};

/// A problem of one's own in `folder`.
void write_own_problem(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::filesystem::copy(tuner::data_folder() / "kernels/bias_gelu", folder);
  json problem = json::parse(tuner::read_file(folder / "problem.json").value());
  problem["name"] = "my_bias";
  std::ofstream(folder / "problem.json") << problem.dump(1);
}

constexpr const char* kCache = R"({"device_name": "NVIDIA A100", "kernel_name": "convolution_kernel",
"problem_size": [4096, 2048], "tune_params_keys": ["block_size_x"], "tune_params": {"block_size_x": [16, 32]},
"objective": "time", "cache": {
"16": {"block_size_x": 16, "time": 3.0, "times": [4.0, 2.0, 3.0]},
"32": {"block_size_x": 32, "time": 2.0, "times": [2.0, 2.1, 1.9]}}})";

const std::vector<json> kReplaying = {{{"wait", "idle"}}, act("device.choose", "replay:h200"), act("messages.dismiss")};

// Each takes half of what it took, and none is impossible: done() says so.
TEST_F(JobsTest, ASweepIsMadeExplainedComparedAndExported) {
  begin(kReplaying);
  job("(a) softmax f16, one variant, two values, run");
  (void)by_shortcut("ctrl+p");
  (void)by_text("sof f16 spl gr=4,8");
  json shown = by_key("Return");
  EXPECT_THAT(shown["on_show"].get<std::string>(), HasSubstr("softmax_bias_scale_sigmoid"));
  EXPECT_THAT(shown["on_show"].get<std::string>(), HasSubstr("f16"));
  EXPECT_GT(shown["rows"].get<int>(), 50);
  EXPECT_EQ(shown["sweep"], "Finished");
  done(clicks_then(7));

  job("(b) which parameter matters most");
  EXPECT_TRUE(shown["boxes"].contains("why")) << "it is in front";
  done(Effort{});

  job("(c) why is the best not faster");
  EXPECT_TRUE(shown["boxes"].contains("details.bound"));
  EXPECT_THAT(shown["bound"].get<std::string>(), HasSubstr("L2"));
  done(clicks_then(1));

  job("(d) the best against a slow one: parameters, counters");
  json slow = shown["marks"].front();
  for (const json& mark : shown["marks"]) {
    if (mark["y"] > slow["y"]) slow = mark;
  }
  shown = by_click({slow["x"], slow["y"], 0, 0});
  EXPECT_EQ(shown["selected"].size(), 1U);
  shown = by_shortcut("ctrl+d");
  EXPECT_TRUE(shown["boxes"].contains("compare.plot"));
  done(comparing_then());
  job("(d) and their sources");
  shown = by_click(shown["boxes"]["compare.sources"]);
  EXPECT_TRUE(shown["boxes"].contains("source.diff"));
  done(std::nullopt);

  job("(e) where does the 4090 stand");
  EXPECT_THAT(shown["target"].get<std::string>(), HasSubstr("4090"));
  EXPECT_TRUE(shown["boxes"].contains("roofline.plot"));
  done(Effort{});

  job("(f) the result as JSON, the roofline as SVG");
  (void)by_shortcut("ctrl+alt+e");
  (void)by_key("Return");
  EXPECT_EQ(read_json("softmax_bias_scale_sigmoid.f16.json")["problem"]["name"], "softmax_bias_scale_sigmoid");
  EXPECT_THAT(tuner::read_file(path("softmax_bias_scale_sigmoid.f16.roofline.svg")).value(), HasSubstr("</svg>"));
  done(exporting_then());

  job("(j) another target");
  EXPECT_NE(by_shortcut("ctrl+t")["target"], shown["target"]);
  done(clicks_then(3));
  EXPECT_EQ(leave(), 0) << output();
}

TEST_F(JobsTest, TheSameByKeysAlone) {
  begin(kReplaying);
  job("(k) all of (a) by keys");
  (void)by_shortcut("ctrl+p");
  (void)by_text("sof bf16 spl gr=4,8");
  json shown = by_key("Return");
  EXPECT_THAT(shown["on_show"].get<std::string>(), HasSubstr("bf16"));
  done(keyboard_then());
  job("(k) all of (d) by keys, with sources");
  shown = by_shortcut("ctrl+shift+d");
  EXPECT_EQ(shown["selected"].size(), 1U);
  EXPECT_TRUE(shown["boxes"].contains("compare.plot"));
  EXPECT_TRUE(by_shortcut("ctrl+shift+s")["boxes"].contains("source.diff"));
  done(std::nullopt);
  EXPECT_EQ(leave(), 0) << output();
}

TEST_F(JobsTest, RunsAreAnnotatedComparedNamedAndDeleted) {
  begin(after_a_sweep({act("run.first"), {{"wait", "sweep"}}, {{"wait", "idle"}}, act("messages.dismiss")}));
  json shown = look();
  click(shown["boxes"]["tab.history"]);
  shown = look();
  ASSERT_EQ(shown["kept"].size(), 2U);
  job("(i) a note on a run");
  (void)quick(shown, 1, "Note");
  content("paper");
  shown = by_key("Return");
  EXPECT_EQ(shown["kept"].back()["note"], "paper");
  done(clicks_then(3));
  job("(i) two runs compared");
  shown = quick(shown, 1, "Compare");
  EXPECT_TRUE(shown["boxes"].contains("history.comparison"));
  done(clicks_then(5));
  job("(i) a run renamed");
  (void)by_shortcut("F2");
  content("mine");
  shown = by_key("Return");
  EXPECT_EQ(shown["kept"].front()["title"], "mine");
  done(std::nullopt);
  job("(i) a run deleted");
  shown = quick(shown, 1, "Delete");
  EXPECT_EQ(shown["kept"].size(), 1U);
  done(clicks_then(3));
  EXPECT_EQ(leave(), 0) << output();
}

TEST_F(JobsTest, FilesAndProblemsOfOnesOwnAreOpened) {
  std::ofstream(path("cache.json")) << kCache;
  write_own_problem(path("my_kernels"));
  begin(kReplaying);
  job("(g) a Kernel Tuner cache, by the dialog");
  (void)by_shortcut("ctrl+o");
  (void)by_text("ca");
  (void)by_key("Tab");
  const json shown = by_key("Return");
  EXPECT_THAT(shown["on_show"].get<std::string>(), HasSubstr("convolution_kernel"));
  done(opening_then());
  job("(g) the same dropped");
  drop(path("cache.json"));
  hands_.click();
  EXPECT_EQ(look()["rows"], 2);
  done(clicks_then(1));

  job("(h) a problem of one's own, dropped");
  hands_.click();
  drop(path("my_kernels"));
  EXPECT_EQ(look()["problem"], "my_bias");
  done(std::nullopt);
  EXPECT_EQ(leave(), 0) << output();
}

}  // namespace
}  // namespace fuseline::app::gui
