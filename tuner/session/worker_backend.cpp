#include "tuner/session/worker_backend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

using State = WorkerSlot::State;
using namespace std::chrono_literals;
constexpr int kFruitlessDeaths = 3;
constexpr int kFinalsDeaths = 2;

constexpr auto kUnheard = 120s;  ///< That a queue is waited for where nobody hears of it and could give up.
constexpr auto kUntilSaid = 3s;  ///< Before a start that takes long is told of.

std::string named(const std::string& command) { return fmt::format("worker `{}`", printable(command)); }

bool go_on_waiting(const OnWaiting& told, const WorkerSlot& slot) {
  if (!told) return true;
  const std::string says = slot.last_line();
  return told(fmt::format("waiting for {}{}{}", named(slot.command()), says.empty() ? "" : ": ", says));
}

tl::unexpected<Error> given_up_waiting() {
  return tl::unexpected(Error{ErrorKind::interrupted, {}, {}, "interrupted while a worker was waited for"});
}

}  // namespace

Result<std::unique_ptr<WorkerBackend>> WorkerBackend::connect(const std::vector<std::string>& commands,
                                                              const Options& options) {
  if (commands.empty()) return worker_error("no worker command was given");
  auto backend = std::unique_ptr<WorkerBackend>(new WorkerBackend(options));
  for (const auto& command : commands) {
    backend->workers_.push_back(std::make_unique<Worker>(backend->workers_.size() + 1, command, options.deadlines));
    auto started = backend->workers_.back()->slot.start();
    if (!started) return worker_error(fmt::format("{}: {}", named(command), started.error().reason));
  }
  FUSELINE_CHECK(backend->greet_all());
  return backend;
}

WorkerBackend::~WorkerBackend() {
  for (auto& worker : workers_) worker->slot.hang_up();
}

Result<void> WorkerBackend::greet_all() {
  for (auto& worker : workers_) {
    if (!worker->slot.is_scheduled()) FUSELINE_CHECK(greet(*worker));
  }
  return hello_.devices.empty() ? greet_scheduled() : Result<void>();
}

/// Waits for one worker's greeting.
Result<void> WorkerBackend::greet(Worker& worker) {
  const auto patience = std::chrono::steady_clock::now() + kUntilSaid;
  while (worker.slot.state() == State::greeting) {
    if (const auto interest = worker.slot.interest())
      wait_for_children({*interest}, std::min(worker.slot.until_deadline() + 1ms, 1000ms));
    FUSELINE_CHECK(take_greeting(worker));
    const bool late = std::chrono::steady_clock::now() >= patience && worker.slot.state() == State::greeting;
    if (late && !go_on_waiting(options_.on_waiting, worker.slot)) return given_up_waiting();
  }
  return {};
}

/// Waits until a scheduler has started one of them.
Result<void> WorkerBackend::greet_scheduled() {
  const auto end = std::chrono::steady_clock::now() + kUnheard;
  while (hello_.devices.empty()) {
    std::vector<ChildInterest> interests;
    for (auto& worker : workers_) {
      if (const auto interest = worker->slot.interest()) interests.push_back(*interest);
    }
    wait_for_children(interests, 500ms);
    for (auto& worker : workers_) FUSELINE_CHECK(take_greeting(*worker));
    if (hello_.devices.empty() && !go_on_waiting(options_.on_waiting, workers_.front()->slot))
      return given_up_waiting();
    if (hello_.devices.empty() && !options_.on_waiting && std::chrono::steady_clock::now() >= end) {
      const auto& slot = workers_.front()->slot;
      return worker_error(
          fmt::format("{}: no GPU within {} s: {}", named(slot.command()), kUnheard.count(), slot.last_line()));
    }
  }
  return {};
}

