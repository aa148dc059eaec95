// A stand-in for libcupti on machines without a GPU: it keeps the order of calls that the range profiler asks for and
// gives values that name their metric and range. FUSELINE_FAKE_CUPTI chooses what goes wrong: "privileges", "profiler"
// (another one holds the counters), "half" (a range is lost), "stuck" (no pass is the last one); and of source
// profiles, which are in cupti_source.cpp, what that says.
#include "tests/fake_driver/cupti.hpp"

#include <cupti_profiler_host.h>
#include <cupti_range_profiler.h>
#include <cupti_target.h>
#include <cupti_version.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

struct CUpti_Profiler_Host_Object {
  std::vector<std::string> metrics;
};
struct CUpti_RangeProfiler_Object {
  bool configured = false;
  bool started = false;
  bool pushed = false;
  std::size_t passes = 0;
  std::vector<std::string> ranges;
};

namespace {

constexpr std::size_t kPasses = 2;
CUpti_RangeProfiler_Object profiler;
bool enabled = false;
std::vector<std::string> decoded;

bool goes_wrong(const char* how) { return fake::cupti_is_set(how); }

}  // namespace

namespace fake {

bool cupti_is_set(std::string_view word) {
  const char* chosen = std::getenv("FUSELINE_FAKE_CUPTI");
  std::string_view left = chosen == nullptr ? "" : chosen;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(','), left.size());
    if (left.substr(0, end) == word) return true;
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return false;
}

bool range_profiler_enabled() { return enabled; }

}  // namespace fake

