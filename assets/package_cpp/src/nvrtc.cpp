#include "nvrtc.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

namespace fuseline_package {
namespace detail {
namespace {

namespace fs = std::filesystem;

const char* const kLibraries[] = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"};
#if defined(__aarch64__)
const char* const kTarget = "targets/sbsa-linux";
#else
const char* const kTarget = "targets/x86_64-linux";
#endif

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// Folders that hold a toolkit, the one that the user names first.
std::vector<fs::path> roots() {
  std::vector<fs::path> found;
  for (const char* name : {"CUDA_HOME", "CUDA_PATH"}) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') found.emplace_back(value);
  }
  for (const char* path : {"/usr/local/cuda", "/opt/cuda", "/usr/lib/cuda"}) found.emplace_back(path);
  return found;
}

void* open_library(fs::path& folder, std::string& reason) {
  const char* const chosen = std::getenv("FUSELINE_LIBNVRTC");
  if (chosen != nullptr && *chosen != '\0') {
    void* const library = dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) reason = std::string("NVRTC was not found: ") + dlerror();
    std::error_code ignored;
    folder = fs::canonical(chosen, ignored).parent_path();
    return library;
  }
  for (const fs::path& root : roots()) {
    for (const fs::path& each : {root / "lib64", root / kTarget / "lib", root / "lib"}) {
      for (const char* name : kLibraries) {
        if (!is_there(each / name)) continue;
        if (void* const library = dlopen((each / name).c_str(), RTLD_NOW | RTLD_LOCAL)) {
          std::error_code ignored;
          folder = fs::canonical(each / name, ignored).parent_path();
          return library;
        }
      }
    }
  }
  for (const char* name : kLibraries) {
    if (void* const library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  }
  const char* const error = dlerror();
  reason = std::string("NVRTC was not found (CUDA_HOME may name a toolkit): ") + (error != nullptr ? error : "");
  return nullptr;
}

/// Options for CUDA's headers, those beside the library first. Empty where there are none.
std::vector<std::string> include_options(const fs::path& library_folder) {
  std::vector<fs::path> candidates;
  if (!library_folder.empty()) {
    const fs::path above = library_folder.parent_path();
    candidates = {above / "include", above.parent_path() / "cuda_runtime" / "include"};
  }
  for (const fs::path& root : roots()) {
    candidates.push_back(root / "include");
    candidates.push_back(root / kTarget / "include");
  }
  candidates.emplace_back("/usr/include");
  for (const fs::path& each : candidates) {
    if (!is_there(each / "cuda_fp16.h")) continue;
    std::vector<std::string> options = {"-I" + each.string()};
    if (is_there(each / "cccl")) options.push_back("-I" + (each / "cccl").string());
    return options;
  }
  return {};
}

template <typename Pointer>
bool find(void* library, const char* name, Pointer& pointer) {
  void* const found = dlsym(library, name);
  std::memcpy(&pointer, &found, sizeof pointer);
  return found != nullptr;
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> found;
  for (const std::string& text : texts) found.push_back(text.c_str());
  return found;
}

}  // namespace

Nvrtc* Nvrtc::open(std::string& reason) {
  static std::string why;
  static const std::unique_ptr<Nvrtc> opened(new Nvrtc(why));
  if (opened->usable_) return opened.get();
  reason = why;
  return nullptr;
}

Nvrtc::Nvrtc(std::string& reason) {
  fs::path folder;
  void* const library = open_library(folder, reason);  // Never closed.
  if (library == nullptr) return;
  if (!find_functions(library)) {
    reason = "NVRTC is too old";
    return;
  }
  includes_ = include_options(folder);
  if (includes_.empty()) {
    reason = "CUDA's headers (cuda_fp16.h) were not found beside NVRTC; CUDA_HOME may name a toolkit";
    return;
  }
  int major = 0;
  int minor = 0;
  if (!succeeded(get_version_(&major, &minor), "nvrtcVersion", reason)) return;
  version_ = std::to_string(major) + "." + std::to_string(minor);
  usable_ = true;
}

bool Nvrtc::find_functions(void* library) {
  return find(library, "nvrtcVersion", get_version_) && find(library, "nvrtcGetErrorString", error_text_) &&
         find(library, "nvrtcCreateProgram", create_) && find(library, "nvrtcDestroyProgram", destroy_) &&
         find(library, "nvrtcAddNameExpression", add_expression_) && find(library, "nvrtcCompileProgram", compile_) &&
         find(library, "nvrtcGetCUBINSize", image_bytes_) && find(library, "nvrtcGetCUBIN", image_) &&
         find(library, "nvrtcGetProgramLogSize", log_bytes_) && find(library, "nvrtcGetProgramLog", log_) &&
         find(library, "nvrtcGetLoweredName", lowered_name_);
}

bool Nvrtc::succeeded(int code, const char* what, std::string& reason) const {
  if (code != 0) reason = std::string(what) + ": " + error_text_(code);
  return code == 0;
}

std::string Nvrtc::first_error(Program program, int code) {
  std::size_t bytes = 0;
  std::string log;
  if (log_bytes_(program, &bytes) == 0) log.resize(bytes);
  if (log.empty() || log_(program, log.data()) != 0) return error_text_(code);
  const std::size_t found = log.find("error");
  if (found == std::string::npos) return error_text_(code);
  const std::size_t begin = log.rfind('\n', found);
  const std::size_t first = begin == std::string::npos ? 0 : begin + 1;
  return log.substr(first, log.find('\n', found) - first);
}

bool Nvrtc::take_image(Program program, Compilation& made, std::string& reason) {
  std::size_t bytes = 0;
  if (!succeeded(image_bytes_(program, &bytes), "nvrtcGetCUBINSize", reason)) return false;
  made.image.resize(bytes);
  if (bytes == 0) reason = "NVRTC " + version_ + " made no code";
  return bytes > 0 && succeeded(image_(program, made.image.data()), "nvrtcGetCUBIN", reason);
}

bool Nvrtc::compile(const CompileRequest& request, const std::vector<std::string>& expressions, Compilation& made,
                    std::string& reason) {
  std::vector<const char*> texts;
  std::vector<const char*> names;
  for (std::size_t i = 0; i < request.header_count; ++i) {
    texts.push_back(request.headers[i].text);
    names.push_back(request.headers[i].name);
  }
  Program program = nullptr;
  if (!succeeded(create_(&program, request.source.text, request.source.name, static_cast<int>(texts.size()),
                         texts.data(), names.data()),
                 "nvrtcCreateProgram", reason))
    return false;
  bool good = true;
  for (const std::string& each : expressions)
    good = good && succeeded(add_expression_(program, each.c_str()), "nvrtcAddNameExpression", reason);
  // As the tuner compiles: its measured images come from the same options.
  std::vector<std::string> options = {"--gpu-architecture=sm_" + std::to_string(request.capability), "-std=c++17",
                                      "-default-device", "--ptxas-options=-v"};
  options.insert(options.end(), request.options.begin(), request.options.end());
  options.insert(options.end(), includes_.begin(), includes_.end());
  const int code = good ? compile_(program, static_cast<int>(options.size()), pointers(options).data()) : 0;
  if (code != 0) {
    reason = "NVRTC " + version_ + " does not compile " + request.source.name + ": " + first_error(program, code);
    good = false;
  }
  good = good && take_image(program, made, reason);
  for (const std::string& each : expressions) {
    const char* name = nullptr;
    good = good && succeeded(lowered_name_(program, each.c_str(), &name), "nvrtcGetLoweredName", reason);
    if (good && name != nullptr) made.symbols.emplace_back(each, name);
  }
  destroy_(&program);
  return good;
}

}  // namespace detail
}  // namespace fuseline_package
