// Where the CUDA toolkit's NVRTC and headers are on this machine.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fuseline::profiler {

/// Candidates in the order they are tried. A candidate without a folder is left to the loader ("libnvrtc.so.13").
struct ToolkitPlaces {
  std::vector<std::filesystem::path> roots;      ///< CUDA_HOME, CUDA_PATH, /usr/local/cuda, /usr/local/cuda-*, ..., pip's nvidia/ folders.
  std::vector<std::filesystem::path> libraries;  ///< Files or plain names of libnvrtc.
};

/// The places to look for NVRTC: $CUDA_HOME, $CUDA_PATH, the loader's path, /usr/local/cuda*, /opt/cuda, and Python's nvidia packages.
[[nodiscard]] ToolkitPlaces toolkit_places();

/// Folders to pass to NVRTC with -I: the one that holds cuda_fp16.h, and its cccl folder where there is one.
/// `near_library` (the file of the libnvrtc in use, may be empty) is preferred, so that library and headers are of one release.
/// Empty where none was found; `looked_for` then lists the folders tried.
[[nodiscard]] std::vector<std::string> toolkit_include_folders(const std::filesystem::path& near_library, std::vector<std::string>& looked_for);

}  // namespace fuseline::profiler
