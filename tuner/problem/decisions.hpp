// Marks in a problem's files where a person must decide. The loader refuses a file with such a mark.
#pragma once

#include <string>
#include <vector>

#include "tuner/base/json.hpp"

namespace fuseline::tuner {

/// A string of a problem file or manifest that begins so is a decision to be taken, whatever the member. In a reference
/// it is a line "#error decide: ...".
inline constexpr const char* kDecisionMark = "decide: ";
inline constexpr const char* kSourceDecisionMark = "#error decide: ";

/// A decision to be taken.
struct OpenDecision {
  std::string file;
  std::string path;  ///< JSON pointer, or "line 4" of a source.
  std::string what;
};

/// The mark.
[[nodiscard]] std::string decide(const std::string& what);

/// The marks in a file, in its order.
[[nodiscard]] std::vector<OpenDecision> open_decisions(const OrderedJson& json, const std::string& file);
/// Fails at the first of them, with where the others are.
[[nodiscard]] Result<void> check_decided(const OrderedJson& json, const std::string& file);
/// The same for a source, whose marks are lines.
[[nodiscard]] Result<void> check_source_decided(const std::string& source, const std::string& file);

}  // namespace fuseline::tuner
