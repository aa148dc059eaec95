// What a configuration launches, in numbers: the runtime knows no manifests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "profiler/host/elements.hpp"
#include "profiler/host/runtime/grid.hpp"

namespace fuseline::host_cuda {

enum class Role { input, output, workspace };

struct PlanBuffer {
  std::string name;
  Role role = Role::input;
  Element element = Element::f32;
  std::size_t elements = 0;
  bool zeroed = false;    ///< Of a workspace; else it is NaN at first, as outputs are.
  std::string file = {};  ///< Of an input its elements; of an output those of the reference, in fp64. Empty: none.
  double of_largest = 0;  ///< Of an output; Allowed::of_largest.

  [[nodiscard]] std::size_t bytes() const { return elements * element_bytes(element); }
};

/// `kind` as KernelEntry::kinds has it: 'p' a buffer by its place, 'i' and 'l' integers, 'f' and 'd' reals.
struct PlanArgument {
  char kind = 'p';
  std::size_t buffer = 0;
  std::int64_t integer = 0;
  double real = 0;
};

struct PlanLaunch {
  std::string kernel;  ///< The name of its KernelEntry.
  Geometry geometry;
  std::vector<PlanArgument> args;
};

struct Plan {
  std::vector<PlanBuffer> buffers;
  std::vector<PlanLaunch> launches;
};

}  // namespace fuseline::host_cuda
