// Runs the launches of a plan, one after the other.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "profiler/host/guarded_buffer.hpp"
#include "profiler/host/plan.hpp"
#include "profiler/host/shim/entry.hpp"

namespace fuseline::host_cuda {

/// The memory that the launches of a plan work on: a guarded buffer for each of its buffers.
class PlanMemory {
 public:
  /// `inputs`: the elements of each input, by its place among the plan's buffers; the others are left out. Both must
  /// outlive the memory.
  PlanMemory(const Plan& plan, const std::vector<std::vector<std::byte>>& inputs);

  [[nodiscard]] const GuardedBuffer& operator[](std::size_t place) const { return *buffers_[place]; }
  /// Where the pointer to a buffer lies, as a launch takes it.
  [[nodiscard]] void* argument(std::size_t place) { return &pointers_[place]; }
  /// "wrote outside "out"", "changed the input "x"", or nothing.
  [[nodiscard]] std::string damage() const;

 private:
  const Plan& plan_;
  const std::vector<std::vector<std::byte>>& inputs_;
  std::vector<std::unique_ptr<GuardedBuffer>> buffers_;
  std::vector<void*> pointers_;
};

/// A kernel by the name that a launch has; null: there is none.
using FindKernel = std::function<const KernelEntry*(const std::string&)>;

/// What went wrong, behind the name of the kernel, or nothing. Accesses that the sanitizers refuse end the program.
[[nodiscard]] std::string run_plan(const Plan& plan, PlanMemory& memory, const FindKernel& find,
                                   const SharedRange& statics, const RunSettings& settings);

}  // namespace fuseline::host_cuda
