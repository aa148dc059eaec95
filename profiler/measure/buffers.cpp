#include "profiler/measure/buffers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tuner/problem/npy_values.hpp"

namespace fuseline::profiler {
namespace {

std::size_t round_up(std::size_t value, std::size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace

Buffers::Buffers(Gpu& gpu, SupportKernels& support, const tuner::Job& job)
    : gpu_(gpu),
      support_(support),
      tensors_(job.tensors),
      seed_(job.seed),
      after_(job.timing.after),
      layout_(lay_out(job.tensors)) {
  await_stored();
}

void Buffers::await_stored() {
  received_.assign(tensors_.size(), 0);
  awaited_ = 0;
  for (const tuner::Tensor& tensor : tensors_) awaited_ += tensor.stored ? tensor.elements : 0;
}

DeviceResult<std::unique_ptr<Buffers>> Buffers::create(Gpu& gpu, SupportKernels& support, const tuner::Job& job) {
  std::unique_ptr<Buffers> buffers(new Buffers(gpu, support, job));
  FUSELINE_CHECK(buffers->allocate(job.timing.after == tuner::Predecessor::itself ? 1 : kPlaces));
  if (buffers->complete()) FUSELINE_CHECK(buffers->restore());
  return buffers;
}

bool Buffers::fit(const tuner::Job& job) const {
  const auto alike = [](const tuner::Tensor& a, const tuner::Tensor& b) {
    return a.role == b.role && a.dtype == b.dtype && a.elements == b.elements && a.stored == b.stored;
  };
  return after_ == job.timing.after &&
         std::equal(tensors_.begin(), tensors_.end(), job.tensors.begin(), job.tensors.end(), alike);
}

DeviceResult<void> Buffers::draw(const tuner::Job& job) {
  tensors_ = job.tensors;
  seed_ = job.seed;
  await_stored();
  return complete() ? restore() : DeviceResult<void>();
}

DeviceResult<void> Buffers::allocate(int places) {
  tuner::SideLayout references = tuner::reference_layout(tensors_), values_beside = tuner::values_layout(tensors_);
  reference_offsets_ = std::move(references.offsets);
  value_offsets_ = std::move(values_beside.offsets);
  const std::size_t reference_bytes = references.bytes, value_bytes = values_beside.bytes;
  FUSELINE_TRY(free, gpu_.free_bytes());
  const tuner::MemoryQuestion question{tensors_, places, gpu_.info().limits.l2_bytes};
  // What flushes L2 is there already.
  const auto there = static_cast<std::int64_t>(free + DeviceMemory::allocated_bytes());
  if (!tuner::memory_within(question, there)) {
    return tl::unexpected(DeviceError{
        CUDA_ERROR_OUT_OF_MEMORY,
        fmt::format("not enough GPU memory: it needs at least {}; {:.1f} MiB are free",
                    tuner::memory_text(tuner::memory_least(question)), static_cast<double>(there) / (1 << 20)),
        {}});
  }
  sets_ = tuner::sets_that_fit(places, layout_.bytes, reference_bytes + value_bytes, free);
  FUSELINE_TRY(memory, DeviceMemory::allocate(gpu_.driver(), layout_.bytes * static_cast<std::size_t>(sets_)));
  FUSELINE_TRY(reference, DeviceMemory::allocate(gpu_.driver(), reference_bytes));
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
