#include "tuner/session/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/device/roofline.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/session/timeline.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::chrono::milliseconds kTurn{50};  // Longest time until a command is heard.
constexpr std::size_t kCautious = 8;
constexpr std::uint64_t kRateSamples = 4;  // Outcomes before a rate says anything.

}  // namespace

Sweep::Sweep(SweepPlan plan, const SessionEnvironment& environment, const SweepCommands& commands, Publisher& publisher)
    : plan_(std::move(plan)),
      environment_(environment),
      commands_(commands),
      publisher_(publisher),
      logbook_(environment.store, plan_.info.id, {plan_.recording != nullptr, environment.follow_evaluations}),
      counters_(logbook_, publisher_),
      info_(publisher.draft.info) {
  info_ = plan_.info;
  for (auto& text : plan_.messages) publisher_.message(std::move(text));
  for (const auto& evaluation : plan_.earlier) earlier_s_ = std::max(earlier_s_, evaluation->elapsed_s);
  recorded_s_ = replaying() ? earlier_s_ : 0;
  logbook_.take_over(plan_.earlier);
  for (const auto& evaluation : plan_.earlier) count(evaluation);
  const auto kind = plan_.budget.kind;
  const double budget = kind == Budget::Kind::evaluations ? plan_.budget.amount : static_cast<double>(info_.space_size);
  const bool open = kind == Budget::Kind::seconds || kind == Budget::Kind::automatic;
  publisher_.draft.planned =
      open ? 0 : static_cast<std::uint64_t>(std::min(budget, static_cast<double>(info_.space_size)));
}

Result<void> Sweep::execute() {
  const auto run = [&]() -> Result<End> {
    SpanScope preparing(spans(), kSession, "prepare");
    FUSELINE_TRY(prepared, prepare());
    preparing.end();
    if (prepared == End::stopped) return End::stopped;
    SpanScope searching(spans(), kSession, "search");
    FUSELINE_TRY(searched, search());
    searching.end();
    if (searched == End::stopped) return End::stopped;
    FUSELINE_CHECK(gather());
    SpanScope counting(spans(), kSession, "missing counters");
    FUSELINE_TRY(counted, read_missing_counters());
    counting.end();
    if (counted == End::stopped) return End::stopped;
    SpanScope drawing(spans(), kSession, "draws");
    FUSELINE_TRY(verified, verify_draws());
    drawing.end();
    if (verified == End::stopped) return End::stopped;
    SpanScope timing(spans(), kSession, "finals");
    FUSELINE_TRY(timed, run_finals());
    timing.end();
    if (timed == End::stopped) return End::stopped;
    SpanScope reading(spans(), kSession, "counters of the best");
    FUSELINE_TRY(counters_read, read_best_counters());
    reading.end();
    if (counters_read == End::stopped) return End::stopped;
    return read_source_profile();
  };
  const auto end = run();
  outstanding_.clear();
  auto kept = logbook_.flush();  // Also what was made before an error.
  if (kept) kept = gather();
  if (end && kept) {
    if (*end == End::stopped) info_.stop_reason = "interrupted";
    return close(*end == End::stopped ? RunState::interrupted : RunState::finished);
  }
  const auto error = end ? kept.error() : end.error();
  info_.stop_reason = error.message();
  publisher_.draft.error = error;
  // What was measured before the device was lost is worth going on from.
  (void)close(logbook_.size() == 0 ? RunState::failed : RunState::interrupted);
  return tl::unexpected(error);
}

Result<void> Sweep::gather() {
  FUSELINE_CHECK(logbook_.gather());
  publisher_.draft.evaluations = logbook_.evaluations();
  publisher_.changed();
  return {};
}

Result<void> Sweep::close(RunState state) {
  info_.state = state;
  if (const auto order = ranked(); !order.empty()) count_flops(info_, *order.front());
  info_.target_fit = target_fit();
  update_progress();
  auto& draft = publisher_.draft;
  Result<void> stored;
  if (environment_.store != nullptr) {
    stored = environment_.store->update_run(info_);
    environment_.store->release(info_.id);
  }
  if (!stored && !draft.error) draft.error = stored.error();
  draft.remaining_s.reset();
  draft.state = draft.error                   ? SessionState::failed
                : state == RunState::finished ? SessionState::finished
                                              : SessionState::interrupted;
  draft.activity = info_.stop_reason;
  if (const auto order = ranked(); !order.empty()) draft.best = order.front();
  publisher_.publish();
  plan_.backend.reset();  // Ends the workers, which may take them a moment.
  return stored;
}

