#include "tuner/report/kernel_texts.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/problem/source_digest.hpp"

namespace fuseline::tuner {
namespace {

Result<KernelTexts> texts_at_hand(const RunInfo& info, const Evaluation& evaluation, const Catalog& catalog) {
  FUSELINE_TRY(entry, catalog.find(info.problem));
  FUSELINE_TRY(variant, find_variant(entry->variants, evaluation.configuration.variant));
  FUSELINE_TRY(instance, instantiate(entry->problem, "", info.dims, info.dtype, info.scalars));
  FUSELINE_TRY(resolved, resolve(*variant, evaluation.configuration, instance, info.device.limits));
  FUSELINE_TRY(source, digested_source(catalog, *entry, *variant, resolved));
  KernelTexts texts;
  const std::string& measured = evaluation.measurement.source_sha256;
  if (measured.empty()) {
    texts.missing = "it is not known which source was measured";
  } else if (source_digest(source) != measured) {
    texts.missing = "the source or a macro of it is another now than what was measured, by its digest";
  } else {
    texts.files = std::move(source.headers);
    texts.files[resolved.source_name] = std::move(source.source);
  }
  return texts;
}

}  // namespace

std::string KernelTexts::line(const std::string& file, int number) const {
  const auto found = files.find(file);
  if (found == files.end() || number <= 0) return "";
  std::string_view rest = found->second;
  for (int i = 1; i < number; ++i) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return "";
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return std::string(trimmed(rest));
}

KernelTexts kernel_texts(const RunInfo& info, const Evaluation& evaluation, const Catalog* catalog) {
  if (catalog == nullptr) return {{}, "the problem's files are not at hand"};
  auto texts = texts_at_hand(info, evaluation, *catalog);
  if (texts) return std::move(*texts);
  return {{}, fmt::format("the source is not at hand: {}", printable(texts.error().reason))};
}

}  // namespace fuseline::tuner
