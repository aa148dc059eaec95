// Sections of a brief, each with its heading and in Markdown.
#pragma once

#include <string>

#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// A fenced block, whose fence is longer than any run of backticks in `text`.
[[nodiscard]] std::string fenced(const std::string& text, const std::string& language);

/// Limits and rates of the run's target beside those of its device; the device alone where there is no target.
[[nodiscard]] std::string target_section(const RunInfo& info);
/// Sources, options and launches of one configuration. What cannot be worked out without the device's limits is taken
/// from the measurement.
[[nodiscard]] Result<std::string> code_section(const Run& run, const Evaluation& evaluation, const Catalog& catalog,
                                               const CatalogEntry& problem, const ProblemInstance& instance);
/// The first in rank, the last, and what did not work by its kind.
[[nodiscard]] std::string tried_section(const Run& run);

}  // namespace fuseline::tuner
