#include "tests/gui/scripted/support.hpp"

#include <fmt/format.h>

#include <chrono>
#include <set>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#define STBI_ONLY_PNG
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb_image.h>
#pragma GCC diagnostic pop

#include "tuner/base/sanitized.hpp"

namespace fuseline::app::gui::testing {
namespace {

constexpr int kLongest = tuner::kSanitized ? 500 : 170;  ///< Seconds.

std::string program() {
#ifdef FUSELINE_PRELOADED
  return "env LD_PRELOAD=" FUSELINE_PRELOADED " " + program_path();
#else
  return program_path();
#endif
}

}  // namespace

std::string program_name() {
  const char* other = std::getenv("FUSELINE_GUI_PROGRAM");
  return other == nullptr ? "fuseline-gui" : other;
}

std::string program_path() { return std::string(FUSELINE_BIN_DIR "/") + program_name(); }

Picture load_picture(const std::string& file) {
  Picture picture;
  int channels = 0;
  unsigned char* pixels = stbi_load(file.c_str(), &picture.width, &picture.height, &channels, 3);
  if (pixels == nullptr) return {};
  picture.pixels.assign(pixels, pixels + static_cast<std::ptrdiff_t>(picture.width) * picture.height * 3);
  stbi_image_free(pixels);
  return picture;
}

std::size_t colours_in(const Picture& picture, const nlohmann::json& box) {
  std::set<int> colours;
  const int x = box[0].get<int>(), y = box[1].get<int>(), width = box[2].get<int>(), height = box[3].get<int>();
  for (int row = y; row < y + height; ++row) {
    for (int column = x; column < x + width; ++column) {
      const Picture::Pixel pixel = picture.at(column, row);
      colours.insert((pixel.r << 16) | (pixel.g << 8) | pixel.b);
    }
  }
  return colours.size();
}

double difference(const Picture& a, const Picture& b) {
  if (a.width != b.width || a.height != b.height || a.pixels.empty()) return 1;
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.pixels.size(); i += 3) {
    count += std::abs(a.pixels[i] - b.pixels[i]) + std::abs(a.pixels[i + 1] - b.pixels[i + 1]) +
                         std::abs(a.pixels[i + 2] - b.pixels[i + 2]) >
                     24
                 ? 1
                 : 0;
  }
  return static_cast<double>(count) * 3 / static_cast<double>(a.pixels.size());
}

void ScriptedTest::SetUp() {
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  folder_ = std::filesystem::path(::testing::TempDir()) / (std::string("fuseline_gui_") + info->name());
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directories(folder_);
  // Children inherit the environment: nothing of the user's is read or written.
  setenv("XDG_CONFIG_HOME", path("config").c_str(), 1);
  setenv("XDG_DATA_HOME", path("data").c_str(), 1);
  setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
  // Mesa is not instrumented: what it keeps until its end is not ours, and how its threads wait for each other is not
  // seen.
  std::ofstream(path("leaks")) << "leak:_dri.so\nleak:libgallium\nleak:libGL\nleak:libLLVM\n";
  setenv("LSAN_OPTIONS", fmt::format("suppressions={}:print_suppressions=0", path("leaks")).c_str(), 1);
  setenv("TSAN_OPTIONS", "ignore_noninstrumented_modules=1", 1);
}

int ScriptedTest::run(const std::string& arguments, const std::string& screen) {
  std::ofstream(path("run.sh")) << program() << " " << arguments << '\n' << keep_exit_code();
  const std::string command = fmt::format("timeout {} xvfb-run -a -s '-screen 0 {}' bash {} >{} 2>&1", kLongest, screen,
                                          path("run.sh"), path("output"));
  std::filesystem::remove(path("code"));
  static_cast<void>(std::system(command.c_str()));
  return exit_code();
}

// xvfb-run's own exit code is another where it cannot remove its temporary folder, which happens when several end at
// once.
std::string ScriptedTest::keep_exit_code() const {
  return fmt::format("echo $? >{0}.tmp; mv {0}.tmp {0}\n", path("code"));
}

int ScriptedTest::exit_code() const {
  int code = -1;
  std::ifstream(path("code")) >> code;
  return code;
}

