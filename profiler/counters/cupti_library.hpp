// CUPTI, opened at run time: it belongs to the toolkit, and a worker without it still times.
#pragma once

#include <cuda.h>
#include <cupti_pcsampling.h>
#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>
#include <cupti_sass_metrics.h>
#include <cupti_target.h>
#include <cupti_version.h>

#include <string>

#include "tuner/base/error.hpp"

namespace fuseline::profiler {

#define FUSELINE_CUPTI_FUNCTIONS(X)               \
  X(cuptiGetVersion)                              \
  X(cuptiGetResultString)                         \
  X(cuptiProfilerInitialize)                      \
  X(cuptiProfilerGetCounterAvailability)          \
  X(cuptiDeviceGetChipName)                       \
  X(cuptiProfilerHostInitialize)                  \
  X(cuptiProfilerHostDeinitialize)                \
  X(cuptiProfilerHostGetSupportedChips)           \
  X(cuptiProfilerHostGetBaseMetrics)              \
  X(cuptiProfilerHostGetSubMetrics)               \
  X(cuptiProfilerHostGetMetricProperties)         \
  X(cuptiProfilerHostConfigAddMetrics)            \
  X(cuptiProfilerHostGetConfigImageSize)          \
  X(cuptiProfilerHostGetConfigImage)              \
  X(cuptiProfilerHostGetNumOfPasses)              \
  X(cuptiProfilerHostEvaluateToGpuValues)         \
  X(cuptiRangeProfilerEnable)                     \
  X(cuptiRangeProfilerDisable)                    \
  X(cuptiRangeProfilerSetConfig)                  \
  X(cuptiRangeProfilerStart)                      \
  X(cuptiRangeProfilerStop)                       \
  X(cuptiRangeProfilerPushRange)                  \
  X(cuptiRangeProfilerPopRange)                   \
  X(cuptiRangeProfilerDecodeData)                 \
  X(cuptiRangeProfilerGetCounterDataSize)         \
  X(cuptiRangeProfilerCounterDataImageInitialize) \
  X(cuptiRangeProfilerGetCounterDataInfo)         \
  X(cuptiRangeProfilerCounterDataGetRangeInfo)

/// What samples program counters.
#define FUSELINE_CUPTI_SAMPLING_FUNCTIONS(X)  \
  X(cuptiPCSamplingEnable)                    \
  X(cuptiPCSamplingDisable)                   \
  X(cuptiPCSamplingStart)                     \
  X(cuptiPCSamplingStop)                      \
  X(cuptiPCSamplingGetData)                   \
  X(cuptiPCSamplingSetConfigurationAttribute) \
  X(cuptiPCSamplingGetNumStallReasons)        \
  X(cuptiPCSamplingGetStallReasons)

/// What counts by instruction.
#define FUSELINE_CUPTI_SASS_FUNCTIONS(X) \
  X(cuptiSassMetricsGetProperties)       \
  X(cuptiSassMetricsSetConfig)           \
  X(cuptiSassMetricsUnsetConfig)         \
  X(cuptiSassMetricsEnable)              \
  X(cuptiSassMetricsDisable)             \
  X(cuptiSassMetricsGetDataProperties)   \
  X(cuptiSassMetricsFlushData)

/// What tells the line of an instruction.
#define FUSELINE_CUPTI_LINE_FUNCTIONS(X) X(cuptiGetSassToSourceCorrelation)

/// Functions of libcupti under their own names: the range profiler (CUDA 12.6 update 2 and later) and its host side,
/// and what source profiles need, which may be missing.
struct CuptiLibrary {
#define FUSELINE_DECLARE(name) decltype(&::name) name = nullptr;  // NOLINT(bugprone-macro-parentheses): a declared name
  FUSELINE_CUPTI_FUNCTIONS(FUSELINE_DECLARE)
  FUSELINE_CUPTI_SAMPLING_FUNCTIONS(FUSELINE_DECLARE)
  FUSELINE_CUPTI_SASS_FUNCTIONS(FUSELINE_DECLARE)
  FUSELINE_CUPTI_LINE_FUNCTIONS(FUSELINE_DECLARE)
#undef FUSELINE_DECLARE

  // The first function that is missing of each group; empty where all are there.
  std::string without_sampling, without_sass, without_lines;

  std::string file;     ///< Where it was found.
  std::string version;  ///< As CUPTI numbers itself: "130001".

  /// Opens CUPTI once ($FUSELINE_LIBCUPTI names another file; nothing else is tried then). Needs no GPU. Error: not
  /// found, with everything that was looked for, or too old.
  [[nodiscard]] static tuner::Result<const CuptiLibrary*> load();

  /// "the user has not sufficient privileges (CUPTI_ERROR_INSUFFICIENT_PRIVILEGES)", with what to do about it where
  /// that is known.
  [[nodiscard]] std::string describe(CUptiResult code) const;
};

/// A CUPTI call that failed. Errors of kind `worker`.
[[nodiscard]] tl::unexpected<tuner::Error> cupti_failure(const CuptiLibrary& cupti, CUptiResult code, const char* call);

/// Every structure of CUPTI's starts with its size; the rest is zero.
#define FUSELINE_CUPTI_PARAMS(type, name) \
  type name{};                            \
  (name).structSize = type##_STRUCT_SIZE

/// Makes one call; on failure returns from the calling function.
#define FUSELINE_CUPTI(cupti, function, parameters)                                   \
  do {                                                                                \
    const CUptiResult fuseline_code_ = (cupti).function(parameters);                  \
    if (fuseline_code_ != CUPTI_SUCCESS)                                              \
      return ::fuseline::profiler::cupti_failure((cupti), fuseline_code_, #function); \
  } while (false)

/// To be called before anything profiles in this process; may be called again. Error: another profiler holds it.
[[nodiscard]] tuner::Result<void> initialise_profiling(const CuptiLibrary& cupti);
/// As CUPTI calls the chip of GPU `ordinal`: "GH100".
[[nodiscard]] tuner::Result<std::string> chip_name(const CuptiLibrary& cupti, int ordinal);

}  // namespace fuseline::profiler
