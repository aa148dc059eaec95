#include "profiler/cuda/nvrtc_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "profiler/cuda/toolkit.hpp"

namespace fuseline::profiler {
namespace {

tl::unexpected<tuner::Error> no_compiler(std::string reason) {
  return tl::unexpected(tuner::Error{tuner::ErrorKind::worker, {}, {}, std::move(reason)});
}

void read_architectures(NvrtcLibrary& nvrtc) {
  int count = 0;
  if (nvrtc.nvrtcGetNumSupportedArchs(&count) != NVRTC_SUCCESS || count <= 0) return;
  nvrtc.architectures.resize(static_cast<std::size_t>(count));
  if (nvrtc.nvrtcGetSupportedArchs(nvrtc.architectures.data()) != NVRTC_SUCCESS) nvrtc.architectures.clear();
}

/// NVRTC opens its built-in functions by name when it first compiles, and knows the loader's path alone: a toolkit
/// anywhere else has them beside the library. One that is open already is found by its name. Where there is none, NVRTC
/// says so itself.
void open_builtins(const NvrtcLibrary& nvrtc) {
  const auto folder = std::filesystem::path(nvrtc.file).parent_path();
  if (folder.empty()) return;
  (void)dlopen((folder / ("libnvrtc-builtins.so." + nvrtc.version)).c_str(), RTLD_NOW | RTLD_LOCAL);
}

tuner::Result<NvrtcLibrary> open_nvrtc() {
  std::string looked_for;
  void* library = open_toolkit_library({"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"}, looked_for);
  if (library == nullptr) {
    return no_compiler("no CUDA run-time compiler (NVRTC): install the CUDA toolkit or set CUDA_HOME; looked for " +
                       looked_for);
  }
  NvrtcLibrary nvrtc;
  std::string missing;
#define FUSELINE_LOAD(name)                                                   \
  nvrtc.name = reinterpret_cast<decltype(nvrtc.name)>(dlsym(library, #name)); \
  if (nvrtc.name == nullptr && missing.empty()) missing = #name;
  FUSELINE_NVRTC_FUNCTIONS(FUSELINE_LOAD)
#undef FUSELINE_LOAD
  nvrtc.file = file_of_symbol(dlsym(library, "nvrtcVersion"));
  if (!missing.empty()) return no_compiler(fmt::format("{} is too old: it has no {}", nvrtc.file, missing));
  int major = 0;
  int minor = 0;
  if (const nvrtcResult code = nvrtc.nvrtcVersion(&major, &minor); code != NVRTC_SUCCESS) {
    return no_compiler(fmt::format("{} does not work: {}", nvrtc.file, nvrtc.nvrtcGetErrorString(code)));
  }
  nvrtc.version = fmt::format("{}.{}", major, minor);
  open_builtins(nvrtc);
  std::vector<std::string> folders_tried;
  nvrtc.include_folders = toolkit_include_folders(nvrtc.file, folders_tried);
  if (nvrtc.include_folders.empty()) {
    return no_compiler(fmt::format(
        "no CUDA headers (cuda_fp16.h) to go with {}: install the CUDA toolkit or set CUDA_HOME; looked in {}",
        nvrtc.file, fmt::join(folders_tried, ", ")));
  }
  read_architectures(nvrtc);
  return nvrtc;
}

}  // namespace

tuner::Result<const NvrtcLibrary*> NvrtcLibrary::load() {
  static const tuner::Result<NvrtcLibrary> nvrtc = open_nvrtc();
  if (!nvrtc) return tl::unexpected(nvrtc.error());
  return &*nvrtc;
}

}  // namespace fuseline::profiler
