#include "tuner/check/compile_look.hpp"

#include <utility>

namespace fuseline::tuner {

Result<CompileLook> look_at_configuration(const StaticGround& ground, const Configuration& configuration) {
  CompileLook look;
  look.architecture = architecture_of(ground.chip.compute_major * 10 + ground.chip.compute_minor);
  StaticGround listening = ground;
  if (ground.build) {
    // The configuration's image is asked for last; what comes before it is a probe of the compiler.
    listening.build = [&](std::size_t count, const std::function<BuildRequest(std::size_t)>& request,
                          const std::function<void(const BuildReply&)>& take) {
      return ground.build(count, request, [&](const BuildReply& reply) {
        look.log = reply.log.empty() ? reply.reason : reply.log;
        take(reply);
      });
    };
  }
  FUSELINE_TRY(found, look_at_configurations(listening, {configuration}));
  look.entry = std::move(found.entries.front());
  look.messages = compiler_messages(look.log);
  return look;
}

Result<Configuration> first_configuration(const StaticGround& ground, const SpaceSelection& selection) {
  FUSELINE_TRY(space, variant_space(*ground.entry, *ground.instance, ground.chip, selection));
  if (space->size() == 0) return bad_input("the space that is set up has no configuration");
  return space->configuration(0);
}

}  // namespace fuseline::tuner
