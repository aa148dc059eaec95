// Man pages and completions for shells, from what a program's --help is made of.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace fuseline::tuner {

struct CommandOption {
  std::vector<std::string> names;  ///< With their dashes, as in "-o", "--output"; of a positional its one name.
  std::string value;               ///< What follows, as in "FILE"; empty for a flag.
  std::string description;
  std::vector<std::string> choices;  ///< All there are, where there is a list of them.
  bool positional = false;
  bool required = false;
  bool repeatable = false;
};

struct CommandPage {
  std::string name;         ///< "sweep"; of the program itself "fuseline".
  std::string description;  ///< A sentence, without its full stop.
  std::string footer;       ///< Examples and the like, laid out in lines.
  std::vector<CommandOption> options;
};

struct ProgramPages {
  std::string version;
  CommandPage program;  ///< Its options are understood by every command.
  std::vector<CommandPage> commands;
};

/// Texts by their place below a share/ folder: man/man1/PROGRAM.1 and PROGRAM-COMMAND.1 in the language of man(7), and
/// completions for bash, zsh and fish where those look for them. A value FILE or FOLDER completes to names of files;
/// PROBLEM and NAME of a problem to what `PROGRAM problems` prints.
[[nodiscard]] std::map<std::string, std::string> command_pages(const ProgramPages& pages);

}  // namespace fuseline::tuner
