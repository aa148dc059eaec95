#include "profiler/measure/finals.hpp"

#include <algorithm>

namespace fuseline::profiler {
namespace {

/// Leaves out what does not give the right result; their estimates of one launch come back.
DeviceResult<std::vector<double>> keep_correct(JobContext& context, std::vector<Contender>& contenders,
                                               const std::function<void(const tuner::Reply&)>& send) {
  std::vector<Contender> kept;
  std::vector<double> estimates_ms;
  for (Contender& contender : contenders) {
    send(tuner::StartedReply{contender.id, "finals"});
    double launch_ms = 0;
    const auto check = context.verifier->verify(contender.configuration, launch_ms);
    if (!check && check.error().context_lost()) return tl::unexpected(check.error());
    if (check && check->correct()) {
      estimates_ms.push_back(launch_ms);
      kept.push_back(std::move(contender));
    } else {
      FUSELINE_CHECK(context.verifier->restore());
    }
  }
  contenders = std::move(kept);
  return estimates_ms;
}

/// One round on the stream; events from kFirstTimerEvent on, two a launch, the copy last.
DeviceResult<void> enqueue_round(Gpu& gpu, JobContext& context, const std::vector<Contender>& contenders,
                                 std::vector<CUevent>& events) {
  for (std::size_t k = 0; k <= contenders.size(); ++k) {
    const bool copy = k == contenders.size();
    if (!copy) {
      FUSELINE_CHECK(context.launcher->prepare(contenders[k].configuration, false));
      FUSELINE_CHECK(context.launcher->ready(contenders[k].configuration));
    }
    const int set = copy ? 0 : context.timer->next_set();
    FUSELINE_CHECK(gpu.record(events[2 * k]));
    FUSELINE_CHECK(copy ? context.copy->enqueue() : context.launcher->run(contenders[k].configuration, set));
    FUSELINE_CHECK(gpu.record(events[2 * k + 1]));
  }
  // Where the sets divide the contenders, each would meet the same set in every round.
  if (context.buffers->sets() > 1 && contenders.size() % static_cast<std::size_t>(context.buffers->sets()) == 0) {
    static_cast<void>(context.timer->next_set());
  }
  return {};
}

}  // namespace

DeviceResult<tuner::FinalsReply> run_finals(Gpu& gpu, SupportKernels& support, JobContext& context,
                                            std::vector<Contender> contenders, int rounds,
                                            const std::function<void(const tuner::Reply&)>& send) {
  tuner::FinalsReply reply;
  FUSELINE_TRY(estimates_ms, keep_correct(context, contenders, send));
  for (const Contender& contender : contenders) reply.ids.push_back(contender.id);
  if (contenders.empty()) return reply;
  std::vector<CUevent> events;
  for (std::size_t i = 0; i < 2 * (contenders.size() + 1); ++i) {
    FUSELINE_TRY(event, gpu.events().get(kFirstTimerEvent + i));
    events.push_back(event);
  }
  const double least_ms = *std::min_element(estimates_ms.begin(), estimates_ms.end());
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t delay = batch_delay_ns(contenders.size() + 1, least_ms);
    if (delay > 0) FUSELINE_CHECK(support.delay(delay));
    FUSELINE_CHECK(enqueue_round(gpu, context, contenders, events));
    FUSELINE_CHECK(gpu.wait(events.back()));
    std::vector<double> times_ms;
    for (std::size_t k = 0; k < contenders.size(); ++k) {
      FUSELINE_TRY(milliseconds, gpu.elapsed_ms(events[2 * k], events[2 * k + 1]));
      times_ms.push_back(milliseconds);
    }
    FUSELINE_TRY(copy_ms, gpu.elapsed_ms(events[events.size() - 2], events.back()));
    reply.rounds_ms.push_back(std::move(times_ms));
    reply.copy_gbps.push_back(context.copy->gbps(copy_ms));
  }
  return reply;
}

}  // namespace fuseline::profiler
