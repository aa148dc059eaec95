// Device memory of one job: sets of its tensors with guard bands, the reference's outputs, and values that were sent.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "profiler/cuda/gpu.hpp"
#include "profiler/measure/support_kernels.hpp"
#include "tuner/worker/device_memory.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::profiler {

using tuner::kAlignment;
using tuner::kGuardBytes;
using tuner::kPlaces;
using tuner::lay_out;
using tuner::SetLayout;

inline constexpr unsigned char kGuardPattern = 0xA5;
inline constexpr unsigned char kPoison = 0xFF;  ///< A NaN in every floating-point type.

class Buffers {
 public:
  /// Allocates, and fills where no values are to come. Error: out of memory with what the whole job needs and what is
  /// free, or a driver failure.
  [[nodiscard]] static DeviceResult<std::unique_ptr<Buffers>> create(Gpu& gpu, SupportKernels& support,
                                                                     const tuner::Job& job);

  /// Whether a job's tensors take the same memory as those that are here, as another draw of the inputs does.
  [[nodiscard]] bool fit(const tuner::Job& job) const;
  /// The same memory with the values of another job that fits: filled anew where none are to come. Error: as create().
  [[nodiscard]] DeviceResult<void> draw(const tuner::Job& job);

  /// Takes the next piece of a stored tensor to the device: an input's as elements of the tensor, an output's as the
  /// reference. With the last one everything is filled. Waits. Error: what does not follow on what came before.
  [[nodiscard]] DeviceResult<void> receive(const tuner::DataRequest& data);
  /// Whether all stored tensors are there.
  [[nodiscard]] bool complete() const { return awaited_ == 0; }

  [[nodiscard]] int sets() const { return sets_; }
  [[nodiscard]] std::size_t bytes() const { return memory_.bytes() + reference_.bytes() + values_.bytes(); }
  [[nodiscard]] const std::vector<tuner::Tensor>& tensors() const { return tensors_; }

  [[nodiscard]] CUdeviceptr tensor(std::size_t index, int set) const;
  /// The reference's fp64 output that goes with output `index`.
  [[nodiscard]] CUdeviceptr reference(std::size_t index) const {
    return reference_.pointer() + reference_offsets_[index];
  }
  [[nodiscard]] std::vector<DeviceRange> guards(int set) const;

  /// Fills inputs, outputs and guards of every set afresh. Enqueues; does not wait.
  [[nodiscard]] DeviceResult<void> restore();
  /// Poisons the outputs of one set.
  [[nodiscard]] DeviceResult<void> poison(int set);
  [[nodiscard]] DeviceResult<void> poison_reference();

 private:
  Buffers(Gpu& gpu, SupportKernels& support, const tuner::Job& job);
  [[nodiscard]] DeviceResult<void> allocate(int places);
  void await_stored();
  /// Writes an input of the first set.
  [[nodiscard]] DeviceResult<void> fill_input(std::size_t index);
  /// Where element 0 of a stored tensor goes to.
  [[nodiscard]] CUdeviceptr stored(std::size_t index) const;

  Gpu& gpu_;
  SupportKernels& support_;
  std::vector<tuner::Tensor> tensors_;
  std::uint64_t seed_;
  tuner::Predecessor after_;
  SetLayout layout_;
  int sets_ = 1;
  DeviceMemory memory_;
  DeviceMemory reference_;
  std::vector<std::size_t> reference_offsets_;
  DeviceMemory values_;  ///< Of stored inputs, to fill them from.
  std::vector<std::size_t> value_offsets_;
  std::vector<std::int64_t> received_;  ///< Elements of each tensor that came.
  std::int64_t awaited_ = 0;            ///< Elements of all stored tensors that have still to come.
};

/// Scratch memory for variants that ask for it: one allocation used again, grown where a configuration needs more.
class WorkspaceArena {
 public:
  explicit WorkspaceArena(Gpu& gpu) : gpu_(gpu) {}

  /// Places the workspaces between guard bands. `fresh` also writes the bands and poisons the pieces.
  /// Enqueues; growing waits for the device.
  [[nodiscard]] DeviceResult<void> place(const std::vector<tuner::ResolvedWorkspace>& workspaces, bool fresh);
  [[nodiscard]] CUdeviceptr pointer(std::size_t index) const { return pointers_[index]; }
  [[nodiscard]] const std::vector<DeviceRange>& guards() const { return guards_; }

 private:
  Gpu& gpu_;
  DeviceMemory memory_;
  std::vector<CUdeviceptr> pointers_;
  std::vector<DeviceRange> guards_;
};

}  // namespace fuseline::profiler
