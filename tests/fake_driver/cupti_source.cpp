// The part of the stand-in for CUPTI that source profiles need: PC sampling, SASS metrics, lines. It keeps the order of
// calls, and what an H200 with CUDA 13.0 was seen to do: SASS metrics once a process, and no samples where sampling is
// first enabled after them; here after them in any case.
//
// Samples are of kernel "k", or of what $FUSELINE_FAKE_CUPTI_KERNEL names. Every launch has, at its first instruction,
// 3,000 that wait for memory and 100 that issued; at its second 1,500 that wait, of which 700 in cycles in which
// nothing issued (the same ones, told apart); 50 of another kernel; and 7 that were dropped. Counts are of three
// instructions.
//
// Words of FUSELINE_FAKE_CUPTI: "unsampled" (the device cannot), "elsewhere" (no sample is in the kernel), "full" (the
// hardware's buffer), "uncounted" (no SASS metrics), "lineless" (the compiler named none).
#include <cupti_pcsampling.h>
#include <cupti_profiler_target.h>
#include <cupti_sass_metrics.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "tests/fake_driver/cupti.hpp"

namespace {

constexpr std::size_t kReasons = 4;
constexpr const char* kReasonNames[kReasons] = {
    "smsp__pcsamp_warps_issue_stalled_long_scoreboard", "smsp__pcsamp_warps_issue_stalled_selected",
    "smsp__pcsamp_warps_issue_stalled_wait", "smsp__pcsamp_warps_issue_stalled_wait_not_issued"};
constexpr std::uint32_t kFirstReason = 11;
constexpr std::uint64_t kDropped = 7;

struct Record {
  std::string function;
  std::uint64_t offset = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> samples;  // Of reasons.
};

struct Sampling {
  bool enabled = false, configured = false, started = false;
  std::vector<Record> waiting;
  bool dropped_told = true;
};
Sampling sampling;

struct Sass {
  bool set = false, enabled = false, used = false;
  std::vector<std::uint64_t> metrics;
};
Sass sass;

std::vector<std::string>& metric_names() {
  static std::vector<std::string> names;
  return names;
}

std::string kernel() {
  const char* chosen = std::getenv("FUSELINE_FAKE_CUPTI_KERNEL");
  return chosen == nullptr ? "k" : chosen;
}

CUptiResult copy(const Record& record, CUpti_PCSamplingPCData& to) {
  static std::vector<std::string> names;  // As CUPTI: they stay.
  names.reserve(1 << 16);
  to.functionName = names.emplace_back(record.function).data();
  to.pcOffset = record.offset;
  to.stallReasonCount = record.samples.size();
  for (std::size_t i = 0; i < record.samples.size(); ++i)
    to.stallReason[i] = {record.samples[i].first, record.samples[i].second};
  return CUPTI_SUCCESS;
}

}  // namespace

