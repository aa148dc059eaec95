#include "tuner/session/worker_slot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/base/text.hpp"
#include "tuner/session/slurm.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kGreetingSeconds = 120;  // Beside what a scheduler keeps it waiting.
constexpr double kMaximumSeconds = 1e6;
constexpr const char* kCounters = "counters";  // The stage's name.
constexpr const char* kSourceStage = "source";

template <class Queue>
auto find_id(Queue& queue, std::uint64_t id) {
  return std::find_if(queue.begin(), queue.end(),
                      [&](const PendingRequest& pending) { return pending.request.id == id; });
}

bool timed(const Measurement& measurement) { return is_time(measurement.time_ms.median); }

}  // namespace

WorkerSlot::WorkerSlot(std::string command, Deadlines deadlines)
    : command_(std::move(command)), deadlines_(deadlines), scheduled_(is_scheduler_command(command_)) {}

WorkerSlot::~WorkerSlot() {
  // A worker with nothing to do ends itself; one at work is killed with its process group by the link.
  if (link_ && outstanding_.empty() && (state_ == State::ready || state_ == State::idle)) link_->close();
}

Result<void> WorkerSlot::start() {
  FUSELINE_TRY(link, WorkerLink::start(command_, scheduled_));
  link_.emplace(std::move(link));
  ++starts_;
  link_->send(HelloRequest{});
  await(State::greeting, std::max(kGreetingSeconds, deadlines_.prepare_s));
  return {};
}

void WorkerSlot::await(State state, double seconds) {
  state_ = state;
  allowed_s_ = std::clamp(seconds, 0.0, kMaximumSeconds);
  set_deadline(allowed_s_);
}

void WorkerSlot::send_source(const EvaluateRequest& request) {
  const std::string& name = request.resolved.source_name;
  if (request.source && sent_.insert(name).second) link_->send(SourceRequest{name, *request.source});
}

void WorkerSlot::prepare(const Job& job) {
  sent_.clear();
  gathers_ = !job.counters.metrics.empty();
  times_ = job.timing.rule.maximum_samples > 0;
  link_->send(PrepareRequest{job});
  data_.reset();
  if (!job.files.empty()) data_.emplace(job.files);
  await(State::preparing, deadlines_.prepare_s);
}

Result<void> WorkerSlot::send_data() {
  while (data_ && link_->waiting_bytes() < DataStream::kPiece) {
    FUSELINE_TRY(piece, data_->next());
    if (piece) link_->send(std::move(*piece));
    // With the last piece, not when asked again: a quick worker answers it within this very turn.
    if (data_->ended()) data_.reset();
    await(State::preparing, deadlines_.prepare_s);  // It has read what went before.
  }
  return {};
}

void WorkerSlot::measure_ceilings() {
  link_->send(CeilingsRequest{});
  await(State::measuring_ceilings, deadlines_.prepare_s);
}

void WorkerSlot::evaluate(PendingRequest pending) {
  send_source(pending.request);
  link_->send(pending.request);
  const bool first = outstanding_.empty();
  outstanding_.push_back(std::move(pending));
  if (first) rearm();
}

void WorkerSlot::run_finals(const FinalsRequest& request) {
  finalists_.clear();
  for (const auto& finalist : request.finalists) {
    finalists_.insert(finalist.id);
    send_source(finalist);
  }
  link_->send(request);
  await(State::running_finals, deadlines_.prepare_s + deadlines_.run_s);
}

void WorkerSlot::read_counters(const CountersRequest& request) {
  requested_.clear();
  for (const auto& configuration : request.configurations) {
    requested_.insert(configuration.id);
    send_source(configuration);
  }
  link_->send(request);
  await(State::reading_counters, deadlines_.compile_s + deadlines_.counters_s);
}

void WorkerSlot::profile_source(const SourceProfileRequest& request) {
  requested_ = {request.configuration.id};
  send_source(request.configuration);
  link_->send(request);
  await(State::profiling_source, 2 * deadlines_.compile_s + deadlines_.counters_s);
}

void WorkerSlot::give_up() {
  data_.reset();
  link_.reset();
  state_ = State::given_up;
}

std::optional<ChildInterest> WorkerSlot::interest() const {
  if (!link_) return std::nullopt;
  ChildInterest interest = link_->interest();
  interest.write |= data_.has_value();
  return interest;
}

