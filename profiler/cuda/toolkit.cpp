#include "profiler/cuda/toolkit.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "tuner/base/files.hpp"

namespace fuseline::profiler {
namespace fs = std::filesystem;
namespace {

/// As a toolkit names the machine that this program is built for.
#ifdef __aarch64__
constexpr const char* kTarget = "sbsa-linux";
#else
constexpr const char* kTarget = "x86_64-linux";
#endif

void add_environment(std::vector<fs::path>& roots) {
  for (const char* name : {"CUDA_HOME", "CUDA_PATH"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') roots.emplace_back(value);
  }
}

/// Sub-folders of `folder` whose names start with `prefix`, the highest first.
std::vector<fs::path> subfolders(const fs::path& folder, const std::string& prefix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error)) {
    if (it->path().filename().string().rfind(prefix, 0) == 0) found.push_back(it->path());
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

/// Conda's own packages keep libraries in lib and headers in targets/<target>/include of the environment.
void add_conda(std::vector<fs::path>& roots) {
  const char* prefix = std::getenv("CONDA_PREFIX");
  if (prefix != nullptr && *prefix != '\0') roots.emplace_back(prefix);
}

/// Python packages keep the libraries in .../site-packages/nvidia/cuda_nvrtc and cuda_cupti (CUDA 12) or nvidia/cu13.
void add_python(std::vector<fs::path>& roots) {
  std::vector<fs::path> prefixes = {"/usr/local", "/usr"};
  // A wheel lies beside them, whether its environment is active or not.
  const fs::path programs = tuner::executable_folder();
  if (!programs.empty()) prefixes.insert(prefixes.begin(), programs.parent_path());
  for (const char* name : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') prefixes.insert(prefixes.begin(), value);
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    prefixes.emplace_back(fs::path(home) / ".local");
  for (const fs::path& prefix : prefixes) {
    for (const fs::path& python : subfolders(prefix / "lib", "python3")) {
      for (const char* packages : {"site-packages", "dist-packages"}) {
        const fs::path nvidia = python / packages / "nvidia";
        for (const char* package : {"cu13", "cuda_nvrtc", "cuda_cupti", "cuda_nvdisasm"}) {
          if (fs::exists(nvidia / package)) roots.push_back(nvidia / package);
        }
      }
    }
  }
}

std::vector<fs::path> toolkit_roots() {
  std::vector<fs::path> roots;
  add_environment(roots);
  roots.emplace_back("/usr/local/cuda");
  for (fs::path& folder : subfolders("/usr/local", "cuda-")) roots.push_back(std::move(folder));
  roots.emplace_back("/opt/cuda");
  roots.emplace_back("/usr/lib/cuda");
  add_conda(roots);
  add_python(roots);
  return roots;
}

/// In the order they are tried. One without a folder is left to the loader.
std::vector<fs::path> library_candidates(const std::vector<std::string>& names) {
  std::vector<fs::path> candidates;
  std::vector<fs::path> chosen;  // What the user names comes before the loader's idea.
  add_environment(chosen);
  const auto add_folder = [&](const fs::path& root) {
    const fs::path target = fs::path("targets") / kTarget / "lib";
    for (const fs::path& folder : {fs::path("lib64"), target, fs::path("lib"), fs::path("extras/CUPTI/lib64")}) {
      for (const std::string& name : names) candidates.push_back(root / folder / name);
    }
  };
  for (const fs::path& root : chosen) add_folder(root);
  for (const std::string& name : names) candidates.emplace_back(name);
  for (const fs::path& root : toolkit_roots()) {
    if (std::find(chosen.begin(), chosen.end(), root) == chosen.end()) add_folder(root);
  }
  return candidates;
}

bool holds_headers(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "cuda_fp16.h", error);
}

/// Include folders that belong to a library file: lib64/../include and targets/<target>/lib/../include; conda keeps
/// them in targets beside lib, pip's cuda_nvrtc in cuda_runtime.
std::vector<fs::path> include_folders_near(const fs::path& library) {
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(library, error).parent_path();
  if (error || folder.empty()) return {};
  const fs::path root = folder.parent_path();
  return {root / "include", root / "targets" / kTarget / "include", root.parent_path() / "cuda_runtime" / "include"};
}

std::vector<fs::path> path_folders() {
  const char* value = std::getenv("PATH");
  std::string_view left = value == nullptr ? "" : value;
  std::vector<fs::path> folders;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(':'), left.size());
    if (end > 0) folders.emplace_back(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return folders;
}

bool is_program(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) && access(file.c_str(), X_OK) == 0;
}

}  // namespace

fs::path toolkit_program(const std::string& name, std::string& looked_for) {
  std::vector<fs::path> folders;
  for (const fs::path& root : toolkit_roots()) folders.push_back(root / "bin");
  const std::vector<fs::path> of_path = path_folders();
  folders.insert(folders.end(), of_path.begin(), of_path.end());
  for (const fs::path& folder : folders) {
    if (is_program(folder / name)) return folder / name;
    looked_for += (looked_for.empty() ? "" : ", ") + (folder / name).string();
  }
  return {};
}

void* open_toolkit_library(const std::vector<std::string>& names, std::string& looked_for) {
  for (const fs::path& candidate : library_candidates(names)) {
    std::error_code error;
    // A plain name is left to the loader; a path is tried only where there is a file, so that the list stays readable.
    if (candidate.has_parent_path() && !fs::exists(candidate, error)) {
      looked_for += (looked_for.empty() ? "" : ", ") + candidate.string();
      continue;
    }
    if (void* library = dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    const char* reason = dlerror();
    looked_for += fmt::format("{}{} ({})", looked_for.empty() ? "" : ", ", candidate.string(),
                              reason == nullptr ? "cannot be loaded" : reason);
  }
  return nullptr;
}

std::string file_of_symbol(void* symbol) {
  Dl_info info{};
  return dladdr(symbol, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "";
}

std::vector<std::string> toolkit_include_folders(const fs::path& near_library, std::vector<std::string>& looked_for) {
  std::vector<fs::path> candidates;
  if (!near_library.empty()) candidates = include_folders_near(near_library);
  for (const fs::path& root : toolkit_roots()) {
    candidates.push_back(root / "include");
    candidates.push_back(root / "targets" / kTarget / "include");
    candidates.push_back(root.parent_path() / "cuda_runtime" / "include");
  }
  candidates.emplace_back("/usr/include");
  for (const fs::path& folder : candidates) {
    if (!holds_headers(folder)) {
      looked_for.push_back(folder.string());
      continue;
    }
    std::vector<std::string> found{folder.string()};
    if (fs::exists(folder / "cccl")) found.push_back((folder / "cccl").string());
    return found;
  }
  return {};
}

}  // namespace fuseline::profiler
