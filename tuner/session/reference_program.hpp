// The user's model in the user's Python, run by assets/reference/run_reference.py and asked line by line.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/base/json.hpp"
#include "tuner/problem/draft.hpp"
#include "tuner/problem/model.hpp"
#include "tuner/worker/process.hpp"

namespace fuseline::tuner {

/// Started by the first describe() and kept for those that follow, so that PyTorch is loaded once. The user's file is
/// run anew for each. One that has ended is started again. Not thread-safe.
class ReferenceProgram {
 public:
  struct Reference {
    std::string file;                         ///< Has Model, get_inputs and get_init_inputs.
    std::uint64_t seed = 0;                   ///< Of the first draw.
    std::chrono::milliseconds deadline = {};  ///< Of each answer.
  };
  explicit ReferenceProgram(std::filesystem::path data) : data_(std::move(data)) {}

  /// What the model takes and gives, once it was run. Errors (bad_input): there is no such file or Python; what the
  /// program refuses, such as a file without a Model or one that raises; the deadline; a Python that ends with another
  /// error, with its last line.
  [[nodiscard]] Result<Model> describe(const Reference& reference);
  /// Has the files of every draw and dtype of `draft` written into `folder`, of the model described last. Errors: as
  /// above.
  [[nodiscard]] Result<void> write(const Draft& draft, const std::vector<std::string>& draws,
                                   const std::filesystem::path& folder);

 private:
  [[nodiscard]] Result<void> start();
  /// The question's answer, which has `member`.
  [[nodiscard]] Result<OrderedJson> answer(const char* question, OrderedJson content, const char* member);
  [[nodiscard]] Result<std::string> next_line();
  [[nodiscard]] Error ended();

  std::filesystem::path data_;
  std::optional<ChildProcess> child_;
  Reference reference_;
  std::string read_;
};

}  // namespace fuseline::tuner
