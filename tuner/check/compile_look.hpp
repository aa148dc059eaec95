// One configuration, compiled without a GPU: its figures, and what the compiler said.
#pragma once

#include <string>
#include <vector>

#include "tuner/check/compiler_messages.hpp"
#include "tuner/check/static_space.hpp"

namespace fuseline::tuner {

struct CompileLook {
  StaticEntry entry;         ///< Its state is failed where it does not compile.
  std::string architecture;  ///< "sm_89"
  std::string log;           ///< All that the compiler said; empty of a finished image, or where the worker tells none.
  std::vector<CompilerMessage> messages;
};

/// Errors: as look_at_configurations(). That it does not compile is none.
[[nodiscard]] Result<CompileLook> look_at_configuration(const StaticGround& ground, const Configuration& configuration);

/// The first configuration of a variant's staged space on the ground's chip, or, where `selection` narrows it, of what
/// that leaves. Errors: as variant_space(); there is none.
[[nodiscard]] Result<Configuration> first_configuration(const StaticGround& ground, const SpaceSelection& selection);

}  // namespace fuseline::tuner
