// The manifest of a drafted variant: what is swept, and its launch.
#pragma once

#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/problem/draft.hpp"
#include "tuner/problem/draft_parts.hpp"

namespace fuseline::tuner {

/// Adds to the guesses of `parts`. What is not known is a mark that names the option which says it. Errors: choices for
/// what the kernel does not have, or that are no expressions.
[[nodiscard]] Result<OrderedJson> draft_manifest(DraftParts& parts, const KernelSignature& kernel,
                                                 const KernelText& text, const DraftRequest& request,
                                                 const std::string& variant);

}  // namespace fuseline::tuner
