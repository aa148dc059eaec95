// The program under a virtual display, and what it left behind: files, pictures, facts.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tuner/base/files.hpp"

namespace fuseline::app::gui::testing {

/// "fuseline-gui", or another build of it in the same folder that FUSELINE_GUI_PROGRAM names.
[[nodiscard]] std::string program_name();
[[nodiscard]] std::string program_path();

/// A picture in memory, 3 bytes a pixel.
struct Picture {
  int width = 0, height = 0;
  std::vector<unsigned char> pixels;
  struct Pixel {
    int r = 0, g = 0, b = 0;
  };
  [[nodiscard]] Pixel at(int x, int y) const {
    if (x < 0 || y < 0 || x >= width || y >= height) return {};
    const unsigned char* pixel =
        pixels.data() +
        (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) * 3;
    return {pixel[0], pixel[1], pixel[2]};
  }
};
[[nodiscard]] Picture load_picture(const std::string& file);

/// Distance of two colours, 0 to 765.
[[nodiscard]] inline int distance(const Picture::Pixel& a, const Picture::Pixel& b) {
  return std::abs(a.r - b.r) + std::abs(a.g - b.g) + std::abs(a.b - b.b);
}
/// How many colours there are in a box.
[[nodiscard]] std::size_t colours_in(const Picture& picture, const nlohmann::json& box);
/// Share of pixels that differ, for pictures of one size.
[[nodiscard]] double difference(const Picture& a, const Picture& b);

class ScriptedTest : public ::testing::Test {
 protected:
  void SetUp() override;
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// Runs the program with `arguments` under Xvfb; its exit code, output in path("output").
  int run(const std::string& arguments, const std::string& screen = "1920x1200x24");
  int play(const nlohmann::json& steps, const std::string& arguments = "");
  [[nodiscard]] nlohmann::json read_json(const std::string& name) const {
    return nlohmann::json::parse(tuner::read_file(path(name)).value());
  }
  [[nodiscard]] std::string output() const { return tuner::read_file(path("output")).value_or(""); }

  /// Last line of a shell script that runs the program; and what it left, -1 where it did not get that far.
  [[nodiscard]] std::string keep_exit_code() const;
  [[nodiscard]] int exit_code() const;

  std::filesystem::path folder_;
};

/// A program that goes on while the test acts on it.
class LiveTest : public ScriptedTest {
 protected:
  /// Starts the program with a script whose steps wait for files that the test makes.
  void start(const nlohmann::json& steps, const std::string& arguments);
  void TearDown() override;
  /// Until a file of the program is there; false after half the time that a program may take.
  bool wait_for(const std::string& name);
  /// Runs a command on the program's display.
  void on_display(const std::string& command);
  /// Mouse and keyboard, with time for the program to follow.
  void xdotool(const std::string& words);
  void go_on(const std::string& name) { std::ofstream(path(name)) << "now"; }
  /// Waits for the program's end; its exit code.
  int finish();

  std::thread program_;
};

/// A program that says what it shows whenever the test asks, and has real events meanwhile.
class DrivenTest : public LiveTest {
 protected:
  /// Starts it with `first` steps, in a folder of the test's own and with the keyboard.
  void begin(std::vector<nlohmann::json> first, const std::string& arguments = "");
  /// The facts, once nothing runs any more.
  nlohmann::json look();
  /// As quick as a key can be pressed: it counts however long a frame takes.
  void press(const std::string& key) { xdotool("key " + key); }
  void type(const std::string& text) { xdotool("type --delay 60 '" + text + "'"); }
  /// Of a box of the facts, or another of the same form.
  void point_at(const nlohmann::json& box);
  void click(const nlohmann::json& box);
  void drop(const std::string& files);
  nlohmann::json look_after(const std::string& key) {
    press(key);
    return look();
  }
  nlohmann::json look_after_typing(const std::string& text) {
    type(text);
    return look();
  }
  /// Ctrl+Q; its exit code.
  int leave();

 private:
  int looked_ = 0;
};

/// "X Y" of the middle of a box.
[[nodiscard]] std::string middle_of(const nlohmann::json& box);
[[nodiscard]] inline nlohmann::json act(const std::string& id, const std::string& value = {}) {
  nlohmann::json step = {{"action", id}};
  if (!value.empty()) step["value"] = value;
  return step;
}
[[nodiscard]] inline nlohmann::json facts_in(const std::string& file) { return {{"facts", file}}; }
[[nodiscard]] inline nlohmann::json some_frames(int count) { return {{"wait", "frames"}, {"count", count}}; }
/// A sweep that is replayed to its end, with no message over anything; then `more`.
[[nodiscard]] std::vector<nlohmann::json> after_a_sweep(const std::vector<nlohmann::json>& more = {});

[[nodiscard]] inline nlohmann::json wait_file(const std::string& file) { return {{"wait", "file"}, {"path", file}}; }

}  // namespace fuseline::app::gui::testing
