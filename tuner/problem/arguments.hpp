// Arguments of launches, from a manifest to numbers.
#pragma once

#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/problem/expression.hpp"
#include "tuner/problem/loading.hpp"
#include "tuner/problem/resolved.hpp"

namespace fuseline::tuner {

/// Reads "args": names of buffers and scalars, and objects such as {"i32": "n"}.
[[nodiscard]] Result<std::vector<ArgumentSpec>> read_arguments(const JsonView& list, const LaunchNames& names);

/// Works numbers out. `path` is the list's place in `file`, for errors. Errors: not whole, out of the kind's range.
[[nodiscard]] Result<std::vector<ResolvedArgument>> resolve_arguments(const std::vector<ArgumentSpec>& specs,
                                                                      const Scope& scope, const std::string& file,
                                                                      const std::string& path);

}  // namespace fuseline::tuner
