// The document that a kernel's writer is given: a person, or a program that writes code.
#pragma once

#include <string>

#include "tuner/report/documents.hpp"

namespace fuseline::tuner {

/// Markdown of one run: the target's limits beside the device measured, what the kernels must do and the floor, the
/// best configuration's code with its headers, its counters under Nsight Compute's names, what bounds it, the
/// projection, what was tried. Figures say where they are from, and what is not known is said to be so. Errors (kind
/// worker): nothing worked; (bad_input): the run's problem or variant is not in the catalog, or its sizes are none.
[[nodiscard]] Result<std::string> brief(const DocumentRequest& request);

}  // namespace fuseline::tuner