Result<Sweep::End> Sweep::prepare() {
  publisher_.set_state(SessionState::preparing, replaying() ? "reading the recording" : "preparing the device");
  if (plan_.needs_ceilings) FUSELINE_CHECK(measure_ceilings());
  if (!replaying()) publisher_.set_state(SessionState::preparing, "compiling and running the reference");
  if (!stopping()) plan_.backend->prepare(plan_.job ? *plan_.job : Job{});
  while (!prepared_) {
    if (stopping()) return End::stopped;
    FUSELINE_CHECK(pump());
  }
  info_.copy_gbps = prepared_->copy_gbps;
  return End::done;
}

/// Measured once a device and driver, before the problem takes the memory.
Result<void> Sweep::measure_ceilings() {
  publisher_.set_state(SessionState::preparing, "measuring the device's ceilings");
  refused_.reset();
  plan_.backend->measure_ceilings();
  while (!ceilings_ && !refused_ && !stopping()) FUSELINE_CHECK(pump());
  if (refused_) publisher_.message("the device's ceilings could not be measured: " + *refused_);
  if (!ceilings_) return {};
  info_.device.ceilings = ceilings_;
  return environment_.store->keep_ceilings(ceilings_key(info_.device), *ceilings_);
}

Result<Sweep::End> Sweep::search() {
  publisher_.set_state(SessionState::running, "searching");
  if (plan_.budget.kind == Budget::Kind::automatic) {
    const double read_gbps = info_.device.ceilings ? info_.device.ceilings->read_gbps : 0;
    early_stop_.emplace(static_cast<double>(info_.compulsory_bytes),
                        reachable_gbps(copy_gbps(info_), read_gbps, read_share()));
  }
  while (!stopping()) {
    follow_pause();
    if (!paused_ && !budget_used()) FUSELINE_CHECK(fill());
    if (lost_enough() || (outstanding_.empty() && (exhausted_ || budget_used()))) break;
    FUSELINE_CHECK(pump());
  }
  if (stopping()) return End::stopped;
  info_.stop_reason = lost_enough() ? "kernels hung or crashed before any worked"
                      : exhausted_  ? "space exhausted"
                                    : budget_text();
  return End::done;
}

void Sweep::follow_pause() {
  if (commands_.pause == paused_.has_value()) return;
  if (paused_) {
    paused_for_ += Clock::now() - *paused_;
    paused_.reset();
    publisher_.set_state(SessionState::running, "searching");
  } else {
    paused_ = Clock::now();
    publisher_.set_state(SessionState::paused, "paused; what the workers hold is finished");
  }
}

bool Sweep::lost_enough() const { return environment_.ends_at_losses && !publisher_.draft.best && losses_ >= 2; }

/// Keeps the backend full, as far as the budget goes.
Result<void> Sweep::fill() {
  while (!exhausted_ && !stopping()) {
    const auto room = std::min(plan_.backend->capacity(), budget_room());
    if (room == 0) return {};
    SpanScope asking(spans(), kSession, "ask");
    const auto indices = plan_.strategy->ask(room);
    asking.end();
    const SpanScope dealing(spans(), kSession, "resolve and deal");
    for (const auto index : indices) FUSELINE_CHECK(ask(index));
    exhausted_ = plan_.strategy->exhausted() || (indices.empty() && outstanding_.empty());
    if (indices.empty()) return {};
  }
  return {};
}

Result<void> Sweep::ask(std::uint64_t index) {
  ++asked_;
  auto configuration = plan_.space->configuration(index);
  if (const auto earlier = logbook_.earlier(configuration)) {
    reuse(index, *earlier);
    return {};
  }
  const auto id = next_id_++;
  auto request = plan_.request(id, configuration);
  outstanding_[id] = {index, std::move(configuration)};
  if (request) {
    plan_.backend->submit(std::move(*request));
    return {};
  }
  OutcomeReply reply;
  reply.id = id;
  reply.measurement.outcome = Outcome::launch_error;
  reply.measurement.reason = request.error().message();
  return take_outcome(std::move(reply));
}

