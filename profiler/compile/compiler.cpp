#include "profiler/compile/compiler.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "profiler/cuda/nvrtc_library.hpp"

namespace fuseline::profiler {
namespace {

/// Owns an nvrtcProgram.
class Program {
 public:
  Program(const NvrtcLibrary& nvrtc, const CompileRequest& request) : nvrtc_(nvrtc) {
    std::vector<const char*> texts;
    std::vector<const char*> names;
    for (const auto& [name, text] : request.headers) {
      names.push_back(name.c_str());
      texts.push_back(text.c_str());
    }
    created_ = nvrtc_.nvrtcCreateProgram(&program_, request.source.c_str(), request.name.c_str(),
                                         static_cast<int>(names.size()), texts.data(), names.data());
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (program_ != nullptr) nvrtc_.nvrtcDestroyProgram(&program_);
  }

  [[nodiscard]] nvrtcResult created() const { return created_; }

  [[nodiscard]] nvrtcResult compile(const std::vector<std::string>& options) const {
    std::vector<const char*> pointers;
    pointers.reserve(options.size());
    for (const std::string& option : options) pointers.push_back(option.c_str());
    return nvrtc_.nvrtcCompileProgram(program_, static_cast<int>(pointers.size()), pointers.data());
  }

  [[nodiscard]] std::string log() const {
    std::size_t bytes = 0;
    if (nvrtc_.nvrtcGetProgramLogSize(program_, &bytes) != NVRTC_SUCCESS || bytes <= 1) return {};
    std::string text(bytes, '\0');
    if (nvrtc_.nvrtcGetProgramLog(program_, text.data()) != NVRTC_SUCCESS) return {};
    // The parts of a log (front end, assembler) may each bring their terminator.
    std::erase(text, '\0');
    text.resize(text.find_last_not_of('\n') + 1);
    return text;
  }

  [[nodiscard]] std::string cubin() const {
    std::size_t bytes = 0;
    if (nvrtc_.nvrtcGetCUBINSize(program_, &bytes) != NVRTC_SUCCESS || bytes == 0) return {};
    std::string image(bytes, '\0');
    return nvrtc_.nvrtcGetCUBIN(program_, image.data()) == NVRTC_SUCCESS ? image : std::string{};
  }

 private:
  const NvrtcLibrary& nvrtc_;
  nvrtcProgram program_ = nullptr;
  nvrtcResult created_ = NVRTC_SUCCESS;
};

constexpr std::size_t kMaximumReasonBytes = 500;  // A template's name alone can fill megabytes.

/// The line that a person needs first: the first error of the log.
std::string first_error(const std::string& log) {
  std::size_t begin = 0;
  while (begin < log.size()) {
    const std::size_t end = std::min(log.find('\n', begin), log.size());
    const std::string_view line = std::string_view(log).substr(begin, end - begin);
    if (line.find("error") != std::string_view::npos)
      return line.size() <= kMaximumReasonBytes ? std::string(line)
                                                : std::string(line.substr(0, kMaximumReasonBytes)) + "...";
    begin = end + 1;
  }
  return {};
}

CompileResult failed(std::string reason, std::string log = {}) {
  CompileResult result;
  result.reason = std::move(reason);
  result.log = trim_log(std::move(log));
  return result;
}

}  // namespace

std::vector<std::string> full_options(const CompileRequest& request) {
  std::vector<std::string> options = {"--gpu-architecture=" + request.architecture, "-std=c++17", "-default-device",
                                      "--ptxas-options=-v"};
  options.insert(options.end(), request.options.begin(), request.options.end());
  return options;
}

CompileResult compile(const CompileRequest& request) {
  const auto nvrtc = NvrtcLibrary::load();
  if (!nvrtc) return failed(nvrtc.error().reason);
  const auto begin = std::chrono::steady_clock::now();
  const Program program(**nvrtc, request);
  if (program.created() != NVRTC_SUCCESS)
    return failed(fmt::format("NVRTC: {}", (*nvrtc)->nvrtcGetErrorString(program.created())));
  std::vector<std::string> options = full_options(request);
  for (const std::string& folder : (*nvrtc)->include_folders) options.push_back("-I" + folder);
  const nvrtcResult code = program.compile(options);
  std::string log = program.log();
  if (code != NVRTC_SUCCESS) {
    const std::string error = first_error(log);
    return failed(error.empty() ? fmt::format("NVRTC: {}", (*nvrtc)->nvrtcGetErrorString(code)) : error,
                  std::move(log));
  }
  CompileResult result;
  result.cubin = program.cubin();
  if (result.cubin.empty()) {
    return failed(fmt::format("NVRTC {} made no code for {}; it knows the architectures {}", (*nvrtc)->version,
                              request.architecture, fmt::join((*nvrtc)->architectures, ", ")),
                  std::move(log));
  }
  result.status = CompileResult::Status::ok;
  result.kernels = parse_assembler_log(log);
  result.log = trim_log(std::move(log));
  result.compile_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace fuseline::profiler
