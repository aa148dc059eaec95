// Memory for a tensor with guard bands that the address sanitizer forbids kernels to touch.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace fuseline::host_cuda {

/// Starts 16 bytes past a multiple of 32, so that nothing is aligned to more than the 16 bytes that kernels may count
/// on.
class GuardedBuffer {
 public:
  /// Bytes of the bands. 16 more than a multiple of 32 before the tensor.
  static constexpr std::size_t kBefore = 1040;
  static constexpr std::size_t kAfter = 1024;

  /// All bytes 0xff: NaN in every floating-point format.
  explicit GuardedBuffer(std::size_t bytes);
  explicit GuardedBuffer(std::span<const std::byte> content);
  ~GuardedBuffer();
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;

  [[nodiscard]] std::byte* data() const { return start_; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return {start_, bytes_}; }
  /// Whether the bands hold what they held at first: code that the sanitizer does not see through may have written
  /// there.
  [[nodiscard]] bool guards_intact() const;

 private:
  struct Free {
    void operator()(void* memory) const;
  };
  std::size_t bytes_;
  std::unique_ptr<std::byte, Free> memory_;
  std::byte* start_;
};

}  // namespace fuseline::host_cuda
