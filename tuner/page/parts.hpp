// The sections of a page, as HTML.
#pragma once

#include <string>

#include "tuner/page/page.hpp"

namespace fuseline::tuner {

/// Configurations that the table of a run lists, at most.
inline constexpr std::size_t kPageRows = 20;

/// "row block=256, f32 N=32": what a run is of, for headings.
[[nodiscard]] std::string page_title(const RunInfo& info);
/// Best, floor, projection and counts, and where they are from.
[[nodiscard]] std::string summary_part(const Run& run);
/// The first kPageRows in rank.
[[nodiscard]] std::string best_part(const Run& run);
/// What bounds the best, and what to do.
[[nodiscard]] std::string bounds_part(const Run& run);
/// Where the best's warps wait, by line, with the instruction mix; empty where lines were not profiled.
[[nodiscard]] std::string hot_lines_part(const Run& run, const Catalog* catalog);
/// By kind; empty where nothing failed.
[[nodiscard]] std::string failures_part(const Run& run);
/// Device, clocks, versions, search; what to know before the times are believed; commands.
[[nodiscard]] std::string conditions_part(const Run& run, const PageRequest& request);
/// The best's kernel with the headers that it includes.
[[nodiscard]] std::string source_part(const Run& run, const Catalog* catalog);
/// A line a run, with a link to its part "run-N", N from 1.
[[nodiscard]] std::string overview_part(const PageRequest& request);

}  // namespace fuseline::tuner
