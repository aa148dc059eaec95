// Elements of .npy files as elements of tensors.
#pragma once

#include <string>
#include <string_view>

#include "tuner/base/error.hpp"
#include "tuner/base/types.hpp"
#include "tuner/problem/npy.hpp"

namespace fuseline::tuner {

/// Whether a tensor of `dtype` is filled from elements of `type`: numbers with a fraction from such, whole ones from
/// whole ones.
[[nodiscard]] bool fills(NpyType type, Dtype dtype);
/// Whether elements of `type` serve as the reference of an output of `dtype`: as above, and no narrower than it.
[[nodiscard]] bool refers_to(NpyType type, Dtype dtype);

/// The values as elements of `dtype`, rounded to nearest, ties to even; what is too large becomes an infinity. `bytes`
/// holds whole elements. Error (without file and path): a whole number that `dtype` does not hold, by its place.
[[nodiscard]] Result<std::string> converted(std::string_view bytes, NpyType type, Dtype dtype);

}  // namespace fuseline::tuner
