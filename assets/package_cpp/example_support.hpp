// What example.cpp needs beside the package: memory, numbers and times by the driver's own interface, without CUDA's
// headers. Nothing here is needed to call the package.
#pragma once

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "fuseline_package.hpp"

namespace example {

using fuseline_package::Chosen;
using fuseline_package::Origin;
using fuseline_package::Status;
using fuseline_package::Stream;
using fuseline_package::Workspace;
using Address = std::uint64_t;
using Event = void*;

enum class Element { f32, f16, bf16, f64, whole };

struct Tensor {
  const char* name;
  bool written;
  std::size_t elements;
  Element element;
  std::size_t element_bytes;
};

/// The median of the sweep on a device.
struct Measured {
  const char* device;
  double ms;
};

/// One operation at a shape that was tuned.
struct Case {
  std::string name;  ///< With dtype and sizes.
  std::vector<Tensor> tensors;
  std::vector<Measured> measured;
  std::function<Status(Chosen*)> prepare;
  std::function<Status(void* const* tensors, Workspace workspace, Stream stream)> run;
};

/// Reads memory and writes nothing: what it leaves in L2 is full, clean, and of no use to the next launch.
constexpr const char* kReadPtx = R"(.version 6.4
.target sm_75
.address_size 64

.visible .entry fuseline_example_read(
  .param .u64 data,
  .param .u64 pieces,
  .param .u64 sum
)
{
  .reg .pred %p<3>;
  .reg .b32 %r<10>;
  .reg .b64 %rd<10>;
  ld.param.u64 %rd1, [data];
  ld.param.u64 %rd2, [pieces];
  ld.param.u64 %rd3, [sum];
  cvta.to.global.u64 %rd8, %rd1;
  cvta.to.global.u64 %rd9, %rd3;
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %ntid.x;
  mov.u32 %r3, %tid.x;
  mov.u32 %r4, %nctaid.x;
  mul.wide.u32 %rd4, %r1, %r2;
  cvt.u64.u32 %rd5, %r3;
  add.s64 %rd4, %rd4, %rd5;
  mul.wide.u32 %rd6, %r4, %r2;
  mov.u32 %r5, 0;
NEXT:
  setp.ge.u64 %p1, %rd4, %rd2;
  @%p1 bra DONE;
  shl.b64 %rd7, %rd4, 4;
  add.s64 %rd7, %rd8, %rd7;
  ld.global.v4.u32 {%r6, %r7, %r8, %r9}, [%rd7];
  xor.b32 %r5, %r5, %r6;
  xor.b32 %r5, %r5, %r7;
  xor.b32 %r5, %r5, %r8;
  xor.b32 %r5, %r5, %r9;
  add.s64 %rd4, %rd4, %rd6;
  bra NEXT;
DONE:
  setp.ne.u32 %p2, %r5, 1;
  @%p2 bra END;
  st.global.u32 [%rd9], %r5;
END:
  ret;
}
)";

/// The driver's functions that are used here. A call that fails says so and ends the program.
class Driver {
 public:
  int (*init)(unsigned) = nullptr;
  int (*get_error_string)(int, const char**) = nullptr;
  int (*device_get_count)(int*) = nullptr;
  int (*device_get_name)(char*, int, int) = nullptr;
  int (*device_get_attribute)(int*, int, int) = nullptr;
  int (*primary_context_retain)(void**, int) = nullptr;
  int (*set_current)(void*) = nullptr;
  int (*alloc)(Address*, std::size_t) = nullptr;
  int (*release)(Address) = nullptr;
  int (*upload)(Address, const void*, std::size_t, Stream) = nullptr;
  int (*download)(void*, Address, std::size_t, Stream) = nullptr;
  int (*copy)(Address, Address, std::size_t, Stream) = nullptr;
  int (*fill)(Address, unsigned char, std::size_t, Stream) = nullptr;
  int (*stream_create)(Stream*, unsigned) = nullptr;
  int (*synchronize)(Stream) = nullptr;
  int (*event_create)(Event*, unsigned) = nullptr;
  int (*event_record)(Event, Stream) = nullptr;
  int (*elapsed)(float*, Event, Event) = nullptr;
  int (*module_load)(void**, const void*, unsigned, int*, void**) = nullptr;
  int (*module_get_function)(void**, void*, const char*) = nullptr;
  int (*launch)(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Stream, void**,
                void**) = nullptr;

