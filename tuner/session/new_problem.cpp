#include "tuner/session/new_problem.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "tuner/base/files.hpp"
#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"
#include "tuner/check/trivial_answers.hpp"
#include "tuner/problem/tensor_files.hpp"
#include "tuner/problem/variant.hpp"
#include "tuner/session/reference_options.hpp"
#include "tuner/session/reference_program.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestSource = std::size_t{4} << 20;

/// "default", then "draw2" and so on.
std::vector<std::string> draw_names(int count) {
  std::vector<std::string> names = {"default"};
  for (int i = 2; i <= count; ++i) names.push_back(fmt::format("draw{}", i));
  return names;
}

Result<void> check_absent(const fs::path& folder) {
  std::error_code failed;
  if (!fs::exists(fs::symlink_status(folder, failed))) return {};
  return bad_input(printable(folder.string()), "", "is there already");
}

Result<void> check_all_decided(const Draft& draft, const std::string& file) {
  if (draft.decisions.empty()) return {};
  std::string text;
  for (const OpenDecision& open : draft.decisions) text += (text.empty() ? "" : "; ") + open.what;
  return bad_input(printable(file), "", "to be said on the command line: " + text);
}

/// problem.json without what a kernel's file changes in it.
Result<OrderedJson> problem_of(const Draft& draft) {
  FUSELINE_TRY(json, parse_json(draft.files.front().second, draft.files.front().first));
  for (const char* member : {"source", "description"}) json.erase(member);
  OrderedJson& tensors = json["tensors"];
  std::sort(tensors.begin(), tensors.end(), [](const OrderedJson& a, const OrderedJson& b) {
    return a.at("name").get<std::string>() < b.at("name").get<std::string>();
  });
  return json;
}

/// The other kernel as a variant of the same problem.
Result<void> add_baseline(Draft& draft, const DraftRequest& kernel, const std::string& file) {
  DraftRequest request = kernel;
  FUSELINE_TRY(source, read_file(file, kLargestSource));
  request.source = std::move(source);
  request.file = file;
  request.kernel.clear();
  request.variant = kBaselineVariant;
  FUSELINE_TRY(other, draft_problem(request));
  FUSELINE_CHECK(check_all_decided(other, file));
  FUSELINE_TRY(ours, problem_of(draft));
  FUSELINE_TRY(theirs, problem_of(other));
  if (ours != theirs)
    return bad_input(printable(file), "",
                     fmt::format("takes other arguments than the kernel of {}: its parameters must have the same names "
                                 "and types",
                                 printable(kernel.file)));
  draft.files.insert(draft.files.end(), other.files.begin() + 1, other.files.end());
  return {};
}

/// Beside the folder that it becomes, so that it can be renamed; goes where it does not.
class Unfinished {
 public:
  explicit Unfinished(const fs::path& folder)
      : path_(fs::absolute(folder).lexically_normal().parent_path() /
              fmt::format(".{}.unfinished", fs::absolute(folder).lexically_normal().filename().string())) {
    remove();
  }
  ~Unfinished() { remove(); }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }
  Result<void> become(const fs::path& folder) {
    std::error_code failed;
    fs::rename(path_, folder, failed);
    if (failed) return io_error(printable(folder.string()), failed.message());
    return {};
  }

 private:
  void remove() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path path_;
};

/// As a sweep will read it: what is wrong is said now.
Result<Problem> checked_problem(const Draft& draft, const fs::path& folder) {
  FUSELINE_TRY(problem, load_problem(folder / "problem.json"));
  for (const auto& [name, content] : draft.files) {
    if (name == "problem.json" || !name.ends_with(".json")) continue;
    FUSELINE_CHECK(load_variant(folder / name, problem));
  }
  for (const ShapePreset& shape : problem.shapes) {
    for (const Dtype dtype : problem.dtypes) {
      FUSELINE_TRY(instance, instantiate(problem, shape.name, {}, dtype));
      FUSELINE_CHECK(tensor_files(instance));
    }
  }
  return problem;
}

