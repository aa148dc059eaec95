// A copy of the example of a user's problem in a temporary folder, which a test may spoil.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/temporary_folder.hpp"

namespace fuseline::tuner {

class TemporaryProblem {
 public:
  /// Of a folder in tests/data.
  explicit TemporaryProblem(const std::string& data = "user_problem") {
    std::filesystem::copy(std::filesystem::path(FUSELINE_SOURCE_DIR) / "tests/data" / data, folder(),
                          std::filesystem::copy_options::recursive);
  }

  const std::filesystem::path& folder() const { return folder_.path(); }
  std::filesystem::path problem_file() const { return folder() / "problem.json"; }
  std::filesystem::path manifest() const { return folder() / "strided.json"; }

  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }

  using Edit = std::function<void(nlohmann::ordered_json&)>;
  void edit(const std::string& name, const Edit& change) const {
    nlohmann::ordered_json json = nlohmann::ordered_json::parse(std::ifstream(folder() / name));
    change(json);
    write(name, json.dump(2));
  }

 private:
  TemporaryFolder folder_;
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
