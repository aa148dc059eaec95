// A problem's folder made from a kernel that is there: what its signature says, what is guessed, and marks where a
// person must decide. With a model, inputs and reference are its own, and what is said on the command line leaves
// nothing to be edited.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/base/types.hpp"
#include "tuner/problem/decisions.hpp"
#include "tuner/problem/kernel_match.hpp"
#include "tuner/problem/model.hpp"
#include "tuner/problem/problem.hpp"

namespace fuseline::tuner {

/// What a person says instead of editing the files.
struct DraftChoices {
  std::vector<std::string> grid = {};                           ///< Blocks, as expressions, an axis each.
  std::vector<std::vector<std::int64_t>> block = {};            ///< Threads to try, an axis each.
  std::string shared_bytes = {};                                ///< An expression.
  std::map<std::string, std::vector<std::string>> values = {};  ///< Of template parameters and PARAM_ macros.
  ArgumentChoices arguments = {};                               ///< With a model.
  std::vector<Dtype> dtypes = {};             ///< With a model; empty: what the kernel's pointers are.
  std::map<Dtype, Tolerance> tolerance = {};  ///< Others than the usual ones.
};

struct DraftRequest {
  std::string name;          ///< Of the problem.
  std::string source;        ///< Text with the kernel.
  std::string file;          ///< Where it is from, for messages.
  std::string kernel;        ///< Which one; empty: the only one.
  std::string variant = {};  ///< What the variant is called; empty: as the kernel is.
  DraftChoices choices = {};
  const Model* model = nullptr;         ///< Whose tensors are inputs and reference; null: a reference.cu is drafted.
  std::vector<std::string> draws = {};  ///< Names of the shapes, one for each time that the model is drawn.
};

/// A file of numbers that belongs to a draft: {shape} and {dtype} in its name stand for a draw and a dtype.
struct DraftArray {
  MatchedTensor of;
  std::string file;   ///< Within the folder.
  std::string dtype;  ///< "T", or what the kernel takes whatever the sweep's dtype is.
};

struct Draft {
  std::vector<std::pair<std::string, std::string>> files;  ///< Names and contents; the kernel's is what was given.
  std::vector<OpenDecision> decisions;
  std::vector<std::string> guesses;  ///< Sentences: what is to be looked at.
  std::vector<DraftArray> arrays = {};
  std::vector<Dtype> dtypes = {};
};

/// Works the files out. Errors: no identifier as a name, a source that cannot be read, no kernel, no kernel of that
/// name, or several and none named; a choice for what the kernel does not have, or that is no expression.
[[nodiscard]] Result<Draft> draft_problem(const DraftRequest& request);

/// Writes the files. Errors: `folder` is there already, or cannot be written.
[[nodiscard]] Result<void> write_draft(const Draft& draft, const std::filesystem::path& folder);

/// What was written and what is to be done, for people.
[[nodiscard]] std::string draft_text(const Draft& draft, const std::string& problem,
                                     const std::filesystem::path& folder);

}  // namespace fuseline::tuner
