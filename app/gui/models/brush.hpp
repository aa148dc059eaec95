// The table's filter as plots write it: a cell, a range of an axis.
#pragma once

#include <string>
#include <vector>

#include "app/gui/models/results_model.hpp"
#include "tuner/plot/relations_plots.hpp"

namespace fuseline::app::gui {

/// `filter` with `terms` in place of whatever it says of the columns that they are about; the rest stays.
[[nodiscard]] std::string narrowed_filter(const std::string& filter, const std::string& terms,
                                          const std::vector<Column>& columns);
/// Without whatever it says of the columns that are named, separated by blanks.
[[nodiscard]] std::string widened_filter(const std::string& filter, const std::string& names,
                                         const std::vector<Column>& columns);
/// Whether `filter` has every one of `terms`.
[[nodiscard]] bool filter_says(const std::string& filter, const std::string& terms);

/// Some neighbouring levels of a parameter as terms: "block=128", "block>=128 block<=512", "load=normal,streaming".
/// Empty where a filter cannot say it: a value has a blank, or there is none.
[[nodiscard]] std::string level_terms(const tuner::LevelTable& axis, const std::vector<std::uint32_t>& levels);
/// "time>=0.5034 time<=0.6": four digits, rounded outwards.
[[nodiscard]] std::string range_terms(const std::string& column, double low, double high);
/// A cell of a heat map; with its variant where that is one of several.
[[nodiscard]] std::string cell_terms(const tuner::HeatmapModel& model, std::size_t column, std::size_t row,
                                     bool several_variants);

}  // namespace fuseline::app::gui
