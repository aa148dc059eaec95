// Man pages and completions as the program writes them, tried in the shells that are there.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/app/program.hpp"

namespace fuseline::app {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class Pages : public ::testing::Test {
 protected:
  void SetUp() override {
    const Finished finished = program_.run("pages share");
    ASSERT_EQ(finished.code, 0) << finished.err;
    ASSERT_EQ(finished.out, "");
  }

  [[nodiscard]] std::string page(const std::string& name) const { return program_.read("share/man/man1/" + name); }

  /// What bash offers for the last of `words`, one a line.
  [[nodiscard]] std::string offered(const std::string& words) const {
    program_.write("try.sh", fmt::format("PATH=\"{}:$PATH\"\nsource share/bash-completion/completions/fuseline\n"
                                         "COMP_WORDS=({})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n_fuseline\n"
                                         "printf '%s\\n' \"${{COMPREPLY[@]}}\" >offered\n",
                                         FUSELINE_BIN_DIR, words));
    const std::string command = fmt::format("cd {} && bash -eu try.sh 2>said", program_.path(""));
    EXPECT_EQ(std::system(command.c_str()), 0) << program_.read("said");
    return program_.read("offered");
  }

  Program program_;
};

TEST_F(Pages, ThereIsOneForTheProgramAndForEverySubcommand) {
  const std::string main = page("fuseline.1");
  EXPECT_THAT(main, HasSubstr(".TH FUSELINE 1"));
  EXPECT_THAT(main, HasSubstr("\\fB\\-\\-preset\\-path\\fR \\fIFOLDER\\fR"));
  for (const char* command : {"sweep", "export", "import-triton", "new", "check"}) {
    EXPECT_THAT(main, HasSubstr(std::string(".TP\n\\fB") +
                                (std::string(command) == "import-triton" ? "import\\-triton" : command)));
    EXPECT_NE(page(fmt::format("fuseline-{}.1", command)), "") << command;
  }
  EXPECT_THAT(main, Not(HasSubstr("fuseline\\-pages"))) << "it is for who packages";
}

TEST_F(Pages, TheySayWhatHelpSays) {
  const std::string sweep = page("fuseline-sweep.1");
  EXPECT_THAT(sweep, HasSubstr(".SH SYNOPSIS\n\\fBfuseline sweep\\fR [\\fIOPTIONS\\fR] [\\fIproblem\\fR]\n"));
  EXPECT_THAT(sweep, HasSubstr(".TP\n\\fB\\-\\-counters\\fR \\fITEXT\\fR\n"));
  EXPECT_THAT(sweep, HasSubstr("(none, best, all).\n"));
  EXPECT_THAT(sweep, HasSubstr(".SH EXAMPLES\n.nf\n  fuseline sweep layernorm_gelu_scale \\-\\-json best.json\n"));
  EXPECT_THAT(page("fuseline-new.1"), HasSubstr("\\fB\\-\\-from\\fR \\fIFILE\\fR"));
}

TEST_F(Pages, GroffFindsNothingWrong) {
  if (std::system("command -v groff >/dev/null") != 0) GTEST_SKIP() << "groff is not there";
  for (const auto& each : std::filesystem::directory_iterator(program_.path("share/man/man1"))) {
    const std::string command = fmt::format("groff -man -Tutf8 -ww {} >{} 2>{}", each.path().string(),
                                            program_.path("shown"), program_.path("said"));
    EXPECT_EQ(std::system(command.c_str()), 0);
    EXPECT_EQ(program_.read("said"), "") << each.path();
    EXPECT_THAT(program_.read("shown"), HasSubstr("FUSELINE")) << each.path();
  }
}

TEST_F(Pages, BashOffersCommandsOptionsAndValues) {
  EXPECT_EQ(offered("fuseline swe"), "sweep\n");
  EXPECT_EQ(offered("fuseline sweep --strat"), "--strategy\n");
  EXPECT_EQ(offered("fuseline sweep --counters b"), "best\n");
  EXPECT_EQ(offered("fuseline --quiet sweep --pres"), "--preset-path\n") << "options of every command";
  EXPECT_EQ(offered("fuseline sweep rmsnorm"), "rmsnorm_residual\n");
  program_.write("run_a.json", "{}");
  EXPECT_EQ(offered("fuseline export --output run_"), "run_a.json\n");
  EXPECT_THAT(offered("fuseline ''"), ContainsRegex("problems\n(.*\n)*export\n"));
}

TEST_F(Pages, OtherShellsReadTheirs) {
  const std::string zsh = program_.read("share/zsh/site-functions/_fuseline");
  EXPECT_THAT(zsh, HasSubstr("#compdef fuseline\n"));
  EXPECT_THAT(zsh, HasSubstr("'--counters[Hardware counters]:TEXT:(none best all)'"));
  const std::string fish = program_.read("share/fish/vendor_completions.d/fuseline.fish");
  EXPECT_THAT(
      fish, HasSubstr("complete -c fuseline -n '__fish_seen_subcommand_from sweep' -l counters -x -a 'none best all'"));
  for (const auto& [shell, file] : {std::pair("zsh", "zsh/site-functions/_fuseline"),
                                    std::pair("fish", "fish/vendor_completions.d/fuseline.fish")}) {
    if (std::system(fmt::format("command -v {} >/dev/null", shell).c_str()) != 0) continue;
    EXPECT_EQ(std::system(fmt::format("{} -n {}", shell, program_.path(std::string("share/") + file)).c_str()), 0)
        << shell;
  }
}

TEST_F(Pages, NamesNothingOfWhoeverMadeThem) {
  const Finished finished = program_.run("pages there", "env -u XDG_DATA_HOME HOME=/home/NAME");
  ASSERT_EQ(finished.code, 0) << finished.err;
  const std::string sweep = program_.read("there/man/man1/fuseline-sweep.1");
  EXPECT_THAT(sweep, HasSubstr("/home/NAME/.local/share/fuseline/runs.db"));
  EXPECT_THAT(sweep, Not(HasSubstr(program_.path(""))));
}

TEST(PagesAsked, WithoutAFolderIsAnErrorThatSaysSo) {
  const Program program;
  const Finished finished = program.run("pages");
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, HasSubstr("folder"));
  program.write("file", "");
  EXPECT_EQ(program.run("pages file").code, 2);
  EXPECT_THAT(program.read("err"), HasSubstr("file"));
}

}  // namespace
}  // namespace fuseline::app
