// Why one configuration is not faster, in one place: what bounds it, what to try, gauges, every counter with its name
// and unit, the memory chart and the occupancy curves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/models/run_data.hpp"
#include "tuner/counters/analysis.hpp"
#include "tuner/plot/hardware_plots.hpp"
#include "tuner/report/explanation.hpp"

namespace fuseline::app::gui {

[[nodiscard]] tuner::CounterAnalysis analyse(const RunData& data, const Row& row);

/// What bounds a configuration of the run on show, in a line. Empty where its counters were not read.
[[nodiscard]] std::optional<tuner::Headline> bound_of(const RunData& data, const Row& row);
/// The same for every frame: worked out when the configuration or the run changed.
class BoundModel {
 public:
  /// Null where its counters were not read.
  [[nodiscard]] const tuner::Headline* of(const RunData& data, const Row& row);

 private:
  std::pair<std::uint64_t, std::uint64_t> of_{~std::uint64_t{0}, 0};  ///< The data's revision, the configuration.
  std::optional<tuner::Headline> bound_;
};

/// One reading with name, value and unit.
struct CounterLine {
  std::string metric, label, value;
  std::string explanation;      ///< Tooltip, with the metric's own name.
  std::string difference = {};  ///< From the baseline's: "+3.2 %"; of shares in points: "+3.2". Empty without one.
};
/// A reading that says at a glance how busy something is.
struct Gauge {
  CounterLine line;               ///< "not read" where it was not.
  std::optional<double> reading;  ///< In the metric's unit.
  std::optional<double> share;    ///< Of a full bar; absent where it is no share, or was not read.
  std::optional<double> external_share;
  std::string external;  ///< The same of the kernel given with the problem: "56.6 %"; empty where there is none.
};
struct CounterSection {
  std::string title;
  std::vector<CounterLine> lines;
};
/// All of one configuration. Parts are empty where the run does not have them.
struct CountersView {
  std::uint64_t sequence = 0;
  tuner::Explanation explanation;
  tuner::Headline headline;
  std::vector<Gauge> gauges;
  std::vector<CounterSection> sections;  ///< By what metrics are about; those that Fuseline does not know are "other".
  std::string baseline;                  ///< What differences are from; empty where there is none.
  std::string external;                  ///< Which kernel on which GPU `Gauge::external` is of.
  tuner::MemoryModel memory;
  tuner::OccupancyModel occupancy;
};
/// Advice needs the whole run: the neighbours are in it. `given`: the reading beside the gauges, or null, of the GPU
/// called `given_device`.
[[nodiscard]] CountersView counters_view(const tuner::Run& run, const tuner::Evaluation& evaluation,
                                         const tuner::GivenReading* given, const std::string& given_device);
/// Says of every reading how far it is from the same of `baseline`, whose name is `name`.
void compare_with(const tuner::Measurement& measurement, const tuner::Measurement& baseline, const std::string& name,
                  CountersView& view);
/// Of the run's element type, else the first; null where the problem has none.
[[nodiscard]] const tuner::GivenReading* given_reading(const std::vector<tuner::GivenReading>& given,
                                                       tuner::Dtype dtype);

}  // namespace fuseline::app::gui
