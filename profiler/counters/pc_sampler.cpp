#include "profiler/counters/pc_sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace fuseline::profiler {
namespace {

constexpr std::uint32_t kShortestPeriod = 5;
constexpr std::uint32_t kLongestPeriod = 31;
constexpr std::size_t kRecordsAtOnce = 4096;   ///< Taken from CUPTI in one call.
constexpr std::size_t kReadsAtMost = 1 << 10;  ///< A library that always has more must not keep us for ever.
constexpr std::size_t kNameBytes = 256;
constexpr std::size_t kScratchBytes = std::size_t{16} << 20;
constexpr std::string_view kPrefix = "smsp__pcsamp_warps_issue_stalled_";
/// Of the same samples, those in cycles in which the scheduler issued nothing at all: a part, not more of them.
constexpr std::string_view kNotIssued = "_not_issued";

/// These structures start with their size, as those of FUSELINE_CUPTI_PARAMS do under another name.
#define FUSELINE_SAMPLING_PARAMS(type, name) \
  type name{};                               \
  (name).size = type##Size;                  \
  (name).ctx = context_

CUpti_PCSamplingConfigurationInfo sampling_attribute(CUpti_PCSamplingConfigurationAttributeType type) {
  CUpti_PCSamplingConfigurationInfo info{};
  info.attributeType = type;
  return info;
}

}  // namespace

void PcSampler::Buffer::allot(std::size_t count, std::size_t reasons_each) {
  records.assign(count, {});
  reasons.assign(count * reasons_each, {});
  for (std::size_t i = 0; i < count; ++i) {
    records[i].size = sizeof(CUpti_PCSamplingPCData);
    records[i].stallReason = &reasons[i * reasons_each];
  }
  data = {};
  data.size = sizeof(CUpti_PCSamplingData);
  data.collectNumPcs = count;
  data.pPcData = records.data();
}

tuner::Result<std::unique_ptr<PcSampler>> PcSampler::enable(const CuptiLibrary& cupti, CUcontext context,
                                                            std::uint32_t period) {
  if (!cupti.without_sampling.empty())
    return tuner::worker_error(fmt::format("{} has no PC sampling: it has no {}", cupti.file, cupti.without_sampling));
  CUpti_PCSamplingEnableParams parameters{};
  parameters.size = CUpti_PCSamplingEnableParamsSize;
  parameters.ctx = context;
  FUSELINE_CUPTI(cupti, cuptiPCSamplingEnable, &parameters);
  std::unique_ptr<PcSampler> sampler(new PcSampler(cupti, context));
  FUSELINE_CHECK(sampler->read_reasons());
  FUSELINE_CHECK(sampler->configure(period));
  return sampler;
}

PcSampler::~PcSampler() {
  FUSELINE_SAMPLING_PARAMS(CUpti_PCSamplingDisableParams, parameters);
  static_cast<void>(cupti_.cuptiPCSamplingDisable(&parameters));
}

tuner::Result<void> PcSampler::read_reasons() {
  std::size_t count = 0;
  FUSELINE_SAMPLING_PARAMS(CUpti_PCSamplingGetNumStallReasonsParams, counting);
  counting.numStallReasons = &count;
  FUSELINE_CUPTI(cupti_, cuptiPCSamplingGetNumStallReasons, &counting);
  indices_.assign(count, 0);
  std::vector<std::array<char, kNameBytes>> names(count);
  std::vector<char*> pointers;
  pointers.reserve(count);
  for (auto& name : names) pointers.push_back(name.data());
  FUSELINE_SAMPLING_PARAMS(CUpti_PCSamplingGetStallReasonsParams, naming);
  naming.numStallReasons = count;
  naming.stallReasonIndex = indices_.data();
  naming.stallReasons = pointers.data();
  FUSELINE_CUPTI(cupti_, cuptiPCSamplingGetStallReasons, &naming);
  for (std::size_t i = 0; i < count; ++i) {
    std::string_view name(names[i].data(), strnlen(names[i].data(), kNameBytes));
    if (name.ends_with(kNotIssued)) continue;
    if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
    reasons_.emplace(indices_[i], name);
  }
  return {};
}

