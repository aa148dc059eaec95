// Evaluates on GPUs, each behind a worker process. A worker that dies, hangs or talks nonsense costs at most one
// configuration.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tuner/session/backend.hpp"
#include "tuner/session/worker_slot.hpp"

namespace fuseline::tuner {

/// Told every few seconds what is waited for before there is a worker; false gives up.
using OnWaiting = std::function<bool(const std::string& for_what)>;

/// How the error ends where workers have GPUs of different kinds.
inline constexpr std::string_view kOfOneKind = "times of different GPUs do not compare; name those of one kind";

/// Requests are dealt to the worker with most room. What a lost worker had begun is answered (crashed or timeout), the
/// rest is done again by its replacement. A worker lost three times in a row with nothing to blame and no outcome in
/// between is given up.
class WorkerBackend : public EvaluationBackend {
 public:
  struct Options {
    Deadlines deadlines;
    std::size_t ahead = 32;  ///< Requests on their way to one worker, so that compiling stays ahead of measuring.
    OnWaiting on_waiting = nullptr;
    bool ours = false;      ///< The commands are of our own worker on this machine.
    bool any_kind = false;  ///< The GPUs may differ: it is only asked what they are.
  };
  /// Starts a worker for each command and waits for their greetings; of those that a scheduler starts for the first
  /// where there are no others. The rest join when they have a GPU. Errors: a worker that cannot be started, sees no
  /// GPU or speaks another protocol; workers whose GPUs differ; the waiting was given up.
  [[nodiscard]] static Result<std::unique_ptr<WorkerBackend>> connect(const std::vector<std::string>& commands,
                                                                      const Options& options);

  WorkerBackend(const WorkerBackend&) = delete;
  WorkerBackend& operator=(const WorkerBackend&) = delete;
  ~WorkerBackend() override;

  /// The device measured; the first worker's, where there are several (they are alike).
  [[nodiscard]] const DeviceInfo& device() const { return hello_.devices[static_cast<std::size_t>(hello_.device)]; }
  /// The first worker's greeting: every device it sees.
  [[nodiscard]] const HelloReply& hello() const { return hello_; }
  /// What each worker's GPU is called, in the order of the commands; empty of those that have not greeted.
  [[nodiscard]] std::vector<std::string> device_names() const;

  void prepare(const Job& job) override;
  void measure_ceilings() override;
  [[nodiscard]] std::size_t capacity() const override;
  void submit(EvaluateRequest request) override;
  void submit_finals(FinalsRequest request) override;
  void submit_counters(CountersRequest request) override;
  void submit_source_profile(SourceProfileRequest request) override;
  [[nodiscard]] std::vector<BackendEvent> wait(std::chrono::milliseconds timeout) override;

 private:
  struct Worker {
    Worker(std::size_t place, const std::string& command, Deadlines deadlines)
        : number(place), slot(command, deadlines) {}
    std::size_t number;  ///< From 1.
    WorkerSlot slot;
    std::string device_name;                    ///< As it said when it greeted.
    int card = 0;                               ///< Number of its GPU, from 1; 0 until it has greeted.
    bool to_flush = false;                      ///< Has still to be asked for what it has gathered.
    std::vector<EvaluateRequest> reading = {};  ///< That it was asked for the counters of.
    PreparedReply prepared = {};                ///< Its latest.
    int job = 0;                                ///< Number of the job that it was prepared for.
    int fruitless_deaths = 0;                   ///< In a row, with nothing to blame and no outcome in between.
  };
  explicit WorkerBackend(Options options) : options_(std::move(options)) {}
  [[nodiscard]] Result<void> greet_all();
  [[nodiscard]] Result<void> greet(Worker& worker);
  [[nodiscard]] Result<void> greet_scheduled();
  [[nodiscard]] Result<void> take_greeting(Worker& worker);
  [[nodiscard]] Result<void> check_hello(const HelloReply& hello, const std::string& command) const;
  void prepare(Worker& worker);
  void take_hello(Worker& worker, const HelloReply& hello);
  void take_prepared(Worker& worker, const PreparedReply& prepared);
  void announce_prepared();
  void settle_reference();
  [[nodiscard]] bool can_come(int card) const;
  void take_turn(Worker& worker);
  void handle(Worker& worker, Reply reply);
  void refused(Worker& worker, const ErrorReply& error, WorkerSlot::State was);
  void lost(Worker& worker, WorkerSlot::Loss loss);
  void lost_request(WorkerSlot::Loss& loss);
  void answer_for(const PendingRequest& pending, const WorkerSlot::Loss& loss);
  void restart(Worker& worker, const WorkerSlot::Loss& loss);
  void give_up(Worker& worker, const std::string& reason);
  void deal();
  void deal_counters();
  void take_counters(Worker& worker, CountersReply reply);
  void lost_counters(Worker& worker, const WorkerSlot::Loss& loss);
  void read_again(Worker& worker);
  void end_counters();
  [[nodiscard]] Worker* worker_for(const PendingRequest& pending);
  /// On the reference card, with nothing outstanding.
  [[nodiscard]] Worker* reference_in(WorkerSlot::State state);
  void requeue(std::deque<PendingRequest> unfinished);
  void note(std::string text) { events_.push_back(Note{std::move(text)}); }

  Options options_;
  HelloReply hello_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<Job> job_;
  int job_number_ = 0;  ///< Jobs so far.
  bool prepared_ = false;
  std::vector<Card> cards_;              ///< By number, from 1, in the order in which they greeted.
  int reference_ = 1;                    ///< Card on which ceilings and finals are measured.
  std::deque<PendingRequest> pending_;   ///< By id: what was asked first is dealt first.
  std::optional<FinalsRequest> finals_;  ///< Asked for and unanswered.
  int finals_deaths_ = 0;
  std::optional<CountersRequest> counters_;  ///< Asked for and not finished; its configurations are not dealt yet.
  bool flushing_ = false;                    ///< The request is for what the workers have gathered.
  int counters_deaths_ = 0;
  std::optional<SourceProfileRequest> source_profile_;  ///< Asked for and not dealt yet.
  std::vector<BackendEvent> events_;
};

}  // namespace fuseline::tuner
