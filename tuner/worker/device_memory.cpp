#include "tuner/worker/device_memory.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fuseline::tuner {
namespace {

/// Of the free memory, at most this much goes into further sets: the copy's buffers and workspaces need some too.
constexpr double kShareForSets = 0.6;
constexpr std::size_t kLeastCopy = std::size_t{256} << 20, kMostCopy = std::size_t{2} << 30;
constexpr std::size_t kSmallestCopy = std::size_t{1} << 20;
constexpr std::size_t kSinkBytes = 256;  ///< Behind what is read to flush L2.
constexpr std::int64_t kLeastL2 = 1 << 20;

std::size_t round_up(std::size_t value, std::size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

std::size_t bytes_of(const Tensor& tensor) { return static_cast<std::size_t>(tensor.bytes()); }

std::int64_t all_bytes(const std::vector<Tensor>& tensors) {
  std::int64_t bytes = 0;
  for (const Tensor& tensor : tensors) bytes += tensor.bytes();
  return bytes;
}

std::int64_t tool_bytes(const MemoryQuestion& question) {
  const auto outputs =
      static_cast<std::size_t>(std::count_if(question.tensors.begin(), question.tensors.end(),
                                             [](const Tensor& tensor) { return tensor.role == TensorRole::output; }));
  const std::size_t compared = kCompareFlagBytes + outputs * kMostCompareBlocks * kComparisonBytes;
  return static_cast<std::int64_t>(flush_bytes(question.l2_bytes) + kFlushSlots * kStampBytes + compared +
                                   kMostRanges * kRangeBytes);
}

/// All but the sets' number and the copy.
DeviceMemoryNeeds fixed_needs(const MemoryQuestion& question) {
  DeviceMemoryNeeds needs;
  needs.set = static_cast<std::int64_t>(lay_out(question.tensors).bytes);
  needs.reference = static_cast<std::int64_t>(reference_layout(question.tensors).bytes);
  needs.values = static_cast<std::int64_t>(values_layout(question.tensors).bytes);
  needs.tools = tool_bytes(question);
  return needs;
}

std::size_t copy_wanted(std::int64_t tensor_bytes) {
  return std::clamp(static_cast<std::size_t>(tensor_bytes) / 2, kLeastCopy, kMostCopy) / kAlignment * kAlignment;
}

double gibibytes(std::int64_t bytes) { return static_cast<double>(bytes) / (1 << 30); }

}  // namespace

SetLayout lay_out(const std::vector<Tensor>& tensors) {
  SetLayout layout;
  std::size_t cursor = 0;
  for (const Tensor& tensor : tensors) {
    const bool guarded = tensor.role == TensorRole::output;
    if (guarded) {
      layout.guards.push_back({cursor, kGuardBytes});
      cursor += kGuardBytes;
    }
    layout.offsets.push_back(cursor);
    // The band begins at the byte after the last element, so that writing one element too many is seen.
    const std::size_t end = cursor + bytes_of(tensor);
    cursor = round_up(guarded ? end + kGuardBytes : end, kAlignment);
    if (guarded) layout.guards.push_back({end, cursor - end});
  }
  layout.bytes = std::max(cursor, kAlignment);
  return layout;
}

SideLayout reference_layout(const std::vector<Tensor>& tensors) {
  SideLayout layout;
  for (const Tensor& tensor : tensors) {
    layout.offsets.push_back(layout.bytes);
    if (tensor.role == TensorRole::output)
      layout.bytes += round_up(static_cast<std::size_t>(tensor.elements) * sizeof(double), kAlignment);
  }
  layout.bytes = std::max(layout.bytes, kAlignment);
  return layout;
}

SideLayout values_layout(const std::vector<Tensor>& tensors) {
  SideLayout layout;
  for (const Tensor& tensor : tensors) {
    layout.offsets.push_back(layout.bytes);
    if (tensor.role == TensorRole::input && tensor.stored) layout.bytes += round_up(bytes_of(tensor), kAlignment);
  }
  return layout;
}

int sets_that_fit(int wanted, std::size_t set_bytes, std::size_t beside, std::size_t free) {
  if (free <= beside) return 1;
  const double room = static_cast<double>(free - beside) * kShareForSets / static_cast<double>(set_bytes);
  return std::max(1, static_cast<int>(std::min<double>(wanted, room)));
}

std::size_t copy_bytes_that_fit(std::int64_t tensor_bytes, std::size_t free) {
  std::size_t bytes = copy_wanted(tensor_bytes);
  while (bytes > kSmallestCopy && 2 * bytes > free / 10 * 7) bytes /= 2;
  return bytes;
}

std::size_t flush_bytes(std::int64_t l2_bytes) {
  return static_cast<std::size_t>(std::max(l2_bytes, kLeastL2)) * 3 / 2 / kSinkBytes * kSinkBytes + kSinkBytes;
}

DeviceMemoryNeeds memory_wanted(const MemoryQuestion& question) {
  DeviceMemoryNeeds needs = fixed_needs(question);
  needs.sets = question.places;
  needs.copy = 2 * static_cast<std::int64_t>(copy_wanted(all_bytes(question.tensors)));
  return needs;
}

DeviceMemoryNeeds memory_least(const MemoryQuestion& question) {
  DeviceMemoryNeeds needs = fixed_needs(question);
  // It is halved until it is at most this.
  std::size_t copy = copy_wanted(all_bytes(question.tensors));
  while (copy > kSmallestCopy) copy /= 2;
  needs.copy = 2 * static_cast<std::int64_t>(copy);
  return needs;
}

std::optional<DeviceMemoryNeeds> memory_within(const MemoryQuestion& question, std::int64_t free) {
  if (memory_least(question).total() > free) return std::nullopt;
  DeviceMemoryNeeds needs = fixed_needs(question);
  // In the order in which a worker allocates: what measures, sets and reference, the copy.
  const auto flush = static_cast<std::int64_t>(flush_bytes(question.l2_bytes) + kFlushSlots * kStampBytes);
  needs.sets =
      sets_that_fit(question.places, static_cast<std::size_t>(needs.set),
                    static_cast<std::size_t>(needs.reference + needs.values), static_cast<std::size_t>(free - flush));
  const std::int64_t left = free - needs.total();
  needs.copy = 2 * static_cast<std::int64_t>(copy_bytes_that_fit(
                       all_bytes(question.tensors), static_cast<std::size_t>(std::max<std::int64_t>(left, 0))));
  return needs;
}

std::string memory_text(const DeviceMemoryNeeds& needs) {
  const std::string sets = needs.sets > 1 ? fmt::format(" in {} sets", needs.sets) : "";
  return fmt::format("{:.1f} GiB: {:.1f} of tensors{}, {:.1f} of the fp64 reference, {:.1f} to measure with",
                     gibibytes(needs.total()), gibibytes(needs.set * needs.sets + needs.values), sets,
                     gibibytes(needs.reference), gibibytes(needs.copy + needs.tools));
}

}  // namespace fuseline::tuner
