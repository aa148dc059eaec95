// A cubin (after a zero) or PTX. Promises: what is read has kernels with names and with sizes that a device can have.
#include "tuner/problem/kernel_image.hpp"

#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"
#include "tuner/problem/image_check.hpp"

namespace fuseline::fuzz {

void kernel_image(std::string_view input) {
  if (input.empty()) return;
  const bool cubin = input.front() == '\0';
  input.remove_prefix(1);
  const auto image = cubin ? tuner::read_cubin(input, "image") : tuner::read_ptx(input, "image");
  if (!image) return require_shown_safely(image.error());
  require(!image->entries.empty(), "an image without kernels");
  for (const tuner::KernelEntry& entry : image->entries) {
    require(!entry.name.empty(), "a kernel without a name");
    require(entry.static_shared_bytes >= 0 && entry.static_shared_bytes <= std::int64_t{1} << 41,
            "shared memory out of bounds");
    for (const std::int64_t bytes : entry.parameter_bytes) require(bytes >= 0, "a parameter of less than nothing");
  }
  const auto unknown = tuner::check_kernel(*image, "no such kernel", {}, {"manifest", 0});
  require(!unknown.has_value(), "a kernel that is not there");
  require_shown_safely(unknown.error());
}

}  // namespace fuseline::fuzz