extern "C" {

CUptiResult cuptiPCSamplingEnable(CUpti_PCSamplingEnableParams*) {
  if (fake::cupti_is_set("unsampled")) return CUPTI_ERROR_NOT_SUPPORTED;
  if (sampling.enabled || fake::range_profiler_enabled()) return CUPTI_ERROR_INVALID_OPERATION;
  sampling = {};
  sampling.enabled = true;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiPCSamplingDisable(CUpti_PCSamplingDisableParams*) { return sampling = {}, CUPTI_SUCCESS; }
CUptiResult cuptiPCSamplingGetNumStallReasons(CUpti_PCSamplingGetNumStallReasonsParams* parameters) {
  return *parameters->numStallReasons = kReasons, CUPTI_SUCCESS;
}
CUptiResult cuptiPCSamplingGetStallReasons(CUpti_PCSamplingGetStallReasonsParams* parameters) {
  for (std::size_t i = 0; i < parameters->numStallReasons; ++i) {
    parameters->stallReasonIndex[i] = kFirstReason + static_cast<std::uint32_t>(i);
    std::snprintf(parameters->stallReasons[i], 128, "%s", kReasonNames[i]);
  }
  return CUPTI_SUCCESS;
}
CUptiResult cuptiPCSamplingSetConfigurationAttribute(CUpti_PCSamplingConfigurationInfoParams* parameters) {
  if (!sampling.enabled) return CUPTI_ERROR_INVALID_OPERATION;
  for (std::size_t i = 0; i < parameters->numAttributes; ++i) {
    const auto& info = parameters->pPCSamplingConfigurationInfo[i];
    if (info.attributeType != CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_SAMPLING_PERIOD) continue;
    const auto period = info.attributeData.samplingPeriodData.samplingPeriod;
    if (period < 5 || period > 31) return CUPTI_ERROR_INVALID_PARAMETER;
    sampling.configured = true;
  }
  return CUPTI_SUCCESS;
}
CUptiResult cuptiPCSamplingStart(CUpti_PCSamplingStartParams*) {
  if (!sampling.configured || sampling.started) return CUPTI_ERROR_INVALID_OPERATION;
  return sampling.started = true, CUPTI_SUCCESS;
}
CUptiResult cuptiPCSamplingStop(CUpti_PCSamplingStopParams*) {
  if (!sampling.started) return CUPTI_ERROR_INVALID_OPERATION;
  sampling.started = false;
  if (sass.used) return CUPTI_SUCCESS;
  const std::string name = fake::cupti_is_set("elsewhere") ? "another" : kernel();
  sampling.waiting.push_back({name, 0, {{kFirstReason, 3000}, {kFirstReason + 1, 100}}});
  sampling.waiting.push_back({"fuseline_read", 32, {{kFirstReason, 50}}});
  sampling.waiting.push_back({name, 16, {{kFirstReason + 2, 1500}, {kFirstReason + 3, 700}}});
  sampling.dropped_told = false;
  return CUPTI_SUCCESS;
}
/// Two records at a time.
CUptiResult cuptiPCSamplingGetData(CUpti_PCSamplingGetDataParams* parameters) {
  auto& data = *static_cast<CUpti_PCSamplingData*>(parameters->pcSamplingData);
  data.hardwareBufferFull = fake::cupti_is_set("full") ? 1 : 0;
  data.droppedSamples = std::exchange(sampling.dropped_told, true) ? 0 : kDropped;
  data.totalSamples = data.droppedSamples;
  data.totalNumPcs = 0;
  while (data.totalNumPcs < 2 && !sampling.waiting.empty()) {
    const Record record = sampling.waiting.front();
    sampling.waiting.erase(sampling.waiting.begin());
    for (const auto& [reason, count] : record.samples)
      data.totalSamples += reason == kFirstReason + 3 ? 0 : count;  // These count among the others.
    copy(record, data.pPcData[data.totalNumPcs++]);
  }
  data.remainingNumPcs = sampling.waiting.size();
  return CUPTI_SUCCESS;
}

CUptiResult cuptiSassMetricsGetProperties(CUpti_SassMetrics_GetProperties_Params* parameters) {
  if (std::strstr(parameters->pMetricName, "tags_mem") != nullptr) return CUPTI_ERROR_INVALID_METRIC_NAME;
  metric_names().emplace_back(parameters->pMetricName);
  parameters->metric.metricId = metric_names().size() - 1;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiSassMetricsSetConfig(CUpti_SassMetricsSetConfig_Params* parameters) {
  if (fake::cupti_is_set("uncounted")) return CUPTI_ERROR_NOT_SUPPORTED;
  if (sampling.enabled || fake::range_profiler_enabled()) return CUPTI_ERROR_INVALID_OPERATION;
  if (sass.used) return CUPTI_ERROR_OUT_OF_MEMORY;
  sass = {};
  sass.set = sass.used = true;
  for (std::size_t i = 0; i < parameters->numOfMetricConfig; ++i)
    sass.metrics.push_back(parameters->pConfigs[i].metricId);
  return CUPTI_SUCCESS;
}
CUptiResult cuptiSassMetricsUnsetConfig(CUpti_SassMetricsUnsetConfig_Params*) {
  if (!sass.set || sass.enabled) return CUPTI_ERROR_INVALID_OPERATION;
  return sass.set = false, CUPTI_SUCCESS;
}
CUptiResult cuptiSassMetricsEnable(CUpti_SassMetricsEnable_Params*) {
  if (!sass.set || sass.enabled) return CUPTI_ERROR_INVALID_OPERATION;
  return sass.enabled = true, CUPTI_SUCCESS;
}
CUptiResult cuptiSassMetricsDisable(CUpti_SassMetricsDisable_Params*) {
  if (!sass.enabled) return CUPTI_ERROR_INVALID_OPERATION;
  return sass.enabled = false, CUPTI_SUCCESS;
}
/// Three instructions of the kernel and one of another, each once a metric.
CUptiResult cuptiSassMetricsGetDataProperties(CUpti_SassMetricsGetDataProperties_Params* parameters) {
  if (!sass.enabled) return CUPTI_ERROR_INVALID_OPERATION;
  parameters->numOfPatchedInstructionRecords = 4 * sass.metrics.size();
  parameters->numOfInstances = 1;
  return CUPTI_SUCCESS;
}
/// 1,000 times the metric's place, plus the offset.
CUptiResult cuptiSassMetricsFlushData(CUpti_SassMetricsFlushData_Params* parameters) {
  static const std::string name = kernel();
  if (parameters->numOfPatchedInstructionRecords != 4 * sass.metrics.size()) return CUPTI_ERROR_INVALID_PARAMETER;
  for (std::size_t i = 0; i < parameters->numOfPatchedInstructionRecords; ++i) {
    CUpti_SassMetrics_Data& record = parameters->pMetricsData[i];
    const std::size_t place = i / 4;
    record.functionName = i % 4 == 3 ? "another" : name.c_str();
    record.pcOffset = static_cast<std::uint32_t>(16 * (i % 4));
    record.pInstanceValues[0] = {sass.metrics[place], 1000 * (place + 1) + record.pcOffset};
  }
  return CUPTI_SUCCESS;
}

CUptiResult cuptiGetSassToSourceCorrelation(CUpti_GetSassToSourceCorrelationParams* parameters) {
  if (parameters->functionName != kernel()) return CUPTI_ERROR_INVALID_PARAMETER;
  if (fake::cupti_is_set("lineless") || parameters->pcOffset > 32) return CUPTI_SUCCESS;
  const bool header = parameters->pcOffset == 16;
  parameters->lineNumber = static_cast<std::uint32_t>(3 + parameters->pcOffset / 16);
  parameters->fileName = strdup(header ? "rows.cuh" : "own.cu");
  parameters->dirName = strdup(header ? "/where/it/was/compiled/common" : "/where/it/was/compiled");
  return CUPTI_SUCCESS;
}

}  // extern "C"
