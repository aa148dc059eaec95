// One worker as the pool sees it: what it was asked, what it has begun, and when it is taken for lost.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tuner/worker/data_stream.hpp"
#include "tuner/worker/link.hpp"

namespace fuseline::tuner {

/// A request on its way, and how often a worker died while it held it and had begun nothing.
struct PendingRequest {
  EvaluateRequest request;
  int unexplained_deaths = 0;
  bool killed = false;  ///< Its worker was killed from outside while it was on the device.
  /// Twice is suspicious: from then on it is evaluated with nothing beside it, so that the next death can be blamed on
  /// it.
  [[nodiscard]] bool alone() const { return unexplained_deaths >= 2; }
};

/// Keeps the books for one worker process. Replies that answer nothing asked, deaths and passed deadlines all end in a
/// Loss.
class WorkerSlot {
 public:
  using Clock = std::chrono::steady_clock;
  enum class State {
    down,
    greeting,
    idle,
    preparing,
    ready,
    measuring_ceilings,
    running_finals,
    reading_counters,
    profiling_source,
    given_up
  };

  struct Loss {
    std::string reason;
    std::optional<PendingRequest> blamed;   ///< It was on the device.
    Outcome outcome = Outcome::crashed;     ///< For the blamed one: crashed or timeout.
    double seconds = 0;                     ///< That the blamed one had run.
    std::deque<PendingRequest> unfinished;  ///< Evaluations to be done again.
    std::optional<std::uint64_t> blamed_finalist;
    std::optional<std::uint64_t> blamed_reading;  ///< Its counters were read; its outcome is known.
    State state = State::down;                    ///< In which it was lost.
    bool killed = false;                          ///< By SIGKILL: from outside.
    bool explained = false;                       ///< The worker itself said that it gave up, and why.
  };
  struct Turn {
    std::vector<Reply> replies;  ///< Checked against what was asked; started replies are left out.
    std::optional<Loss> loss;
    std::optional<Error> unreadable;  ///< The job's files cannot be sent: no other worker will fare better.
  };

  WorkerSlot(std::string command, Deadlines deadlines);
  WorkerSlot(const WorkerSlot&) = delete;
  WorkerSlot& operator=(const WorkerSlot&) = delete;
  ~WorkerSlot();

  /// Starts the process and greets it. Error: it cannot be started.
  [[nodiscard]] Result<void> start();
  void prepare(const Job& job);
  void measure_ceilings();
  void evaluate(PendingRequest pending);
  void run_finals(const FinalsRequest& request);
  void read_counters(const CountersRequest& request);
  void profile_source(const SourceProfileRequest& request);
  void give_up();
  /// Before many are ended one after the other: none is to work on meanwhile.
  void hang_up() {
    if (link_) link_->hang_up();
  }
  /// True where turn() has something to do though its pipes are quiet.
  [[nodiscard]] bool is_due() const;
  /// Moves messages, checks deadlines.
  [[nodiscard]] Turn turn();

  [[nodiscard]] State state() const { return state_; }
  /// Started by a scheduler's command, which may keep it waiting for hours.
  [[nodiscard]] bool is_scheduled() const { return scheduled_; }
  /// Started, and its messages have not begun: it waits for a GPU.
  [[nodiscard]] bool waits_in_queue() const { return scheduled_ && link_ && !link_->begun(); }
  /// What whoever starts it has said last; empty where that is nothing.
  [[nodiscard]] std::string last_line() const { return link_ ? link_->last_line() : std::string(); }
  /// How many processes there have been.
  [[nodiscard]] int starts() const { return starts_; }
  [[nodiscard]] const std::string& command() const { return command_; }
  [[nodiscard]] std::size_t outstanding() const { return outstanding_.size(); }
  /// True where an evaluation runs that wants nothing beside it.
  [[nodiscard]] bool exclusive() const { return !outstanding_.empty() && outstanding_.front().alone(); }
  [[nodiscard]] std::optional<ChildInterest> interest() const;
  [[nodiscard]] std::chrono::milliseconds until_deadline() const;

 private:
  struct Started {
    std::uint64_t id;
    std::string stage;
    Clock::time_point since;  ///< When it first touched the device.
  };
  void await(State state, double seconds);
  /// Sends the request's source where this worker has not had it since it was prepared.
  void send_source(const EvaluateRequest& request);
  void set_deadline(double seconds) {
    deadline_ = Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  }
  void rearm();
  /// Keeps the worker in data, as it reads them.
  [[nodiscard]] Result<void> send_data();
  [[nodiscard]] bool waiting() const;
  /// Accepts a reply into `turn`, or says why it makes no sense.
  [[nodiscard]] std::optional<std::string> accept(Reply reply, Turn& turn);
  [[nodiscard]] std::optional<std::string> accept_outcome(const OutcomeReply& reply);
  [[nodiscard]] std::optional<std::string> accept_started(const StartedReply& reply);
  [[nodiscard]] std::optional<std::string> accept_finals(const FinalsReply& reply);
  [[nodiscard]] std::optional<std::string> accept_counters(const CountersReply& reply);
  [[nodiscard]] std::optional<std::string> accept_source_profile(const SourceProfileReply& reply);
  [[nodiscard]] bool counts(std::uint64_t id) const { return gathered_.contains(id) || requested_.contains(id); }
  [[nodiscard]] Loss lose(std::string reason, Outcome outcome);
  [[nodiscard]] std::string overdue() const;

  std::string command_;
  Deadlines deadlines_;
  bool scheduled_;
  int starts_ = 0;
  State state_ = State::down;
  std::optional<WorkerLink> link_;
  std::deque<PendingRequest> outstanding_;
  std::optional<Started> started_;
  std::set<std::string> sent_;      ///< Names of sources that the worker has.
  std::optional<DataStream> data_;  ///< Of the job, still to be sent.
  std::set<std::uint64_t> finalists_;
  bool gathers_ = false;               ///< It reads counters alongside.
  bool times_ = true;                  ///< What is right is timed.
  std::set<std::uint64_t> gathered_;   ///< Answered ok, and their counters have not come yet.
  std::set<std::uint64_t> requested_;  ///< Of the request for counters, or for a source profile, that it is at.
  Clock::time_point deadline_{};
  double allowed_s_ = 0;
};

}  // namespace fuseline::tuner
