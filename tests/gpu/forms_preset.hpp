// A problem folder in which the same kernel comes in every form, and kernels that need more than pointers: made with
// the NVRTC at hand, since PTX and cubins are of a device.
#pragma once

#include <filesystem>
#include <string>

#include "tuner/base/error.hpp"

namespace fuseline::gpu {

/// PTX of a CUDA text for an architecture ("sm_90"). Error: no NVRTC, or its log.
[[nodiscard]] tuner::Result<std::string> ptx_of(const std::string& source, const std::string& architecture);
[[nodiscard]] tuner::Result<std::string> cubin_of(const std::string& source, const std::string& architecture);

/// Writes <folder>/doubled: out = 2 x. Variants text, ptx and cubin (a file a configuration) are one kernel; instance
/// is a template's, numbered takes an int and a long long, together is one grid that waits for itself, zeroed and
/// zeroed_timed need a workspace of zeros.
[[nodiscard]] tuner::Result<void> write_forms_preset(const std::filesystem::path& folder,
                                                     const std::string& architecture);

}  // namespace fuseline::gpu
