// The worker's own kernels (measure/support.cu), compiled and ready to launch.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "profiler/compile/compiler.hpp"
#include "profiler/cuda/gpu.hpp"
#include "tuner/problem/problem.hpp"

namespace fuseline::profiler {

/// The compile requests of support.cu's parts for an architecture ("sm_90"): in one piece it takes a compiler half a
/// second and more, and nothing can be verified before.
[[nodiscard]] std::vector<CompileRequest> support_requests(const std::string& architecture);

/// What one block of a comparison found; layout shared with measure/support.cu.
struct BlockComparison {
  double max_absolute = 0, max_relative = 0, worst_score = 0, got = 0, expected = 0;
  std::int64_t worst_index = -1;
  std::uint64_t mismatches = 0, unwritten = 0;
};

/// Bytes of device memory; layout shared with measure/support.cu.
struct DeviceRange {
  CUdeviceptr begin = 0;
  std::uint64_t bytes = 0;
};

/// Everything is enqueued on the GPU's stream and nothing waits.
class SupportKernels {
 public:
  /// Given the cubins of all parts.
  [[nodiscard]] static DeviceResult<std::unique_ptr<SupportKernels>> load(Gpu& gpu,
                                                                          const std::vector<std::string>& cubins);

  static constexpr unsigned kMaximumCompareBlocks = 1024;
  /// Blocks of a comparison: as many as run at once.
  [[nodiscard]] unsigned compare_blocks() const;

  /// `seed` should differ between tensors: see fill_seed().
  [[nodiscard]] DeviceResult<void> fill(CUdeviceptr out, tuner::Dtype dtype, std::uint64_t elements,
                                        const tuner::Fill& fill, std::uint64_t seed);
  /// Writes compare_blocks() BlockComparisons to `blocks`.
  [[nodiscard]] DeviceResult<void> compare(CUdeviceptr got, tuner::Dtype dtype, CUdeviceptr reference,
                                           std::uint64_t elements, const tuner::Tolerance& tolerance,
                                           CUdeviceptr blocks);
  [[nodiscard]] DeviceResult<void> count_unwritten(CUdeviceptr doubles, std::uint64_t elements, CUdeviceptr count);
  /// Raises the double whose bits are at `bits` (first 0) to the largest finite magnitude.
  [[nodiscard]] DeviceResult<void> largest(CUdeviceptr doubles, std::uint64_t elements, CUdeviceptr bits);
  /// `ranges` is an array of DeviceRange in device memory; *damaged becomes 1 where a byte differs from `pattern`.
  [[nodiscard]] DeviceResult<void> check_guards(CUdeviceptr ranges, unsigned count, unsigned char pattern,
                                                CUdeviceptr damaged);
  /// `bytes` is a multiple of 16; adds to the 64-bit number at `sum`.
  [[nodiscard]] DeviceResult<void> checksum(CUdeviceptr data, std::uint64_t bytes, CUdeviceptr sum);
  [[nodiscard]] DeviceResult<void> copy(CUdeviceptr to, CUdeviceptr from, std::uint64_t bytes);
  /// `stamp`: where a Stamp (l2_flush.hpp) goes; 0: nowhere.
  [[nodiscard]] DeviceResult<void> read(CUdeviceptr from, std::uint64_t bytes, int repeats, CUdeviceptr sink,
                                        CUdeviceptr stamp = 0);
  /// Writes whole sixteens of bytes anew with what is there.
  [[nodiscard]] DeviceResult<void> rewrite(CUdeviceptr data, std::uint64_t bytes);
  /// Returns the operations that were enqueued.
  [[nodiscard]] DeviceResult<double> fma(int iterations, CUdeviceptr sink);
  [[nodiscard]] DeviceResult<void> delay(std::uint64_t nanoseconds);

 private:
  explicit SupportKernels(Gpu& gpu) : gpu_(gpu) {}
  [[nodiscard]] DeviceResult<CUfunction> function(const std::string& kernel);
  [[nodiscard]] DeviceResult<void> launch(const std::string& kernel, std::uint64_t blocks, unsigned threads,
                                          void** arguments);
  [[nodiscard]] std::uint64_t resident_blocks() const;  ///< Of 256 threads, on the whole device.

  Gpu& gpu_;
  std::vector<CUmodule> modules_;
  std::map<std::string, CUfunction> functions_;
};

/// The seed of one tensor's fill: the job's seed with the tensor's name (FNV-1a), so that tensors differ and their
/// order does not matter.
[[nodiscard]] std::uint64_t fill_seed(std::uint64_t seed, const std::string& tensor);

}  // namespace fuseline::profiler
