// The user's g++, which makes programs of kernels for the CPU.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

class HostCompiler {
 public:
  /// The one that $FUSELINE_CXX names, or g++. `data`: data_folder(). Errors (bad_input): there is none; it is no g++;
  /// this build of Fuseline has no runtime for the CPU.
  [[nodiscard]] static Result<HostCompiler> find(const std::filesystem::path& data);

  /// The command that makes `program` of a unit. `defines`: "-DNAME=VALUE".
  [[nodiscard]] std::vector<std::string> command(const std::filesystem::path& unit,
                                                 const std::vector<std::string>& defines,
                                                 const std::filesystem::path& program) const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::filesystem::path data_, object_;
};

}  // namespace fuseline::tuner
