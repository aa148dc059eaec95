// A problem's folder made from a kernel that is there: what its signature says, what is guessed, and marks where a
// person must decide. The loader refuses a file with such a mark.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tuner/base/json.hpp"

namespace fuseline::tuner {

/// A string of a problem file or manifest that begins so is a decision to be taken, whatever the member. In a reference
/// it is a line "#error decide: ...".
inline constexpr const char* kDecisionMark = "decide: ";

/// A decision to be taken.
struct OpenDecision {
  std::string file;
  std::string path;  ///< JSON pointer, or "line 4" of a source.
  std::string what;
};

/// The marks in a file, in its order.
[[nodiscard]] std::vector<OpenDecision> open_decisions(const OrderedJson& json, const std::string& file);
/// Fails at the first of them, with where the others are.
[[nodiscard]] Result<void> check_decided(const OrderedJson& json, const std::string& file);
/// The same for a source, whose marks are lines.
[[nodiscard]] Result<void> check_source_decided(const std::string& source, const std::string& file);

struct DraftRequest {
  std::string name;    ///< Of the problem.
  std::string source;  ///< Text with the kernel.
  std::string file;    ///< Where it is from, for messages.
  std::string kernel;  ///< Which one; empty: the only one.
};

struct Draft {
  std::vector<std::pair<std::string, std::string>> files;  ///< Names and contents; the kernel's is what was given.
  std::vector<OpenDecision> decisions;
  std::vector<std::string> guesses;  ///< Sentences: what is to be looked at.
};

/// Works the files out. Errors: no identifier as a name, a source that cannot be read, no kernel, no kernel of that
/// name, or several and none named.
[[nodiscard]] Result<Draft> draft_problem(const DraftRequest& request);

/// Writes them. Errors: `folder` is there already, or cannot be written.
[[nodiscard]] Result<void> write_draft(const Draft& draft, const std::filesystem::path& folder);

/// What was written and what is to be done, for people.
[[nodiscard]] std::string draft_text(const Draft& draft, const std::string& problem,
                                     const std::filesystem::path& folder);

}  // namespace fuseline::tuner
