#include "profiler/measure/finals.hpp"

#include <algorithm>
#include <numeric>
#include <random>
#include <span>

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

using Order = std::vector<std::size_t>;

/// Positions of the contenders and, as the last of them, of the copy. The same for the same seed and round.
Order draw_order(std::size_t contenders, std::uint64_t seed, int round) {
  Order order(contenders + 1);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937_64 random(seed * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(round));
  std::shuffle(order.begin(), order.end(), random);
  return order;
}

/// Turns that are taken at once. A round of fifty keeps an H200 busy for 50 ms, in which its SM clock falls by 1 to 2 %
/// near the power limit; then all of it would be taken again, which heats. A few turns are over before that, and only
/// they are taken again.
constexpr std::size_t kTurnsAtOnce = 8;

/// Of one round: who has these turns of it, and where.
struct Turns {
  std::span<const std::size_t> order;
  int place = 0;
};

/// The turns on the stream; events[2 k] and the next one round the launch of contender k, or of the copy; the last
/// event after all.
DeviceResult<void> enqueue_turns(const DeviceTools& tools, JobContext& context,
                                 const std::vector<Contender>& contenders, const Turns& turns,
                                 const std::vector<CUevent>& events) {
  FUSELINE_CHECK(context.copy->enqueue());  // Something to do for a device that has idled.
  for (std::size_t turn = 0; turn < turns.order.size(); ++turn) {
    const std::size_t k = turns.order[turn];
    const bool copy = k == contenders.size();
    if (copy) {
      FUSELINE_CHECK(context.copy->enqueue());
      FUSELINE_CHECK(tools.flush.enqueue(turn));
    } else {
      FUSELINE_CHECK(context.launcher->prepare(contenders[k].configuration, false));
      FUSELINE_CHECK(context.lead_in->enqueue(contenders[k].configuration, turns.place, 1, turn));
    }
    FUSELINE_CHECK(tools.gpu.record(events[2 * k]));
    FUSELINE_CHECK(copy ? context.copy->enqueue() : context.launcher->run(contenders[k].configuration, turns.place));
    FUSELINE_CHECK(tools.gpu.record(events[2 * k + 1]));
  }
  FUSELINE_CHECK(context.lead_in->close(turns.order.size()));
  return tools.gpu.record(events.back());
}

/// A whole round, a few turns at a time. Adds to `clocks`.
DeviceResult<void> take_round(const DeviceTools& tools, JobContext& context, const std::vector<Contender>& contenders,
                              const Turns& round, double least_ms, const std::vector<CUevent>& events,
                              std::optional<tuner::Clocks>& clocks) {
  for (std::size_t first = 0; first < round.order.size(); first += kTurnsAtOnce) {
    const Turns turns{round.order.subspan(first, std::min(kTurnsAtOnce, round.order.size() - first)), round.place};
    const std::size_t count = turns.order.size();
    const auto once = [&]() -> DeviceResult<void> {
      const std::uint64_t delay = batch_delay_ns(3 * count, least_ms);
      if (delay > 0) FUSELINE_CHECK(tools.support.delay(delay));
      FUSELINE_CHECK(enqueue_turns(tools, context, contenders, turns, events));
      tools.clocks.look();
      FUSELINE_CHECK(tools.gpu.wait(events.back()));
      tools.clocks.measured(context.lead_in->sm_mhz(count));
      return {};
    };
    FUSELINE_CHECK(tools.clocks.unthrottled(count, clocks, once));
  }
  return {};
}

}  // namespace

DeviceResult<tuner::FinalsReply> run_finals(const DeviceTools& tools, JobContext& context,
                                            std::vector<Contender> contenders, const tuner::FinalsRequest& request,
                                            const FinalsListener& listener) {
  Gpu& gpu = tools.gpu;
  tuner::FinalsReply reply;
  tuner::SpanScope verifying(&listener.spans, kDeviceThread, "verify finalists");
  FUSELINE_TRY(estimates_ms, keep_correct(context, contenders, listener.send));
  verifying.end();
  for (const Contender& contender : contenders) reply.ids.push_back(contender.id);
  if (contenders.empty()) return reply;
  std::vector<CUevent> events;
  for (std::size_t i = 0; i < 2 * (contenders.size() + 1) + 1; ++i) {
    FUSELINE_TRY(event, gpu.events().get(kFirstTimerEvent + i));
    events.push_back(event);
  }
  const double least_ms = *std::min_element(estimates_ms.begin(), estimates_ms.end());
  tools.flush.reset_persisting();
  for (int i = 0; i < request.rounds; ++i) {
    const tuner::SpanScope timing(&listener.spans, kDeviceThread, "round");
    const Order order = draw_order(contenders.size(), context.job->seed, request.first_round + i);
    tuner::FinalRound round;
    for (const std::size_t k : order)
      round.order.push_back(k == contenders.size() ? tuner::FinalRound::copy
                                                   : static_cast<std::int64_t>(contenders[k].id));
    round.place = (request.first_round + i) % context.buffers->sets();
    FUSELINE_CHECK(take_round(tools, context, contenders, {order, round.place}, least_ms, events, round.clocks));
    std::vector<double> times_ms;
    for (std::size_t k = 0; k < contenders.size(); ++k) {
      FUSELINE_TRY(milliseconds, gpu.elapsed_ms(events[2 * k], events[2 * k + 1]));
      times_ms.push_back(milliseconds);
    }
    FUSELINE_TRY(copy_ms, gpu.elapsed_ms(events[2 * contenders.size()], events[2 * contenders.size() + 1]));
    reply.rounds_ms.push_back(std::move(times_ms));
    round.copy_gbps = context.copy->gbps(copy_ms);
    reply.rounds.push_back(std::move(round));
  }
  return reply;
}

}  // namespace fuseline::profiler
