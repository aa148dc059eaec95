// Where the CUDA toolkit's libraries and headers are on this machine.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fuseline::profiler {

/// Opens a library of the toolkit; `names` are tried in order ("libnvrtc.so.13"), each in $CUDA_HOME, $CUDA_PATH, the
/// loader's path, /usr/local/cuda*, /opt/cuda, and the nvidia packages of a Python: of $CONDA_PREFIX, $VIRTUAL_ENV, the
/// environment that this program is installed in, and the system's. Null where none can be opened; `looked_for` then
/// says where, and what was wrong with what was found.
[[nodiscard]] void* open_toolkit_library(const std::vector<std::string>& names, std::string& looked_for);
/// The file that a symbol of a loaded library comes from; empty where unknown.
[[nodiscard]] std::string file_of_symbol(void* symbol);

/// Folders to pass to NVRTC with -I: the one that holds cuda_fp16.h, and its cccl folder where there is one.
/// `near_library` (the file of the libnvrtc in use, may be empty) is preferred, so that library and headers are of one
/// release. Empty where none was found; `looked_for` then lists the folders tried.
[[nodiscard]] std::vector<std::string> toolkit_include_folders(const std::filesystem::path& near_library,
                                                               std::vector<std::string>& looked_for);

/// A program of the toolkit: in bin of the same places, then in $PATH. Empty where there is none; `looked_for` then
/// says where.
[[nodiscard]] std::filesystem::path toolkit_program(const std::string& name, std::string& looked_for);

}  // namespace fuseline::profiler
