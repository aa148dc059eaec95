#include "profiler/cuda/occupancy.hpp"

#include <cuda_occupancy.h>

#include <climits>
#include <cstddef>
#include <cstring>

namespace fuseline::profiler {
namespace {

constexpr int kWarpSize = 32;

cudaOccDeviceProp properties_of(const tuner::DeviceLimits& limits, std::int64_t reserved_shared_bytes) {
  cudaOccDeviceProp properties;
  properties.computeMajor = limits.compute_major;
  properties.computeMinor = limits.compute_minor;
  properties.maxThreadsPerBlock = limits.max_threads_per_block;
  properties.maxThreadsPerMultiprocessor = limits.max_threads_per_sm;
  properties.regsPerBlock = static_cast<int>(limits.registers_per_block);
  properties.regsPerMultiprocessor = static_cast<int>(limits.registers_per_sm);
  properties.warpSize = kWarpSize;
  properties.sharedMemPerBlock = std::size_t{48} * 1024;
  properties.sharedMemPerMultiprocessor = static_cast<std::size_t>(limits.shared_bytes_per_sm);
  properties.numSms = limits.sm_count;
  properties.sharedMemPerBlockOptin = static_cast<std::size_t>(limits.shared_bytes_per_block);
  properties.reservedSharedMemPerBlock = static_cast<std::size_t>(reserved_shared_bytes);
  return properties;
}

std::string limiter_of(unsigned factors) {
  if ((factors & OCC_LIMIT_REGISTERS) != 0) return "registers";
  if ((factors & OCC_LIMIT_SHARED_MEMORY) != 0) return "shared memory";
  if ((factors & OCC_LIMIT_WARPS) != 0) return "warps";
  if ((factors & OCC_LIMIT_BLOCKS) != 0) return "blocks";
  return (factors & OCC_LIMIT_BARRIERS) != 0 ? "barriers" : "";
}

}  // namespace

Occupancy occupancy(const tuner::DeviceLimits& limits, const OccupancyQuery& query) {
  const cudaOccDeviceProp properties = properties_of(limits, query.reserved_shared_bytes);
  cudaOccFuncAttributes attributes;
  attributes.maxThreadsPerBlock = query.max_threads_per_block;
  attributes.numRegs = query.registers;
  attributes.sharedSizeBytes = static_cast<std::size_t>(query.static_shared_bytes);
  attributes.partitionedGCConfig = PARTITIONED_GC_OFF;
  attributes.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
  attributes.maxDynamicSharedSizeBytes = static_cast<std::size_t>(query.dynamic_shared_bytes);
  const cudaOccDeviceState state;
  cudaOccResult result;
  std::memset(&result, 0, sizeof(result));
  const cudaOccError status =
      cudaOccMaxActiveBlocksPerMultiprocessor(&result, &properties, &attributes, &state, query.threads_per_block,
                                              static_cast<std::size_t>(query.dynamic_shared_bytes));
  Occupancy answer;
  if (status != CUDA_OCC_SUCCESS || limits.max_threads_per_sm <= 0) return answer;
  const int warps_per_block = (query.threads_per_block + kWarpSize - 1) / kWarpSize,
            warps_per_sm = limits.max_threads_per_sm / kWarpSize;
  answer.blocks_per_sm = result.activeBlocksPerMultiprocessor;
  answer.fraction = static_cast<double>(answer.blocks_per_sm) * warps_per_block / warps_per_sm;
  answer.limiter = limiter_of(result.limitingFactors);
  return answer;
}

}  // namespace fuseline::profiler
