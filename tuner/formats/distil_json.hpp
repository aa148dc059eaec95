// The few configurations that serve many shapes, "fuseline/distil/1" (assets/schemas/distil.schema.json).
#pragma once

#include "tuner/base/json.hpp"
#include "tuner/run/distil.hpp"

namespace fuseline::tuner {

[[nodiscard]] OrderedJson distil_json(const Distillation& distillation);

}  // namespace fuseline::tuner
