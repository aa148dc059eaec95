// The user's model in the user's Python, run by assets/reference/run_reference.py and asked line by line.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/base/json.hpp"
#include "tuner/problem/draft.hpp"
#include "tuner/problem/model.hpp"
#include "tuner/worker/process.hpp"

namespace fuseline::tuner {

class ReferenceProgram {
 public:
  struct Options {
    std::string file;                         ///< Has Model, get_inputs and get_init_inputs.
    std::uint64_t seed = 0;                   ///< Of the first draw.
    std::chrono::milliseconds deadline = {};  ///< Of each answer.
  };
  /// Errors: there is no such file or Python.
  [[nodiscard]] static Result<ReferenceProgram> start(const Options& options, const std::filesystem::path& data);

  /// What the model takes and gives, once it was run. Errors (bad_input): what the program refuses, such as a file
  /// without a Model or one that raises; the deadline; a Python that ends with another error, with its last line.
  [[nodiscard]] Result<Model> describe();
  /// Has the files of every draw and dtype of `draft` written into `folder`. Errors: as above.
  [[nodiscard]] Result<void> write(const Draft& draft, const std::vector<std::string>& draws,
                                   const std::filesystem::path& folder);

 private:
  ReferenceProgram(ChildProcess child, Options options) : child_(std::move(child)), options_(std::move(options)) {}
  /// The next line, as an object that has `member`.
  [[nodiscard]] Result<OrderedJson> answer(const char* member);
  [[nodiscard]] Error ended();

  ChildProcess child_;
  Options options_;
  std::string read_;
};

}  // namespace fuseline::tuner
