// What a check of problems found, as people and programs read it.
#pragma once

#include <string>

#include "tuner/base/json.hpp"
#include "tuner/check/report.hpp"

namespace fuseline::tuner {

/// One finding a line; unless `findings_only`, then what was looked at, variant by variant.
[[nodiscard]] std::string check_text(const CheckReport& report, bool colour, bool findings_only = false);
/// "fuseline/check/1" (assets/schemas/check.schema.json).
[[nodiscard]] OrderedJson check_json(const CheckReport& report);

}  // namespace fuseline::tuner
