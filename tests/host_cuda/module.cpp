#include "module.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <set>
#include <sstream>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::host_cuda {
namespace {

namespace fs = std::filesystem;
using tuner::Result;

const char* const kKernels = FUSELINE_SOURCE_DIR "/kernels";

/// Lines that include a file of ours. They are hoisted out of the cases' namespaces; their include guards keep them out
/// of these later.
std::string own_includes(const std::string& source) {
  std::string includes;
  std::istringstream lines(source);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("#include \"", 0) == 0) includes += line + "\n";
  }
  return includes;
}

std::string entry_name(std::size_t number, const std::string& kernel) {
  return fmt::format("case_{}_{}", number, kernel);
}

std::set<std::string> kernels_of(const Case& one) {
  std::set<std::string> kernels;
  for (const tuner::ResolvedLaunch& launch : one.resolved.launches) kernels.insert(launch.kernel);
  return kernels;
}

bool is_dtype(const std::string& name) { return name.rfind("FUSELINE_DTYPE_", 0) == 0; }

/// "-DNAME=VALUE" as its name and value.
std::pair<std::string, std::string> split_define(const std::string& define) {
  const std::size_t equals = define.find('=');
  return {define.substr(2, equals - 2), define.substr(equals + 1)};
}

/// The source with the case's macros, its kernels renamed: extern "C" names are the same in every namespace.
std::string case_text(std::size_t number, const Case& one, const fs::path& source) {
  std::string before, after;
  const auto define = [&](const std::string& name, const std::string& value) {
    before += fmt::format("#define {} {}\n", name, value);
    after += fmt::format("#undef {}\n", name);
  };
  for (const std::string& text : one.resolved.defines) {
    const auto [name, value] = split_define(text);
    if (!is_dtype(name)) define(name, value);
  }
  for (const std::string& kernel : kernels_of(one)) define(kernel, entry_name(number, kernel));
  return fmt::format("{}namespace case_{} {{\n#include \"{}\"\n}}\n{}", before, number, source.string(), after);
}

std::string unit_text(const fs::path& source, const std::string& source_text, const std::vector<Case>& cases) {
  std::string text;
  for (const std::string& define : cases.front().resolved.defines) {
    const auto [name, value] = split_define(define);
    if (is_dtype(name)) text += fmt::format("#define {} {}\n", name, value);
  }
  text += own_includes(source_text);
  std::string entries;
  for (std::size_t number = 0; number < cases.size(); ++number) {
    text += case_text(number, cases[number], source);
    for (const std::string& kernel : kernels_of(cases[number])) {
      const std::string name = entry_name(number, kernel);
      entries +=
          fmt::format("    {{\"{0}\", Entry<&case_{1}::{0}>::kinds, &Entry<&case_{1}::{0}>::call}},\n", name, number);
    }
  }
  // The linker gives the section's bounds; there is none where no kernel has static shared memory.
  text += R"(extern "C" {
extern char __start_fuseline_shared[] __attribute__((weak, visibility("hidden")));
extern char __stop_fuseline_shared[] __attribute__((weak, visibility("hidden")));
}
using fuseline::host_cuda::Entry;
extern "C" const fuseline::host_cuda::KernelEntry fuseline_entries[] = {
)" + entries +
          R"(    {nullptr, nullptr, nullptr}};
extern "C" fuseline::host_cuda::SharedRange fuseline_statics() { return {__start_fuseline_shared, __stop_fuseline_shared}; }
)";
  return text;
}

/// Everything beside the unit's own text that a compiled module depends on.
std::string dependencies(const fs::path& source) {
  std::string text = std::string(HOST_CUDA_COMPILER) + HOST_CUDA_COMPILER_VERSION + HOST_CUDA_FLAGS;
  for (const fs::path& folder : {fs::path(kKernels) / "common", fs::path(HOST_CUDA_SHIM), source.parent_path()}) {
    std::set<fs::path> files;
    for (const auto& file : fs::directory_iterator(folder)) {
      if (file.path().extension() != ".json" && (file.path().extension() != ".cu" || file.path() == source))
        files.insert(file.path());
    }
    for (const fs::path& file : files) text += tuner::read_file(file).value_or(std::string());
  }
  return text;
}

Result<void> compile(const fs::path& unit, const fs::path& module) {
  const fs::path log = unit.string() + ".log";
  // Written under a name of this process, then renamed: tests run side by side.
  const fs::path temporary = fmt::format("{}.{}", module.string(), getpid());
  const std::string command =
      fmt::format("{} {} -I'{}' -I'{}' -I'{}' -include '{}' -shared '{}' -o '{}' >'{}' 2>&1", HOST_CUDA_COMPILER,
                  HOST_CUDA_FLAGS, FUSELINE_SOURCE_DIR, kKernels, HOST_CUDA_SHIM, HOST_CUDA_PREAMBLE, unit.string(),
                  temporary.string(), log.string());
  if (std::system(command.c_str()) != 0)
    return tuner::io_error(unit.string(), "does not compile:\n" + tuner::read_file(log).value_or(""));
  fs::rename(temporary, module);
  return {};
}

}  // namespace

Result<Module> Module::build(const fs::path& source, const std::vector<Case>& cases) {
  FUSELINE_TRY(source_text, tuner::read_file(source));
  const std::string text = unit_text(source, source_text, cases);
  const fs::path folder = fs::path(HOST_CUDA_BUILD) / "modules";
  fs::create_directories(folder);
  const std::string name = source.parent_path().filename().string() + "." + source.stem().string() + "." +
                           tuner::sha256_hex(text + dependencies(source)).substr(0, 16);
  const fs::path unit = folder / (name + ".cpp"), module = folder / (name + ".so");
  if (!fs::exists(module)) {
    FUSELINE_CHECK(tuner::write_file(unit, text));
    FUSELINE_CHECK(compile(unit, module));
  }
  return load(module);
}

Result<Module> Module::load(const fs::path& file) {
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return tuner::io_error(file.string(), dlerror());
  const auto* entries = static_cast<const KernelEntry*>(dlsym(handle, "fuseline_entries"));
  const auto statics = reinterpret_cast<SharedRange (*)()>(dlsym(handle, "fuseline_statics"));
  if (entries == nullptr || statics == nullptr) return tuner::io_error(file.string(), "is no module of these tests");
  Module module;
  for (; entries->name != nullptr; ++entries) module.entries_[entries->name] = entries;
  module.statics_ = statics();
  return module;
}

const KernelEntry* Module::find(std::size_t number, const std::string& kernel) const {
  const auto found = entries_.find(entry_name(number, kernel));
  return found == entries_.end() ? nullptr : found->second;
}

}  // namespace fuseline::host_cuda
