// What a program of kernels on the CPU is asked to run, and the numbers it runs on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tuner/problem/problem.hpp"
#include "tuner/problem/resolved.hpp"

namespace fuseline::tuner {

/// Elements of an instance's tensors together, over which it is not run: a block's threads run one after the other.
inline constexpr std::int64_t kMostHostElements = std::int64_t{1} << 20;
/// And bytes of workspace.
inline constexpr std::int64_t kMostHostWorkspace = std::int64_t{1} << 28;

[[nodiscard]] std::int64_t host_elements(const ProblemInstance& instance);

/// One configuration, or a reference, on one instance.
struct HostCase {
  std::size_t number = 0;  ///< By which answers name it.
  bool is_reference = false;
  const ProblemInstance* instance = nullptr;
  const ResolvedConfiguration* resolved = nullptr;  ///< Of a reference: its launches.
  std::string data;                                 ///< As host_file() takes it.
};

/// The name of the file of a tensor's values: of an input its elements, of an output those of the reference in fp64.
[[nodiscard]] std::string host_file(const std::string& data, std::size_t tensor);

/// The job that profiler/host/job.hpp reads. `folder` is that of the files.
[[nodiscard]] std::string host_job(const std::filesystem::path& folder, const std::vector<HostCase>& cases);

struct HostFile {
  std::string name;  ///< host_file()
  std::string bytes;
};
/// The inputs of an instance as its problem fills them, and where files are its reference the outputs. The numbers are
/// those that a worker fills with, to the last places of the C library's functions. Errors: as of tensor_files(); a
/// file that cannot be read.
[[nodiscard]] Result<std::vector<HostFile>> host_files(const ProblemInstance& instance, const std::string& data,
                                                       std::uint64_t seed);

}  // namespace fuseline::tuner