Result<void> WorkerBackend::take_greeting(Worker& worker) {
  auto turn = worker.slot.turn();
  for (const auto& reply : turn.replies) {
    if (const auto* error = std::get_if<ErrorReply>(&reply))
      return worker_error(fmt::format("{}: {}", named(worker.slot.command()), printable(error->reason)));
    const auto* hello = std::get_if<HelloReply>(&reply);
    if (hello == nullptr) continue;
    FUSELINE_CHECK(check_hello(*hello, worker.slot.command()));
    if (hello_.devices.empty()) hello_ = *hello;
    take_hello(worker, *hello);
  }
  if (turn.loss) return worker_error(fmt::format("{}: {}", named(worker.slot.command()), turn.loss->reason));
  return {};
}

Result<void> WorkerBackend::check_hello(const HelloReply& hello, const std::string& command) const {
  if (hello.protocol != kProtocolVersion) {
    return worker_error(fmt::format("{} speaks protocol {}, this program {}: install the same version on both sides",
                                    named(command), hello.protocol, kProtocolVersion));
  }
  if (hello.devices.empty()) return worker_error(named(command) + " sees no GPU");
  if (hello.device < 0 || static_cast<std::size_t>(hello.device) >= hello.devices.size()) {
    return worker_error(
        fmt::format("{} has no device {}: it sees {}", named(command), hello.device, hello.devices.size()));
  }
  const auto& found = hello.devices[static_cast<std::size_t>(hello.device)];
  if (!options_.any_kind && !hello_.devices.empty() && found.name != device().name) {
    return worker_error(fmt::format("{} has an {}, the first worker an {}: {}", named(command), printable(found.name),
                                    printable(device().name), kOfOneKind));
  }
  return {};
}

void WorkerBackend::prepare(const Job& job) {
  job_ = job;
  ++job_number_;
  prepared_ = false;
  for (auto& worker : workers_) {
    const bool free = worker->slot.state() == State::ready && worker->slot.outstanding() == 0;
    if (free || worker->slot.state() == State::idle) prepare(*worker);
  }
}

void WorkerBackend::prepare(Worker& worker) {
  worker.job = job_number_;
  worker.slot.prepare(*job_);
}

void WorkerBackend::measure_ceilings() {
  if (Worker* worker = reference_in(State::idle)) {
    worker->slot.measure_ceilings();
  } else {
    events_.push_back(Refused{"no worker is free to measure ceilings"});
  }
}

std::size_t WorkerBackend::capacity() const {
  std::size_t room = 0, taken = pending_.size();
  for (const auto& worker : workers_) {
    if (worker->slot.state() == State::given_up || worker->slot.waits_in_queue()) continue;
    room += options_.ahead;
    taken += worker->slot.outstanding();
  }
  return room > taken ? room - taken : 0;
}

void WorkerBackend::submit(EvaluateRequest request) {
  pending_.push_back({std::move(request)});
  deal();
}

void WorkerBackend::submit_finals(FinalsRequest request) {
  finals_ = std::move(request);
  finals_deaths_ = 0;
  deal();
}

std::vector<BackendEvent> WorkerBackend::wait(std::chrono::milliseconds timeout) {
  std::vector<Worker*> waited;
  std::vector<ChildInterest> interests;
  for (const auto& worker : workers_) {
    const auto interest = worker->slot.interest();
    if (!interest) continue;
    waited.push_back(worker.get());
    interests.push_back(*interest);
    timeout = std::min(timeout, worker->slot.until_deadline() + 1ms);
  }
  const auto ready = wait_for_children(interests, events_.empty() ? timeout : 0ms);
  // Quiet ones are left alone: with many workers looking at each would cost more than what they say.
  for (std::size_t i = 0; i < waited.size(); ++i) {
    if (ready[i] || waited[i]->slot.is_due()) take_turn(*waited[i]);
  }
  deal();
  return std::exchange(events_, {});
}

