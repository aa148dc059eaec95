// What the models of relations share: rows of a variant, tables of values, names that are looked up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tuner/plot/relations_plots.hpp"
#include "tuner/stats/variance_shares.hpp"

namespace fuseline::tuner {

inline constexpr std::string_view kVariantColumn = "variant";

/// Names as a variant was asked for; the best's where none was. Error: no configuration has it.
[[nodiscard]] Result<std::string> chosen_variant(const Relations& relations, const std::string& wanted);
[[nodiscard]] bool in_variant(const RelationRow& row, std::string_view variant);
[[nodiscard]] std::vector<const RelationRow*> rows_within(const Relations& relations, std::string_view variant);
[[nodiscard]] const RelationRow* best_of(const Relations& relations);

/// Error: the run is ranked by something else than time.
[[nodiscard]] Result<void> ranked_by_time(const Relations& relations, std::string_view kind);

/// A configuration's value of a parameter as text, of "variant" the variant; empty where it has none.
[[nodiscard]] std::string value_text(const Configuration& configuration, std::string_view name);
[[nodiscard]] LevelTable levels_of(const std::vector<const RelationRow*>& rows, const std::string& name);
/// Of everything that has several values.
[[nodiscard]] std::vector<LevelTable> varied_levels(const std::vector<const RelationRow*>& rows,
                                                    std::string_view variant);

/// What worked and passes, as factors; the response is the logarithm of time.
[[nodiscard]] Design design_of(const std::vector<const RelationRow*>& rows, const std::vector<LevelTable>& tables);

/// "53 of 216 configurations pass the filter." and where the run's figures come from.
[[nodiscard]] std::vector<std::string> relation_notes(const Relations& relations,
                                                      const std::vector<const RelationRow*>& rows);
[[nodiscard]] std::string within_text(std::string_view variant);  ///< "within the variant rows", "over all variants".

/// The first round end that nine of ten of `ratios` (of a time to the best, less 1) do not exceed.
[[nodiscard]] double scale_end(std::vector<double> ratios);

}  // namespace fuseline::tuner
