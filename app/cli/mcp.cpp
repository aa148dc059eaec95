// fuseline mcp: the tools for programs, over standard input and output.
#include <spdlog/spdlog.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "app/cli/common.hpp"
#include "app/cli/interrupt.hpp"
#include "tuner/mcp/stdio.hpp"
#include "tuner/mcp/tools.hpp"
#include "tuner/report/answer.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

struct McpOptions {
  std::string db, device = "auto", worker, folder;
  std::size_t answer_bytes = 4096;
};

Result<void> serve(const McpOptions& options, const Context& context) {
  catch_interrupts();
  FUSELINE_TRY(data, require_data());
  tuner::mcp::Workplace workplace;
  workplace.data = data;
  workplace.preset_paths = {context.preset_paths.begin(), context.preset_paths.end()};
  workplace.db = options.db;
  workplace.device = options.device;
  workplace.worker = options.worker;
  workplace.references = std::make_shared<tuner::ReferenceProgram>(data);
  tuner::mcp::ServerOptions server;
  server.name = "fuseline";
  server.version = FUSELINE_VERSION;
  server.instructions = tuner::mcp::instructions();
  server.answer_bytes = options.answer_bytes;
  server.folder = options.folder.empty() ? tuner::answers_folder() : std::filesystem::absolute(options.folder);
  spdlog::info("serving the Model Context Protocol {} on standard input and output; full answers go to {}",
               tuner::mcp::protocol_versions().front(), server.folder.string());
  return tuner::mcp::serve_stdio(tuner::mcp::all_tools(workplace), server, interrupted);
}

}  // namespace

void add_mcp(CLI::App& app, Context& context) {
  auto options = std::make_shared<McpOptions>();
  CLI::App* command = app.add_subcommand(
      "mcp", "Serve tools to programs that write kernels, by the Model Context Protocol over stdin and stdout");
  command
      ->add_option("--device", options->device,
                   "Where a call names none: auto, cuda:N, all, replay:NAME or replay:FILE")
      ->capture_default_str()
      ->type_name("DEVICE");
  command
      ->add_option("--worker", options->worker,
                   "Where a call names none: command of a worker, such as \"ssh gpubox fuseline-worker\"")
      ->type_name("CMD");
  command
      ->add_option("--answer-bytes", options->answer_bytes,
                   "Text of one answer, at most; what is longer lies in a file that the answer names")
      ->capture_default_str()
      ->type_name("N")
      ->check(quiet_range(std::size_t{1024}, std::size_t{1} << 20));
  command
      ->add_option("--answers", options->folder,
                   "Folder of the files with full answers (default: " + tuner::answers_folder().string() + ")")
      ->type_name("FOLDER");
  add_db_option(*command, options->db);
  command->footer(
      "Tools: problems, check, sweep, profile, explain, export. A client starts the program by itself; an entry such "
      "as\n"
      "  {\"mcpServers\": {\"fuseline\": {\"command\": \"fuseline\", \"args\": [\"mcp\", \"--preset-path\", "
      "\"my-problems\"]}}}\n"
      "in its configuration is enough. Only the protocol is written to standard output; messages go to standard "
      "error.\n"
      "A call that the client cancels, and the end of the input, stop a sweep that runs; what it measured is kept.\n");
  command->callback([options, &context] {
    context.task = [options, &context] {
      const auto served = serve(*options, context);
      return served ? static_cast<int>(kDone) : fail(served.error());
    };
  });
}

}  // namespace fuseline::app
