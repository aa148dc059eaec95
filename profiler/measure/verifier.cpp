#include "profiler/measure/verifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "tuner/worker/device_memory.hpp"

namespace fuseline::profiler {
namespace {

//// First in the results: what guard check, checksum and count of unwritten elements add up in.
struct Flags {
  std::uint64_t damaged = 0, input_sum = 0, unwritten = 0, unused = 0;
};
static_assert(sizeof(BlockComparison) == 64 && sizeof(DeviceRange) == 16, "layouts shared with measure/support.cu");
static_assert(sizeof(Flags) == tuner::kCompareFlagBytes && sizeof(BlockComparison) == tuner::kComparisonBytes &&
                  sizeof(DeviceRange) == tuner::kRangeBytes &&
                  SupportKernels::kMaximumCompareBlocks == tuner::kMostCompareBlocks,
              "what is worked out ahead is what is allocated");
constexpr std::size_t kMaximumRanges = tuner::kMostRanges;
// Events of the verifier; the timer's begin after them.
constexpr std::size_t kBegin = 0, kLaunch = 1, kLaunched = 2, kEnd = 3;

std::size_t result_bytes(std::size_t outputs) {
  return sizeof(Flags) + outputs * SupportKernels::kMaximumCompareBlocks * sizeof(BlockComparison);
}

}  // namespace

std::string CheckResult::reason() const {
  if (verification.guard_overwritten) return "writes outside its outputs (a guard band was overwritten)";
  if (inputs_changed) return "overwrites its inputs";
  if (verification.mismatches == 0) return {};
  std::string text = fmt::format("{} of {} elements wrong", verification.mismatches, elements);
  if (unwritten > 0) text += fmt::format(" ({} not written)", unwritten);
  return text + fmt::format("; worst at {}[{}]: got {:.9g}, expected {:.9g}", verification.worst_tensor,
                            verification.worst_index, verification.got, verification.expected);
}

void join_blocks(CheckResult& check, const BlockComparison* blocks, std::size_t count, const std::string& tensor) {
  tuner::Verification& all = check.verification;
  double worst_score = -1;
  const BlockComparison* worst = nullptr;
  std::uint64_t mismatches = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const BlockComparison& each = blocks[i];
    if (each.worst_index < 0) continue;
    all.max_absolute_error = std::max(all.max_absolute_error, each.max_absolute);
    all.max_relative_error = std::max(all.max_relative_error, each.max_relative);
    all.tolerance_share = std::max(all.tolerance_share.value_or(0), each.worst_score);
    mismatches += each.mismatches;
    check.unwritten += each.unwritten;
    if (each.worst_score > worst_score ||
        (each.worst_score == worst_score && worst != nullptr && each.worst_index < worst->worst_index)) {
      worst_score = each.worst_score;
      worst = &each;
    }
  }
  // A tensor with mismatches is shown before one without; among equals the first one stays.
  const bool take = worst != nullptr && (all.worst_index < 0 || (mismatches > 0 && all.mismatches == 0));
  all.mismatches += static_cast<std::int64_t>(mismatches);
  if (!take) return;
  all.worst_tensor = tensor;
  all.worst_index = worst->worst_index;
  all.got = worst->got;
  all.expected = worst->expected;
}

DeviceResult<std::unique_ptr<Verifier>> Verifier::create(Gpu& gpu, SupportKernels& support, Buffers& buffers,
                                                         Launcher& launcher, const LoadedConfiguration* reference,
                                                         const tuner::Tolerance& tolerance) {
  std::unique_ptr<Verifier> verifier(new Verifier(gpu, support, buffers, launcher));
  FUSELINE_CHECK(verifier->allocate());
  if (reference != nullptr) FUSELINE_CHECK(verifier->compute_reference(*reference));
  FUSELINE_CHECK(verifier->look_at_first(reference != nullptr));
  FUSELINE_CHECK(verifier->look_at_largest(tolerance));
  return verifier;
}

