// Whether a manifest and its sources speak of the same PARAM_ and DERIVED_ macros.
#pragma once

#include <map>
#include <string>

#include "tuner/check/finding_list.hpp"
#include "tuner/problem/variant.hpp"

namespace fuseline::tuner {

/// Findings: a parameter that nothing depends on but constraints, a macro in a source that no parameter and no derived
/// value stands for. `headers` are those that the sources may include.
void check_macros(const Variant& variant, const std::map<std::string, std::string>& headers, FindingList& findings);
/// Findings: a PARAM_ or DERIVED_ in the source of a reference, which has neither. `file` is that source.
void check_reference_macros(const std::string& source, const std::map<std::string, std::string>& headers,
                            const std::string& file, FindingList& findings);

}  // namespace fuseline::tuner
