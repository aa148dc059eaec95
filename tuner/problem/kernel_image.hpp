// Reads what a PTX text or a cubin says of its kernels, without a GPU and without CUDA's headers. Both readers hold for
// files that mean harm: every read is within bounds, and what makes no sense is an error.
//
// PTX: "Parallel Thread Execution ISA", sections on .version, .target, .entry, .param and .shared. Cubin: ELF-64 of
// machine 190; names and numbers of attributes in .nv.info are as `cuobjdump -elf` shows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// One kernel of an image.
struct KernelEntry {
  std::string name;
  std::vector<std::int64_t> parameter_bytes;  ///< One size a parameter, in order.
  std::int64_t static_shared_bytes = 0;       ///< Of a block; in PTX what of the module it names counts too.
  int registers = -1;                         ///< A thread; -1: the image does not say.
  std::int64_t local_bytes = -1;              ///< Of a thread's stack; -1: the image does not say.
};

struct KernelImage {
  int sm = 0;             ///< Such as 90: the architecture of a cubin, the .target of PTX.
  bool specific = false;  ///< The target runs on that architecture only (sm_90a); of PTX only.
  std::vector<KernelEntry> entries;
};

inline constexpr std::size_t kMaximumTextBytes = std::size_t{4} << 20;    ///< Of a CUDA or PTX file.
inline constexpr std::size_t kMaximumCubinBytes = std::size_t{16} << 20;  ///< Of a cubin.

/// `file` is for messages. Errors: no .target, no .entry, or a declaration that cannot be read, with its line.
[[nodiscard]] Result<KernelImage> read_ptx(std::string_view text, const std::string& file);
/// `file` is for messages. Errors: no such ELF, a section beyond the end, no kernel.
[[nodiscard]] Result<KernelImage> read_cubin(std::string_view bytes, const std::string& file);
/// The machine code of one kernel of a cubin. Errors: as read_cubin(), and no such kernel.
[[nodiscard]] Result<std::string> read_code(std::string_view bytes, const std::string& kernel, const std::string& file);

}  // namespace fuseline::tuner
