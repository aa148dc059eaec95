// SHA-256 (FIPS 180-4): whether an image is the one that was written, and names of what is kept on disk.
#pragma once

#include <cstddef>
#include <string>

namespace fuseline_package {
namespace detail {

/// Lower-case hexadecimal.
std::string sha256_hex(const void* data, std::size_t bytes);

}  // namespace detail
}  // namespace fuseline_package
