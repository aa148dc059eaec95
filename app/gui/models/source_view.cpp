#include "app/gui/models/source_view.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tuner/base/text.hpp"
#include "tuner/problem/source_files.hpp"

namespace fuseline::app::gui {
namespace {

std::string known_number(std::int64_t number) { return number < 0 ? "not said" : std::to_string(number); }

std::vector<std::string> kernel_row(const tuner::KernelEntry& entry) {
  return {tuner::printable(entry.name), known_number(entry.registers), known_number(entry.static_shared_bytes),
          known_number(entry.local_bytes), fmt::format("{}", fmt::join(entry.parameter_bytes, " "))};
}

}  // namespace

const std::vector<std::string>& kernel_columns() {
  static const std::vector<std::string> columns = {"kernel", "registers", "shared bytes", "local bytes",
                                                   "bytes of parameters"};
  return columns;
}

SourceView source_view(const tuner::Variant& variant, const tuner::Configuration& configuration,
                       const tuner::RunInfo& info) {
  SourceView view;
  view.name = variant.source_name;
  const auto values = tuner::placeholder_values(variant, configuration, info.dtype, info.device.limits);
  const auto name = tuner::source_of(variant, values);
  if (!name) {
    view.missing = name.error().message();
    return view;
  }
  view.name = *name;
  if (variant.form != tuner::KernelForm::cubin) {
    view.text = variant.sources.at(*name);
    return view;
  }
  const tuner::Result<tuner::KernelImage>& image = variant.images.at(*name);
  if (!image) {
    view.missing = image.error().message();
    return view;
  }
  for (const tuner::KernelEntry& entry : image->entries) view.kernels.push_back(kernel_row(entry));
  return view;
}

}  // namespace fuseline::app::gui