bool WorkerSlot::waiting() const {
  return link_ && (!outstanding_.empty() || (state_ != State::ready && state_ != State::idle));
}

std::chrono::milliseconds WorkerSlot::until_deadline() const {
  if (!waiting()) return std::chrono::hours(1);
  return std::max(std::chrono::milliseconds(0),
                  std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()));
}

bool WorkerSlot::is_due() const {
  return link_ && (!link_->begun() || data_ || (waiting() && Clock::now() >= deadline_));
}

/// The time allowed until the next message, by what the worker is at.
void WorkerSlot::rearm() {
  if (state_ == State::running_finals) return await(state_, deadlines_.prepare_s + deadlines_.run_s);
  if (state_ == State::reading_counters || state_ == State::profiling_source)
    return await(state_, deadlines_.counters_s);
  if (state_ != State::ready) return;
  if (started_ && started_->stage == kCounters) return await(state_, deadlines_.counters_s);
  if (started_) return await(state_, started_->stage == "verify" ? deadlines_.verify_s : deadlines_.run_s);
  await(state_, deadlines_.compile_s + deadlines_.verify_s + deadlines_.run_s);
}

WorkerSlot::Turn WorkerSlot::turn() {
  Turn turn;
  if (!link_) return turn;
  if (auto sent = send_data(); !sent) {
    turn.unreadable = std::move(sent).error();
    return turn;
  }
  if (waits_in_queue()) set_deadline(allowed_s_);
  auto exchange = link_->exchange();
  for (auto& reply : exchange.replies) {
    const auto* error = std::get_if<ErrorReply>(&reply);
    const bool gave_up = error != nullptr && error->fatal;
    std::optional<std::string> nonsense;
    if (gave_up) {
      nonsense = "it gave up: " + printable(error->reason);
    } else {
      nonsense = accept(std::move(reply), turn);
    }
    if (!nonsense) continue;
    turn.loss = lose(exchange.lost ? *nonsense : link_->abandon(*nonsense), Outcome::crashed);
    turn.loss->explained = gave_up;
    return turn;
  }
  if (exchange.lost) {
    turn.loss = lose(*exchange.lost, Outcome::crashed);
    turn.loss->killed = exchange.killed;
  } else if (waiting() && Clock::now() >= deadline_) {
    turn.loss = lose(link_->abandon(overdue()), Outcome::timeout);
  }
  return turn;
}

std::string WorkerSlot::overdue() const {
  if (started_) return fmt::format("'{}' took longer than the {:g} s allowed", printable(started_->stage), allowed_s_);
  return fmt::format("it sent nothing for {:g} s", allowed_s_);
}

std::optional<std::string> WorkerSlot::accept(Reply reply, Turn& turn) {
  if (const auto* started = std::get_if<StartedReply>(&reply)) return accept_started(*started);
  if (const auto* outcome = std::get_if<OutcomeReply>(&reply)) {
    if (auto nonsense = accept_outcome(*outcome)) return nonsense;
  } else if (const auto* finals = std::get_if<FinalsReply>(&reply)) {
    if (auto nonsense = accept_finals(*finals)) return nonsense;
  } else if (const auto* counters = std::get_if<CountersReply>(&reply)) {
    if (auto nonsense = accept_counters(*counters)) return nonsense;
  } else if (const auto* profile = std::get_if<SourceProfileReply>(&reply)) {
    if (auto nonsense = accept_source_profile(*profile)) return nonsense;
  } else if (std::holds_alternative<HelloReply>(reply)) {
    if (state_ != State::greeting) return "it greeted twice";
    state_ = State::idle;
  } else if (std::holds_alternative<PreparedReply>(reply)) {
    if (state_ != State::preparing) return "it said that it was prepared, unasked";
    if (data_) return "it said that it was prepared before it had the data";
    state_ = State::ready;
  } else if (std::holds_alternative<CeilingsReply>(reply)) {
    if (state_ != State::measuring_ceilings) return "it sent ceilings, unasked";
    state_ = State::idle;
  } else if (std::holds_alternative<ErrorReply>(reply) && state_ == State::measuring_ceilings) {
    state_ = State::idle;
  } else if (std::holds_alternative<ErrorReply>(reply) &&
             (state_ == State::running_finals || state_ == State::reading_counters ||
              state_ == State::profiling_source)) {
    state_ = State::ready;
    started_.reset();
  }
  turn.replies.push_back(std::move(reply));
  return std::nullopt;
}

