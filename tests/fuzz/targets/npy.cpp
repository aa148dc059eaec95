// Files of arrays. Promises: a header that is taken says as many elements as the file has bytes for, and all of them
// can be converted, or are refused with a reason.
#include "tuner/problem/npy.hpp"

#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"
#include "tuner/problem/npy_values.hpp"

namespace fuseline::fuzz {

void npy(std::string_view input) {
  const auto header = tuner::parse_npy_header(input, input.size(), "x.npy");
  if (!header) return require_shown_safely(header.error());
  require(header->elements > 0, "an array of nothing");
  require(header->data_offset > 0 && header->data_offset + header->bytes() == static_cast<std::int64_t>(input.size()),
          "a header that does not go with its file");
  require_shown_safely(header->shape_text());
  const std::string_view data = input.substr(static_cast<std::size_t>(header->data_offset));
  for (const auto dtype : {tuner::Dtype::f32, tuner::Dtype::f16, tuner::Dtype::bf16, tuner::Dtype::f64,
                           tuner::Dtype::i32, tuner::Dtype::u8}) {
    const bool reference = dtype == tuner::Dtype::f64;
    if (!reference && !tuner::fills(header->type, dtype)) continue;
    const auto values = tuner::converted(data, header->type, dtype);
    if (!values) {
      require_shown_safely(values.error());
    } else {
      require(values->size() == static_cast<std::size_t>(header->elements * tuner::dtype_bytes(dtype)),
              "elements were lost");
    }
  }
}

}  // namespace fuseline::fuzz
