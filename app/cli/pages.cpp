// fuseline pages: man pages and completions, from the options that the subcommands declare.
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "app/cli/common.hpp"
#include "tuner/base/files.hpp"
#include "tuner/report/command_pages.hpp"

namespace fuseline::app {
namespace {

/// "TEXT:{none,best,all}" is how the parser prints a value of which there is a list.
void set_value(tuner::CommandOption& option, const std::string& type) {
  const std::size_t list = type.find('{'), end = type.rfind('}');
  option.value = type.substr(0, type.find(':'));
  if (list == std::string::npos || end == std::string::npos) return;
  std::string choice;
  for (const char c : type.substr(list + 1, end - list - 1) + ",") {
    if (c != ',') {
      choice += c;
    } else if (!choice.empty()) {
      option.choices.push_back(std::exchange(choice, {}));
    }
  }
}

tuner::CommandPage page_of(const CLI::App& app) {
  tuner::CommandPage page{app.get_name(), app.get_description(), app.get_footer(), {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    tuner::CommandOption one;
    one.positional = !option->nonpositional();
    if (one.positional) one.names.push_back(option->get_name(true));
    for (const std::string& name : option->get_snames()) one.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) one.names.push_back("--" + name);
    // A flag's value is written after "=", and is nothing that people type.
    if (option->get_expected_max() > 0 && option->get_type_size_max() > 0) set_value(one, option->get_type_name());
    one.description = option->get_description();
    one.required = option->get_required();
    one.repeatable = option->get_expected_max() > 1;
    page.options.push_back(std::move(one));
  }
  return page;
}

}  // namespace

void add_pages(CLI::App& app, Context& context) {
  auto folder = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("pages", "Write the man pages and the shells' completions");
  command->add_option("folder", *folder, "share/ of a prefix, where they are found; made where it is not there")
      ->type_name("FOLDER")
      ->required();
  command->group("");  // For who packages: not in the list that people see.
  command->footer(
      "Writes man/man1/fuseline*.1 and completions for bash, zsh and fish below FOLDER.\n"
      "Example: fuseline pages ~/.local/share\n");
  command->callback([&app, folder, &context] {
    context.task = [&app, folder] {
      tuner::ProgramPages pages{FUSELINE_VERSION, page_of(app), {}};
      for (const CLI::App* each : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); }))
        pages.commands.push_back(page_of(*each));
      for (const auto& page : tuner::command_pages(pages)) {
        const auto file = std::filesystem::path(*folder) / page.first;
        const auto written =
            tuner::make_folder(file.parent_path()).and_then([&] { return tuner::write_file(file, page.second); });
        if (!written) return fail(written.error());
      }
      return static_cast<int>(kDone);
    };
  });
}

}  // namespace fuseline::app
