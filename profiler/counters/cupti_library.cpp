#include "profiler/counters/cupti_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "profiler/cuda/toolkit.hpp"

namespace fuseline::profiler {
namespace {

tl::unexpected<tuner::Error> no_counters(std::string reason) {
  return tl::unexpected(tuner::Error{tuner::ErrorKind::worker, {}, {}, std::move(reason)});
}

void* open_library(std::string& looked_for) {
  const char* chosen = std::getenv("FUSELINE_LIBCUPTI");
  if (chosen == nullptr || *chosen == '\0')
    return open_toolkit_library({"libcupti.so.13", "libcupti.so.12", "libcupti.so"}, looked_for);
  void* library = dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    looked_for = fmt::format("FUSELINE_LIBCUPTI: {}", reason == nullptr ? "cannot be loaded" : reason);
  }
  return library;
}

/// CUPTI opens what schedules counters by its name, and knows the loader's path alone, as NVRTC does with its
/// built-ins.
void open_scheduler(const CuptiLibrary& cupti) {
  const auto folder = std::filesystem::path(cupti.file).parent_path();
  if (folder.empty()) return;
  (void)dlopen((folder / "libnvperf_host.so").c_str(), RTLD_NOW | RTLD_LOCAL);
}

/// Functions of a group that only source profiles need.
void load_optional(void* library, CuptiLibrary& cupti) {
#define FUSELINE_LOAD(name)                                                   \
  cupti.name = reinterpret_cast<decltype(cupti.name)>(dlsym(library, #name)); \
  if (cupti.name == nullptr && missing->empty()) *missing = #name;
  std::string* missing = &cupti.without_sampling;
  FUSELINE_CUPTI_SAMPLING_FUNCTIONS(FUSELINE_LOAD)
  missing = &cupti.without_sass;
  FUSELINE_CUPTI_SASS_FUNCTIONS(FUSELINE_LOAD)
  missing = &cupti.without_lines;
  FUSELINE_CUPTI_LINE_FUNCTIONS(FUSELINE_LOAD)
#undef FUSELINE_LOAD
}

tuner::Result<CuptiLibrary> open_cupti() {
  std::string looked_for;
  void* library = open_library(looked_for);
  if (library == nullptr)
    return no_counters("CUPTI was not found: install the CUDA toolkit or set CUDA_HOME; looked for " + looked_for);
  CuptiLibrary cupti;
  std::string missing;
#define FUSELINE_LOAD(name)                                                   \
  cupti.name = reinterpret_cast<decltype(cupti.name)>(dlsym(library, #name)); \
  if (cupti.name == nullptr && missing.empty()) missing = #name;
  FUSELINE_CUPTI_FUNCTIONS(FUSELINE_LOAD)
#undef FUSELINE_LOAD
  cupti.file = file_of_symbol(dlsym(library, "cuptiGetVersion"));
  if (!missing.empty()) {
    return no_counters(fmt::format("{} is too old: it has no {}; counters need CUPTI of CUDA 12.6 update 2 or later",
                                   cupti.file, missing));
  }
  load_optional(library, cupti);
  open_scheduler(cupti);
  std::uint32_t version = 0;
  if (cupti.cuptiGetVersion(&version) == CUPTI_SUCCESS) cupti.version = std::to_string(version);
  return cupti;
}

/// What a user can do about it; empty where nothing is known.
std::string_view remedy(CUptiResult code) {
  switch (code) {
    case CUPTI_ERROR_INSUFFICIENT_PRIVILEGES:
    case CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES:
      return "this user may not read the GPU's counters (ERR_NVGPUCTRPERM): put 'options nvidia "
             "NVreg_RestrictProfilingToAdminUsers=0' into "
             "/etc/modprobe.d/nvidia.conf and load the driver anew, or give the worker CAP_SYS_ADMIN";
    case CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED:
      return "another profiler holds the counters of this process (Nsight Compute, Nsight Systems or another CUPTI "
             "tool): run without it";
    case CUPTI_ERROR_HARDWARE_BUSY:
      return "another process reads the counters of this GPU: try again once it has ended";
    case CUPTI_ERROR_CDP_TRACING_NOT_SUPPORTED:
    case CUPTI_ERROR_NOT_SUPPORTED:
    case CUPTI_ERROR_LEGACY_PROFILER_NOT_SUPPORTED:
      return "this GPU has no counters that the range profiler can read (compute capability 7.5 or later is needed)";
    case CUPTI_ERROR_INVALID_CHIP_NAME:
      return "this CUPTI does not know the chip: a newer CUDA toolkit may";
    default:
      return {};
  }
}

}  // namespace

tuner::Result<const CuptiLibrary*> CuptiLibrary::load() {
  static const tuner::Result<CuptiLibrary> cupti = open_cupti();
  if (!cupti) return tl::unexpected(cupti.error());
  return &*cupti;
}

std::string CuptiLibrary::describe(CUptiResult code) const {
  const char* text = nullptr;
  if (cuptiGetResultString(code, &text) != CUPTI_SUCCESS || text == nullptr) text = "unknown error";
  const std::string_view help = remedy(code);
  return help.empty() ? fmt::format("{} ({})", text, static_cast<int>(code)) : fmt::format("{} ({})", help, text);
}

tl::unexpected<tuner::Error> cupti_failure(const CuptiLibrary& cupti, CUptiResult code, const char* call) {
  return no_counters(fmt::format("{}: {}", call, cupti.describe(code)));
}

tuner::Result<void> initialise_profiling(const CuptiLibrary& cupti) {
  FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Initialize_Params, parameters);
  FUSELINE_CUPTI(cupti, cuptiProfilerInitialize, &parameters);
  return {};
}

tuner::Result<std::string> chip_name(const CuptiLibrary& cupti, int ordinal) {
  FUSELINE_CUPTI_PARAMS(CUpti_Device_GetChipName_Params, parameters);
  parameters.deviceIndex = static_cast<std::size_t>(ordinal);
  FUSELINE_CUPTI(cupti, cuptiDeviceGetChipName, &parameters);
  return std::string(parameters.pChipName == nullptr ? "" : parameters.pChipName);
}

}  // namespace fuseline::profiler
