#include "profiler/measure/buffers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tuner/problem/npy_values.hpp"

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
    : gpu_(gpu),
      support_(support),
      tensors_(job.tensors),
      seed_(job.seed),
      layout_(lay_out(job.tensors)),
      received_(job.tensors.size(), 0) {
  for (const tuner::Tensor& tensor : tensors_) awaited_ += tensor.stored ? tensor.elements : 0;
}

DeviceResult<std::unique_ptr<Buffers>> Buffers::create(Gpu& gpu, SupportKernels& support, const tuner::Job& job) {
  std::unique_ptr<Buffers> buffers(new Buffers(gpu, support, job));
  FUSELINE_CHECK(buffers->allocate(job.timing.after == tuner::Predecessor::itself ? 1 : kPlaces));
  if (buffers->complete()) FUSELINE_CHECK(buffers->restore());
  return buffers;
}

DeviceResult<void> Buffers::allocate(int places) {
  std::size_t reference_bytes = 0;
  std::size_t value_bytes = 0;
  for (const tuner::Tensor& tensor : tensors_) {
    reference_offsets_.push_back(reference_bytes);
    value_offsets_.push_back(value_bytes);
    if (tensor.role == tuner::TensorRole::input && tensor.stored)
      value_bytes += round_up(static_cast<std::size_t>(tensor.bytes()), kAlignment);
    if (tensor.role == tuner::TensorRole::output)
      reference_bytes += round_up(static_cast<std::size_t>(tensor.elements) * sizeof(double), kAlignment);
  }
  FUSELINE_TRY(free, gpu_.free_bytes());
  const std::size_t beside = reference_bytes + value_bytes;
  if (layout_.bytes + beside > free) {
    return tl::unexpected(DeviceError{
        CUDA_ERROR_OUT_OF_MEMORY,
        fmt::format("not enough GPU memory: the tensors and their fp64 reference need {:.1f} MiB, {:.1f} MiB are free",
                    mebibytes(layout_.bytes + beside), mebibytes(free)),
        {}});
  }
  const double room =
      std::max(0.0, static_cast<double>(free - beside) * kShareForSets / static_cast<double>(layout_.bytes));
  sets_ = std::max(1, static_cast<int>(std::min<double>(places, room)));
  FUSELINE_TRY(memory, DeviceMemory::allocate(gpu_.driver(), layout_.bytes * static_cast<std::size_t>(sets_)));
  FUSELINE_TRY(reference, DeviceMemory::allocate(gpu_.driver(), std::max(reference_bytes, kAlignment)));
  memory_ = std::move(memory);
  reference_ = std::move(reference);
  if (value_bytes == 0) return {};
  FUSELINE_TRY(values, DeviceMemory::allocate(gpu_.driver(), value_bytes));
  values_ = std::move(values);
  return {};
}

CUdeviceptr Buffers::stored(std::size_t index) const {
  const bool input = tensors_[index].role == tuner::TensorRole::input;
  return input ? values_.pointer() + value_offsets_[index] : reference(index);
}

DeviceResult<void> Buffers::receive(const tuner::DataRequest& data) {
  const auto found = std::find_if(tensors_.begin(), tensors_.end(),
                                  [&](const tuner::Tensor& tensor) { return tensor.name == data.tensor; });
  if (found == tensors_.end() || !found->stored) return device_failure("there is no such tensor to be sent");
  const auto index = static_cast<std::size_t>(found - tensors_.begin());
  const std::int64_t width = tuner::npy_type_bytes(*found->stored);
  const auto bytes = static_cast<std::int64_t>(data.bytes.size());
  const std::int64_t elements = bytes / width;
  if (data.offset != received_[index] * width || bytes % width != 0 || elements > found->elements - received_[index])
    return device_failure(fmt::format("a piece of tensor {} is not the next one", found->name));
  const tuner::Dtype as = found->role == tuner::TensorRole::input ? found->dtype : tuner::Dtype::f64;
  const auto values = tuner::converted(data.bytes, *found->stored, as);
  if (!values) {
    return device_failure(
        fmt::format("tensor {}, from element {}: {}", found->name, received_[index], values.error().reason));
  }
  const CUdeviceptr to = stored(index) + static_cast<std::size_t>(received_[index] * tuner::dtype_bytes(as));
  if (!values->empty())
    FUSELINE_CU(gpu_.driver(), cuMemcpyHtoDAsync(to, values->data(), values->size(), gpu_.stream()));
  FUSELINE_CHECK(gpu_.synchronize());  // The copy may still read `values`.
  received_[index] += elements;
  awaited_ -= elements;
  return complete() ? restore() : DeviceResult<void>();
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
    if (tensors_[i].role == tuner::TensorRole::input) FUSELINE_CHECK(fill_input(i));
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

DeviceResult<void> Buffers::fill_input(std::size_t index) {
  const tuner::Tensor& each = tensors_[index];
  if (!each.stored) {
    return support_.fill(tensor(index, 0), each.dtype, static_cast<std::uint64_t>(each.elements), each.fill,
                         fill_seed(seed_, each.name));
  }
  FUSELINE_CU(gpu_.driver(), cuMemcpyDtoDAsync(tensor(index, 0), stored(index), static_cast<std::size_t>(each.bytes()),
                                               gpu_.stream()));
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
