#include "profiler/compile/compiler.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>

#include "profiler/cuda/nvrtc_library.hpp"
#include "tuner/problem/source_digest.hpp"

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
    status_ = nvrtc_.nvrtcCreateProgram(&program_, request.source.c_str(), request.name.c_str(),
                                        static_cast<int>(names.size()), texts.data(), names.data());
    for (const std::string& expression : request.name_expressions) {
      if (status_ == NVRTC_SUCCESS) status_ = nvrtc_.nvrtcAddNameExpression(program_, expression.c_str());
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (program_ != nullptr) nvrtc_.nvrtcDestroyProgram(&program_);
  }

  /// Of making the program.
  [[nodiscard]] nvrtcResult status() const { return status_; }

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

  [[nodiscard]] std::string cubin() const { return image(nvrtc_.nvrtcGetCUBINSize, nvrtc_.nvrtcGetCUBIN); }

  [[nodiscard]] std::string ptx() const {
    std::string text = image(nvrtc_.nvrtcGetPTXSize, nvrtc_.nvrtcGetPTX);
    std::erase(text, '\0');  // Its terminator.
    return text;
  }

  /// What the kernels of `expressions` are called in the cubin.
  [[nodiscard]] std::map<std::string, std::string> lowered_names(const std::vector<std::string>& expressions) const {
    std::map<std::string, std::string> names;
    for (const std::string& expression : expressions) {
      const char* lowered = nullptr;
      if (nvrtc_.nvrtcGetLoweredName(program_, expression.c_str(), &lowered) == NVRTC_SUCCESS && lowered != nullptr)
        names.emplace(expression, lowered);
    }
    return names;
  }

 private:
  [[nodiscard]] std::string image(decltype(&nvrtcGetCUBINSize) size, decltype(&nvrtcGetCUBIN) get) const {
    std::size_t bytes = 0;
    if (size(program_, &bytes) != NVRTC_SUCCESS || bytes == 0) return {};
    std::string image(bytes, '\0');
    return get(program_, image.data()) == NVRTC_SUCCESS ? image : std::string{};
  }

  const NvrtcLibrary& nvrtc_;
  nvrtcProgram program_ = nullptr;
  nvrtcResult status_ = NVRTC_SUCCESS;
};

CompileResult failed(std::string reason, std::string log = {}) {
  CompileResult result;
  result.reason = std::move(reason);
  result.log = trim_log(std::move(log));
  return result;
}

}  // namespace

std::vector<std::string> full_options(const CompileRequest& request) {
  if (request.form != tuner::KernelForm::cuda) return {};
  std::vector<std::string> options = {"--gpu-architecture=" + request.architecture, "-std=c++17", "-default-device"};
  if (!request.makes_ptx()) options.emplace_back("--ptxas-options=-v");
  options.insert(options.end(), request.options.begin(), request.options.end());
  return options;
}

std::string source_digest(const CompileRequest& request) {
  return tuner::source_digest({request.source, request.headers, request.options, request.name_expressions});
}

void describe(CompileResult& result, const CompileRequest& request) {
  result.source_sha256 = source_digest(request);
  result.options = full_options(request);
}

CompileResult compile(const CompileRequest& request) {
  const auto nvrtc = NvrtcLibrary::load();
  if (!nvrtc) return failed(nvrtc.error().reason);
  const auto begin = std::chrono::steady_clock::now();
  const Program program(**nvrtc, request);
  if (program.status() != NVRTC_SUCCESS)
    return failed(fmt::format("NVRTC: {}", (*nvrtc)->nvrtcGetErrorString(program.status())));
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
  result.form = request.makes_ptx() ? tuner::KernelForm::ptx : tuner::KernelForm::cubin;
  result.image = request.makes_ptx() ? program.ptx() : program.cubin();
  if (result.image.empty()) {
    return failed(fmt::format("NVRTC {} made no code for {}; it knows the architectures {}", (*nvrtc)->version,
                              request.architecture, fmt::join((*nvrtc)->architectures, ", ")),
                  std::move(log));
  }
  result.status = CompileResult::Status::ok;
  result.kernels = parse_assembler_log(log);
  result.lowered_names = program.lowered_names(request.name_expressions);
  result.log = trim_log(std::move(log));
  result.compile_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace fuseline::profiler
