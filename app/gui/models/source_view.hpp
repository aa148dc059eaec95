// What the kernel of one configuration was made from, to be shown.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tuner/problem/variant.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::app::gui {

struct SourceView {
  std::string name;                         ///< Of the file.
  std::shared_ptr<const std::string> text;  ///< CUDA or PTX; null of a cubin and where `missing` says why.
  /// Of a cubin: kernel, registers, shared and local bytes, bytes of each parameter.
  std::vector<std::vector<std::string>> kernels;
  std::string missing;
};

/// Titles of the columns of SourceView::kernels.
[[nodiscard]] const std::vector<std::string>& kernel_columns();

/// The file that a configuration of the run uses.
[[nodiscard]] SourceView source_view(const tuner::Variant& variant, const tuner::Configuration& configuration,
                                     const tuner::RunInfo& info);

}  // namespace fuseline::app::gui
