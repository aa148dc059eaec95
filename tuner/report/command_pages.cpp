#include "tuner/report/command_pages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

// ---- man(7)

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

/// Text as roff shows it: a hyphen that can be copied, no escapes, and no line that is taken for a request.
std::string roff(std::string_view text) {
  std::string out;
  bool starts = true;
  for (const char c : text) {
    if (starts && (c == '.' || c == '\'')) out += "\\&";
    starts = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", roff(text)); }
std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", roff(text)); }

std::string option_heading(const CommandOption& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(option.positional ? italic(name) : bold(name));
  std::string heading = fmt::format("{}", fmt::join(names, ", "));
  if (!option.value.empty() && !option.positional) heading += " " + italic(option.value);
  return heading;
}

std::string option_text(const CommandOption& option) {
  std::string text = roff(option.description);
  if (!option.choices.empty()) text += fmt::format(" ({})", roff(fmt::format("{}", fmt::join(option.choices, ", "))));
  return text;
}

std::string options_section(const std::string& title, const std::vector<CommandOption>& options, bool positional) {
  std::string text;
  for (const CommandOption& option : options) {
    if (option.positional != positional) continue;
    text += fmt::format(".TP\n{}\n{}.\n", option_heading(option), option_text(option));
  }
  return text.empty() ? text : fmt::format(".SH {}\n{}", title, text);
}

std::string synopsis(const std::string& words, const std::vector<CommandOption>& options) {
  std::string text = bold(words) + " [" + italic("OPTIONS") + "]";
  for (const CommandOption& option : options) {
    if (option.positional) {
      const std::string name = italic(option.names.front()) + (option.repeatable ? "..." : "");
      text += option.required ? " " + name : fmt::format(" [{}]", name);
    } else if (option.required) {
      text += fmt::format(" {} {}", bold(option.names.back()), italic(option.value));
    }
  }
  return text;
}

std::string footer_section(const std::string& footer) {
  if (footer.empty()) return {};
  constexpr std::string_view kExamples = "Examples:\n";
  const bool examples = footer.starts_with(kExamples);
  const std::string_view text = std::string_view(footer).substr(examples ? kExamples.size() : 0);
  return fmt::format(".SH {}\n.nf\n{}{}.fi\n", examples ? "EXAMPLES" : "NOTES", roff(text),
                     text.ends_with('\n') ? "" : "\n");
}

/// No date: the same source gives the same page.
std::string man_page(const ProgramPages& pages, const CommandPage& page, const std::string& title,
                     const std::string& words) {
  const std::string& program = pages.program.name;
  const bool whole = &page == &pages.program;
  std::string text = fmt::format(".\\\" Made from the program's own help.\n.TH {} 1 \"\" \"{} {}\" \"\"\n",
                                 upper(title), program, roff(pages.version));
  text += fmt::format(".SH NAME\n{} \\- {}\n", roff(title), roff(page.description));
  text += ".SH SYNOPSIS\n";
  if (whole) {
    text += fmt::format("{} [{}] {} ...\n", bold(words), italic("OPTIONS"), italic("COMMAND"));
  } else {
    text += synopsis(words, page.options) + "\n";
  }
  if (whole && !pages.commands.empty()) {
    text += ".SH COMMANDS\n";
    for (const CommandPage& command : pages.commands)
      text += fmt::format(".TP\n{}\n{}. See {}(1).\n", bold(command.name), roff(command.description),
                          bold(program + "-" + command.name));
  }
  text += options_section("ARGUMENTS", page.options, true);
  text += options_section("OPTIONS", page.options, false);
  if (!whole) text += options_section("GLOBAL OPTIONS", pages.program.options, false);
  text += footer_section(page.footer);
  if (!whole) text += fmt::format(".SH SEE ALSO\n{}(1)\n", bold(program));
  return text;
}

// ---- Completions

enum class Values { none, choices, files, folders, problems, unknown };

Values values_of(const CommandOption& option) {
  if (!option.choices.empty()) return Values::choices;
  if (option.value.empty()) return Values::none;
  const auto is = [&](std::string_view name) { return option.value.find(name) != std::string::npos; };
  if (is("PROBLEM") || (option.positional && option.names.front() == "problem")) return Values::problems;
  if (is("FILE") || is("RUN") || is("DEVICE")) return Values::files;
  if (is("FOLDER")) return Values::folders;
  return Values::unknown;
}

std::string first_sentence(const std::string& description) {
  const std::size_t end = description.find_first_of("(;:");
  std::string text = description.substr(0, end);
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

std::vector<std::string> option_names(const std::vector<CommandOption>& options) {
  std::vector<std::string> names;
  for (const CommandOption& option : options) {
    if (!option.positional) names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::vector<CommandOption> with_global(const ProgramPages& pages, const CommandPage& command) {
  std::vector<CommandOption> options = command.options;
  for (const CommandOption& option : pages.program.options) {
    const bool own = std::any_of(options.begin(), options.end(),
                                 [&](const CommandOption& other) { return other.names == option.names; });
    if (!own) options.push_back(option);
  }
  return options;
}

/// The words that name the problems there are: the first column below the head of the table.
std::string list_problems(const std::string& program) {
  return program + " problems 2>/dev/null | awk 'NR > 2 {print $1}'";
}

std::string bash_values(const ProgramPages& pages, const CommandOption& option) {
  switch (values_of(option)) {
    case Values::choices:
      return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$word\"))", fmt::join(option.choices, " "));
    case Values::problems:
      return fmt::format("COMPREPLY=($(compgen -W \"$({})\" -- \"$word\"))", list_problems(pages.program.name));
    case Values::files:
      return "COMPREPLY=($(compgen -f -- \"$word\"))";
    case Values::folders:
      return "COMPREPLY=($(compgen -d -- \"$word\"))";
    default:
      return "COMPREPLY=()";
  }
}

std::string bash(const ProgramPages& pages) {
  const std::string& program = pages.program.name;
  std::string cases;
  std::vector<std::string> commands;
  for (const CommandPage& command : pages.commands) {
    commands.push_back(command.name);
    const auto options = with_global(pages, command);
    cases += fmt::format("    {})\n      case $before in\n", command.name);
    std::string positional = "COMPREPLY=($(compgen -f -- \"$word\"))";
    for (const CommandOption& option : options) {
      if (option.positional) {
        if (values_of(option) != Values::unknown) positional = bash_values(pages, option);
      } else if (!option.value.empty()) {
        cases += fmt::format("        {}) {}; return ;;\n", fmt::join(option.names, "|"), bash_values(pages, option));
      }
    }
    cases += fmt::format(
        "      esac\n      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W '{}' -- \"$word\"))\n"
        "      else {}; fi ;;\n",
        fmt::join(option_names(options), " "), positional);
  }
  return fmt::format(
      "# Completions of {0} for bash, made from the program's own help.\n"
      "_{0}() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} command= i\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case ${{COMP_WORDS[i]}} in\n      {1}) command=${{COMP_WORDS[i]}}; break ;;\n    esac\n  done\n"
      "  case $command in\n{2}"
      "    *) COMPREPLY=($(compgen -W '{3} {4}' -- \"$word\")) ;;\n"
      "  esac\n}}\ncomplete -o filenames -F _{0} {0}\n",
      program, fmt::join(commands, "|"), cases, fmt::join(commands, " "),
      fmt::join(option_names(pages.program.options), " "));
}

/// What _arguments gives a meaning of its own is escaped.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : first_sentence(text)) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_values(const ProgramPages& pages, const CommandOption& option) {
  switch (values_of(option)) {
    case Values::choices:
      return fmt::format("({})", fmt::join(option.choices, " "));
    case Values::problems:
      return fmt::format("_{}_problems", pages.program.name);
    case Values::files:
      return "_files";
    case Values::folders:
      return "_files -/";
    default:
      return " ";
  }
}

std::string zsh(const ProgramPages& pages) {
  const std::string& program = pages.program.name;
  std::string text = fmt::format(
      "#compdef {0}\n# Made from the program's own help.\n"
      "_{0}_problems() {{\n  local -a names\n  names=(${{(f)\"$({1})\"}})\n  compadd -a names\n}}\n"
      "_{0}() {{\n  local -a commands\n  commands=(\n",
      program, list_problems(program));
  for (const CommandPage& command : pages.commands)
    text += fmt::format("    {}\n", shell_quoted(command.name + ":" + first_sentence(command.description)));
  text += fmt::format(
      "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
      "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n");
  for (const CommandPage& command : pages.commands) {
    text += fmt::format("    {})\n      _arguments", command.name);
    int place = 0;
    for (const CommandOption& option : with_global(pages, command)) {
      if (option.positional) {
        const std::string where = option.repeatable ? "*" : std::to_string(++place);
        text += " \\\n        " +
                shell_quoted(fmt::format("{}:{}:{}", where, option.names.front(), zsh_values(pages, option)));
        continue;
      }
      for (const std::string& name : option.names) {
        std::string one = fmt::format("{}{}[{}]", option.repeatable ? "*" : "", name, zsh_text(option.description));
        if (!option.value.empty()) one += fmt::format(":{}:{}", zsh_text(option.value), zsh_values(pages, option));
        text += " \\\n        " + shell_quoted(one);
      }
    }
    text += " ;;\n";
  }
  return text + fmt::format("  esac\n}}\n_{0} \"$@\"\n", program);
}

std::string fish(const ProgramPages& pages) {
  const std::string& program = pages.program.name;
  std::string text = fmt::format("# Completions of {} for fish, made from the program's own help.\n", program);
  const auto line = [&](const std::string& condition, const CommandOption& option) {
    std::string one = fmt::format("complete -c {} -n {}", program, shell_quoted(condition));
    for (const std::string& name : option.names) {
      if (option.positional) break;
      one += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    switch (values_of(option)) {
      case Values::choices:
        one += fmt::format(" -x -a {}", shell_quoted(fmt::format("{}", fmt::join(option.choices, " "))));
        break;
      case Values::problems:
        one += fmt::format(" -x -a {}", shell_quoted(fmt::format("({})", list_problems(program))));
        break;
      case Values::files:
        one += option.positional ? " -F" : " -r -F";
        break;
      case Values::folders:
        one += " -x -a '(__fish_complete_directories)'";
        break;
      case Values::unknown:
        one += " -x";
        break;
      case Values::none:
        one += " -f";
        break;
    }
    if (!option.positional) one += " -d " + shell_quoted(first_sentence(option.description));
    text += one + "\n";
  };
  for (const CommandPage& command : pages.commands)
    text += fmt::format("complete -c {} -n __fish_use_subcommand -f -a {} -d {}\n", program, command.name,
                        shell_quoted(first_sentence(command.description)));
  for (const CommandOption& option : pages.program.options) line("__fish_use_subcommand", option);
  for (const CommandPage& command : pages.commands) {
    for (const CommandOption& option : with_global(pages, command))
      line("__fish_seen_subcommand_from " + command.name, option);
  }
  return text;
}

}  // namespace

std::map<std::string, std::string> command_pages(const ProgramPages& pages) {
  const std::string& program = pages.program.name;
  std::map<std::string, std::string> files;
  files[fmt::format("man/man1/{}.1", program)] = man_page(pages, pages.program, program, program);
  for (const CommandPage& command : pages.commands) {
    const std::string title = program + "-" + command.name;
    files[fmt::format("man/man1/{}.1", title)] = man_page(pages, command, title, program + " " + command.name);
  }
  files["bash-completion/completions/" + program] = bash(pages);
  files["zsh/site-functions/_" + program] = zsh(pages);
  files[fmt::format("fish/vendor_completions.d/{}.fish", program)] = fish(pages);
  return files;
}

}  // namespace fuseline::tuner