  /// False where there is no driver, with a line that says so.
  bool open() {
    const char* const chosen = std::getenv("FUSELINE_LIBCUDA");
    library_ = dlopen(chosen != nullptr ? chosen : "libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) {
      std::printf("no NVIDIA driver: %s\n", dlerror());
      return false;
    }
    find(init, "cuInit");
    find(get_error_string, "cuGetErrorString");
    find(device_get_count, "cuDeviceGetCount");
    find(device_get_name, "cuDeviceGetName");
    find(device_get_attribute, "cuDeviceGetAttribute");
    find(primary_context_retain, "cuDevicePrimaryCtxRetain");
    find(set_current, "cuCtxSetCurrent");
    find(alloc, "cuMemAlloc_v2");
    find(release, "cuMemFree_v2");
    find(upload, "cuMemcpyHtoDAsync_v2");
    find(download, "cuMemcpyDtoHAsync_v2");
    find(copy, "cuMemcpyDtoDAsync_v2");
    find(fill, "cuMemsetD8Async");
    find(stream_create, "cuStreamCreate");
    find(synchronize, "cuStreamSynchronize");
    find(event_create, "cuEventCreate");
    find(event_record, "cuEventRecord");
    // The second one came with CUDA 12.8.
    find(elapsed, dlsym(library_, "cuEventElapsedTime_v2") != nullptr ? "cuEventElapsedTime_v2" : "cuEventElapsedTime");
    find(module_load, "cuModuleLoadDataEx");
    find(module_get_function, "cuModuleGetFunction");
    find(launch, "cuLaunchKernel");
    return true;
  }

  void check(int code, const char* what) const {
    if (code == 0) return;
    const char* text = nullptr;
    get_error_string(code, &text);
    std::fprintf(stderr, "%s: %s (%d)\n", what, text != nullptr ? text : "unknown", code);
    std::exit(1);
  }

 private:
  template <typename Pointer>
  void find(Pointer& pointer, const char* name) {
    void* const found = dlsym(library_, name);
    if (found == nullptr) {
      std::fprintf(stderr, "the driver has no %s\n", name);
      std::exit(1);
    }
    std::memcpy(&pointer, &found, sizeof pointer);
  }

  void* library_ = nullptr;
};

/// Bytes of `value` as an element.
inline void put(unsigned char* to, Element element, float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  if (element == Element::f32) std::memcpy(to, &bits, sizeof bits);
  const auto wide = static_cast<double>(value);
  if (element == Element::f64) std::memcpy(to, &wide, sizeof wide);
  auto half = static_cast<std::uint16_t>(bits >> 16);  // bf16, cut off.
  if (element == Element::f16) {
    const std::uint32_t exponent = (bits >> 23) & 0xff;
    const std::uint32_t sign = (bits >> 16) & 0x8000;
    // Of what is less than the least normal number nothing is left.
    half = static_cast<std::uint16_t>(exponent < 113 ? sign : sign | ((exponent - 112) << 10) | ((bits >> 13) & 0x3ff));
  }
  if (element == Element::f16 || element == Element::bf16) std::memcpy(to, &half, sizeof half);
}

/// Whether all elements are finite; whole numbers always are.
inline bool all_finite(const std::vector<unsigned char>& bytes, Element element) {
  const std::size_t width = element == Element::f32 ? 4 : element == Element::f64 ? 8 : 2;
  if (element == Element::whole) return true;
  // The highest 16 bits have sign, exponent and the start of the fraction.
  const std::uint16_t exponent = element == Element::f16 ? 0x7c00 : element == Element::f64 ? 0x7ff0 : 0x7f80;
  for (std::size_t at = 0; at + width <= bytes.size(); at += width) {
    std::uint16_t high = 0;
    std::memcpy(&high, &bytes[at + width - 2], sizeof high);
    if ((high & exponent) == exponent) return false;
  }
  return true;
}

/// A GPU with what running and timing cases on it needs.
class Gpu {
 public:
  /// False where there is none.
  bool open() {
    if (!driver_.open()) return false;
    int count = 0;
    if (driver_.init(0) != 0 || driver_.device_get_count(&count) != 0 || count == 0) {
      std::printf("no NVIDIA GPU\n");
      return false;
    }
    void* context = nullptr;
    driver_.check(driver_.primary_context_retain(&context, 0), "cuDevicePrimaryCtxRetain");
    driver_.check(driver_.set_current(context), "cuCtxSetCurrent");
    driver_.check(driver_.device_get_name(name_, sizeof name_ - 1, 0), "cuDeviceGetName");
    driver_.check(driver_.stream_create(&stream_, 1), "cuStreamCreate");
    load_read();
    return true;
  }

  [[nodiscard]] const char* name() const { return name_; }

