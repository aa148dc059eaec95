// What a kernel was made from, as one digest: measurements carry it, and texts at hand are held against it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tuner/problem/catalog.hpp"
#include "tuner/problem/resolved.hpp"

namespace fuseline::tuner {

/// Kernels that are named by expressions ("rows<float, 256>"), sorted, each once: what a compiler has to be told.
[[nodiscard]] std::vector<std::string> name_expressions(const std::vector<ResolvedLaunch>& launches);

/// What a digest is of. Of PTX and cubins the source alone.
struct DigestedSource {
  std::string source;
  std::map<std::string, std::string> headers;  ///< included_headers() of it.
  std::vector<std::string> options;            ///< Defines, then the manifest's compile options.
  std::vector<std::string> name_expressions;
};
/// SHA-256: the same for the same kernel on every device.
[[nodiscard]] std::string source_digest(const DigestedSource& source);

/// What a configuration's kernel is made from, by the problem's files as they are now. Error: its source is not there.
[[nodiscard]] Result<DigestedSource> digested_source(const Catalog& catalog, const CatalogEntry& entry,
                                                     const Variant& variant, const ResolvedConfiguration& resolved);

}  // namespace fuseline::tuner
