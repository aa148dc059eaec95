// SASS of a kernel as text, by nvdisasm, which belongs to the toolkit. Needs no GPU.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "tuner/base/error.hpp"

namespace fuseline::profiler {

struct Disassembly {
  std::string program;                        ///< "nvdisasm 13.0.85"
  std::map<std::uint32_t, std::string> text;  ///< By offset: "@P0 LDG.E.128 R4, desc[UR4][R2.64]".
};

/// Runs nvdisasm ($FUSELINE_NVDISASM names another one; nothing else is tried then) on a cubin, as a child, which is
/// killed after `deadline_s`. `kernel` is its symbol. Error: there is none, with what to install; it failed; it took
/// too long; it wrote nothing of the kernel.
[[nodiscard]] tuner::Result<Disassembly> disassemble(const std::string& cubin, const std::string& kernel,
                                                     double deadline_s);

/// The instructions of one kernel in what `nvdisasm -c` prints.
[[nodiscard]] std::map<std::uint32_t, std::string> parse_disassembly(std::string_view listing,
                                                                     const std::string& kernel);

}  // namespace fuseline::profiler