/// From here on a comparison says little.
constexpr double kBlunt = 0.5;

/// Of the first draw, dtype by dtype.
Result<std::string> sharpness_text(const Problem& problem) {
  std::string text, warnings;
  for (const Dtype dtype : problem.dtypes) {
    FUSELINE_TRY(instance, instantiate(problem, problem.shapes.front().name, {}, dtype));
    FUSELINE_TRY(outputs, passing_shares(instance));
    for (const PassingShares& output : outputs) {
      std::vector<std::string> shares;
      for (const auto& [instead, share] : output.shares) {
        shares.push_back(fmt::format("{} {:.1f} %", instead, 100 * share));
        if (share >= kBlunt)
          warnings += fmt::format(
              "warning: {} in place of {} would pass {:.1f} % in {}: right results say little (--tolerance, or another "
              "get_inputs)\n",
              instead, output.output, 100 * share, to_string(dtype));
      }
      text += fmt::format("  {} {}: {}\n", output.output, to_string(dtype), fmt::join(shares, ", "));
    }
  }
  if (text.empty()) return text;
  return "\nHow sharp the comparison is: elements that would pass without being computed\n" + text + warnings;
}

/// What make_problem() does; how sharp the comparison is takes reading every file again, and is looked at where asked.
Result<std::string> made_problem(NewProblem request, ReferenceProgram& program, bool says_sharpness) {
  FUSELINE_TRY(source, read_file(request.draft.file, kLargestSource));
  request.draft.source = std::move(source);
  const fs::path folder = request.folder.empty() ? request.draft.name : request.folder;
  FUSELINE_CHECK(check_absent(folder));
  if (request.reference.empty()) {
    FUSELINE_TRY(draft, draft_problem(request.draft));
    FUSELINE_CHECK(write_draft(draft, folder));
    return draft_text(draft, request.draft.name, folder);
  }
  if (request.draft.choices.tolerance.empty()) {
    FUSELINE_TRY(usual, reference_tolerance({}));
    request.draft.choices.tolerance = std::move(usual);
  }
  const std::chrono::duration<double> deadline(request.deadline_s);
  FUSELINE_TRY(model, program.describe({request.reference, request.seed,
                                        std::chrono::duration_cast<std::chrono::milliseconds>(deadline)}));
  request.draft.model = &model;
  request.draft.draws = draw_names(request.draws);
  FUSELINE_TRY(draft, draft_problem(request.draft));
  FUSELINE_CHECK(check_all_decided(draft, request.draft.file));
  if (!request.baseline.empty()) FUSELINE_CHECK(add_baseline(draft, request.draft, request.baseline));
  Unfinished unfinished(folder);
  FUSELINE_CHECK(write_draft(draft, unfinished.path()));
  FUSELINE_CHECK(program.write(draft, request.draft.draws, unfinished.path()));
  FUSELINE_TRY(problem, checked_problem(draft, unfinished.path()));
  std::string sharpness;
  if (says_sharpness) {
    FUSELINE_TRY(text, sharpness_text(problem));
    sharpness = std::move(text);
  }
  FUSELINE_CHECK(unfinished.become(folder));
  return draft_text(draft, request.draft.name, folder) + sharpness;
}

}  // namespace

Result<std::string> make_problem(NewProblem request, const fs::path& data) {
  ReferenceProgram program(data);
  return made_problem(std::move(request), program, true);
}

Result<ScratchProblem> make_scratch_problem(NewProblem request, ReferenceProgram& program) {
  if (request.reference.empty()) return bad_input("--reference", "", "is needed: what the kernel is held against");
  FUSELINE_TRY(scratch, ScratchFolder::make("check"));
  request.draft.name = request.draft.variant = "kernel";
  const fs::path folder = scratch.path() / "kernel";
  request.folder = folder.string();
  FUSELINE_CHECK(made_problem(std::move(request), program, false));
  return ScratchProblem{std::move(scratch), folder};
}

}  // namespace fuseline::tuner
