// The command that does a sweep again, as a shell takes it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// "fuseline sweep ..." without what are defaults anyway.
[[nodiscard]] std::string sweep_command(const SweepRequest& request,
                                        const std::vector<std::filesystem::path>& preset_paths = {});
/// The same of one configuration of a run.
[[nodiscard]] std::string configuration_command(const RunInfo& info, const Configuration& configuration,
                                                const std::vector<std::filesystem::path>& preset_paths = {});

}  // namespace fuseline::tuner