  /// Runs a case, looks at what it wrote, times it and prints one line. False where something is wrong, or where
  /// `percent` is not negative and the time is further than that from the one measured on this device.
  bool show(const Case& each, double percent) {
    Chosen chosen;
    const Status loaded = each.prepare(&chosen);
    if (!loaded) return said(each, loaded.message);
    std::vector<Address> sets;
    Address scratch = 0;
    if (chosen.workspace_bytes > 0) driver_.check(driver_.alloc(&scratch, chosen.workspace_bytes), "cuMemAlloc");
    for (int i = 0; i < kSets; ++i) {
      if (!add_set(each, sets) && i == 0) return said(each, "there is not memory enough");
    }
    const Workspace workspace = {reinterpret_cast<void*>(scratch), chosen.workspace_bytes};
    const Status done = each.run(pointers(each, sets[0]).data(), workspace, stream_);
    driver_.check(driver_.synchronize(stream_), each.name.c_str());
    bool good = done.ok() || said(each, done.message);
    good = good && (finite(each, sets[0]) || said(each, "its outputs are not finite"));
    if (good) good = report(each, chosen, median_ms(each, sets, workspace), percent);
    for (const Address set : sets) driver_.check(driver_.release(set), "cuMemFree");
    if (scratch != 0) driver_.check(driver_.release(scratch), "cuMemFree");
    return good;
  }

 private:
  static constexpr double kRest = 1;  ///< Of the time that it works.
  static constexpr int kSets = 3;
  static constexpr std::size_t kAlignment = 512;
  static constexpr std::size_t kChunk = std::size_t{8} << 20;  // Bytes that are made on the host, or looked at there.
  static constexpr int kBatch = 10;                            // Launches between two waits.
  static constexpr int kSkipped = 2;                           // Of a batch: the first follow an idle device.

  static bool said(const Case& each, const char* message) {
    std::printf("%s: %s\n", each.name.c_str(), message);
    return false;
  }

  int attribute(int number) const {
    int value = 0;
    driver_.check(driver_.device_get_attribute(&value, number, 0), "cuDeviceGetAttribute");
    return value;
  }

  /// 1.5 times L2, and the kernel that reads it.
  void load_read() {
    const auto l2 = static_cast<std::size_t>(attribute(38));
    read_bytes_ = (l2 + l2 / 2 + 15) / 16 * 16;
    driver_.check(driver_.alloc(&read_, read_bytes_ + 16), "cuMemAlloc");
    driver_.check(driver_.fill(read_, 0, read_bytes_ + 16, stream_), "cuMemsetD8Async");
    void* module = nullptr;
    driver_.check(driver_.module_load(&module, kReadPtx, 0, nullptr, nullptr), "the PTX of the example");
    driver_.check(driver_.module_get_function(&read_kernel_, module, "fuseline_example_read"), "its kernel");
    read_blocks_ = static_cast<unsigned>(8 * attribute(16));
  }

  void read_over() {
    Address data = read_;
    std::uint64_t pieces = read_bytes_ / 16;
    Address sum = read_ + read_bytes_;
    void* arguments[] = {&data, &pieces, &sum};
    driver_.check(driver_.launch(read_kernel_, read_blocks_, 1, 1, 256, 1, 1, 0, stream_, arguments, nullptr),
                  "the read before a launch");
  }

  static std::size_t bytes_of(const Tensor& tensor) { return tensor.elements * tensor.element_bytes; }

  static std::size_t place_after(std::size_t at, const Tensor& tensor) {
    return at + (bytes_of(tensor) + kAlignment - 1) / kAlignment * kAlignment;
  }

  static std::vector<void*> pointers(const Case& each, Address set) {
    std::vector<void*> found;
    std::size_t at = 0;
    for (const Tensor& tensor : each.tensors) {
      found.push_back(reinterpret_cast<void*>(set + at));
      at = place_after(at, tensor);
    }
    return found;
  }

  /// All tensors of a case in one allocation. False where there is no memory.
  bool add_set(const Case& each, std::vector<Address>& sets) {
    std::size_t bytes = 0;
    for (const Tensor& tensor : each.tensors) bytes = place_after(bytes, tensor);
    Address set = 0;
    if (driver_.alloc(&set, bytes) != 0) return false;
    sets.push_back(set);
    std::size_t at = 0;
    for (const Tensor& tensor : each.tensors) {
      fill(set + at, tensor);
      at = place_after(at, tensor);
    }
    return true;
  }

  /// Normal numbers in what is read, none at all in what is written.
  void fill(Address to, const Tensor& tensor) {
    const std::size_t bytes = bytes_of(tensor);
    const unsigned char start = tensor.written && tensor.element != Element::whole ? 0xff : 0;
    if (tensor.written || tensor.element == Element::whole) {
      driver_.check(driver_.fill(to, start, bytes, stream_), "cuMemsetD8Async");
      driver_.check(driver_.synchronize(stream_), "cuStreamSynchronize");
      return;
    }
    std::vector<unsigned char> chunk(std::min(bytes, kChunk));
    for (std::size_t at = 0; at + tensor.element_bytes <= chunk.size(); at += tensor.element_bytes)
      put(&chunk[at], tensor.element, normal());
    driver_.check(driver_.upload(to, chunk.data(), chunk.size(), stream_), "cuMemcpyHtoDAsync");
    for (std::size_t done = chunk.size(); done < bytes;) {
      const std::size_t more = std::min(done, bytes - done);
      driver_.check(driver_.copy(to + done, to, more, stream_), "cuMemcpyDtoDAsync");
      done += more;
    }
    driver_.check(driver_.synchronize(stream_), "cuStreamSynchronize");
  }

