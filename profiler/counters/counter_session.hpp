// CUPTI's range profiler on one context: many ranges a pass, as many passes as the schedule takes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "profiler/counters/metric_host.hpp"

namespace fuseline::profiler {

/// Enabled from construction to destruction; while no pass runs, launches cost what they cost without it. The schedule
/// cannot be changed while it is enabled (CUPTI keeps the first one), so that another set of metrics needs another
/// session.
class CounterSession {
 public:
  /// `host` holds the schedule and outlives the session.
  [[nodiscard]] static tuner::Result<std::unique_ptr<CounterSession>> enable(const CuptiLibrary& cupti,
                                                                             CUcontext context, const MetricHost& host);
  ~CounterSession();
  CounterSession(const CounterSession&) = delete;
  CounterSession& operator=(const CounterSession&) = delete;

  using Before = std::function<bool(std::size_t index)>;  ///< Enqueues what is to run before range `index`. False ends
                                                          ///< the collection.
  using Range =
      std::function<bool(std::size_t index)>;  ///< Enqueues what range `index` counts. False ends the collection.

  /// Runs `ranges` ranges in each of as many passes as the schedule takes. False where a callback said stop. Error:
  /// CUPTI's.
  [[nodiscard]] tuner::Result<bool> collect(std::size_t ranges, const Before& before, const Range& run);
  /// What was collected: one row of values a range, in the order of host.metrics(), NaN where there is none.
  [[nodiscard]] tuner::Result<std::vector<std::vector<double>>> decode(std::size_t ranges);

 private:
  CounterSession(const CuptiLibrary& cupti, const MetricHost& host) : cupti_(cupti), host_(host) {}
  [[nodiscard]] tuner::Result<void> configure(std::size_t ranges);
  /// One pass over all ranges. True where it was the last one.
  [[nodiscard]] tuner::Result<bool> pass(std::size_t ranges, const Before& before, const Range& run, bool& stopped);
  [[nodiscard]] tuner::Result<void> range(std::size_t index, const Before& before, const Range& run, bool& stopped);

  const CuptiLibrary& cupti_;
  const MetricHost& host_;
  CUpti_RangeProfiler_Object* object_ = nullptr;
  std::vector<std::uint8_t> counter_data_;
};

}  // namespace fuseline::profiler
