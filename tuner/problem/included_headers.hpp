// Which of the headers at hand a source can include: what makes a kernel what it is, and no more.
#pragma once

#include <map>
#include <string>

namespace fuseline::tuner {

/// Those of `headers` (name that an include directive uses, to text) that `source` includes, directly or through one
/// another. Directives under conditions count too, and one that names a macro may mean any header: all of them.
[[nodiscard]] std::map<std::string, std::string> included_headers(const std::string& source,
                                                                  const std::map<std::string, std::string>& headers);

}  // namespace fuseline::tuner
