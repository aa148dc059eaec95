// The few configurations that serve many shapes, as people read them.
#pragma once

#include <string>

#include "tuner/run/distil.hpp"

namespace fuseline::tuner {

/// A section a group: what each shape takes and loses, then the configurations and in how many shapes each was
/// measured, how the set was found, and how well fewer would do.
[[nodiscard]] std::string distil_text(const Distillation& distillation, bool colour);

}  // namespace fuseline::tuner
