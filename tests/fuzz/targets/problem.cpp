// Promises: a problem that is read can be worked out for every shape and dtype it offers, with sizes that are positive
// and bounded.
#include "tuner/problem/problem.hpp"

#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"
#include "tuner/problem/tensor_files.hpp"
#include "tuner/problem/variant.hpp"

namespace fuseline::fuzz {

void problem(std::string_view input) {
  static const auto source = place("reference.cu", "// nothing\n");
  static_cast<void>(source);
  const auto read = tuner::load_problem(place("problem.json", input));
  if (!read) return require_shown_safely(read.error());
  for (const auto& shape : read->shapes) {
    for (const auto dtype : read->dtypes) {
      const auto instance = tuner::instantiate(*read, shape.name, {}, dtype);
      require(instance.has_value(), "an offered shape that cannot be had", shape.name);
      require(instance->compulsory_bytes > 0 && instance->flops >= 0, "sizes out of bounds", shape.name);
      for (const auto& tensor : instance->tensors)
        require(tensor.elements > 0 && tensor.bytes() > 0, "a tensor's size out of bounds", tensor.name);
      static_cast<void>(tuner::instance_defines(*instance));
      if (const auto files = tuner::tensor_files(*instance); !files) require_shown_safely(files.error());
      if (const auto reference = tuner::resolve_reference(*instance, {}); !reference)
        require_shown_safely(reference.error());
    }
  }
  for (const std::string* text : {&read->title, &read->formula, &read->description, &read->source})
    require_shown_safely(*text);
}

}  // namespace fuseline::fuzz
