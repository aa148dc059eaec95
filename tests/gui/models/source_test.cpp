// The source on show, compiling it, and the editor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/gui/models/support.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy(std::filesystem::path(FUSELINE_SOURCE_DIR) / "tests/data/user_problem",
                          folder.path() / "mine", std::filesystem::copy_options::recursive);
    auto made = make_app({folder.path()});
    ASSERT_TRUE(made) << made.error().message();
    app = std::move(*made);
    ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->devices.searching(); }));
    act("problem.choose", "scale_add");
    app->update();
  }
  void act(const std::string& id, const std::string& value = {}) {
    const auto result = app->actions.run(id, value);
    ASSERT_TRUE(result) << result.error().message();
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const SourceFile& file : app->source.files()) all.push_back(file.name);
    return all;
  }
  /// A run of the problem that the folder holds.
  void show_run_of_it() {
    tuner::Run run = run_of({evaluation(0, "strided", 128, 0.4)});
    run.info.problem = "scale_add";
    run.info.dims = {{"rows", 64}, {"width", 256}};
    run.info.scalars = {{"alpha", 0.5}};
    run.info.device.limits = app->devices.target("rtx4090")->limits;
    run.evaluations[0].configuration = {"strided", {{"block", 128}, {"items", 2}, {"order", tuner::Value("fused")}}};
    app->show_run(std::make_shared<const tuner::Run>(run));
    app->update();
  }
  TemporaryFolder folder;
  std::unique_ptr<App> app;
};

TEST_F(SourceTest, DifferencesFromTheBaselineAreParametersAndLines) {
  show_run_of_it();
  EXPECT_FALSE(app->can_compare_sources()) << "the best alone";
  EXPECT_FALSE(app->actions.run("source.against"));
  tuner::Run before = run_of({evaluation(5, "strided", 128, 0.4)});
  before.info.id = 3;
  before.info.problem = "scale_add";
  before.info.dims = {{"rows", 64}, {"width", 256}};
  before.info.scalars = {{"alpha", 0.5}};
  before.evaluations[0].configuration = {"strided", {{"block", 256}, {"items", 2}}};
  app->pins.add(pin_of(before.info, before.evaluations.front()));
  app->update();
  EXPECT_EQ(app->source_differences(), nullptr) << "nobody asked";
  act("source.against");
  app->update();
  const SourceDiff* diff = app->source_differences();
  ASSERT_NE(diff, nullptr);
  EXPECT_EQ(diff->before, "run 3 #5 strided");
  ASSERT_EQ(diff->parameters.size(), 2U);
  EXPECT_EQ(diff->parameters[0].name, "block");
  EXPECT_EQ(diff->parameters[0].before + " " + diff->parameters[0].after, "256 128");
  EXPECT_EQ(diff->parameters[1].before, "-") << "it had no such parameter";
  EXPECT_TRUE(diff->files.empty()) << "one variant";
  EXPECT_GT(diff->same_files, 1U);
  act("source.against");
  app->update();
  EXPECT_EQ(app->source_differences(), nullptr);
}

TEST_F(SourceTest, TwoVariantsDifferInTheirKernelsAndShareTheirHeaders) {
  const auto catalog = app->catalog;
  const auto entry = catalog->find("layernorm_gelu_scale").value();
  ASSERT_GE(entry->variants.size(), 2U);
  const auto subject = [&](const tuner::Variant& variant) {
    SourceSubject made;
    made.catalog = catalog;
    made.entry = entry;
    made.variant = &variant;
    made.data = app->options.data;
    made.configuration = {variant.name, {}};
    made.title = variant.name;
    return made;
  };
  const SourceDiff diff = source_diff(subject(entry->variants[0]), subject(entry->variants[1]));
  EXPECT_EQ(diff.missing, "");
  EXPECT_EQ(diff.parameters.front().name, "variant");
  ASSERT_GE(diff.files.size(), 2U) << "kernel and manifest";
  EXPECT_THAT(diff.files.front().name, HasSubstr(" \u2192 "));
  EXPECT_GT(diff.files.front().added, 0U);
  EXPECT_GE(diff.same_files, 1U) << "the reference";
  SourceSubject gone = subject(entry->variants[0]);
  gone.variant = nullptr;
  EXPECT_NE(source_diff(gone, subject(entry->variants[1])).missing, "");
}