  /// Nearly normal: twelve uniform numbers from a multiplicative congruence.
  float normal() {
    float sum = -6;
    for (int i = 0; i < 12; ++i) {
      state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
      sum += static_cast<float>(state_ >> 40) / 16777216.0F;
    }
    return sum;
  }

  /// Whether the first and the last elements of what was written are numbers.
  bool finite(const Case& each, Address set) {
    std::size_t at = 0;
    for (const Tensor& tensor : each.tensors) {
      const std::size_t bytes = bytes_of(tensor);
      const std::size_t seen = std::min(bytes, kChunk);
      for (const std::size_t from : {std::size_t{0}, bytes - seen}) {
        if (!tensor.written) continue;
        std::vector<unsigned char> shown(seen);
        driver_.check(driver_.download(shown.data(), set + at + from, seen, stream_), "cuMemcpyDtoHAsync");
        driver_.check(driver_.synchronize(stream_), "cuStreamSynchronize");
        if (!all_finite(shown, tensor.element)) return false;
      }
      at = place_after(at, tensor);
    }
    return true;
  }

  Event event(std::size_t number) {
    while (events_.size() <= number) {
      events_.push_back(nullptr);
      driver_.check(driver_.event_create(&events_.back(), 0), "cuEventCreate");
    }
    return events_[number];
  }

  /// As the sweep times: each launch follows the same operation on other buffers, and a read that leaves L2 full of
  /// clean lines of no use.
  double median_ms(const Case& each, const std::vector<Address>& sets, Workspace workspace) {
    std::vector<std::vector<void*>> tensors;
    for (const Address set : sets) tensors.push_back(pointers(each, set));
    std::vector<float> times;
    const auto begin = std::chrono::steady_clock::now();
    const auto seconds = [&] {
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    while (times.size() < 80 || (seconds() < 0.8 && times.size() < 400)) {
      const double start = seconds();
      for (std::size_t i = 0; i < kBatch; ++i) {
        read_over();
        driver_.check(driver_.event_record(event(2 * i), stream_), "cuEventRecord");
        const Status done = each.run(tensors[i % tensors.size()].data(), workspace, stream_);
        driver_.check(driver_.event_record(event(2 * i + 1), stream_), "cuEventRecord");
        if (!done) {
          std::fprintf(stderr, "%s\n", done.message);
          std::exit(1);
        }
      }
      driver_.check(driver_.synchronize(stream_), each.name.c_str());
      for (std::size_t i = kSkipped; i < kBatch; ++i) {
        float ms = 0;
        driver_.check(driver_.elapsed(&ms, event(2 * i), event(2 * i + 1)), "cuEventElapsedTime");
        times.push_back(ms);
      }
      // A GPU near its limit of power lowers its clock; the sweep idles ahead of that, and this rests.
      std::this_thread::sleep_for(std::chrono::duration<double>(kRest * (seconds() - start)));
    }
    times.erase(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 4));  // Clocks rose.
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
    return static_cast<double>(times[times.size() / 2]);
  }

  bool report(const Case& each, const Chosen& chosen, double ms, double percent) const {
    const char* const origins[] = {"shipped", "compiled", "cached"};
    std::printf("%s: %.4f ms", each.name.c_str(), ms);
    bool good = true;
    bool known = false;
    for (const Measured& measured : each.measured) {
      if (std::strcmp(measured.device, name_) != 0) continue;
      known = true;
      const double apart = 100 * (ms / measured.ms - 1);
      good = percent < 0 || std::fabs(apart) <= percent;
      std::printf(", in the sweep %.4f ms (%+.2f %%)%s", measured.ms, apart, good ? "" : " TOO FAR");
    }
    std::printf("%s; %s %s, %s\n", known ? "" : ", not measured on this GPU", chosen.variant, chosen.configuration,
                origins[static_cast<int>(chosen.origin)]);
    std::fflush(stdout);
    return good;
  }

  Driver driver_;
  char name_[256] = {};
  Stream stream_ = nullptr;
  std::vector<Event> events_;
  Address read_ = 0;
  std::size_t read_bytes_ = 0;
  unsigned read_blocks_ = 0;
  void* read_kernel_ = nullptr;
  std::uint64_t state_ = 1;
};

}  // namespace example
