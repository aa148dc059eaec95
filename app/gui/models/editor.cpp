#include "app/gui/models/editor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <utility>

#include "app/gui/models/paths.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;
using Words = std::vector<std::string>;

/// How an editor is told the line.
enum class LineForm { plus, goto_option, colon, line_option, long_option };

struct KnownEditor {
  std::string_view name;
  LineForm form = LineForm::plus;
  bool terminal = false;
};
/// Those with a window of their own first, in the order in which they are looked for.
constexpr auto kEditors = std::to_array<KnownEditor>({{"code", LineForm::goto_option, false},
                                                      {"codium", LineForm::goto_option, false},
                                                      {"cursor", LineForm::goto_option, false},
                                                      {"zed", LineForm::colon, false},
                                                      {"subl", LineForm::colon, false},
                                                      {"kate", LineForm::line_option, false},
                                                      {"kwrite", LineForm::line_option, false},
                                                      {"clion", LineForm::long_option, false},
                                                      {"gedit", LineForm::plus, false},
                                                      {"gnome-text-editor", LineForm::plus, false},
                                                      {"mousepad", LineForm::long_option, false},
                                                      {"gvim", LineForm::plus, false},
                                                      {"emacs", LineForm::plus, false},
                                                      {"emacsclient", LineForm::plus, false},
                                                      {"nvim", LineForm::plus, true},
                                                      {"vim", LineForm::plus, true},
                                                      {"vi", LineForm::plus, true},
                                                      {"hx", LineForm::colon, true},
                                                      {"helix", LineForm::colon, true},
                                                      {"kak", LineForm::plus, true},
                                                      {"micro", LineForm::plus, true},
                                                      {"nano", LineForm::plus, true},
                                                      {"joe", LineForm::plus, true},
                                                      {"mcedit", LineForm::plus, true}});

const KnownEditor* known(const std::string& program) {
  const std::string name = std::filesystem::path(program).filename().string();
  const auto* found =
      std::find_if(kEditors.begin(), kEditors.end(), [&](const auto& each) { return each.name == name; });
  return found == kEditors.end() ? nullptr : found;
}

Words arguments(LineForm form, const std::string& file, std::size_t line) {
  switch (form) {
    case LineForm::plus:
      return {fmt::format("+{}", line), file};
    case LineForm::goto_option:
      return {"-g", fmt::format("{}:{}", file, line)};
    case LineForm::colon:
      return {fmt::format("{}:{}", file, line)};
    case LineForm::line_option:
      return {"-l", std::to_string(line), file};
    case LineForm::long_option:
      return {"--line", std::to_string(line), file};
  }
  return {file};
}

/// $VISUAL may hold options: "emacsclient -c".
Words words_of(const std::string& text) {
  Words words;
  for (const std::string& word : tuner::split(text, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

Result<Words> terminal_command(const EditorEnvironment& environment) {
  if (Words words = words_of(environment.terminal); !words.empty() && environment.has_program(words.front())) {
    words.emplace_back("-e");
    return words;
  }
  for (const char* name : {"x-terminal-emulator", "konsole", "xfce4-terminal", "alacritty", "xterm"}) {
    if (environment.has_program(name)) return Words{name, "-e"};
  }
  for (const char* name : {"gnome-terminal", "kgx"}) {
    if (environment.has_program(name)) return Words{name, "--"};
  }
  for (const char* name : {"kitty", "foot"}) {
    if (environment.has_program(name)) return Words{name};
  }
  return tuner::bad_input("no terminal was found for the editor: set $TERMINAL, or $VISUAL to an editor with a window");
}

Result<Words> with_line(const EditorEnvironment& environment, Words words, const std::string& file, std::size_t line) {
  const KnownEditor* editor = known(words.front());
  // emacs -nw and emacsclient -t are in the terminal.
  const bool in_terminal =
      editor != nullptr && (editor->terminal || std::any_of(words.begin(), words.end(), [](const std::string& word) {
                              return word == "-nw" || word == "-t" || word == "-tty";
                            }));
  const Words rest = editor == nullptr ? Words{file} : arguments(editor->form, file, line);
  words.insert(words.end(), rest.begin(), rest.end());
  if (!in_terminal) return words;
  FUSELINE_TRY(command, terminal_command(environment));
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

EditorEnvironment editor_environment() {
  return {variable("VISUAL"), variable("EDITOR"), variable("TERMINAL"),
          [](const std::string& name) { return !program_in_path(name).empty(); }};
}

Result<Words> editor_command(const EditorEnvironment& environment, const std::string& file, std::size_t line) {
  for (const auto& [name, text] :
       {std::pair("$VISUAL", &environment.visual), std::pair("$EDITOR", &environment.editor)}) {
    Words words = words_of(*text);
    if (words.empty()) continue;
    if (!environment.has_program(words.front()))
      return tuner::bad_input(fmt::format("{} is '{}', and there is no such program", name, tuner::printable(*text)));
    return with_line(environment, std::move(words), file, line);
  }
  for (const KnownEditor& editor : kEditors) {
    if (!editor.terminal && environment.has_program(std::string(editor.name)))
      return with_line(environment, {std::string(editor.name)}, file, line);
  }
  if (environment.has_program("xdg-open")) return Words{"xdg-open", file};
  for (const KnownEditor& editor : kEditors) {
    if (editor.terminal && environment.has_program(std::string(editor.name)))
      return with_line(environment, {std::string(editor.name)}, file, line);
  }
  return tuner::bad_input("no editor was found: set $VISUAL or $EDITOR");
}

std::string command_text(const Words& command) {
  std::string text;
  for (const std::string& word : command) text += (text.empty() ? "" : " ") + tuner::shell_quoted(word);
  return text;
}

Result<void> Editors::start(const Words& command, Messages& messages) {
  // In a session of its own, so that it outlives the window, and without pipes to it.
  Words words = {"setsid", "-w", "sh", "-c", "exec \"$@\" </dev/null >/dev/null 2>&1", "sh"};
  words.insert(words.end(), command.begin(), command.end());
  FUSELINE_TRY(child, tuner::ChildProcess::start(words));
  child.close_input();
  open_.push_back({command_text(command), std::move(child)});
  messages.add(Severity::note, "Opened by: " + tuner::printable(open_.back().text));
  return {};
}

bool Editors::poll(Messages& messages) {
  const std::size_t before = open_.size();
  for (auto each = open_.begin(); each != open_.end();) {
    const auto exit = each->child.poll_exit();
    if (exit && *exit != "exited with status 0")
      messages.add(Severity::error, "the editor " + *exit + ": " + tuner::printable(each->text),
                   "Set $VISUAL to the editor that is to open files, and start this program again.");
    each = exit ? open_.erase(each) : std::next(each);
  }
  return open_.size() != before;
}

}  // namespace fuseline::app::gui
