// Runs from T4 files by other tools, with what T4 carries.
#pragma once

#include "tuner/formats/t4_file.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// See run_from_t4.
[[nodiscard]] Result<Run> run_from_foreign_t4(const T4File& file);

/// Member "configuration" of a result; `ours`: the variant is among its values.
[[nodiscard]] Result<Configuration> read_t4_configuration(const JsonView& result, bool ours);

}  // namespace fuseline::tuner
