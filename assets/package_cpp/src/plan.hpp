// Which configuration runs for a shape in a context, and its kernels, loaded.
#pragma once

#include <cstdint>
#include <vector>

#include "driver.hpp"
#include "tables.hpp"

namespace fuseline_package {
namespace detail {

constexpr std::size_t kAlignment = 16;      ///< Bytes; what every kernel may rely on.
constexpr std::size_t kMostArguments = 64;  ///< Of one launch, and buffers of one operation: they lie on the stack.

struct LoadedLaunch {
  Function function = nullptr;
  unsigned grid[3] = {1, 1, 1};
  unsigned block[3] = {1, 1, 1};
  unsigned shared_bytes = 0;
  bool cooperative = false;
  const char* kernel = "";
  std::vector<Argument> arguments;
};

/// A workspace within the one that callers give.
struct Place {
  std::size_t offset = 0;
  std::size_t bytes = 0;
  bool zeroed = false;
};

/// What a shape runs. Never changed once others can see it.
struct Plan {
  // What it is for.
  std::uint64_t context = 0;
  const Operation* operation = nullptr;
  Dtype dtype = Dtype::f32;
  std::vector<std::int64_t> dims;
  std::vector<double> scalars;

  Status status;  ///< Why nothing runs, and nothing will.
  Chosen chosen;
  std::vector<LoadedLaunch> launches;
  std::vector<Place> places;
  const Plan* next = nullptr;  ///< In its bucket.
};

/// Chooses and loads in the current context. False with `status` set for what another call might find otherwise: an
/// error of the driver; what is settled is the plan's own status.
bool make_plan(const Driver& driver, const Problem& problem, Plan& plan, Status& status);

}  // namespace detail
}  // namespace fuseline_package
