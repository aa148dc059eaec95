// Where the warps of kernels are: CUPTI's PC sampling (cupti_pcsampling.h) on one context, one kernel at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "profiler/counters/cupti_library.hpp"

namespace fuseline::profiler {

/// Samples of one kernel, added up over its launches.
struct PcSamples {
  std::uint64_t total = 0;    ///< Of whatever ran between start and stop, without what was dropped.
  std::uint64_t dropped = 0;  ///< By the hardware, whose buffer was full.
  std::uint64_t inside = 0;   ///< At an instruction of the kernel.
  /// By offset of the instruction, then by reason: "long_scoreboard", or "selected" for a warp that issued.
  std::map<std::uint64_t, std::map<std::string, std::uint64_t>> at;
};

/// Enabled from construction to destruction. Launches are sampled between start() and stop(), serialized; others cost
/// what they cost without it. A module that was loaded before it was enabled costs its first sampled launch 0.3 s more.
/// Neither a session of the range profiler nor SASS metrics may have the context meanwhile. Where it is first enabled
/// after SASS metrics were read in the process, there are no samples (CUPTI of CUDA 13.0).
class PcSampler {
 public:
  /// Takes a sample of each SM every 2^period cycles; period is 5 to 31. Error: a CUPTI without it, permission, another
  /// profiler, a device that cannot.
  [[nodiscard]] static tuner::Result<std::unique_ptr<PcSampler>> enable(const CuptiLibrary& cupti, CUcontext context,
                                                                        std::uint32_t period);
  ~PcSampler();
  PcSampler(const PcSampler&) = delete;
  PcSampler& operator=(const PcSampler&) = delete;

  [[nodiscard]] tuner::Result<void> start();
  /// To be called once the device is done with what is to be sampled.
  [[nodiscard]] tuner::Result<void> stop();
  /// Adds what was sampled since the last call. `kernel`: its symbol. Error: the hardware's buffer was full.
  [[nodiscard]] tuner::Result<void> take(const std::string& kernel, PcSamples& into);

  /// The period that gives about `wanted` samples of a launch of that many cycles on so many SMs.
  [[nodiscard]] static std::uint32_t period_for(double cycles, int sms, double wanted);

 private:
  PcSampler(const CuptiLibrary& cupti, CUcontext context) : cupti_(cupti), context_(context) {}
  [[nodiscard]] tuner::Result<void> read_reasons();
  [[nodiscard]] tuner::Result<void> configure(std::uint32_t period);
  void add(const CUpti_PCSamplingPCData& record, const std::string& kernel, PcSamples& into) const;

  /// Records, with room for all reasons each, as CUPTI fills them.
  struct Buffer {
    void allot(std::size_t records, std::size_t reasons);
    CUpti_PCSamplingData data{};
    std::vector<CUpti_PCSamplingPCData> records;
    std::vector<CUpti_PCSamplingStallReason> reasons;
  };

  const CuptiLibrary& cupti_;
  CUcontext context_;
  std::vector<std::uint32_t> indices_;
  std::map<std::uint32_t, std::string> reasons_;  ///< Name by index, of those that count: see read_reasons().
  Buffer buffer_, last_;                          ///< `last_` is what CUPTI writes to when it is disabled.
};

}  // namespace fuseline::profiler
