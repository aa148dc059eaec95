// What several tests of the profiler need.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "profiler/compile/compiler.hpp"
#include "profiler/compile/compiler_pool.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::profiler::testing {

using fuseline::TemporaryFolder;

inline const std::string kWorkerProgram = std::string(FUSELINE_BIN_DIR) + "/fuseline-worker";

inline CompilerPoolOptions pool_options(std::size_t processes) { return {{kWorkerProgram, "--compiler"}, processes}; }

inline CompileRequest request(std::string source, std::string architecture = "sm_90") {
  CompileRequest made;
  made.name = "test.cu";
  made.source = std::move(source);
  made.architecture = std::move(architecture);
  return made;
}

inline const std::string kGoodSource = "extern \"C\" __global__ void twice(float* x) { x[threadIdx.x] *= 2; }\n";

/// Keeps a compiler busy for minutes: every instantiation makes two more.
inline const std::string kSlowSource = R"(
template <unsigned long long N, int D> struct Slow { static constexpr int value = Slow<2 * N, D - 1>::value + Slow<2 * N + 1, D - 1>::value; };
template <unsigned long long N> struct Slow<N, 0> { static constexpr int value = int(N % 3); };
extern "C" __global__ void slow(int* x) { *x = Slow<1, 24>::value; }
)";

}  // namespace fuseline::profiler::testing
