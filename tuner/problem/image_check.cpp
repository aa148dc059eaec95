#include "tuner/problem/image_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/problem/loading.hpp"

namespace fuseline::tuner {
namespace {

std::string launch_path(const LaunchPlace& place, const std::string& member) {
  return fmt::format("/launches/{}/{}", place.index, member);
}

std::string architecture_text(const KernelImage& image) {
  return fmt::format("sm_{}{}", image.sm, image.specific ? "a" : "");
}

/// Why a device cannot run the image; empty where it can or where one of them is not known.
std::string misplaced(const KernelImage& image, KernelForm form, const DeviceLimits& device) {
  const int there = device.compute_major * 10 + device.compute_minor;
  if (image.sm == 0 || there == 0) return "";
  const std::string device_text = fmt::format("and the device is sm_{}", there);
  if (form == KernelForm::cubin && (image.sm / 10 != device.compute_major || image.sm > there))
    return fmt::format("is for {}, {}", architecture_text(image), device_text);
  if (form == KernelForm::ptx && (image.sm > there || (image.specific && image.sm != there)))
    return fmt::format("has the target {}, {}", architecture_text(image), device_text);
  return "";
}

}  // namespace

Result<const KernelEntry*> check_kernel(const KernelImage& image, const std::string& kernel,
                                        const std::vector<ArgumentKind>& kinds, const LaunchPlace& place) {
  const auto entry = std::find_if(image.entries.begin(), image.entries.end(),
                                  [&](const KernelEntry& candidate) { return candidate.name == kernel; });
  if (entry == image.entries.end()) {
    std::vector<std::string> known;
    for (const KernelEntry& candidate : image.entries) known.push_back(printable(candidate.name));
    return bad_input(
        place.file, launch_path(place, "kernel"),
        fmt::format("the image has no kernel \"{}\"{}", printable(kernel), known_names_hint(kernel, known)));
  }
  if (entry->parameter_bytes.size() != kinds.size()) {
    return bad_input(place.file, launch_path(place, "args"),
                     fmt::format("kernel \"{}\" takes {} arguments of {} bytes, and {} are given", printable(kernel),
                                 entry->parameter_bytes.size(), fmt::join(entry->parameter_bytes, ", "), kinds.size()));
  }
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (entry->parameter_bytes[i] == argument_bytes(kinds[i])) continue;
    return bad_input(
        place.file, launch_path(place, fmt::format("args/{}", i)),
        fmt::format("kernel \"{}\" takes {} bytes here, and {} {} has {}", printable(kernel), entry->parameter_bytes[i],
                    kinds[i] == ArgumentKind::buffer ? "a" : "an", to_string(kinds[i]), argument_bytes(kinds[i])));
  }
  return &*entry;
}

Result<void> check_image(const KernelImage& image, const ResolvedConfiguration& resolved, const DeviceLimits& device,
                         const std::string& file) {
  if (const std::string reason = misplaced(image, resolved.form, device); !reason.empty())
    return bad_input(file, "/source", fmt::format("\"{}\" {}", printable(resolved.source_name), reason));
  for (std::size_t i = 0; i < resolved.launches.size(); ++i) {
    const ResolvedLaunch& launch = resolved.launches[i];
    std::vector<ArgumentKind> kinds;
    for (const ResolvedArgument& argument : launch.args) kinds.push_back(argument.kind);
    FUSELINE_TRY(entry, check_kernel(image, launch.kernel, kinds, {file, i}));
    const std::int64_t most = device.shared_bytes_per_block;
    if (most == 0 || entry->static_shared_bytes <= most - launch.launch.shared_bytes) continue;
    return bad_input(
        file, launch_path({file, i}, "shared_bytes"),
        fmt::format("kernel \"{}\" has {} bytes of shared memory and is launched with {} more: over the {} of "
                    "a block on this device",
                    printable(launch.kernel), entry->static_shared_bytes, launch.launch.shared_bytes, most));
  }
  return {};
}

}  // namespace fuseline::tuner
