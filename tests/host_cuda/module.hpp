// Kernels compiled for the CPU and loaded into this program.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cases.hpp"
#include "profiler/host/shim/entry.hpp"
#include "tuner/base/error.hpp"

namespace fuseline::host_cuda {

/// The kernels of several cases that share a source and a dtype. Stays loaded until the program ends.
class Module {
 public:
  /// Compiles the cases as one translation unit, each in a namespace of its own, and loads it. What was compiled before
  /// from the same text, headers, shim, compiler and flags is loaded again. Errors: the compiler's.
  [[nodiscard]] static tuner::Result<Module> build(const std::filesystem::path& source, const std::vector<Case>& cases);

  /// A kernel of case number `number`; null where the source has no launch of that name.
  [[nodiscard]] const KernelEntry* find(std::size_t number, const std::string& kernel) const;
  [[nodiscard]] const SharedRange& statics() const { return statics_; }

 private:
  [[nodiscard]] static tuner::Result<Module> load(const std::filesystem::path& file);
  std::map<std::string, const KernelEntry*> entries_;
  SharedRange statics_{};
};

}  // namespace fuseline::host_cuda