tuner::Result<void> PcSampler::configure(std::uint32_t period) {
  buffer_.allot(kRecordsAtOnce, indices_.size());
  last_.allot(kRecordsAtOnce, indices_.size());
  std::vector<CUpti_PCSamplingConfigurationInfo> wanted;
  const auto add = [&wanted](CUpti_PCSamplingConfigurationAttributeType type) -> auto& {
    return wanted.emplace_back(sampling_attribute(type)).attributeData;
  };
  add(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_SAMPLING_PERIOD).samplingPeriodData.samplingPeriod = period;
  auto& reasons = add(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_STALL_REASON).stallReasonData;
  reasons.stallReasonCount = indices_.size();
  reasons.pStallReasonIndex = indices_.data();
  add(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_SCRATCH_BUFFER_SIZE).scratchBufferSizeData.scratchBufferSize =
      kScratchBytes;
  add(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_COLLECTION_MODE).collectionModeData.collectionMode =
      CUPTI_PC_SAMPLING_COLLECTION_MODE_KERNEL_SERIALIZED;
  add(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_ENABLE_START_STOP_CONTROL)
      .enableStartStopControlData.enableStartStopControl = 1;
  add(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_OUTPUT_DATA_FORMAT).outputDataFormatData.outputDataFormat =
      CUPTI_PC_SAMPLING_OUTPUT_DATA_FORMAT_PARSED;
  add(CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_SAMPLING_DATA_BUFFER).samplingDataBufferData.samplingDataBuffer =
      &last_.data;
  FUSELINE_SAMPLING_PARAMS(CUpti_PCSamplingConfigurationInfoParams, parameters);
  parameters.numAttributes = wanted.size();
  parameters.pPCSamplingConfigurationInfo = wanted.data();
  FUSELINE_CUPTI(cupti_, cuptiPCSamplingSetConfigurationAttribute, &parameters);
  return {};
}

tuner::Result<void> PcSampler::start() {
  FUSELINE_SAMPLING_PARAMS(CUpti_PCSamplingStartParams, parameters);
  FUSELINE_CUPTI(cupti_, cuptiPCSamplingStart, &parameters);
  return {};
}

tuner::Result<void> PcSampler::stop() {
  FUSELINE_SAMPLING_PARAMS(CUpti_PCSamplingStopParams, parameters);
  FUSELINE_CUPTI(cupti_, cuptiPCSamplingStop, &parameters);
  return {};
}

tuner::Result<void> PcSampler::take(const std::string& kernel, PcSamples& into) {
  for (std::size_t reads = 0; reads < kReadsAtMost; ++reads) {
    FUSELINE_SAMPLING_PARAMS(CUpti_PCSamplingGetDataParams, parameters);
    parameters.pcSamplingData = &buffer_.data;
    FUSELINE_CUPTI(cupti_, cuptiPCSamplingGetData, &parameters);
    const CUpti_PCSamplingData& data = buffer_.data;
    if (data.hardwareBufferFull != 0) return tuner::worker_error("the hardware's buffer of samples was full");
    into.total += data.totalSamples - std::min(data.totalSamples, data.droppedSamples);
    into.dropped += data.droppedSamples;
    const std::size_t count = std::min(data.totalNumPcs, buffer_.records.size());
    for (std::size_t i = 0; i < count; ++i) add(buffer_.records[i], kernel, into);
    if (data.remainingNumPcs == 0) return {};
  }
  return tuner::worker_error("CUPTI has samples without end");
}

/// The names of functions are CUPTI's, shared by records: they are left to it.
void PcSampler::add(const CUpti_PCSamplingPCData& record, const std::string& kernel, PcSamples& into) const {
  if (record.functionName == nullptr || kernel != record.functionName) return;
  const std::size_t count = std::min(record.stallReasonCount, indices_.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto reason = reasons_.find(record.stallReason[i].pcSamplingStallReasonIndex);
    const std::uint64_t samples = record.stallReason[i].samples;
    if (reason == reasons_.end() || samples == 0) continue;
    into.at[record.pcOffset][reason->second] += samples;
    into.inside += samples;
  }
}

std::uint32_t PcSampler::period_for(double cycles, int sms, double wanted) {
  const double period = std::floor(std::log2(std::max(1.0, cycles * sms / wanted)));
  return static_cast<std::uint32_t>(std::clamp(period, double{kShortestPeriod}, double{kLongestPeriod}));
}

#undef FUSELINE_SAMPLING_PARAMS

}  // namespace fuseline::profiler
