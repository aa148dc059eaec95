// What a space is on a chip that is not there, as people and programs read it. No figure here is a time that a
// configuration took, and every form says so.
#pragma once

#include <cstddef>
#include <string>

#include "tuner/base/json.hpp"
#include "tuner/check/static_space.hpp"

namespace fuseline::tuner {

/// The first `count` of those that have an image, why the others have none or cannot run there, the floor, and what the
/// order is worth.
[[nodiscard]] std::string static_text(const StaticSpace& space, std::size_t count, bool colour);
/// Why nothing can run there, in one line: the reason that most have, and how many others there are.
[[nodiscard]] std::string nothing_runs_text(const StaticSpace& space);
/// One row a configuration, all of them, in order; as csv() in what a cell may hold. What is not known is empty.
[[nodiscard]] std::string static_csv(const StaticSpace& space);
/// "fuseline/static/1" (assets/schemas/static.schema.json), with every configuration.
[[nodiscard]] OrderedJson static_json(const StaticSpace& space);

}  // namespace fuseline::tuner
