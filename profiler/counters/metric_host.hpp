// The side of CUPTI that needs no GPU: which metrics a chip has, how many passes a set of them takes, and what counter
// data mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "profiler/counters/cupti_library.hpp"

namespace fuseline::profiler {

struct MetricDescription {
  std::string name;  ///< Base name ("dram__bytes_read") or with its rollup ("dram__bytes_read.sum").
  std::string kind;  ///< "counter", "ratio" or "throughput"
  std::string description;
  std::string unit;      ///< Dimension of the values, as CUPTI names it; may be empty.
  std::string hardware;  ///< The unit of the chip that counts.
};

/// Names of the chips that CUPTI knows: "AD102", "GH100", ...
[[nodiscard]] tuner::Result<std::vector<std::string>> supported_chips();

/// Metrics of one chip, and a schedule for some of them. One object holds one schedule.
class MetricHost {
 public:
  /// `availability`: what a device's driver says it offers; empty where only the chip is asked about. Error: unknown
  /// chip, with the list.
  [[nodiscard]] static tuner::Result<std::unique_ptr<MetricHost>> open(const std::string& chip,
                                                                       std::vector<std::uint8_t> availability = {});
  ~MetricHost() { release(); }
  MetricHost(const MetricHost&) = delete;
  MetricHost& operator=(const MetricHost&) = delete;

  /// Every base metric, counters first.
  [[nodiscard]] tuner::Result<std::vector<MetricDescription>> base_metrics() const;
  /// Of a metric with or without its rollup. Error: the chip has none of that name.
  [[nodiscard]] tuner::Result<MetricDescription> describe(const std::string& metric) const;
  /// True where the whole name, with its rollup, can be read on this chip.
  [[nodiscard]] bool offers(const std::string& metric) const;

  /// Fixes what is read. Names that the chip does not offer are left out and listed in rejected(). To be called once.
  [[nodiscard]] tuner::Result<void> schedule(const std::vector<std::string>& metrics);
  [[nodiscard]] const std::vector<std::string>& metrics() const { return metrics_; }
  [[nodiscard]] const std::vector<std::string>& rejected() const { return rejected_; }
  [[nodiscard]] const std::vector<std::uint8_t>& config_image() const { return config_image_; }
  [[nodiscard]] std::size_t passes() const { return passes_; }

  /// Values of metrics() for one range of decoded counter data, in their order; NaN where there is none.
  [[nodiscard]] tuner::Result<std::vector<double>> evaluate(const std::vector<std::uint8_t>& counter_data,
                                                            std::size_t range) const;

 private:
  MetricHost(const CuptiLibrary& cupti, std::string chip, std::vector<std::uint8_t> availability)
      : cupti_(cupti), chip_(std::move(chip)), availability_(std::move(availability)) {}
  [[nodiscard]] tuner::Result<void> initialise();
  void release();
  [[nodiscard]] tuner::Result<void> read_schedule();

  const CuptiLibrary& cupti_;
  std::string chip_;
  std::vector<std::uint8_t> availability_;
  CUpti_Profiler_Host_Object* object_ = nullptr;
  std::vector<std::string> metrics_, rejected_;
  std::vector<const char*> names_;
  std::vector<std::uint8_t> config_image_;
  std::size_t passes_ = 0;
};

}  // namespace fuseline::profiler
