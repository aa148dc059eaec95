// The device memory that a worker takes for one job, worked out ahead: the worker allocates by it, and the coordinator
// says before a sweep whether a GPU can hold it. Not in it: what the driver takes for a context (some 500 MiB on an
// H200), and workspaces that a variant asks for, which come out of what is left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tuner/problem/problem.hpp"

namespace fuseline::tuner {

inline constexpr std::size_t kGuardBytes = 4096;  ///< At least, on each side of an output or workspace.
inline constexpr std::size_t kAlignment = 256;    ///< Of every tensor, as a framework's allocator gives.

/// Sets of buffers that launches take turns on: what a place in memory is worth (up to 1 % on an H200) then counts
/// alike for all that are compared.
inline constexpr int kPlaces = 3;

/// Where the tensors of one set lie within it. Inputs first to last, outputs between guard bands.
struct SetLayout {
  std::vector<std::size_t> offsets;  ///< One a tensor.
  struct Guard {
    std::size_t offset = 0, bytes = 0;
  };
  std::vector<Guard> guards;
  std::size_t bytes = 0;  ///< A multiple of kAlignment.
};
[[nodiscard]] SetLayout lay_out(const std::vector<Tensor>& tensors);

/// What lies beside the sets: offsets of one a tensor, and bytes in all.
struct SideLayout {
  std::vector<std::size_t> offsets;
  std::size_t bytes = 0;
};
/// Outputs of the reference in fp64; one piece of kAlignment at least.
[[nodiscard]] SideLayout reference_layout(const std::vector<Tensor>& tensors);
/// Values that were sent, of inputs.
[[nodiscard]] SideLayout values_layout(const std::vector<Tensor>& tensors);

/// As many sets as are wanted of the memory that is free, which has to hold `beside` as well; one at least.
[[nodiscard]] int sets_that_fit(int wanted, std::size_t set_bytes, std::size_t beside, std::size_t free);
/// Of one of the two buffers that a copy is measured with, for inputs and outputs of so many bytes.
[[nodiscard]] std::size_t copy_bytes_that_fit(std::int64_t tensor_bytes, std::size_t free);
/// What is read to flush L2 with, with room for its sum.
[[nodiscard]] std::size_t flush_bytes(std::int64_t l2_bytes);

/// Times that kernels note while L2 is flushed.
inline constexpr std::size_t kFlushSlots = 1024, kStampBytes = 32;
/// What a comparison of outputs with the reference writes: flags, and a part for every block of each output; and the
/// guard bands that are looked at.
inline constexpr std::size_t kCompareFlagBytes = 32, kMostCompareBlocks = 1024, kComparisonBytes = 64;
inline constexpr std::size_t kMostRanges = 1024, kRangeBytes = 16;

/// Bytes of each part.
struct DeviceMemoryNeeds {
  std::int64_t set = 0;        ///< Inputs and outputs once, with guard bands.
  int sets = 1;                ///< Launches take turns on them.
  std::int64_t reference = 0;  ///< Its outputs in fp64.
  std::int64_t values = 0;     ///< Inputs that come from files, to fill buffers from.
  std::int64_t copy = 0;       ///< Both buffers of the copy that shares refer to.
  std::int64_t tools = 0;      ///< Flushing L2, results of comparisons.
  [[nodiscard]] std::int64_t total() const { return set * sets + reference + values + copy + tools; }
};

/// What a job's memory depends on.
struct MemoryQuestion {
  const std::vector<Tensor>& tensors;
  int places = kPlaces;  ///< Sets wanted: 1 where launches follow themselves.
  std::int64_t l2_bytes = 0;
};
/// Where memory is no matter.
[[nodiscard]] DeviceMemoryNeeds memory_wanted(const MemoryQuestion& question);
/// With one set and the smallest copy: less is not enough.
[[nodiscard]] DeviceMemoryNeeds memory_least(const MemoryQuestion& question);
/// What a worker takes where so much is free when it begins; empty where that is not enough.
[[nodiscard]] std::optional<DeviceMemoryNeeds> memory_within(const MemoryQuestion& question, std::int64_t free);

/// "20.1 GiB: 12.0 of tensors, 8.0 of the fp64 reference, 0.1 to measure with"
[[nodiscard]] std::string memory_text(const DeviceMemoryNeeds& needs);

}  // namespace fuseline::tuner
