#include "profiler/measure/buffers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fuseline::profiler {
namespace {

/// Of the free memory, at most this much goes into further sets: the copy's buffers and workspaces need some too.
constexpr double kShareForSets = 0.6;

std::size_t round_up(std::size_t value, std::size_t multiple) { return (value + multiple - 1) / multiple * multiple; }
double mebibytes(std::size_t bytes) { return static_cast<double>(bytes) / 1048576.0; }

}  // namespace

SetLayout lay_out(const std::vector<tuner::Tensor>& tensors) {
  SetLayout layout;
  std::size_t cursor = 0;
  for (const tuner::Tensor& tensor : tensors) {
    const auto bytes = static_cast<std::size_t>(tensor.bytes());
    const bool guarded = tensor.role == tuner::TensorRole::output;
    if (guarded) {
      layout.guards.push_back({cursor, kGuardBytes});
      cursor += kGuardBytes;
    }
    layout.offsets.push_back(cursor);
    // The band begins at the byte after the last element, so that writing one element too many is seen.
    const std::size_t end = cursor + bytes;
    cursor = round_up(guarded ? end + kGuardBytes : end, kAlignment);
    if (guarded) layout.guards.push_back({end, cursor - end});
  }
  layout.bytes = std::max(cursor, kAlignment);
  return layout;
}

Buffers::Buffers(Gpu& gpu, SupportKernels& support, const tuner::Job& job)
    : gpu_(gpu), support_(support), tensors_(job.tensors), seed_(job.seed), layout_(lay_out(job.tensors)) {}

DeviceResult<std::unique_ptr<Buffers>> Buffers::create(Gpu& gpu, SupportKernels& support, const tuner::Job& job) {
  std::unique_ptr<Buffers> buffers(new Buffers(gpu, support, job));
  FUSELINE_CHECK(buffers->allocate(job.timing.after == tuner::Predecessor::itself ? 1 : kPlaces));
  FUSELINE_CHECK(buffers->restore());
  return buffers;
}

DeviceResult<void> Buffers::allocate(int places) {
  std::size_t reference_bytes = 0;
  for (const tuner::Tensor& tensor : tensors_) {
    reference_offsets_.push_back(reference_bytes);
    if (tensor.role == tuner::TensorRole::output)
      reference_bytes += round_up(static_cast<std::size_t>(tensor.elements) * sizeof(double), kAlignment);
  }
  FUSELINE_TRY(free, gpu_.free_bytes());
  if (layout_.bytes + reference_bytes > free) {
    return tl::unexpected(DeviceError{
        CUDA_ERROR_OUT_OF_MEMORY,
        fmt::format("not enough GPU memory: the tensors and their fp64 reference need {:.1f} MiB, {:.1f} MiB are free",
                    mebibytes(layout_.bytes + reference_bytes), mebibytes(free)),
        {}});
  }
  const double room =
      std::max(0.0, static_cast<double>(free - reference_bytes) * kShareForSets / static_cast<double>(layout_.bytes));
  sets_ = std::max(1, static_cast<int>(std::min<double>(places, room)));
  FUSELINE_TRY(memory, DeviceMemory::allocate(gpu_.driver(), layout_.bytes * static_cast<std::size_t>(sets_)));
  FUSELINE_TRY(reference, DeviceMemory::allocate(gpu_.driver(), std::max(reference_bytes, kAlignment)));
  memory_ = std::move(memory);
  reference_ = std::move(reference);
  return {};
}

CUdeviceptr Buffers::tensor(std::size_t index, int set) const {
  return memory_.pointer() + layout_.bytes * static_cast<std::size_t>(set) + layout_.offsets[index];
}

std::vector<DeviceRange> Buffers::guards(int set) const {
  std::vector<DeviceRange> ranges;
  const CUdeviceptr base = memory_.pointer() + layout_.bytes * static_cast<std::size_t>(set);
  for (const SetLayout::Guard& guard : layout_.guards) ranges.push_back({base + guard.offset, guard.bytes});
  return ranges;
}

DeviceResult<void> Buffers::restore() {
  const Driver& driver = gpu_.driver();
  FUSELINE_CU(driver, cuMemsetD8Async(memory_.pointer(), kGuardPattern, layout_.bytes, gpu_.stream()));
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const tuner::Tensor& each = tensors_[i];
    if (each.role != tuner::TensorRole::input) continue;
    FUSELINE_CHECK(support_.fill(tensor(i, 0), each.dtype, static_cast<std::uint64_t>(each.elements), each.fill,
                                 fill_seed(seed_, each.name)));
  }
  FUSELINE_CHECK(poison(0));
  // The other sets are copies; what is there already doubles with each step.
  const auto sets = static_cast<std::size_t>(sets_);
  for (std::size_t done = 1; done < sets;) {
    const std::size_t count = std::min(done, sets - done);
    FUSELINE_CU(driver, cuMemcpyDtoDAsync(memory_.pointer() + done * layout_.bytes, memory_.pointer(),
                                          count * layout_.bytes, gpu_.stream()));
    done += count;
  }
  return {};
}

DeviceResult<void> Buffers::poison(int set) {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    if (tensors_[i].role != tuner::TensorRole::output) continue;
    FUSELINE_CU(gpu_.driver(),
                cuMemsetD8Async(tensor(i, set), kPoison, static_cast<std::size_t>(tensors_[i].bytes()), gpu_.stream()));
  }
  return {};
}

DeviceResult<void> Buffers::poison_reference() {
  FUSELINE_CU(gpu_.driver(), cuMemsetD8Async(reference_.pointer(), kPoison, reference_.bytes(), gpu_.stream()));
  return {};
}

DeviceResult<void> WorkspaceArena::place(const std::vector<tuner::ResolvedWorkspace>& workspaces, bool fresh) {
  pointers_.clear();
  guards_.clear();
  if (workspaces.empty()) return {};
  std::size_t total = kGuardBytes;
  for (const tuner::ResolvedWorkspace& each : workspaces)
    total += round_up(static_cast<std::size_t>(each.bytes) + kGuardBytes, kAlignment);
  if (total > memory_.bytes()) {
    memory_ = DeviceMemory();
    FUSELINE_TRY(grown, DeviceMemory::allocate(gpu_.driver(), total));
    memory_ = std::move(grown);
  }
  const Driver& driver = gpu_.driver();
  if (fresh) FUSELINE_CU(driver, cuMemsetD8Async(memory_.pointer(), kGuardPattern, total, gpu_.stream()));
  guards_.push_back({memory_.pointer(), kGuardBytes});
  std::size_t cursor = kGuardBytes;
  for (const tuner::ResolvedWorkspace& each : workspaces) {
    const auto bytes = static_cast<std::size_t>(each.bytes);
    const CUdeviceptr begin = memory_.pointer() + cursor;
    if (fresh && bytes > 0) FUSELINE_CU(driver, cuMemsetD8Async(begin, kPoison, bytes, gpu_.stream()));
    const std::size_t end = cursor + bytes;
    cursor = round_up(end + kGuardBytes, kAlignment);
    pointers_.push_back(begin);
    guards_.push_back({begin + bytes, cursor - end});
  }
  return {};
}

}  // namespace fuseline::profiler
