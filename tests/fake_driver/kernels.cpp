#include "tests/fake_driver/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tests/fake_driver/device.hpp"

namespace fake {
namespace {

template <class T>
T argument(void** arguments, int index) {
  T value;
  std::memcpy(&value, arguments[index], sizeof(T));
  return value;
}
template <class T>
T* pointer(void** arguments, int index) {
  return static_cast<T*>(bytes_at(argument<CUdeviceptr>(arguments, index)));
}

struct Comparison {
  double max_absolute, max_relative, worst_score, got, expected;
  std::int64_t worst_index;
  std::uint64_t mismatches, unwritten;
};

void compare(void** arguments, unsigned blocks) {
  const auto* got = pointer<float>(arguments, 0);
  const auto* reference = pointer<double>(arguments, 1);
  const auto count = argument<std::uint64_t>(arguments, 2);
  const auto absolute = argument<double>(arguments, 3);
  const auto relative = argument<double>(arguments, 4);
  auto* results = pointer<Comparison>(arguments, 5);
  for (unsigned i = 0; i < blocks; ++i) results[i] = {0, 0, 0, 0, 0, -1, 0, 0};
  Comparison& all = results[0];
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, got + i, 4);
    const double difference = std::fabs(static_cast<double>(got[i]) - reference[i]);
    const double score = bits == 0xffffffffU || !std::isfinite(difference)
                             ? 1e30
                             : difference / (absolute + relative * std::fabs(reference[i]));
    all.unwritten += bits == 0xffffffffU ? 1 : 0;
    all.mismatches += score > 1 ? 1 : 0;
    if (std::isfinite(difference)) all.max_absolute = std::max(all.max_absolute, difference);
    if (all.worst_index >= 0 && score <= all.worst_score) continue;
    all.worst_score = score;
    all.worst_index = static_cast<std::int64_t>(i);
    all.got = static_cast<double>(got[i]);
    all.expected = reference[i];
  }
}

void check_guards(void** arguments, unsigned blocks) {
  struct Range {
    const unsigned char* begin;
    std::uint64_t bytes;
  };
  const auto* ranges = pointer<Range>(arguments, 0);
  const auto pattern = static_cast<unsigned char>(argument<unsigned>(arguments, 1));
  for (unsigned i = 0; i < blocks; ++i) {
    for (std::uint64_t k = 0; k < ranges[i].bytes; ++k) {
      if (ranges[i].begin[k] != pattern) *pointer<std::uint64_t>(arguments, 2) = 1;
    }
  }
}

void checksum(void** arguments) {
  const auto* words = pointer<std::uint64_t>(arguments, 0);
  const auto pieces = argument<std::uint64_t>(arguments, 1);
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < 2 * pieces; ++i) sum += (words[i] ^ i) * 0x9e3779b97f4a7c15ULL;
  *pointer<std::uint64_t>(arguments, 2) += sum;
}

void count_unwritten(void** arguments) {
  const auto* values = pointer<std::uint64_t>(arguments, 0);
  const auto count = argument<std::uint64_t>(arguments, 1);
  *pointer<std::uint64_t>(arguments, 2) +=
      static_cast<std::uint64_t>(std::count(values, values + count, ~std::uint64_t{0}));
}

void largest(void** arguments) {
  const auto* values = pointer<double>(arguments, 0);
  const auto count = argument<std::uint64_t>(arguments, 1);
  auto& found = *pointer<double>(arguments, 2);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (std::isfinite(values[i])) found = std::max(found, std::abs(values[i]));
  }
}

void fill(void** arguments) {
  auto* out = pointer<float>(arguments, 0);
  const auto count = argument<std::uint64_t>(arguments, 1);
  for (std::uint64_t i = 0; i < count; ++i) out[i] = static_cast<float>(i % 1000) * 0.25F;
}

/// Stamps of SM 0, whose clock is 1,980 MHz, or 1,400 where it is throttled.
void read(void** arguments) {
  struct Stamp {
    std::uint64_t begin_cycles, begin_ns, end_cycles, end_ns;
  };
  static double cycles = 0;
  static double last_ms = 0;
  const double now_ms = state().clock_ms;
  cycles += (now_ms - last_ms) * 1000 * (throttled() ? 1400 : 1980);
  last_ms = now_ms;
  const auto now_ns = static_cast<std::uint64_t>(now_ms * 1e6);
  const auto now = static_cast<std::uint64_t>(cycles);
  if (auto* stamp = pointer<Stamp>(arguments, 4)) *stamp = {now, now_ns, now, now_ns};
}

/// True where the kernel is one of the worker's own.
bool run_own(const std::string& name, unsigned blocks, void** arguments) {
  if (name.rfind("fuseline_", 0) != 0) return false;
  spend(0.1 * drift());
  // A read of more than L2 pushes everything out of it, whoever it is that writes leaves lines.
  state().dirty = name != "fuseline_read" && (name != "fuseline_delay" || state().dirty);
  if (name == "fuseline_read") read(arguments);
  if (name == "fuseline_fill_f32") fill(arguments);
  if (name == "fuseline_compare_f32") compare(arguments, blocks);
  if (name == "fuseline_check_guards") check_guards(arguments, blocks);
  if (name == "fuseline_checksum") checksum(arguments);
  if (name == "fuseline_count_unwritten") count_unwritten(arguments);
  if (name == "fuseline_largest") largest(arguments);
  return true;
}

/// What goes wrong in the elements of `out`.
void spoil(const Function& function, std::uint64_t elements, float* x, float* out) {
  const std::string_view name = function.name;
  const bool again = function.launches > 1;
  if (name == "wrong" || (name == "later" && again)) out[7] += 1;
  if (name == "race" && again) out[7] = 12345;
  if (name == "outside" || name == "past_the_end") out[elements] = 0;
  if (name == "inputs" || name == "overwrites_input") x[3] += 1;
  if (name == "not_a_number") std::fill(out, out + elements, std::nanf(""));
}

