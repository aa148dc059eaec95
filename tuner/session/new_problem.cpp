#include "tuner/session/new_problem.hpp"

#include <fmt/format.h>

#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/problem/tensor_files.hpp"
#include "tuner/problem/variant.hpp"
#include "tuner/session/reference_program.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;

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

Result<void> check_all_decided(const Draft& draft) {
  if (draft.decisions.empty()) return {};
  std::string text = "not everything could be found out; say it on the command line:";
  for (const OpenDecision& open : draft.decisions) text += "\n  " + open.what;
  return bad_input(printable(draft.decisions.front().file), "", std::move(text));
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
Result<void> check_loads(const Draft& draft, const fs::path& folder) {
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
  return {};
}

}  // namespace

Result<std::string> make_problem(NewProblem request, const fs::path& data) {
  constexpr std::size_t kLargestSource = std::size_t{4} << 20;
  FUSELINE_TRY(source, read_file(request.draft.file, kLargestSource));
  request.draft.source = std::move(source);
  const fs::path folder = request.folder.empty() ? request.draft.name : request.folder;
  FUSELINE_CHECK(check_absent(folder));
  if (request.reference.empty()) {
    FUSELINE_TRY(draft, draft_problem(request.draft));
    FUSELINE_CHECK(write_draft(draft, folder));
    return draft_text(draft, request.draft.name, folder);
  }
  const std::chrono::duration<double> deadline(request.deadline_s);
  FUSELINE_TRY(program, ReferenceProgram::start({request.reference, request.seed,
                                                 std::chrono::duration_cast<std::chrono::milliseconds>(deadline)},
                                                data));
  FUSELINE_TRY(model, program.describe());
  request.draft.model = &model;
  request.draft.draws = draw_names(request.draws);
  FUSELINE_TRY(draft, draft_problem(request.draft));
  FUSELINE_CHECK(check_all_decided(draft));
  Unfinished unfinished(folder);
  FUSELINE_CHECK(write_draft(draft, unfinished.path()));
  FUSELINE_CHECK(program.write(draft, request.draft.draws, unfinished.path()));
  FUSELINE_CHECK(check_loads(draft, unfinished.path()));
  FUSELINE_CHECK(unfinished.become(folder));
  return draft_text(draft, request.draft.name, folder);
}

}  // namespace fuseline::tuner
