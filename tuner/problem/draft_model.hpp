// What a draft has of a model: inputs and reference as files, sizes as they are.
#pragma once

#include "tuner/base/json.hpp"
#include "tuner/problem/draft.hpp"
#include "tuner/problem/draft_parts.hpp"

namespace fuseline::tuner {

/// Puts the match's open points and guesses into `draft`, with the arrays and the dtypes. Errors: a dtype is asked for
/// that the kernel does not take.
[[nodiscard]] Result<void> add_model_parts(DraftParts& parts, const KernelMatch& match, const DraftRequest& request,
                                           Draft& draft);

/// problem.json, once `draft` has the arrays. Adds to the guesses of `parts`.
[[nodiscard]] OrderedJson model_problem(DraftParts& parts, const DraftRequest& request, const Draft& draft);

}  // namespace fuseline::tuner