DeviceResult<void> Verifier::allocate() {
  for (std::size_t i = 0; i < buffers_.tensors().size(); ++i) {
    if (buffers_.tensors()[i].role == tuner::TensorRole::output) outputs_.push_back(i);
  }
  FUSELINE_TRY(results, DeviceMemory::allocate(gpu_.driver(), result_bytes(outputs_.size())));
  FUSELINE_TRY(host, PinnedMemory::allocate(gpu_.driver(), result_bytes(outputs_.size())));
  FUSELINE_TRY(ranges, DeviceMemory::allocate(gpu_.driver(), kMaximumRanges * sizeof(DeviceRange)));
  FUSELINE_TRY(host_ranges, PinnedMemory::allocate(gpu_.driver(), kMaximumRanges * sizeof(DeviceRange)));
  results_ = std::move(results);
  host_ = std::move(host);
  ranges_ = std::move(ranges);
  host_ranges_ = std::move(host_ranges);
  return {};
}

DeviceResult<void> Verifier::compute_reference(const LoadedConfiguration& reference) {
  FUSELINE_CHECK(launcher_.prepare(reference, true));
  FUSELINE_CHECK(buffers_.poison_reference());
  FUSELINE_CHECK(launcher_.run_reference(reference));
  return gpu_.synchronize();  // A fault of the reference is told apart from one of our own kernels.
}

DeviceResult<void> Verifier::look_at_first(bool computed) {
  const Driver& driver = gpu_.driver();
  FUSELINE_CU(driver, cuMemsetD8Async(results_.pointer(), 0, sizeof(Flags), gpu_.stream()));
  FUSELINE_CHECK(enqueue_checksum(0));
  for (const std::size_t output : outputs_) {
    if (!computed) break;  // What was sent may have any bits.
    FUSELINE_CHECK(support_.count_unwritten(buffers_.reference(output),
                                            static_cast<std::uint64_t>(buffers_.tensors()[output].elements),
                                            results_.pointer() + offsetof(Flags, unwritten)));
  }
  FUSELINE_CU(driver, cuMemcpyDtoHAsync(host_.pointer(), results_.pointer(), sizeof(Flags), gpu_.stream()));
  FUSELINE_CHECK(gpu_.synchronize());
  Flags flags;
  std::memcpy(&flags, host_.pointer(), sizeof(flags));
  if (flags.unwritten > 0)
    return device_failure(fmt::format("the reference leaves {} elements of its outputs unwritten", flags.unwritten));
  input_sum_ = flags.input_sum;
  return {};
}

DeviceResult<void> Verifier::look_at_largest(const tuner::Tolerance& tolerance) {
  const Driver& driver = gpu_.driver();
  for (const std::size_t output : outputs_) {
    const tuner::Tensor& tensor = buffers_.tensors()[output];
    double largest = 0;
    if (tensor.absolute_of_largest > 0) {
      FUSELINE_CU(driver, cuMemsetD8Async(results_.pointer(), 0, sizeof(largest), gpu_.stream()));
      FUSELINE_CHECK(support_.largest(buffers_.reference(output), static_cast<std::uint64_t>(tensor.elements),
                                      results_.pointer()));
      FUSELINE_CU(driver, cuMemcpyDtoHAsync(host_.pointer(), results_.pointer(), sizeof(largest), gpu_.stream()));
      FUSELINE_CHECK(gpu_.synchronize());
      std::memcpy(&largest, host_.pointer(), sizeof(largest));
    }
    tolerances_.push_back(tolerance.with_share_of(tensor.absolute_of_largest, largest));
  }
  return {};
}

DeviceResult<void> Verifier::enqueue_checksum(int set) {
  for (std::size_t i = 0; i < buffers_.tensors().size(); ++i) {
    const tuner::Tensor& tensor = buffers_.tensors()[i];
    if (tensor.role != tuner::TensorRole::input) continue;
    // Up to the next sixteen bytes: what lies between tensors has a known pattern.
    const std::uint64_t bytes = (static_cast<std::uint64_t>(tensor.bytes()) + 15) / 16 * 16;
    FUSELINE_CHECK(support_.checksum(buffers_.tensor(i, set), bytes, results_.pointer() + offsetof(Flags, input_sum)));
  }
  return {};
}

DeviceResult<void> Verifier::upload_guards(int set) {
  std::vector<DeviceRange> ranges = buffers_.guards(set);
  ranges.insert(ranges.end(), launcher_.workspace_guards().begin(), launcher_.workspace_guards().end());
  if (ranges.size() > kMaximumRanges) return device_failure("more outputs and workspaces than the guard check takes");
  range_count_ = static_cast<unsigned>(ranges.size());
  if (ranges.empty()) return {};
  std::memcpy(host_ranges_.pointer(), ranges.data(), ranges.size() * sizeof(DeviceRange));
  FUSELINE_CU(gpu_.driver(), cuMemcpyHtoDAsync(ranges_.pointer(), host_ranges_.pointer(),
                                               ranges.size() * sizeof(DeviceRange), gpu_.stream()));
  return {};
}

