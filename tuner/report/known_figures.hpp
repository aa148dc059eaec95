// What is known of one configuration without a hardware counter: of its image, its launch, its time and the device.
// Every figure says where it is from, and what is not known why.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

struct KnownFigure {
  std::string id, name;
  std::optional<double> value = {};  ///< In `unit`; nothing where it is not known, or is no single number.
  std::string unit = {};             ///< "bytes", "ns", "%", "MHz"; empty: a count.
  std::string text = {};             ///< With its unit; "n/a" where it is not known.
  std::string from = {};             ///< Where it is from, or why it is not known; without a full stop.
};

/// Registers, spills, shared memory, occupancy, waves, bytes in flight and what Little's law makes of them, bandwidth,
/// clocks; then what only counters tell, as not known. `catalog` may be null: then the manifest's
/// bytes in flight are not known.
[[nodiscard]] std::vector<KnownFigure> known_figures(const Run& run, const Evaluation& evaluation,
                                                     const Catalog* catalog);
/// As a table with a heading, each line with its end.
[[nodiscard]] std::string known_figures_text(const std::vector<KnownFigure>& figures, bool colour);
/// [{"id", "name", "value", "unit", "text", "from"}]; value is null where it is not known.
[[nodiscard]] OrderedJson known_figures_json(const std::vector<KnownFigure>& figures);

}  // namespace fuseline::tuner
