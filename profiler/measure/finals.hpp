// Finalists timed once a round, one after the other, with a copy at the end of each round, so that drift hits all of
// them alike.
#pragma once

#include <functional>
#include <vector>

#include "profiler/measure/job_context.hpp"

namespace fuseline::profiler {

struct Contender {
  std::uint64_t id = 0;
  LoadedConfiguration configuration;
};

/// Every contender is verified first; one that is wrong or cannot be launched is left out. rounds_ms[i][k] is the time
/// of contender k of `ids` in round i. `send` gets a Started reply before each is verified. Waits.
[[nodiscard]] DeviceResult<tuner::FinalsReply> run_finals(Gpu& gpu, SupportKernels& support, JobContext& context,
                                                          std::vector<Contender> contenders, int rounds,
                                                          const std::function<void(const tuner::Reply&)>& send);

}  // namespace fuseline::profiler