TEST_F(SourceTest, IsThatOfTheSetUpBeforeARunWithAllThatItIncludes) {
  EXPECT_THAT(names(), ElementsAre("strided.cu", "element.cuh", "strided.json", "reference.cu"));
  ASSERT_NE(app->source.code(), nullptr);
  EXPECT_THAT(app->source.code()->text(), HasSubstr("scale_add_strided"));
  EXPECT_EQ(app->source.file()->path, folder.path() / "mine/strided.cu");
  EXPECT_EQ(app->source.value_of("PARAM_items"), "one of 1, 2, 4, 8") << "open until a configuration is selected";
  EXPECT_EQ(app->source.value_of("DIM_total"), "16384");
  act("problem.choose", "layernorm_gelu_scale");
  app->update();
  const auto all = names();
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const auto& name) { return name.starts_with("common/"); }));
  for (const SourceFile& file : app->source.files())
    EXPECT_TRUE(std::filesystem::exists(file.path)) << file.path << " can be edited";
}

TEST_F(SourceTest, IsThatOfTheConfigurationSelectedAfterARun) {
  show_run_of_it();
  EXPECT_EQ(app->source_of, SourceOf::run);
  EXPECT_EQ(app->source.subject().title, "#0 strided");
  EXPECT_EQ(app->source.value_of("PARAM_items"), "2");
  EXPECT_EQ(app->source.value_of("PARAM_order"), "fused");
  EXPECT_EQ(app->source.value_of("PARAM_none"), "");
  act("problem.choose", "layernorm_gelu_scale");
  app->update();
  EXPECT_EQ(app->source_of, SourceOf::setup) << "another problem is chosen";
  act("select.rows", "0");
  app->update();
  EXPECT_EQ(app->source.subject().title, "#0 strided") << "and a configuration of the run again";
  EXPECT_FALSE(app->actions.run("source.variant", "strided")) << "no variant of what is set up";
}

TEST_F(SourceTest, IsFoundInGoneThroughAndKeptWhereFilesChange) {
  act("source.find", "param_");
  const std::size_t count = app->source.matches().size();
  ASSERT_GE(count, 4U);
  const std::size_t first = app->source.line();
  act("source.previous");
  EXPECT_EQ(app->source.match(), count - 1) << "round the end";
  act("source.next");
  EXPECT_EQ(app->source.line(), first);
  act("source.file", "element.cuh");
  EXPECT_TRUE(app->source.matches().empty());
  EXPECT_FALSE(app->actions.run("source.next")) << "nothing is found there";
  act("source.go_to", "strided.cu:3");
  EXPECT_EQ(app->source.line(), 3U);
  EXPECT_FALSE(app->actions.run("source.go_to", "strided.cu:3000"));
  EXPECT_FALSE(app->actions.run("source.go_to", "other.cu:3"));
  EXPECT_FALSE(app->actions.run("source.go_to", "x"));

  const auto laid_out = app->source.code();
  app->update();
  EXPECT_EQ(app->source.code(), laid_out) << "once for a text, not for a frame";
  app->folder_watch.take(app->problem_folders());
  folder.write("mine/strided.cu", "// mine\nextern \"C\" __global__ void scale_add_strided() {}\n// PARAM_block\n");
  ASSERT_TRUE(update_until(*app, [&] {
    app->watch_problems();
    return app->source.code() != laid_out;
  }));
  EXPECT_THAT(app->source.code()->text(), StartsWith("// mine"));
  EXPECT_EQ(app->source.line(), 3U) << "as far as it is still there";
  EXPECT_EQ(app->source.matches().size(), 1U);
}

TEST_F(SourceTest, CopiesTheLinesMarkedOrAll) {
  std::string copied;
  app->set_clipboard = [&](const std::string& text) { copied = text; };
  act("source.copy");
  EXPECT_EQ(copied, *app->source.file()->text);
  app->source.mark(2, false);
  app->source.mark(1, true);
  act("source.copy");
  EXPECT_THAT(copied, StartsWith("// A block takes a tile"));
  EXPECT_EQ(std::count(copied.begin(), copied.end(), '\n'), 2);
}

/// A compiler that answers with an image of 22 registers, or with what is wrong.
tuner::ImageStream compiler(const std::string& reason, const std::string& log) {
  return [=](std::size_t count, const std::function<tuner::BuildRequest(std::size_t)>& request,
             const std::function<void(const tuner::BuildReply&)>& take) -> tuner::Result<void> {
    for (std::size_t i = 0; i < count; ++i) {
      const bool probe = request(i).configuration.resolved.source_name == "probe.cu";
      tuner::BuildReply reply;
      reply.id = i;
      if (!probe) reply.reason = reason;
      if (!probe) reply.log = log;
      if (reply.reason.empty())
        reply.image = tuner::read_file(std::filesystem::path(FUSELINE_SOURCE_DIR) /
                                       "tests/data/image_problem/cubins/scale_add_256.sm_90.cubin")
                          .value();
      reply.symbols["scale_add_strided"] = "scale_add";
      take(reply);
    }
    return {};
  };
}

