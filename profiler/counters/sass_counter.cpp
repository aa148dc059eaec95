#include "profiler/counters/sass_counter.hpp"

#include <fmt/format.h>

#include <string_view>

namespace fuseline::profiler {
namespace {

constexpr std::string_view kSassPrefix = "smsp__sass_";

/// A configuration set on the device, and the metrics' names by id. Unset when it goes.
class SassConfiguration {
 public:
  SassConfiguration(const CuptiLibrary& cupti, CUcontext context, int ordinal)
      : cupti_(cupti), context_(context), ordinal_(static_cast<std::uint32_t>(ordinal)) {}
  SassConfiguration(const SassConfiguration&) = delete;
  SassConfiguration& operator=(const SassConfiguration&) = delete;
  ~SassConfiguration() {
    if (enabled_) {
      FUSELINE_CUPTI_PARAMS(CUpti_SassMetricsDisable_Params, disabling);
      disabling.ctx = context_;
      static_cast<void>(cupti_.cuptiSassMetricsDisable(&disabling));
    }
    if (!set_) return;
    FUSELINE_CUPTI_PARAMS(CUpti_SassMetricsUnsetConfig_Params, parameters);
    parameters.deviceIndex = ordinal_;
    static_cast<void>(cupti_.cuptiSassMetricsUnsetConfig(&parameters));
  }

  [[nodiscard]] tuner::Result<void> set(const std::string& chip, const std::vector<std::string>& metrics,
                                        std::vector<std::string>& rejected) {
    std::vector<CUpti_SassMetrics_Config> wanted;
    for (const std::string& metric : metrics) {
      FUSELINE_CUPTI_PARAMS(CUpti_SassMetrics_GetProperties_Params, properties);
      properties.pChipName = chip.c_str();
      properties.pMetricName = metric.c_str();
      if (cupti_.cuptiSassMetricsGetProperties(&properties) != CUPTI_SUCCESS) {
        rejected.push_back(metric);
        continue;
      }
      wanted.push_back({properties.metric.metricId, CUPTI_SASS_METRICS_OUTPUT_GRANULARITY_GPU});
      names_.emplace(properties.metric.metricId,
                     metric.starts_with(kSassPrefix) ? metric.substr(kSassPrefix.size()) : metric);
    }
    if (wanted.empty()) return tuner::worker_error(fmt::format("{} offers none of the SASS metrics", chip));
    FUSELINE_CUPTI_PARAMS(CUpti_SassMetricsSetConfig_Params, parameters);
    parameters.numOfMetricConfig = wanted.size();
    parameters.pConfigs = wanted.data();
    parameters.deviceIndex = ordinal_;
    FUSELINE_CUPTI(cupti_, cuptiSassMetricsSetConfig, &parameters);
    set_ = true;
    return {};
  }

  [[nodiscard]] tuner::Result<void> enable() {
    FUSELINE_CUPTI_PARAMS(CUpti_SassMetricsEnable_Params, parameters);
    parameters.ctx = context_;
    parameters.enableLazyPatching = 1;  // Only what is launched is patched.
    FUSELINE_CUPTI(cupti_, cuptiSassMetricsEnable, &parameters);
    enabled_ = true;
    return {};
  }

  /// One record for every instruction and metric, of one value where the granularity is the whole GPU.
  [[nodiscard]] tuner::Result<SassValues> flush(const std::string& kernel) const {
    FUSELINE_CUPTI_PARAMS(CUpti_SassMetricsGetDataProperties_Params, properties);
    properties.ctx = context_;
    FUSELINE_CUPTI(cupti_, cuptiSassMetricsGetDataProperties, &properties);
    const std::size_t count = properties.numOfPatchedInstructionRecords;
    const std::size_t instances = properties.numOfInstances;
    if (count == 0 || instances == 0) return tuner::worker_error("CUPTI patched no instruction");
    std::vector<CUpti_SassMetrics_Data> records(count);
    std::vector<CUpti_SassMetrics_InstanceValue> values(count * instances);
    for (std::size_t i = 0; i < count; ++i) {
      records[i].structSize = sizeof(CUpti_SassMetrics_Data);
      records[i].pInstanceValues = &values[i * instances];
    }
    FUSELINE_CUPTI_PARAMS(CUpti_SassMetricsFlushData_Params, parameters);
    parameters.ctx = context_;
    parameters.numOfPatchedInstructionRecords = count;
    parameters.numOfInstances = instances;
    parameters.pMetricsData = records.data();
    FUSELINE_CUPTI(cupti_, cuptiSassMetricsFlushData, &parameters);
    SassValues found;
    for (const CUpti_SassMetrics_Data& record : records) {
      if (record.functionName == nullptr || kernel != record.functionName) continue;
      for (std::size_t i = 0; i < instances; ++i) {
        const auto name = names_.find(record.pInstanceValues[i].metricId);
        if (name == names_.end()) continue;
        found[record.pcOffset][name->second] += static_cast<double>(record.pInstanceValues[i].value);
      }
    }
    return found;
  }

 private:
  const CuptiLibrary& cupti_;
  CUcontext context_;
  std::uint32_t ordinal_;
  bool set_ = false, enabled_ = false;
  std::map<std::uint64_t, std::string> names_;
};

}  // namespace

const std::vector<std::string>& source_metrics() {
  static const std::vector<std::string> metrics = {
      "smsp__sass_inst_executed",
      "smsp__sass_thread_inst_executed",
      "smsp__sass_thread_inst_executed_pred_on",
      "smsp__sass_branch_targets_threads_divergent",
      "smsp__sass_sectors_mem_global",
      "smsp__sass_sectors_mem_global_ideal",
      "smsp__sass_sectors_mem_local",
      "smsp__sass_l1tex_tags_mem_global",
      "smsp__sass_l1tex_pipe_lsu_wavefronts_mem_shared",
      "smsp__sass_l1tex_pipe_lsu_wavefronts_mem_shared_ideal",
  };
  return metrics;
}

tuner::Result<SassValues> count_by_instruction(const CuptiLibrary& cupti, CUcontext context, int ordinal,
                                               const std::string& kernel, const std::vector<std::string>& metrics,
                                               const std::function<bool()>& launch,
                                               std::vector<std::string>& rejected) {
  if (!cupti.without_sass.empty())
    return tuner::worker_error(fmt::format("{} has no SASS metrics: it has no {}", cupti.file, cupti.without_sass));
  FUSELINE_TRY(chip, chip_name(cupti, ordinal));
  SassConfiguration configuration(cupti, context, ordinal);
  FUSELINE_CHECK(configuration.set(chip, metrics, rejected));
  FUSELINE_CHECK(configuration.enable());
  if (!launch()) return SassValues{};
  return configuration.flush(kernel);
}

}  // namespace fuseline::profiler
