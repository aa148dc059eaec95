// Finalists and a copy timed once a round, in turns, so that drift hits all of them alike.
#pragma once

#include <functional>
#include <vector>

#include "profiler/measure/job_context.hpp"
#include "tuner/worker/spans.hpp"

namespace fuseline::profiler {

struct Contender {
  std::uint64_t id = 0;
  LoadedConfiguration configuration;
};

/// Who hears of finals as they are run.
struct FinalsListener {
  std::function<void(const tuner::Reply&)> send;  ///< Gets a Started reply before each contender is verified.
  tuner::SpanRecorder& spans;
};

/// Every contender is verified first; one that is wrong or cannot be launched is left out. rounds_ms[i][k] is the time
/// of contender k of `ids` in round i. Waits.
///
/// In a round every contender and the copy take one turn each, in an order drawn anew for each round. A turn is the
/// contender itself, untimed, then the job's lead-in, then the launch that is timed: what the contender before it left
/// is gone. All turns of a round are on one set of buffers, those of the next round on the next one.
[[nodiscard]] DeviceResult<tuner::FinalsReply> run_finals(const DeviceTools& tools, JobContext& context,
                                                          std::vector<Contender> contenders,
                                                          const tuner::FinalsRequest& request,
                                                          const FinalsListener& listener);

}  // namespace fuseline::profiler