void WorkerBackend::take_turn(Worker& worker) {
  const auto was = worker.slot.state();
  auto turn = worker.slot.turn();
  if (turn.unreadable) return give_up(worker, turn.unreadable->message());
  for (auto& reply : turn.replies) {
    if (const auto* error = std::get_if<ErrorReply>(&reply)) {
      refused(worker, *error, was);
    } else {
      handle(worker, std::move(reply));
    }
  }
  if (turn.loss && worker.slot.state() != State::given_up) lost(worker, std::move(*turn.loss));
}

void WorkerBackend::handle(Worker& worker, Reply reply) {
  if (auto* outcome = std::get_if<OutcomeReply>(&reply)) {
    worker.fruitless_deaths = 0;
    if (workers_.size() > 1) outcome->measurement.card = worker.card;
    events_.push_back(std::move(*outcome));
  } else if (auto* finals = std::get_if<FinalsReply>(&reply)) {
    finals_.reset();
    events_.push_back(std::move(*finals));
  } else if (auto* counters = std::get_if<CountersReply>(&reply)) {
    take_counters(worker, std::move(*counters));
  } else if (auto* profile = std::get_if<SourceProfileReply>(&reply)) {
    events_.push_back(std::move(*profile));
  } else if (auto* ceilings = std::get_if<CeilingsReply>(&reply)) {
    events_.push_back(std::move(*ceilings));
  } else if (auto* prepared = std::get_if<PreparedReply>(&reply)) {
    take_prepared(worker, *prepared);
  } else if (auto* spans = std::get_if<SpansReply>(&reply)) {
    const auto name = fmt::format("worker {}: {}", worker.number, printable(worker.slot.command()));
    events_.push_back(
        WorkerSpans{worker.number, worker.slot.starts(), name, std::move(*spans), SpanRecorder::Clock::now()});
  } else if (const auto* log = std::get_if<LogReply>(&reply)) {
    note(printable(log->text));
  } else if (const auto* hello = std::get_if<HelloReply>(&reply)) {
    if (const auto fits = check_hello(*hello, worker.slot.command()); !fits)
      return give_up(worker, fits.error().reason);
    take_hello(worker, *hello);
    if (job_ && worker.slot.state() == State::idle) prepare(worker);  // Not where it died right after its greeting.
  }
}

/// A request was turned down by a worker that lives on.
void WorkerBackend::refused(Worker& worker, const ErrorReply& error, State was) {
  const auto reason = printable(error.reason);
  if (was == State::greeting || was == State::preparing) return give_up(worker, reason);
  if (was == State::running_finals) finals_.reset();
  const bool counting = was == State::reading_counters && !flushing_;
  if (counting) counters_.reset();
  worker.reading.clear();
  if (counting || was == State::running_finals || was == State::measuring_ceilings || was == State::profiling_source) {
    events_.push_back(Refused{reason});
  } else {
    note(fmt::format("{}: {}", named(worker.slot.command()), reason));
  }
}

void WorkerBackend::lost(Worker& worker, WorkerSlot::Loss loss) {
  // With one suspect alone in the worker there is no one else to blame.
  const bool counting = loss.blamed_reading || loss.state == State::reading_counters;
  if (!counting && !loss.blamed && loss.unfinished.size() == 1 && loss.unfinished.front().alone()) {
    loss.blamed = std::move(loss.unfinished.front());
    loss.unfinished.clear();
  }
  const bool again = loss.blamed && loss.killed && !loss.blamed->killed;
  if (again) {
    // Killed from outside: by no doing of the configuration, unless it happens again.
    loss.blamed->killed = true;
    loss.unfinished.push_back(std::move(*std::exchange(loss.blamed, std::nullopt)));
    ++worker.fruitless_deaths;
  } else if (loss.blamed) {
    answer_for(*loss.blamed, loss);
    worker.fruitless_deaths = 0;
  } else if (!loss.blamed_finalist && !counting) {
    ++worker.fruitless_deaths;
    for (auto& pending : loss.unfinished) pending.unexplained_deaths += loss.explained ? 0 : 1;
  }
  requeue(std::move(loss.unfinished));
  lost_request(loss);
  if (counting) lost_counters(worker, loss);
  if (worker.fruitless_deaths >= kFruitlessDeaths)
    return give_up(worker, fmt::format("lost {} times in a row: {}", worker.fruitless_deaths, loss.reason));
  restart(worker, loss);
}

