#include "tuner/problem/source_digest.hpp"

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/problem/included_headers.hpp"

namespace fuseline::tuner {

std::vector<std::string> name_expressions(const std::vector<ResolvedLaunch>& launches) {
  std::vector<std::string> expressions;
  for (const ResolvedLaunch& launch : launches) {
    if (!is_identifier(launch.kernel)) expressions.push_back(launch.kernel);
  }
  std::sort(expressions.begin(), expressions.end());
  expressions.erase(std::unique(expressions.begin(), expressions.end()), expressions.end());
  return expressions;
}

std::string source_digest(const DigestedSource& source) {
  std::string material = source.source;
  for (const auto& [name, text] : source.headers) material.append(1, '\0').append(name).append(1, '\0').append(text);
  for (const std::string& option : source.options) material += '\0' + option;
  for (const std::string& expression : source.name_expressions) material += '\0' + expression;
  return sha256_hex(material);
}

Result<DigestedSource> digested_source(const Catalog& catalog, const CatalogEntry& entry, const Variant& variant,
                                       const ResolvedConfiguration& resolved) {
  const auto found = variant.sources.find(resolved.source_name);
  if (found == variant.sources.end())
    return bad_input(variant.file.string(), "", "the source '" + printable(resolved.source_name) + "' is not there");
  DigestedSource source;
  source.source = *found->second;
  if (resolved.form != KernelForm::cuda) return source;
  source.headers = included_headers(source.source, catalog.headers_for(entry));
  source.options = resolved.defines;
  source.options.insert(source.options.end(), resolved.compile_options.begin(), resolved.compile_options.end());
  source.name_expressions = name_expressions(resolved.launches);
  return source;
}

}  // namespace fuseline::tuner
