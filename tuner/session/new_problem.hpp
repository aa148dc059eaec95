// fuseline new: a problem's folder from a kernel, with a reference in PyTorch where there is one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "tuner/base/error.hpp"
#include "tuner/base/scratch_folder.hpp"
#include "tuner/problem/draft.hpp"
#include "tuner/session/reference_program.hpp"

namespace fuseline::tuner {

struct NewProblem {
  DraftRequest draft;       ///< Its source is read from its file.
  std::string folder;       ///< Empty: the problem's name.
  std::string reference;    ///< A file in KernelBench's form; empty: none.
  int draws = 3;            ///< Times that the model is drawn, each with a seed of its own.
  std::uint64_t seed = 42;  ///< Of the first.
  double deadline_s = 600;  ///< Of each run of the model.
  std::string baseline;     ///< With a reference: a file with another kernel of the same parameters; empty: none.
};

/// What the baseline's variant is called.
inline constexpr const char* kBaselineVariant = "baseline";

/// Makes the folder, whole or not at all, and says what it holds. With a reference nothing in it is left to be decided.
/// Errors: what draft_problem() and ReferenceProgram say; the folder is there already; with a reference also what is
/// left to be decided, each with the option that does it, and that the baseline takes other arguments.
[[nodiscard]] Result<std::string> make_problem(NewProblem request, const std::filesystem::path& data);

/// A problem of one kernel that is there for as long as this is.
struct ScratchProblem {
  ScratchFolder scratch;
  std::filesystem::path folder;  ///< Of the problem, within it.
};
/// make_problem() of a kernel and a reference; the variants are called "kernel" and, where there is one,
/// kBaselineVariant. `program` may serve several in turn. Errors: as make_problem(); no reference; no folder can be
/// made.
[[nodiscard]] Result<ScratchProblem> make_scratch_problem(NewProblem request, ReferenceProgram& program);

}  // namespace fuseline::tuner