/// What becomes of finals, ceilings or a source profile that the lost worker was at.
void WorkerBackend::lost_request(WorkerSlot::Loss& loss) {
  if (loss.state == State::measuring_ceilings || loss.state == State::profiling_source)
    events_.push_back(Refused{"the worker was lost: " + loss.reason});
  if (loss.state != State::running_finals || !finals_) return;
  if (loss.blamed_finalist && !loss.killed)
    std::erase_if(finals_->finalists,
                  [&](const EvaluateRequest& request) { return request.id == *loss.blamed_finalist; });
  if (++finals_deaths_ < kFinalsDeaths && !finals_->finalists.empty()) return;  // Dealt again once a worker is ready.
  finals_.reset();
  events_.push_back(Refused{"the worker was lost: " + loss.reason});
}

void WorkerBackend::answer_for(const PendingRequest& pending, const WorkerSlot::Loss& loss) {
  OutcomeReply reply;
  reply.id = pending.request.id;
  auto& measurement = reply.measurement;
  measurement.outcome = loss.outcome;
  measurement.reason = loss.reason;
  measurement.cost_s = loss.seconds;
  measurement.compile_options = pending.request.resolved.compile_options;
  for (const auto& launch : pending.request.resolved.launches) measurement.launches.push_back(launch.launch);
  measurement.shown_launch = pending.request.resolved.shown_launch.value_or(0);
  events_.push_back(std::move(reply));
}

void WorkerBackend::restart(Worker& worker, const WorkerSlot::Loss& loss) {
  Note note;
  note.lost = true;
  note.text = fmt::format("{} was lost and is replaced: {}; whatever it leaves open is measured again",
                          named(worker.slot.command()), loss.reason);
  note.advice = loss.killed
                    ? "The sweep goes on by itself. If nobody ended the worker on purpose, memory may have run out "
                      "(dmesg says so) or a queue's time limit was "
                      "reached. Where it happens again, stop the sweep, mend that, and continue it."
                    : "The sweep goes on by itself. Where it happens again and again, stop it and look at the driver "
                      "(nvidia-smi, dmesg), or leave the variant "
                      "out that takes workers down.";
  events_.push_back(std::move(note));
  if (auto started = worker.slot.start(); !started) give_up(worker, started.error().reason);
}

void WorkerBackend::give_up(Worker& worker, const std::string& reason) {
  worker.slot.give_up();
  read_again(worker);
  const auto text = fmt::format("{} was given up: {}", named(worker.slot.command()), reason);
  const bool others = std::any_of(workers_.begin(), workers_.end(),
                                  [](const auto& other) { return other->slot.state() != State::given_up; });
  if (others) {
    note(text);
  } else {
    events_.push_back(GaveUp{Error{ErrorKind::worker, {}, {}, text}});
  }
}

WorkerBackend::Worker* WorkerBackend::reference_in(State state) {
  for (auto& worker : workers_) {
    if (worker->card == reference_ && worker->slot.state() == state && worker->slot.outstanding() == 0)
      return worker.get();
  }
  return nullptr;
}

/// The same GPU has the same number, whichever worker is on it. One that tells no UUID is taken for its worker's own.
void WorkerBackend::take_hello(Worker& worker, const HelloReply& hello) {
  const auto& found = hello.devices[static_cast<std::size_t>(hello.device)];
  const std::string where =
      options_.ours ? fmt::format("cuda:{}", hello.device) : fmt::format("worker {}", worker.number);
  const auto known = std::find_if(cards_.begin(), cards_.end(), [&](const Card& card) {
    return found.uuid.empty() ? card.uuid.empty() && card.where == where : card.uuid == found.uuid;
  });
  worker.device_name = found.name;
  worker.card = static_cast<int>(known - cards_.begin()) + 1;
  if (known == cards_.end()) cards_.push_back({found.name, found.uuid, where, 0});
}

