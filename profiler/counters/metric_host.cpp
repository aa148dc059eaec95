#include "profiler/counters/metric_host.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tuner/base/text.hpp"

namespace fuseline::profiler {
namespace {

constexpr std::size_t kLongestChipName = 64;

std::string text_or_empty(const char* text) { return text == nullptr ? std::string{} : text; }

const char* kind_name(CUpti_MetricType kind) {
  switch (kind) {
    case CUPTI_METRIC_TYPE_COUNTER:
      return "counter";
    case CUPTI_METRIC_TYPE_RATIO:
      return "ratio";
    case CUPTI_METRIC_TYPE_THROUGHPUT:
      return "throughput";
    default:
      return "unknown";
  }
}

}  // namespace

tuner::Result<std::vector<std::string>> supported_chips() {
  FUSELINE_TRY(cupti, CuptiLibrary::load());
  FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Host_GetSupportedChips_Params, parameters);
  FUSELINE_CUPTI(*cupti, cuptiProfilerHostGetSupportedChips, &parameters);
  std::vector<std::string> chips;
  for (std::size_t i = 0; i < parameters.numChips; ++i) chips.emplace_back(parameters.ppChipNames[i]);
  std::sort(chips.begin(), chips.end());
  return chips;
}

tuner::Result<std::unique_ptr<MetricHost>> MetricHost::open(const std::string& chip,
                                                            std::vector<std::uint8_t> availability) {
  FUSELINE_TRY(cupti, CuptiLibrary::load());
  FUSELINE_TRY(chips, supported_chips());
  if (chip.size() > kLongestChipName || std::find(chips.begin(), chips.end(), chip) == chips.end()) {
    return tuner::worker_error(fmt::format("CUPTI {} does not know the chip '{}': it knows {}", cupti->version,
                                           tuner::printable(chip), fmt::join(chips, ", ")));
  }
  std::unique_ptr<MetricHost> host(new MetricHost(*cupti, chip, std::move(availability)));
  FUSELINE_CHECK(host->initialise());
  return host;
}

tuner::Result<void> MetricHost::initialise() {
  FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Host_Initialize_Params, parameters);
  parameters.profilerType = CUPTI_PROFILER_TYPE_RANGE_PROFILER;
  parameters.pChipName = chip_.c_str();
  parameters.pCounterAvailabilityImage = availability_.empty() ? nullptr : availability_.data();
  FUSELINE_CUPTI(cupti_, cuptiProfilerHostInitialize, &parameters);
  object_ = parameters.pHostObject;
  return {};
}

void MetricHost::release() {
  if (object_ == nullptr) return;
  FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Host_Deinitialize_Params, parameters);
  parameters.pHostObject = object_;
  static_cast<void>(cupti_.cuptiProfilerHostDeinitialize(&parameters));
  object_ = nullptr;
}

tuner::Result<std::vector<MetricDescription>> MetricHost::base_metrics() const {
  std::vector<MetricDescription> found;
  for (const CUpti_MetricType kind :
       {CUPTI_METRIC_TYPE_COUNTER, CUPTI_METRIC_TYPE_RATIO, CUPTI_METRIC_TYPE_THROUGHPUT}) {
    FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Host_GetBaseMetrics_Params, parameters);
    parameters.pHostObject = object_;
    parameters.metricType = kind;
    FUSELINE_CUPTI(cupti_, cuptiProfilerHostGetBaseMetrics, &parameters);
    for (std::size_t i = 0; i < parameters.numMetrics; ++i) {
      FUSELINE_TRY(description, describe(parameters.ppMetricNames[i]));
      found.push_back(std::move(description));
    }
  }
  return found;
}

tuner::Result<MetricDescription> MetricHost::describe(const std::string& metric) const {
  FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Host_GetMetricProperties_Params, parameters);
  parameters.pHostObject = object_;
  parameters.pMetricName = metric.c_str();
  FUSELINE_CUPTI(cupti_, cuptiProfilerHostGetMetricProperties, &parameters);
  return MetricDescription{metric, kind_name(parameters.metricType), text_or_empty(parameters.pDescription),
                           text_or_empty(parameters.pDimUnit), text_or_empty(parameters.pHwUnit)};
}

