// Whether launches fit the image that they name kernels of.
#pragma once

#include <string>
#include <vector>

#include "tuner/device/device.hpp"
#include "tuner/problem/kernel_image.hpp"
#include "tuner/problem/resolved.hpp"

namespace fuseline::tuner {

/// Where a launch stands, for errors.
struct LaunchPlace {
  std::string file;  ///< The manifest.
  std::size_t index = 0;
};

/// The kernel of that name, which takes arguments of these kinds. Errors: there is none (with close names), or it takes
/// another number of arguments or other sizes.
[[nodiscard]] Result<const KernelEntry*> check_kernel(const KernelImage& image, const std::string& kernel,
                                                      const std::vector<ArgumentKind>& kinds, const LaunchPlace& place);

/// Holds a configuration's launches against its image and a device; a limit that is not known (0) bounds nothing.
/// `file` is the manifest.
[[nodiscard]] Result<void> check_image(const KernelImage& image, const ResolvedConfiguration& resolved,
                                       const DeviceLimits& device, const std::string& file);

}  // namespace fuseline::tuner