void WorkerBackend::take_prepared(Worker& worker, const PreparedReply& prepared) {
  if (worker.job != job_number_) return prepare(worker);  // It was at the job before.
  Card& card = cards_[static_cast<std::size_t>(worker.card) - 1];
  if (!(card.copy_gbps > 0)) card.copy_gbps = prepared.copy_gbps;
  // All that have greeted, so that they keep their order, whichever is ready first.
  for (std::size_t i = 0; workers_.size() > 1 && i < cards_.size(); ++i)
    events_.push_back(CardReady{static_cast<int>(i) + 1, cards_[i]});
  worker.prepared = prepared;
  announce_prepared();
}

/// What is measured before the copy of the reference card is known could not be compared.
void WorkerBackend::announce_prepared() {
  if (prepared_ || !job_) return;
  settle_reference();
  const Worker* worker = reference_in(State::ready);
  if (worker == nullptr || worker->job != job_number_) return;
  events_.push_back(worker->prepared);
  prepared_ = true;
}

bool WorkerBackend::can_come(int card) const {
  return std::any_of(workers_.begin(), workers_.end(), [card](const auto& worker) {
    return worker->card == card && worker->slot.state() != State::given_up && !worker->slot.waits_in_queue();
  });
}

/// Where the reference card is gone, or its worker waits in a queue again, the first that is ready takes its place.
void WorkerBackend::settle_reference() {
  if (can_come(reference_)) return;
  const Worker* next = nullptr;
  for (const auto& worker : workers_) {
    if (worker->card == 0 || !can_come(worker->card)) continue;
    const bool ready = worker->slot.state() == State::ready;
    if (next == nullptr || (ready && next->slot.state() != State::ready)) next = worker.get();
  }
  if (next == nullptr) return;
  reference_ = next->card;
  events_.push_back(ReferenceMoved{reference_});
}

std::vector<std::string> WorkerBackend::device_names() const {
  std::vector<std::string> names;
  for (const auto& worker : workers_) names.push_back(worker->device_name);
  return names;
}

WorkerBackend::Worker* WorkerBackend::worker_for(const PendingRequest& pending) {
  Worker* best = nullptr;
  for (auto& worker : workers_) {
    const auto& slot = worker->slot;
    if (slot.state() != State::ready || slot.exclusive() || slot.outstanding() >= options_.ahead) continue;
    if (pending.alone() && slot.outstanding() > 0) continue;
    if (best == nullptr || slot.outstanding() < best->slot.outstanding()) best = worker.get();
  }
  return best;
}

void WorkerBackend::deal() {
  announce_prepared();
  while (!pending_.empty()) {
    Worker* worker = worker_for(pending_.front());
    if (worker == nullptr) return;
    worker->slot.evaluate(std::move(pending_.front()));
    pending_.pop_front();
  }
  if (counters_) deal_counters();
  if (source_profile_) {
    settle_reference();
    if (Worker* worker = reference_in(State::ready)) {
      worker->slot.profile_source(*source_profile_);
      source_profile_.reset();
    }
  }
  const bool running = std::any_of(workers_.begin(), workers_.end(),
                                   [](const auto& worker) { return worker->slot.state() == State::running_finals; });
  if (!finals_ || running) return;
  settle_reference();
  if (Worker* worker = reference_in(State::ready)) worker->slot.run_finals(*finals_);
}

void WorkerBackend::requeue(std::deque<PendingRequest> unfinished) {
  for (auto& pending : unfinished) pending_.push_back(std::move(pending));
  std::sort(pending_.begin(), pending_.end(),
            [](const PendingRequest& a, const PendingRequest& b) { return a.request.id < b.request.id; });
}

}  // namespace fuseline::tuner