bool MetricHost::offers(const std::string& metric) const {
  // A configuration keeps what was added to it, so that a trial needs an object of its own.
  MetricHost trial(cupti_, chip_, availability_);
  if (!trial.initialise()) return false;
  const char* name = metric.c_str();
  FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Host_ConfigAddMetrics_Params, parameters);
  parameters.pHostObject = trial.object_;
  parameters.ppMetricNames = &name;
  parameters.numMetrics = 1;
  return cupti_.cuptiProfilerHostConfigAddMetrics(&parameters) == CUPTI_SUCCESS;
}

tuner::Result<void> MetricHost::schedule(const std::vector<std::string>& metrics) {
  for (const std::string& metric : metrics) {
    if (std::find(metrics_.begin(), metrics_.end(), metric) == metrics_.end()) metrics_.push_back(metric);
  }
  const auto add_all = [this] {
    names_.clear();
    for (const std::string& metric : metrics_) names_.push_back(metric.c_str());
    FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Host_ConfigAddMetrics_Params, parameters);
    parameters.pHostObject = object_;
    parameters.ppMetricNames = names_.data();
    parameters.numMetrics = names_.size();
    // In one call: metrics added one by one are given passes of their own.
    return cupti_.cuptiProfilerHostConfigAddMetrics(&parameters);
  };
  if (metrics_.empty()) return tuner::worker_error("no metrics were asked for");
  CUptiResult code = add_all();
  if (code != CUPTI_SUCCESS) {
    // One name that the chip does not offer spoils the call, and what came before it in the list stays added.
    const auto bad = std::stable_partition(metrics_.begin(), metrics_.end(),
                                           [this](const std::string& metric) { return offers(metric); });
    rejected_.assign(bad, metrics_.end());
    metrics_.erase(bad, metrics_.end());
    if (metrics_.empty())
      return tuner::worker_error(
          fmt::format("{} offers none of the metrics asked for: {}", chip_, fmt::join(rejected_, ", ")));
    if (!rejected_.empty()) {
      release();
      FUSELINE_CHECK(initialise());
      code = add_all();
    }
  }
  if (code != CUPTI_SUCCESS) return cupti_failure(cupti_, code, "cuptiProfilerHostConfigAddMetrics");
  return read_schedule();
}

tuner::Result<void> MetricHost::read_schedule() {
  FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Host_GetConfigImageSize_Params, size);
  size.pHostObject = object_;
  FUSELINE_CUPTI(cupti_, cuptiProfilerHostGetConfigImageSize, &size);
  config_image_.resize(size.configImageSize);
  FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Host_GetConfigImage_Params, image);
  image.pHostObject = object_;
  image.configImageSize = config_image_.size();
  image.pConfigImage = config_image_.data();
  FUSELINE_CUPTI(cupti_, cuptiProfilerHostGetConfigImage, &image);
  FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Host_GetNumOfPasses_Params, passes);
  passes.configImageSize = config_image_.size();
  passes.pConfigImage = config_image_.data();
  FUSELINE_CUPTI(cupti_, cuptiProfilerHostGetNumOfPasses, &passes);
  passes_ = passes.numOfPasses;
  return {};
}

tuner::Result<std::vector<double>> MetricHost::evaluate(const std::vector<std::uint8_t>& counter_data,
                                                        std::size_t range) const {
  std::vector<double> values(metrics_.size());
  std::vector<const char*> names = names_;
  FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Host_EvaluateToGpuValues_Params, parameters);
  parameters.pHostObject = object_;
  parameters.pCounterDataImage = counter_data.data();
  parameters.counterDataImageSize = counter_data.size();
  parameters.rangeIndex = range;
  parameters.ppMetricNames = names.data();
  parameters.numMetrics = names.size();
  parameters.pMetricValues = values.data();
  FUSELINE_CUPTI(cupti_, cuptiProfilerHostEvaluateToGpuValues, &parameters);
  return values;
}

}  // namespace fuseline::profiler