TEST_F(SourceTest, CompilesToFiguresBesideThoseOfBefore) {
  CompileTask task;
  task.subject = app->source.subject();
  task.selection.parameters["items"] = {"4"};
  std::tie(task.chip, task.chip_name) = app->compile_chip(SourceOf::setup);
  const auto once = [&](const std::string& reason, const std::string& log, std::optional<CompiledFigures> measured) {
    bool done = false;
    app->compile.start(app->background, task, compiler(reason, log), measured,
                       [&](const tuner::Result<Compiled>& compiled) {
                         EXPECT_TRUE(compiled) << compiled.error().message();
                         done = true;
                       });
    EXPECT_TRUE(update_until(*app, [&] { return done; }));
  };
  once("", "strided.cu(9): warning #177-D: variable \"i\" is never used\n", CompiledFigures{40, 0, 0, 0.5});
  const Compiled good = *app->compile.now();
  EXPECT_EQ(good.configuration.key(), "strided block=64 items=4 order=plain") << "the first of the set-up";
  EXPECT_EQ(good.figures.registers, 22);
  EXPECT_EQ(app->compile.before_is(), "in the run");
  EXPECT_THAT(compiled_text(good, app->compile.before()), HasSubstr("40 -> 22 registers, no spills; 1 message"));
  ASSERT_EQ(good.look.messages.size(), 1U);
  EXPECT_EQ(good.look.messages[0].line, 9);

  once("strided.cu(3): error: expected a \";\"", "strided.cu(3): error: expected a \";\"\n", std::nullopt);
  EXPECT_FALSE(app->compile.now()->good());
  EXPECT_THAT(compiled_text(*app->compile.now(), app->compile.before()), HasSubstr("does not compile: strided.cu(3)"));
  EXPECT_EQ(app->compile.before()->registers, 22) << "the last good one stays";
  once("", "", std::nullopt);
  EXPECT_EQ(app->compile.before_is(), "before");
  const auto lines = compiled_lines(app->compile.before(), app->compile.now()->figures);
  EXPECT_EQ(lines[0].before, "22");
  EXPECT_EQ(lines[0].now, "22");
  EXPECT_EQ(lines[0].change, 0);
}

TEST_F(SourceTest, WhatCannotBeCompiledIsSaid) {
  // There is no worker to compile with.
  act("source.compile");
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  EXPECT_EQ(app->messages.all().back().severity, Severity::error);
  EXPECT_EQ(app->compile.now(), nullptr);
  act("problem.dimension", "rows=0");
  app->update();
  const auto refused = app->actions.run("source.compile");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("rows"));
  EXPECT_FALSE(app->actions.run("source.compile_for", "moon"));
}

TEST(Editor, IsTheUsersOwnOrOneThatIsThere) {
  std::vector<std::string> there = {"vim", "code", "xterm", "xdg-open", "mine"};
  EditorEnvironment environment;
  environment.has_program = [&](const std::string& name) {
    return std::find(there.begin(), there.end(), name) != there.end();
  };
  const auto command = [&] {
    const auto words = editor_command(environment, "/a b/k.cu", 7);
    return words ? command_text(*words) : words.error().message();
  };
  EXPECT_EQ(command(), "code -g '/a b/k.cu:7'");
  environment.editor = "vim";
  EXPECT_EQ(command(), "xterm -e vim +7 '/a b/k.cu'") << "what has no window of its own gets a terminal";
  environment.visual = "mine --wait";
  EXPECT_EQ(command(), "mine --wait '/a b/k.cu'") << "an editor that is not known is given no line";
  environment.visual = "emacs2";
  EXPECT_THAT(command(), HasSubstr("$VISUAL is 'emacs2', and there is no such program"));
  environment.visual.clear(), environment.editor.clear();
  there = {"xdg-open"};
  EXPECT_EQ(command(), "xdg-open '/a b/k.cu'");
  there = {"vim"};
  EXPECT_THAT(command(), HasSubstr("no terminal was found"));
  there.clear();
  EXPECT_THAT(command(), HasSubstr("set $VISUAL or $EDITOR"));
}

TEST(Editor, ThatFailsIsAMessage) {
  Messages messages;
  Editors editors;
  ASSERT_TRUE(editors.start({"sh", "-c", "exit 3"}, messages));
  EXPECT_THAT(messages.all().back().text, HasSubstr("Opened by: sh -c 'exit 3'"));
  for (int i = 0; i < 2000 && editors.any(); ++i) {
    editors.poll(messages);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_THAT(messages.all().back().text, HasSubstr("exited with status 3"));
}

}  // namespace
}  // namespace fuseline::app::gui
