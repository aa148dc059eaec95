// What differs between two configurations: their parameters, and the sources of their variants with headers.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "app/gui/models/source_model.hpp"
#include "app/gui/models/text_diff.hpp"

namespace fuseline::app::gui {

struct ParameterChange {
  std::string name, before, after;  ///< "-" where the configuration has no such parameter.
};
struct FileDiff {
  std::string name;  ///< "row.cu", or "row.cu \u2192 vector.cu".
  std::size_t removed = 0, added = 0;
  std::vector<DiffLine> lines;  ///< With three lines around what differs. Views into the texts:
  std::shared_ptr<const std::string> before, after;
};
struct SourceDiff {
  std::string before, after;                ///< "run 7 #120 row", "#3 vector"
  std::vector<ParameterChange> parameters;  ///< Those that differ, the variant first.
  std::vector<FileDiff> files;              ///< Those that differ.
  std::size_t same_files = 0;
  std::string missing;  ///< Why there are no sources to compare; empty where there are.
};
/// Sources are those found now. The kernels are compared with one another whatever their names, headers by name.
[[nodiscard]] SourceDiff source_diff(const SourceSubject& before, const SourceSubject& after);

}  // namespace fuseline::app::gui