std::optional<std::string> WorkerSlot::accept_started(const StartedReply& reply) {
  const bool finalist = state_ == State::running_finals && finalists_.contains(reply.id);
  const bool reading = reply.stage == kCounters && counts(reply.id);
  const bool profiling =
      state_ == State::profiling_source && reply.stage == kSourceStage && requested_.contains(reply.id);
  if (!finalist && !reading && !profiling && find_id(outstanding_, reply.id) == outstanding_.end()) {
    return fmt::format("it started configuration {}, which it was not given", reply.id);
  }
  const bool next_stage = started_ && started_->id == reply.id;
  started_ = Started{reply.id, reply.stage, next_stage ? started_->since : Clock::now()};
  rearm();
  return std::nullopt;
}

std::optional<std::string> WorkerSlot::accept_outcome(const OutcomeReply& reply) {
  const auto found = find_id(outstanding_, reply.id);
  if (found == outstanding_.end())
    return fmt::format("it answered for configuration {}, which it was not given", reply.id);
  if (times_ && reply.measurement.outcome == Outcome::ok && !timed(reply.measurement))
    return "it called a configuration ok and sent no time for it";
  outstanding_.erase(found);
  if (started_ && started_->id == reply.id) started_.reset();
  if (gathers_ && reply.measurement.outcome == Outcome::ok) gathered_.insert(reply.id);
  rearm();
  return std::nullopt;
}

std::optional<std::string> WorkerSlot::accept_finals(const FinalsReply& reply) {
  if (state_ != State::running_finals) return "it sent finals, unasked";
  const std::set<std::uint64_t> ids(reply.ids.begin(), reply.ids.end());
  if (ids.size() != reply.ids.size() || !std::includes(finalists_.begin(), finalists_.end(), ids.begin(), ids.end())) {
    return "it sent finals of configurations that it was not given";
  }
  for (const auto& round : reply.rounds_ms) {
    if (!std::all_of(round.begin(), round.end(), [](double ms) { return std::isfinite(ms) && ms > 0; }))
      return "it sent finals without times";
  }
  state_ = State::ready;
  started_.reset();
  return std::nullopt;
}

std::optional<std::string> WorkerSlot::accept_counters(const CountersReply& reply) {
  if (reply.finished && state_ != State::reading_counters) return "it ended the reading of counters, unasked";
  for (const auto& reading : reply.readings) {
    if (!counts(reading.id))
      return fmt::format("it sent counters of configuration {}, which it was not given", reading.id);
  }
  for (const auto& reading : reply.readings) gathered_.erase(reading.id);
  if (reply.finished) state_ = State::ready;
  if (started_ && started_->stage == kCounters) started_.reset();
  rearm();
  return std::nullopt;
}

std::optional<std::string> WorkerSlot::accept_source_profile(const SourceProfileReply& reply) {
  if (state_ != State::profiling_source || !requested_.contains(reply.id)) return "it sent a source profile, unasked";
  state_ = State::ready;
  started_.reset();
  return std::nullopt;
}

WorkerSlot::Loss WorkerSlot::lose(std::string reason, Outcome outcome) {
  Loss loss;
  loss.reason = std::move(reason);
  loss.outcome = outcome;
  loss.state = state_;
  if (started_) {
    loss.seconds = std::chrono::duration<double>(Clock::now() - started_->since).count();
    if (started_->stage == kCounters) {
      loss.blamed_reading = started_->id;
    } else if (const auto found = find_id(outstanding_, started_->id); found != outstanding_.end()) {
      loss.blamed = std::move(*found);
      outstanding_.erase(found);
    } else if (state_ != State::profiling_source) {
      loss.blamed_finalist = started_->id;
    }
  }
  loss.unfinished = std::exchange(outstanding_, {});
  gathered_.clear();
  requested_.clear();
  started_.reset();
  data_.reset();
  link_.reset();
  state_ = State::down;
  return loss;
}

}  // namespace fuseline::tuner