/// Whether typed() was given what its callers say they give: -7, 2^40, 3 * 10^9, 2^62, 0.5 and 0.25.
bool typed_well(void** arguments) {
  return argument<std::int32_t>(arguments, 2) == -7 && argument<std::int64_t>(arguments, 3) == std::int64_t{1} << 40 &&
         argument<std::uint32_t>(arguments, 4) == 3'000'000'000U &&
         argument<std::uint64_t>(arguments, 5) == std::uint64_t{1} << 62 && argument<float>(arguments, 6) == 0.5F &&
         argument<double>(arguments, 7) == 0.25;
}

double milliseconds_of(const std::string& name) {
  if (name == "slow") return 5;
  if (name == "writes_nothing") return 0.01;
  if (name == "near") return 0.502;
  if (name == "far") return 0.51;
  if (name == "behind") return 0.55;
  return name == "brief" ? 0.1 : 0.5;
}

/// What circumstances make of the time of a launch.
double factor_for(const std::string& name) {
  double factor = throttled() ? 1.3 : 1.0;
  if (is_set("predecessors") && state().dirty) factor *= 1.03;
  if (is_set("predecessors") && state().last_tested != name) factor *= 1.03;
  return factor * drift();
}

/// Kernels that are right only where they are given or launched what they need.
void spoil_where_misused(const Function& function, bool cooperative, void** arguments, float* out) {
  if (function.name == "together" && !cooperative) out[7] += 1;
  if (function.name == "typed" && !typed_well(arguments)) out[7] += 1;
  if (function.name != "adds" && function.name != "strict") return;
  auto* scratch = pointer<float>(arguments, 2);
  if (scratch[0] != 0 && function.name == "strict") state().sticky = CUDA_ERROR_ILLEGAL_ADDRESS;
  if (scratch[0] != 0) out[7] += 1;
  scratch[0] += 1;
}

void run_tested(Function& function, std::uint64_t elements, bool cooperative, void** arguments) {
  auto* x = pointer<float>(arguments, 0);
  ++state().tested;
  spend(milliseconds_of(function.name) * factor_for(function.name));
  state().dirty = true;
  state().last_tested = function.name;
  ++function.launches;
  for (const Fault& fault : kFaults) {
    if (function.name == fault.kernel) state().sticky = fault.code;
  }
  if (function.name == "hang" || function.name == "endless_loop") state().hanging = true;
  if (state().sticky != CUDA_SUCCESS || state().hanging) return;
  if (function.name == "writes_nothing" || (function.name == "stale" && function.launches > 1)) return;
  if (function.name == "reference") {
    auto* out = pointer<double>(arguments, 1);
    for (std::uint64_t i = 0; i < elements; ++i) out[i] = 2.0 * static_cast<double>(x[i]);
    return;
  }
  auto* out = pointer<float>(arguments, 1);
  for (std::uint64_t i = 0; i < elements; ++i) out[i] = 2 * x[i];
  spoil(function, elements, x, out);
  spoil_where_misused(function, cooperative, arguments, out);
}

}  // namespace

State& state() {
  static State the_state;
  return the_state;
}

double drift() {
  static constexpr double drift_over_ms = 60;
  return is_set("drift") ? 1 + 0.03 * std::min(1.0, state().clock_ms / drift_over_ms) : 1;
}

void spend(double milliseconds) { state().clock_ms += milliseconds / device().speed; }

bool is_set(std::string_view word) {
  const char* chosen = std::getenv("FUSELINE_FAKE_CUDA");
  if (chosen == nullptr) return false;
  const std::string all = "," + std::string(chosen) + ",";
  return all.find("," + std::string(word) + ",") != std::string::npos;
}

bool accounts_memory() { return std::getenv("FUSELINE_FAKE_MEMORY") != nullptr; }

std::size_t memory_bytes() {
  const char* const text = std::getenv("FUSELINE_FAKE_MEMORY");
  return text == nullptr ? std::size_t{1} << 30 : std::strtoull(text, nullptr, 10);
}

void note_memory(CUdeviceptr memory, std::size_t bytes) {
  state().allocated += bytes;
  state().pieces[memory] = bytes;
}

void forget_memory(CUdeviceptr memory) {
  const auto found = state().pieces.find(memory);
  if (found == state().pieces.end()) return;
  state().allocated -= found->second;
  state().pieces.erase(found);
}

bool throttled() {
  static constexpr int first = 3, last = 17;
  return is_set("always_throttled") || (is_set("throttle") && state().tested >= first && state().tested <= last);
}

void* bytes_at(CUdeviceptr address) {
  return reinterpret_cast<void*>(address);  // NOLINT(performance-no-int-to-ptr): CUDA has integers for device addresses
}

std::vector<std::size_t> parameter_bytes(const std::string& kernel) {
  if (kernel == "typed") return {8, 8, 4, 8, 4, 8, 4, 8};
  if (kernel == "sized") return {8, 8, 4};
  if (kernel == "numbered") return {8, 8, 4, 8};
  if (kernel == "adds" || kernel == "strict" || kernel == "reversed" || kernel == "out_of_memory") return {8, 8, 8};
  return {8, 8};
}

void launch(Function& function, unsigned blocks, unsigned threads, bool cooperative, void** arguments) {
  if (!run_own(function.name, blocks, arguments))
    run_tested(function, std::uint64_t{blocks} * threads, cooperative, arguments);
}

}  // namespace fake
