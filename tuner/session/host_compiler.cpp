#include "tuner/session/host_compiler.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <utility>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/worker/process.hpp"

namespace fuseline::tuner {
namespace {

using namespace std::chrono_literals;

/// Macros that tell compilers apart, as the preprocessor gives them.
Result<std::string> identity_of(const std::string& compiler) {
  const std::string shown = printable(compiler);
  constexpr const char* kHelp = "kernels run on the CPU by a g++ with its sanitizers; FUSELINE_CXX names another";
  auto child = ChildProcess::start({compiler, "-dM", "-E", "-x", "c++", "/dev/null"});
  if (!child) return bad_input(shown, "", fmt::format("{}; {}", child.error().reason, kHelp));
  child->close_input();
  std::string text;
  const auto end = std::chrono::steady_clock::now() + 20s;
  for (bool closed = false; !closed && std::chrono::steady_clock::now() < end;) {
    wait_for_children({{&*child, false}}, 200ms);
    child->read_errors();
    auto read = child->read_output();
    text += read.bytes;
    closed = read.closed;
  }
  static_cast<void>(child->wait_exit(1s));
  if (text.find("#define __GNUC__ ") == std::string::npos || text.find("#define __clang__ ") != std::string::npos)
    return bad_input(shown, "", fmt::format("is no g++; {}", kHelp));
  return text;
}

}  // namespace

Result<HostCompiler> HostCompiler::find(const std::filesystem::path& data) {
  HostCompiler compiler;
  const char* const chosen = std::getenv("FUSELINE_CXX");
  compiler.name_ = chosen != nullptr && *chosen != '\0' ? chosen : "g++";
  compiler.data_ = data;
  compiler.object_ = (executable_folder() / ".." / FUSELINE_LIBRARY_FOLDER / "fuseline-host.o").lexically_normal();
  std::error_code failed;
  for (const std::filesystem::path& file : {compiler.object_, data / "profiler" / "host" / "shim" / "host_cuda.hpp"}) {
    if (!std::filesystem::exists(file, failed))
      return bad_input(printable(file.string()), "",
                       "is not there, so that no kernels run on the CPU: install Fuseline whole");
  }
  FUSELINE_CHECK(identity_of(compiler.name_));
  return compiler;
}

std::vector<std::string> HostCompiler::command(const std::filesystem::path& unit,
                                               const std::vector<std::string>& defines,
                                               const std::filesystem::path& program) const {
  // Sources read elements as wider words, which CUDA allows.
  std::vector<std::string> words = {name_,
                                    "-std=c++17",
                                    "-O1",
                                    "-g1",
                                    "-w",
                                    "-fPIE",
                                    "-pie",
                                    "-fno-strict-aliasing",
                                    "-fno-omit-frame-pointer",
                                    "-fmax-errors=1",
                                    "-fdiagnostics-color=never",
                                    "-fno-diagnostics-show-caret",
                                    "-fsanitize=address,undefined",
                                    "-fno-sanitize-recover=all",
                                    "-fsanitize-sections=fuseline_shared"};
  words.insert(words.end(), defines.begin(), defines.end());
  words.push_back("-I" + data_.string());
  words.push_back("-I" + (data_ / "kernels").string());
  words.push_back("-I" + (data_ / "profiler" / "host" / "shim").string());
  for (const std::string& word : {std::string("-include"), std::string("profiler/host/shim/host_cuda.hpp"),
                                  unit.string(), object_.string(), std::string("-o"), program.string()})
    words.push_back(word);
  return words;
}

}  // namespace fuseline::tuner