void Sweep::reuse(std::uint64_t index, const Evaluation& earlier) {
  ++publisher_.draft.reused;
  tell(index, earlier.measurement);
  publisher_.changed();
}

void Sweep::tell(std::uint64_t index, const Measurement& measurement) {
  const double value = rank_value(info_, measurement);
  const SpanScope telling(spans(), kSession, "tell");
  const Observation observation{index, value > 0, value, measurement.cost_s};
  if (early_stop_) early_stop_->answered(observation, plan_.strategy->expected_improvement());
  plan_.strategy->tell(observation);
}

Result<void> Sweep::pump() {
  SpanScope waiting(spans(), kSession, "wait");
  auto events = plan_.backend->wait(kTurn);
  waiting.end();
  for (auto& event : events) FUSELINE_CHECK(handle(std::move(event)));
  update_progress();
  const SpanScope publishing(spans(), kSession, "publish");
  publisher_.publish_if_due();
  return {};
}

Result<void> Sweep::handle(BackendEvent event) {
  if (auto* outcome = std::get_if<OutcomeReply>(&event)) return take_outcome(std::move(*outcome));
  if (auto* gave_up = std::get_if<GaveUp>(&event)) {
    devices_gone_ = true;
    return tl::unexpected(std::move(gave_up->error));
  }
  if (const auto* counters = std::get_if<CountersReply>(&event)) {
    if (!counters->readings.empty()) counted_on_.insert(card_number(counters->card));
    return counters_.take(*counters);
  }
  if (auto* finals = std::get_if<FinalsReply>(&event)) finals_reply_ = std::move(*finals);
  if (auto* profile = std::get_if<SourceProfileReply>(&event)) source_profile_reply_ = std::move(*profile);
  if (auto* refused = std::get_if<Refused>(&event)) refused_ = std::move(refused->reason);
  if (auto* note = std::get_if<Note>(&event)) {
    if (note->lost) ++losses_;
    publisher_.message(std::move(note->text), std::move(note->advice));
  }
  if (auto* prepared = std::get_if<PreparedReply>(&event)) prepared_ = *prepared;
  if (const auto* ready = std::get_if<CardReady>(&event)) take_card(*ready);
  if (const auto* moved = std::get_if<ReferenceMoved>(&event)) take_reference(*moved);
  if (const auto* told = std::get_if<WorkerSpans>(&event); told != nullptr && environment_.timeline)
    environment_.timeline->add(told->number, told->life, told->name, told->reply, told->received);
  if (auto* ceilings = std::get_if<CeilingsReply>(&event)) ceilings_ = ceilings->ceilings;
  return {};
}

Result<void> Sweep::take_outcome(OutcomeReply reply) {
  if (!replaying()) reply.measurement.card = card_number(reply.measurement.card);
  if (const auto drawn = drawn_.find(reply.id); drawn != drawn_.end()) {
    const EvaluationPointer evaluation = std::move(drawn->second);
    drawn_.erase(drawn);
    return take_draw(evaluation, std::move(reply.measurement));
  }
  const auto found = outstanding_.find(reply.id);
  if (found == outstanding_.end() || stopping()) return {};
  const auto index = found->second.index;
  if (replaying()) recorded_s_ += std::max(0.0, reply.measurement.cost_s);
  Evaluation evaluation;
  evaluation.configuration = std::move(found->second.configuration);
  evaluation.measurement = std::move(reply.measurement);
  evaluation.elapsed_s = elapsed();
  outstanding_.erase(found);
  SpanScope storing(spans(), kSession, "store");
  FUSELINE_TRY(kept, logbook_.add(std::move(evaluation)));
  storing.end();
  if (kept->measurement.outcome == Outcome::timeout) ++losses_;
  if (kept->measurement.outcome == Outcome::ok && info_.request.counters == CounterMode::all)
    counters_.expect(reply.id, kept->sequence);
  ++measured_;
  count(kept);
  tell(index, kept->measurement);
  if (environment_.on_evaluation) environment_.on_evaluation(*kept);
  return {};
}

