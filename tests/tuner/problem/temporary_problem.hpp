// A copy of the example of a user's problem in a temporary folder, which a test may spoil.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace fuseline::tuner {

class TemporaryProblem {
 public:
  /// Of a folder in tests/data.
  explicit TemporaryProblem(const std::string& data = "user_problem") {
    static std::atomic<int> count = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("fuseline-problem-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::remove_all(folder_);
    std::filesystem::copy(std::filesystem::path(FUSELINE_SOURCE_DIR) / "tests/data" / data, folder_,
                          std::filesystem::copy_options::recursive);
  }
  TemporaryProblem(const TemporaryProblem&) = delete;
  TemporaryProblem& operator=(const TemporaryProblem&) = delete;
  ~TemporaryProblem() { std::filesystem::remove_all(folder_); }

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path problem_file() const { return folder_ / "problem.json"; }
  std::filesystem::path manifest() const { return folder_ / "strided.json"; }

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }

  using Edit = std::function<void(nlohmann::ordered_json&)>;
  void edit(const std::string& name, const Edit& change) const {
    nlohmann::ordered_json json = nlohmann::ordered_json::parse(std::ifstream(folder_ / name));
    change(json);
    write(name, json.dump(2));
  }

 private:
  std::filesystem::path folder_;
};

/// Sets the member at a JSON pointer; a null value removes it.
inline TemporaryProblem::Edit set(const std::string& pointer, const nlohmann::ordered_json& value) {
  return [=](nlohmann::ordered_json& json) {
    const nlohmann::ordered_json::json_pointer at(pointer);
    if (value.is_null()) {
      json.at(at.parent_pointer()).erase(at.back());
    } else {
      json[at] = value;
    }
  };
}

}  // namespace fuseline::tuner