extern "C" {

CUptiResult cuptiGetVersion(std::uint32_t* version) { return *version = 130001, CUPTI_SUCCESS; }
CUptiResult cuptiGetResultString(CUptiResult, const char** text) { return *text = "as asked for", CUPTI_SUCCESS; }
CUptiResult cuptiProfilerInitialize(CUpti_Profiler_Initialize_Params*) {
  return goes_wrong("profiler") ? CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED : CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerGetCounterAvailability(CUpti_Profiler_GetCounterAvailability_Params* parameters) {
  return parameters->counterAvailabilityImageSize = 4, CUPTI_SUCCESS;
}
CUptiResult cuptiDeviceGetChipName(CUpti_Device_GetChipName_Params* parameters) {
  return parameters->pChipName = "GH100", CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostGetSupportedChips(CUpti_Profiler_Host_GetSupportedChips_Params* parameters) {
  static const char* const chips[] = {"GH100"};
  parameters->numChips = 1;
  parameters->ppChipNames = chips;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostInitialize(CUpti_Profiler_Host_Initialize_Params* parameters) {
  return parameters->pHostObject = new CUpti_Profiler_Host_Object, CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostDeinitialize(CUpti_Profiler_Host_Deinitialize_Params* parameters) {
  return delete parameters->pHostObject, CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostGetBaseMetrics(CUpti_Profiler_Host_GetBaseMetrics_Params* parameters) {
  return parameters->numMetrics = 0, CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostGetSubMetrics(CUpti_Profiler_Host_GetSubMetrics_Params*) { return CUPTI_SUCCESS; }
CUptiResult cuptiProfilerHostGetMetricProperties(CUpti_Profiler_Host_GetMetricProperties_Params*) {
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostConfigAddMetrics(CUpti_Profiler_Host_ConfigAddMetrics_Params* parameters) {
  for (std::size_t i = 0; i < parameters->numMetrics; ++i) {
    if (std::strstr(parameters->ppMetricNames[i], "nonsense") != nullptr) return CUPTI_ERROR_INVALID_METRIC_NAME;
  }
  for (std::size_t i = 0; i < parameters->numMetrics; ++i)
    parameters->pHostObject->metrics.emplace_back(parameters->ppMetricNames[i]);
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostGetConfigImageSize(CUpti_Profiler_Host_GetConfigImageSize_Params* parameters) {
  return parameters->configImageSize = 8, CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostGetConfigImage(CUpti_Profiler_Host_GetConfigImage_Params*) { return CUPTI_SUCCESS; }
CUptiResult cuptiProfilerHostGetNumOfPasses(CUpti_Profiler_Host_GetNumOfPasses_Params* parameters) {
  return parameters->numOfPasses = kPasses, CUPTI_SUCCESS;
}
/// 100 times the metric's place plus the range's name; NaN for a metric called absent.
CUptiResult cuptiProfilerHostEvaluateToGpuValues(CUpti_Profiler_Host_EvaluateToGpuValues_Params* parameters) {
  for (std::size_t i = 0; i < parameters->numMetrics; ++i) {
    const bool absent = std::strstr(parameters->ppMetricNames[i], "absent") != nullptr;
    parameters->pMetricValues[i] =
        absent ? std::nan("") : 100.0 * static_cast<double>(i + 1) + std::stod(decoded.at(parameters->rangeIndex));
  }
  return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerEnable(CUpti_RangeProfiler_Enable_Params* parameters) {
  if (goes_wrong("privileges")) return CUPTI_ERROR_INSUFFICIENT_PRIVILEGES;
  if (enabled) return CUPTI_ERROR_INVALID_OPERATION;
  enabled = true;
  profiler = {};
  parameters->pRangeProfilerObject = &profiler;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerDisable(CUpti_RangeProfiler_Disable_Params*) { return enabled = false, CUPTI_SUCCESS; }
CUptiResult cuptiRangeProfilerGetCounterDataSize(CUpti_RangeProfiler_GetCounterDataSize_Params* parameters) {
  return parameters->counterDataSize = 16,
         parameters->maxNumRangeTreeNodes < parameters->maxNumOfRanges ? CUPTI_ERROR_INVALID_PARAMETER : CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerCounterDataImageInitialize(CUpti_RangeProfiler_CounterDataImage_Initialize_Params*) {
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerSetConfig(CUpti_RangeProfiler_SetConfig_Params*) {
  profiler.configured = true;
  profiler.passes = 0;
  profiler.ranges.clear();
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerStart(CUpti_RangeProfiler_Start_Params*) {
  if (!enabled || !profiler.configured || profiler.started) return CUPTI_ERROR_INVALID_OPERATION;
  return profiler.started = true, CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerStop(CUpti_RangeProfiler_Stop_Params* parameters) {
  if (!profiler.started || profiler.pushed) return CUPTI_ERROR_INVALID_OPERATION;
  profiler.started = false;
  parameters->isAllPassSubmitted = !goes_wrong("stuck") && ++profiler.passes == kPasses ? 1 : 0;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerPushRange(CUpti_RangeProfiler_PushRange_Params* parameters) {
  if (!profiler.started || profiler.pushed) return CUPTI_ERROR_INVALID_OPERATION;
  profiler.pushed = true;
  const std::string name = parameters->pRangeName;
  if (std::find(profiler.ranges.begin(), profiler.ranges.end(), name) == profiler.ranges.end())
    profiler.ranges.push_back(name);
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerPopRange(CUpti_RangeProfiler_PopRange_Params*) {
  if (!profiler.pushed) return CUPTI_ERROR_INVALID_OPERATION;
  return profiler.pushed = false, CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerDecodeData(CUpti_RangeProfiler_DecodeData_Params*) {
  decoded = profiler.ranges;
  std::reverse(decoded.begin(), decoded.end());  // No order is promised.
  if (goes_wrong("half") && !decoded.empty()) decoded.pop_back();
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerGetCounterDataInfo(CUpti_RangeProfiler_GetCounterDataInfo_Params* parameters) {
  return parameters->numTotalRanges = decoded.size(), CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerCounterDataGetRangeInfo(CUpti_RangeProfiler_CounterData_GetRangeInfo_Params* parameters) {
  return parameters->rangeName = decoded.at(parameters->rangeIndex).c_str(), CUPTI_SUCCESS;
}

}  // extern "C"
