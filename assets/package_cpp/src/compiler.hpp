// Compiles a configuration for a shape that was not tuned, with NVRTC where a toolkit brings it. Images are kept on
// disk, so that another process finds them.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "tables.hpp"

namespace fuseline_package {
namespace detail {

struct CompileRequest {
  Source source{};
  const Header* headers = nullptr;
  std::size_t header_count = 0;
  int capability = 0;
  std::vector<std::string> options;
  std::vector<std::string> kernels;  ///< Names and name expressions.
};

struct Compilation {
  std::string image;                                         ///< A cubin.
  std::vector<std::pair<std::string, std::string>> symbols;  ///< Of name expressions: their names in it.
  bool cached = false;                                       ///< It was found on disk.
};

/// A macro's value as the compiler is told it.
std::string macro_text(const Macro& macro, double value);

/// False with `reason` set where there is no compiler, or it does not compile. Not thread-safe.
bool compile(const CompileRequest& request, Compilation& made, std::string& reason);

}  // namespace detail
}  // namespace fuseline_package
