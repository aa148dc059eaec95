#include "profiler/measure/support_kernels.hpp"

#include <algorithm>

extern const char FUSELINE_SUPPORT_SOURCE[];

namespace fuseline::profiler {
namespace {

constexpr unsigned kThreads = 256;
constexpr int kParts = 4;  ///< Of support.cu.

int kind_of(const tuner::Fill& fill) {
  switch (fill.kind) {
    case tuner::Fill::Kind::normal:
      return 0;
    case tuner::Fill::Kind::uniform:
      return 1;
    case tuner::Fill::Kind::constant:
      return 2;
  }
  return 2;
}

std::string typed(const char* prefix, tuner::Dtype dtype) { return prefix + std::string(to_string(dtype)); }

}  // namespace

std::vector<CompileRequest> support_requests(const std::string& architecture) {
  std::vector<CompileRequest> requests;
  for (int part = 0; part < kParts; ++part) {
    CompileRequest request;
    request.name = "support.cu";
    request.source = FUSELINE_SUPPORT_SOURCE;
    request.options = {"-DFUSELINE_PART=" + std::to_string(part)};
    request.architecture = architecture;
    requests.push_back(std::move(request));
  }
  return requests;
}

std::uint64_t fill_seed(std::uint64_t seed, const std::string& tensor) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : tensor) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash ^ (seed * 0x9e3779b97f4a7c15ULL);
}

DeviceResult<std::unique_ptr<SupportKernels>> SupportKernels::load(Gpu& gpu, const std::vector<std::string>& cubins) {
  std::unique_ptr<SupportKernels> support(new SupportKernels(gpu));
  for (const std::string& cubin : cubins) {
    FUSELINE_CU(gpu.driver(), cuModuleLoadDataEx(&support->modules_.emplace_back(), cubin.data(), 0, nullptr, nullptr));
  }
  return support;
}

DeviceResult<CUfunction> SupportKernels::function(const std::string& kernel) {
  CUfunction& known = functions_[kernel];
  if (known != nullptr) return known;
  for (std::size_t i = 0; i + 1 < modules_.size(); ++i) {
    if (gpu_.driver().cuModuleGetFunction(&known, modules_[i], kernel.c_str()) == CUDA_SUCCESS) return known;
  }
  FUSELINE_CU(gpu_.driver(), cuModuleGetFunction(&known, modules_.back(), kernel.c_str()));
  return known;
}

DeviceResult<void> SupportKernels::launch(const std::string& kernel, std::uint64_t blocks, unsigned threads,
                                          void** arguments) {
  const Driver& driver = gpu_.driver();
  FUSELINE_TRY(function, this->function(kernel));
  FUSELINE_CU(driver, cuLaunchKernel(function, static_cast<unsigned>(std::max<std::uint64_t>(blocks, 1)), 1, 1, threads,
                                     1, 1, 0, gpu_.stream(), arguments, nullptr));
  return {};
}

std::uint64_t SupportKernels::resident_blocks() const {
  const tuner::DeviceLimits& limits = gpu_.info().limits;
  return static_cast<std::uint64_t>(
      std::max(1, limits.sm_count * std::max(1, limits.max_threads_per_sm / static_cast<int>(kThreads))));
}

unsigned SupportKernels::compare_blocks() const {
  return std::clamp(4U * static_cast<unsigned>(std::max(1, gpu_.info().limits.sm_count)), 1U, kMaximumCompareBlocks);
}

DeviceResult<void> SupportKernels::fill(CUdeviceptr out, tuner::Dtype dtype, std::uint64_t elements,
                                        const tuner::Fill& fill, std::uint64_t seed) {
  int kind = kind_of(fill);
  auto a = static_cast<float>(kind == 0 ? fill.mean : kind == 1 ? fill.low : fill.value);
  auto b = static_cast<float>(kind == 0 ? fill.stddev : fill.high);
  void* arguments[] = {&out, &elements, &kind, &a, &b, &seed};
  return launch(typed("fuseline_fill_", dtype), std::min(resident_blocks() * 4, elements / kThreads + 1), kThreads,
                arguments);
}

DeviceResult<void> SupportKernels::compare(CUdeviceptr got, tuner::Dtype dtype, CUdeviceptr reference,
                                           std::uint64_t elements, const tuner::Tolerance& tolerance,
                                           CUdeviceptr blocks) {
  double absolute = tolerance.absolute;
  double relative = tolerance.relative;
  void* arguments[] = {&got, &reference, &elements, &absolute, &relative, &blocks};
  return launch(typed("fuseline_compare_", dtype), compare_blocks(), kThreads, arguments);
}

DeviceResult<void> SupportKernels::count_unwritten(CUdeviceptr doubles, std::uint64_t elements, CUdeviceptr count) {
  void* arguments[] = {&doubles, &elements, &count};
  return launch("fuseline_count_unwritten", resident_blocks(), kThreads, arguments);
}

DeviceResult<void> SupportKernels::largest(CUdeviceptr doubles, std::uint64_t elements, CUdeviceptr bits) {
  void* arguments[] = {&doubles, &elements, &bits};
  return launch("fuseline_largest", resident_blocks(), kThreads, arguments);
}

DeviceResult<void> SupportKernels::check_guards(CUdeviceptr ranges, unsigned count, unsigned char pattern,
                                                CUdeviceptr damaged) {
  if (count == 0) return {};
  unsigned value = pattern;
  void* arguments[] = {&ranges, &value, &damaged};
  return launch("fuseline_check_guards", count, kThreads, arguments);
}

DeviceResult<void> SupportKernels::checksum(CUdeviceptr data, std::uint64_t bytes, CUdeviceptr sum) {
  std::uint64_t pieces = bytes / 16;
  void* arguments[] = {&data, &pieces, &sum};
  return launch("fuseline_checksum", std::min(resident_blocks(), pieces / kThreads + 1), kThreads, arguments);
}

DeviceResult<void> SupportKernels::copy(CUdeviceptr to, CUdeviceptr from, std::uint64_t bytes) {
  std::uint64_t pieces = bytes / 16;
  void* arguments[] = {&to, &from, &pieces};
  return launch("fuseline_copy", (pieces + 1023) / 1024, kThreads, arguments);
}

DeviceResult<void> SupportKernels::read(CUdeviceptr from, std::uint64_t bytes, int repeats, CUdeviceptr sink,
                                        CUdeviceptr stamp) {
  std::uint64_t pieces = bytes / 16;
  void* arguments[] = {&from, &pieces, &repeats, &sink, &stamp};
  return launch("fuseline_read", resident_blocks(), kThreads, arguments);
}

DeviceResult<void> SupportKernels::rewrite(CUdeviceptr data, std::uint64_t bytes) {
  std::uint64_t pieces = bytes / 16;
  void* arguments[] = {&data, &pieces};
  return launch("fuseline_rewrite", std::min(resident_blocks(), pieces / kThreads + 1), kThreads, arguments);
}

DeviceResult<double> SupportKernels::fma(int iterations, CUdeviceptr sink) {
  float a = 0.999F;
  float b = 0.001F;
  const std::uint64_t blocks = resident_blocks();
  void* arguments[] = {&a, &b, &iterations, &sink};
  FUSELINE_CHECK(launch("fuseline_fma", blocks, kThreads, arguments));
  return 2.0 * 8.0 * static_cast<double>(iterations) * static_cast<double>(blocks) * kThreads;
}

DeviceResult<void> SupportKernels::delay(std::uint64_t nanoseconds) {
  void* arguments[] = {&nanoseconds};
  return launch("fuseline_delay", 1, 1, arguments);
}

}  // namespace fuseline::profiler