void Sweep::count(const EvaluationPointer& evaluation) {
  auto& draft = publisher_.draft;
  const auto& measurement = evaluation->measurement;
  if (draft.evaluated++ == 0 && info_.first_outcome_s <= 0) info_.first_outcome_s = evaluation->elapsed_s;
  if (logbook_.in_memory()) draft.evaluations.push_back(evaluation);
  ++draft.outcomes[measurement.outcome];
  if (std::isfinite(measurement.gpu_ms)) info_.gpu_busy_s += measurement.gpu_ms / 1000;
  add_clocks(measurement.clocks);
  const double value = rank_value(info_, measurement);
  if (value > 0 && (!draft.best || value < rank_value(info_, draft.best->measurement))) draft.best = evaluation;
  publisher_.changed();
}

void Sweep::add_clocks(const std::optional<Clocks>& clocks) {
  if (!clocks) return;
  if (!info_.clocks) info_.clocks.emplace();
  info_.clocks->add(*clocks);
}

SpanRecorder* Sweep::spans() const { return environment_.timeline ? &environment_.timeline->own() : nullptr; }

double Sweep::elapsed() const {
  if (replaying()) return recorded_s_;
  const auto now = paused_ ? *paused_ : Clock::now();
  return earlier_s_ + std::chrono::duration<double>(now - started_ - paused_for_).count();
}

/// Of the compulsory bytes; a half where a foreign recording does not tell.
double Sweep::read_share() const {
  const double inputs = compulsory_parts(info_).inputs;
  return inputs > 0 ? inputs / static_cast<double>(info_.compulsory_bytes) : 0.5;
}

bool Sweep::budget_used() const {
  if (early_stop_) return early_stop_->reason().has_value();
  if (plan_.budget.kind == Budget::Kind::seconds) return elapsed() >= plan_.budget.amount;
  return plan_.budget.kind == Budget::Kind::evaluations &&
         static_cast<double>(logbook_.size() + outstanding_.size()) >= plan_.budget.amount;
}

std::size_t Sweep::budget_room() const {
  constexpr std::size_t kUnlimited = std::size_t{1} << 20;
  if (plan_.budget.kind == Budget::Kind::exhaustive) return kUnlimited;
  // One at a time: what the strategy expects is heard of its latest proposal.
  if (early_stop_) return budget_used() ? 0 : 1;
  const double taken = static_cast<double>(outstanding_.size());
  if (plan_.budget.kind == Budget::Kind::evaluations) {
    return static_cast<std::size_t>(
        std::clamp(plan_.budget.amount - static_cast<double>(logbook_.size()) - taken, 0.0, 1e6));
  }
  if (replaying()) return kUnlimited;
  // Until it is known how long one takes, few are begun: what is begun is finished, whatever the time.
  if (measured_ < kRateSamples) return kCautious > outstanding_.size() ? kCautious - outstanding_.size() : 0;
  // Near the end only what can still be finished is begun.
  const double rate = static_cast<double>(measured_) / std::max(elapsed() - earlier_s_, 1e-6);
  const double affordable = std::ceil((plan_.budget.amount - elapsed()) * rate);
  return static_cast<std::size_t>(std::clamp(affordable - taken, 0.0, 1e6));
}

std::string Sweep::budget_text() const {
  if (early_stop_) return early_stop_->reason().value_or("");
  if (plan_.budget.kind == Budget::Kind::seconds) return fmt::format("budget of {:g} s used", plan_.budget.amount);
  return fmt::format("budget of {:.0f} evaluations used", plan_.budget.amount);
}

void Sweep::update_progress() {
  auto& draft = publisher_.draft;
  draft.elapsed_s = elapsed();
  info_.seconds = draft.elapsed_s;
  draft.remaining_s = remaining();
  if (!outstanding_.empty() || draft.state == SessionState::preparing) publisher_.changed();
}

std::optional<double> Sweep::remaining() const {
  if (plan_.budget.kind == Budget::Kind::seconds) return std::max(0.0, plan_.budget.amount - elapsed());
  if (measured_ < kRateSamples || replaying() || early_stop_) return std::nullopt;
  const double left = static_cast<double>(publisher_.draft.planned) - static_cast<double>(logbook_.size());
  return std::max(0.0, left) * (elapsed() - earlier_s_) / static_cast<double>(measured_);
}

}  // namespace fuseline::tuner