DeviceResult<void> Verifier::enqueue_checks(int set, bool inputs) {
  const Driver& driver = gpu_.driver();
  FUSELINE_CU(driver, cuMemsetD8Async(results_.pointer(), 0, sizeof(Flags), gpu_.stream()));
  FUSELINE_CHECK(upload_guards(set));
  for (std::size_t k = 0; k < outputs_.size(); ++k) {
    const tuner::Tensor& tensor = buffers_.tensors()[outputs_[k]];
    FUSELINE_CHECK(support_.compare(buffers_.tensor(outputs_[k], set), tensor.dtype, buffers_.reference(outputs_[k]),
                                    static_cast<std::uint64_t>(tensor.elements), tolerances_[k],
                                    results_.pointer() + result_bytes(k)));
  }
  FUSELINE_CHECK(support_.check_guards(ranges_.pointer(), range_count_, kGuardPattern,
                                       results_.pointer() + offsetof(Flags, damaged)));
  if (inputs) FUSELINE_CHECK(enqueue_checksum(set));
  FUSELINE_CU(driver, cuMemcpyDtoHAsync(host_.pointer(), results_.pointer(), results_.bytes(), gpu_.stream()));
  return {};
}

CheckResult Verifier::collect(bool inputs) const {
  CheckResult check;
  Flags flags;
  std::memcpy(&flags, host_.pointer(), sizeof(flags));
  const char* bytes = static_cast<const char*>(host_.pointer());
  std::vector<BlockComparison> blocks(support_.compare_blocks());
  for (std::size_t k = 0; k < outputs_.size(); ++k) {
    const tuner::Tensor& tensor = buffers_.tensors()[outputs_[k]];
    std::memcpy(blocks.data(), bytes + result_bytes(k), blocks.size() * sizeof(BlockComparison));
    join_blocks(check, blocks.data(), blocks.size(), tensor.name);
    check.elements += static_cast<std::uint64_t>(tensor.elements);
  }
  check.verification.guard_overwritten = flags.damaged != 0;
  check.inputs_changed = inputs && flags.input_sum != input_sum_;
  return check;
}

DeviceResult<CheckResult> Verifier::verify(const LoadedConfiguration& configuration, double& launch_ms) {
  FUSELINE_TRY(begin, gpu_.events().get(kBegin));
  FUSELINE_TRY(launch, gpu_.events().get(kLaunch));
  FUSELINE_TRY(launched, gpu_.events().get(kLaunched));
  FUSELINE_TRY(end, gpu_.events().get(kEnd));
  FUSELINE_CHECK(gpu_.record(begin));
  FUSELINE_CHECK(launcher_.prepare(configuration, true));
  FUSELINE_CHECK(buffers_.poison(0));
  FUSELINE_CHECK(launcher_.ready(configuration));
  FUSELINE_CHECK(gpu_.record(launch));
  FUSELINE_CHECK(launcher_.run(configuration, 0));
  FUSELINE_CHECK(gpu_.record(launched));
  FUSELINE_CHECK(enqueue_checks(0, true));
  FUSELINE_CHECK(gpu_.record(end));
  FUSELINE_CHECK(gpu_.wait(end));
  CheckResult result = collect(true);
  FUSELINE_TRY(gpu_ms, gpu_.elapsed_ms(begin, end));
  FUSELINE_TRY(alone_ms, gpu_.elapsed_ms(launch, launched));
  result.gpu_ms = gpu_ms;
  launch_ms = alone_ms;
  return result;
}

DeviceResult<CheckResult> Verifier::check(int set) {
  FUSELINE_TRY(begin, gpu_.events().get(kBegin));
  FUSELINE_TRY(end, gpu_.events().get(kEnd));
  FUSELINE_CHECK(gpu_.record(begin));
  FUSELINE_CHECK(enqueue_checks(set, false));
  FUSELINE_CHECK(gpu_.record(end));
  FUSELINE_CHECK(gpu_.wait(end));
  CheckResult result = collect(false);
  FUSELINE_TRY(gpu_ms, gpu_.elapsed_ms(begin, end));
  result.gpu_ms = gpu_ms;
  return result;
}

}  // namespace fuseline::profiler
