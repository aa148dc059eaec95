// From an instruction to the line that it was made from, by what the compiler wrote into the cubin. Needs no GPU.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "profiler/counters/cupti_library.hpp"

namespace fuseline::profiler {

struct SourceLine {
  std::string file;  ///< Empty where the compiler names none.
  int line = 0;      ///< From 1.
};

/// The lines of instructions at these offsets in a kernel, in their order; `kernel` is its symbol. A file that the
/// compiler was given as one of `names` ("rows.cu", "common/rows.cuh") is called so; another by its whole path. Error:
/// a CUPTI without it, no such kernel, a cubin that it cannot read.
[[nodiscard]] tuner::Result<std::vector<SourceLine>> source_lines(const CuptiLibrary& cupti, const std::string& cubin,
                                                                  const std::string& kernel,
                                                                  const std::vector<std::uint32_t>& offsets,
                                                                  const std::vector<std::string>& names);

}  // namespace fuseline::profiler