int ScriptedTest::play(const nlohmann::json& steps, const std::string& arguments) {
  std::ofstream(path("script.json")) << steps.dump();
  return run(fmt::format("--db {} --script {} {}", path("runs.db"), path("script.json"), arguments));
}

void LiveTest::start(const nlohmann::json& steps, const std::string& arguments) {
  std::ofstream(path("script.json")) << steps.dump();
  std::ofstream(path("start.sh")) << "echo \"DISPLAY=$DISPLAY XAUTHORITY=$XAUTHORITY\" > " << path("display.tmp")
                                  << "; mv " << path("display.tmp") << " " << path("display") << "; cd " << path("")
                                  << "\n"
                                  << program() << " " << arguments << " --script " << path("script.json") << '\n'
                                  << keep_exit_code();
  const std::string command = fmt::format("timeout {} xvfb-run -a -s '-screen 0 1600x1000x24' bash {} >{} 2>&1",
                                          kLongest, path("start.sh"), path("output"));
  program_ = std::thread([command] { static_cast<void>(std::system(command.c_str())); });
}

void LiveTest::TearDown() {
  if (program_.joinable()) program_.join();
}

bool LiveTest::wait_for(const std::string& name) {
  for (int i = 0; i < kLongest * 5; ++i) {
    if (std::filesystem::exists(path(name))) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

void LiveTest::on_display(const std::string& command) {
  std::string environment = tuner::read_file(path("display")).value();
  environment.pop_back();
  ASSERT_EQ(std::system(fmt::format("env {} {}", environment, command).c_str()), 0) << command;
}

void LiveTest::xdotool(const std::string& words) {
  on_display("xdotool " + words);
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
}

void DrivenTest::begin(std::vector<nlohmann::json> first, const std::string& arguments) {
  constexpr int kMostLooks = 120;
  first.push_back(facts_in(path("ready")));
  for (int i = 0; i < kMostLooks; ++i) {
    const std::string name = std::to_string(i);
    for (const nlohmann::json& step : std::vector<nlohmann::json>{wait_file(path("go_" + name)),
                                                                  {{"wait", "idle"}},
                                                                  some_frames(6),
                                                                  facts_in(path(name + ".tmp")),
                                                                  facts_in(path(name))})
      first.push_back(step);
  }
  start(first, "--db :memory: --settings none --width 1600 --height 1000 " + arguments);
  ASSERT_TRUE(wait_for("ready")) << output();
  // Without a window manager nobody gives the window the keyboard.
  xdotool("mousemove 3 600 search --sync --onlyvisible --name Fuseline windowfocus --sync");
}

nlohmann::json DrivenTest::look() {
  const std::string name = std::to_string(looked_++);
  go_on("go_" + name);
  EXPECT_TRUE(wait_for(name)) << output();
  return read_json(name + ".tmp");
}

void DrivenTest::point_at(const nlohmann::json& box) { xdotool("mousemove --sync " + middle_of(box)); }

// The pointer is there for a frame before it presses, as a hand has it.
void DrivenTest::click(const nlohmann::json& box) {
  xdotool("mousemove " + middle_of(box) + " sleep 0.2 mousedown 1 sleep 0.1 mouseup 1");
}

void DrivenTest::drop(const std::string& files) {
  on_display(fmt::format("{}/drop_files Fuseline {}", FUSELINE_BIN_DIR, files));
}

int DrivenTest::leave() {
  press("ctrl+q");
  return finish();
}

std::string middle_of(const nlohmann::json& box) {
  return fmt::format("{:.0f} {:.0f}", box[0].get<double>() + box[2].get<double>() / 2,
                     box[1].get<double>() + box[3].get<double>() / 2);
}

std::vector<nlohmann::json> after_a_sweep(const std::vector<nlohmann::json>& more) {
  std::vector<nlohmann::json> steps = {
      {{"wait", "idle"}}, act("run.first"), {{"wait", "sweep"}}, {{"wait", "idle"}}, act("messages.dismiss")};
  steps.insert(steps.end(), more.begin(), more.end());
  return steps;
}

int LiveTest::finish() {
  program_.join();
  return exit_code();
}

}  // namespace fuseline::app::gui::testing
