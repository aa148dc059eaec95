#include "profiler/counters/counter_session.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace fuseline::profiler {
namespace {

/// More passes than any schedule has: a driver that never says it is done must not keep us for ever.
constexpr std::size_t kPassesAtMost = 256;

/// Names must differ: ranges of one name are added up into one.
std::string range_name(std::size_t index) { return std::to_string(index); }

std::size_t range_index(std::string_view name) {
  std::size_t index = std::numeric_limits<std::size_t>::max();
  static_cast<void>(std::from_chars(name.data(), name.data() + name.size(), index));
  return index;
}

}  // namespace

tuner::Result<std::unique_ptr<CounterSession>> CounterSession::enable(const CuptiLibrary& cupti, CUcontext context,
                                                                      const MetricHost& host) {
  std::unique_ptr<CounterSession> session(new CounterSession(cupti, host));
  FUSELINE_CUPTI_PARAMS(CUpti_RangeProfiler_Enable_Params, parameters);
  parameters.ctx = context;
  FUSELINE_CUPTI(cupti, cuptiRangeProfilerEnable, &parameters);
  session->object_ = parameters.pRangeProfilerObject;
  return session;
}

CounterSession::~CounterSession() {
  if (object_ == nullptr) return;
  FUSELINE_CUPTI_PARAMS(CUpti_RangeProfiler_Disable_Params, parameters);
  parameters.pRangeProfilerObject = object_;
  static_cast<void>(cupti_.cuptiRangeProfilerDisable(&parameters));
}

tuner::Result<bool> CounterSession::collect(std::size_t ranges, const Before& before, const Range& run) {
  FUSELINE_CHECK(configure(ranges));
  bool stopped = false;
  for (std::size_t count = 0;; ++count) {
    if (count == kPassesAtMost)
      return tuner::worker_error(fmt::format("the range profiler asked for more than {} passes", kPassesAtMost));
    FUSELINE_TRY(last, pass(ranges, before, run, stopped));
    if (stopped || last) return !stopped;
  }
}

tuner::Result<void> CounterSession::configure(std::size_t ranges) {
  std::vector<const char*> names;
  for (const std::string& metric : host_.metrics()) names.push_back(metric.c_str());
  FUSELINE_CUPTI_PARAMS(CUpti_RangeProfiler_GetCounterDataSize_Params, size);
  size.pRangeProfilerObject = object_;
  size.pMetricNames = names.data();
  size.numMetrics = names.size();
  size.maxNumOfRanges = ranges;
  size.maxNumRangeTreeNodes = static_cast<std::uint32_t>(ranges);
  FUSELINE_CUPTI(cupti_, cuptiRangeProfilerGetCounterDataSize, &size);
  counter_data_.assign(size.counterDataSize, 0);
  FUSELINE_CUPTI_PARAMS(CUpti_RangeProfiler_CounterDataImage_Initialize_Params, image);
  image.pRangeProfilerObject = object_;
  image.counterDataSize = counter_data_.size();
  image.pCounterData = counter_data_.data();
  FUSELINE_CUPTI(cupti_, cuptiRangeProfilerCounterDataImageInitialize, &image);

  FUSELINE_CUPTI_PARAMS(CUpti_RangeProfiler_SetConfig_Params, config);
  config.pRangeProfilerObject = object_;
  config.configSize = host_.config_image().size();
  config.pConfig = host_.config_image().data();
  config.counterDataImageSize = counter_data_.size();
  config.pCounterDataImage = counter_data_.data();
  config.range = CUPTI_UserRange;
  config.replayMode = CUPTI_UserReplay;
  config.maxRangesPerPass = ranges;
  config.numNestingLevels = 1;
  config.minNestingLevel = 1;
  config.passIndex = 0;
  config.targetNestingLevel = 1;
  FUSELINE_CUPTI(cupti_, cuptiRangeProfilerSetConfig, &config);
  return {};
}

tuner::Result<bool> CounterSession::pass(std::size_t ranges, const Before& before, const Range& run, bool& stopped) {
  FUSELINE_CUPTI_PARAMS(CUpti_RangeProfiler_Start_Params, start);
  start.pRangeProfilerObject = object_;
  FUSELINE_CUPTI(cupti_, cuptiRangeProfilerStart, &start);
  for (std::size_t index = 0; index < ranges && !stopped; ++index) FUSELINE_CHECK(range(index, before, run, stopped));
  FUSELINE_CUPTI_PARAMS(CUpti_RangeProfiler_Stop_Params, stop);
  stop.pRangeProfilerObject = object_;
  FUSELINE_CUPTI(cupti_, cuptiRangeProfilerStop, &stop);
  return stop.isAllPassSubmitted != 0;
}

tuner::Result<void> CounterSession::range(std::size_t index, const Before& before, const Range& run, bool& stopped) {
  if (stopped = !before(index); stopped) return {};
  const std::string name = range_name(index);
  FUSELINE_CUPTI_PARAMS(CUpti_RangeProfiler_PushRange_Params, push);
  push.pRangeProfilerObject = object_;
  push.pRangeName = name.c_str();
  FUSELINE_CUPTI(cupti_, cuptiRangeProfilerPushRange, &push);
  stopped = !run(index);
  FUSELINE_CUPTI_PARAMS(CUpti_RangeProfiler_PopRange_Params, pop);
  pop.pRangeProfilerObject = object_;
  FUSELINE_CUPTI(cupti_, cuptiRangeProfilerPopRange, &pop);
  return {};
}

tuner::Result<std::vector<std::vector<double>>> CounterSession::decode(std::size_t ranges) {
  FUSELINE_CUPTI_PARAMS(CUpti_RangeProfiler_DecodeData_Params, decoding);
  decoding.pRangeProfilerObject = object_;
  FUSELINE_CUPTI(cupti_, cuptiRangeProfilerDecodeData, &decoding);
  FUSELINE_CUPTI_PARAMS(CUpti_RangeProfiler_GetCounterDataInfo_Params, info);
  info.pCounterDataImage = counter_data_.data();
  info.counterDataImageSize = counter_data_.size();
  FUSELINE_CUPTI(cupti_, cuptiRangeProfilerGetCounterDataInfo, &info);
  std::vector<std::vector<double>> rows(ranges, std::vector<double>(host_.metrics().size(), std::nan("")));
  for (std::size_t i = 0; i < info.numTotalRanges; ++i) {
    // Ranges are found by name: nothing says that they come in the order in which they ran.
    FUSELINE_CUPTI_PARAMS(CUpti_RangeProfiler_CounterData_GetRangeInfo_Params, range);
    range.pCounterDataImage = counter_data_.data();
    range.counterDataImageSize = counter_data_.size();
    range.rangeIndex = i;
    range.rangeDelimiter = "/";
    FUSELINE_CUPTI(cupti_, cuptiRangeProfilerCounterDataGetRangeInfo, &range);
    const std::size_t index = range.rangeName == nullptr ? ranges : range_index(range.rangeName);
    if (index >= ranges) continue;
    FUSELINE_TRY(values, host_.evaluate(counter_data_, i));
    rows[index] = std::move(values);
  }
  return rows;
}

}  // namespace fuseline::profiler
