// The sweep itself, on the session's thread: prepare, ask and tell, finals.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "tuner/session/counter_reader.hpp"
#include "tuner/session/early_stop.hpp"
#include "tuner/session/finals.hpp"
#include "tuner/session/logbook.hpp"
#include "tuner/session/plan.hpp"
#include "tuner/session/publisher.hpp"

namespace fuseline::tuner {

/// What other threads want of a sweep.
struct SweepCommands {
  std::atomic<bool> stop{false};
  std::atomic<bool> pause{false};
};

inline constexpr const char* kSession = "session";  ///< The thread's name in a timeline.

class Sweep {
 public:
  Sweep(SweepPlan plan, const SessionEnvironment& environment, const SweepCommands& commands, Publisher& publisher);

  /// Runs to the end and leaves the run complete in the publisher's draft, which is published last. Error: it failed;
  /// what was evaluated is kept.
  [[nodiscard]] Result<void> execute();

 private:
  using Clock = std::chrono::steady_clock;
  enum class End { done, stopped };
  struct Asked {
    std::uint64_t index = 0;
    Configuration configuration;
  };

  [[nodiscard]] Result<End> prepare();
  [[nodiscard]] Result<void> measure_ceilings();
  [[nodiscard]] Result<End> search();
  [[nodiscard]] Result<End> run_finals();

  // Verifying on further draws of the inputs, in sweep_draws.cpp.
  [[nodiscard]] Result<End> verify_draws();
  [[nodiscard]] std::vector<EvaluationPointer> close_to_the_best(const std::set<std::uint64_t>& verified) const;
  [[nodiscard]] Result<End> verify_draw(std::size_t draw, const std::vector<EvaluationPointer>& evaluations);
  [[nodiscard]] Result<End> prepare_draw(std::size_t draw);
  [[nodiscard]] Result<bool> pump_on_draw();
  [[nodiscard]] Result<void> take_draw(const EvaluationPointer& evaluation, Measurement measurement);
  void recount(const EvaluationPointer& before, const EvaluationPointer& now);

  [[nodiscard]] Result<End> time_finalists(Finals& finals);
  [[nodiscard]] Result<FinalsRequest> finals_request(const Finals::Phase& phase) const;
  /// What worked, best first.
  [[nodiscard]] std::vector<EvaluationPointer> ranked() const;
  [[nodiscard]] std::optional<TargetFit> target_fit();
  /// From here on the draft has every evaluation, followed or not.
  [[nodiscard]] Result<void> gather();
  [[nodiscard]] Result<void> close(RunState state);

  // Asking for hardware counters, in sweep_counters.cpp.
  [[nodiscard]] Result<End> read_missing_counters();
  [[nodiscard]] Result<End> read_best_counters();
  [[nodiscard]] Result<End> ask_for_counters(CountersRequest request);
  [[nodiscard]] Result<End> read_counters(const std::vector<std::string>& metrics,
                                          const std::vector<EvaluationPointer>& evaluations);
  [[nodiscard]] std::vector<EvaluationPointer> best_to_count() const;
  /// Of the best, where the request wants one. What goes wrong with it is said.
  [[nodiscard]] Result<End> read_source_profile();
  [[nodiscard]] Result<void> keep_source_profile(const EvaluationPointer& evaluation, SourceProfile profile);

  [[nodiscard]] Result<void> fill();
  [[nodiscard]] Result<void> ask(std::uint64_t index);
  void reuse(std::uint64_t index, const Evaluation& earlier);
  void tell(std::uint64_t index, const Measurement& measurement);
  [[nodiscard]] bool lost_enough() const;
  /// Takes in what the backend has to say, waiting up to 50 ms for it.
  [[nodiscard]] Result<void> pump();
  [[nodiscard]] Result<void> handle(BackendEvent event);
  [[nodiscard]] Result<void> take_outcome(OutcomeReply reply);
  void count(const EvaluationPointer& evaluation);
  // GPUs of a run of several, in sweep_cards.cpp.
  void take_card(const CardReady& ready);
  void take_reference(const ReferenceMoved& moved);
  void follow_reference();
  void warn_of_far_cards();
  [[nodiscard]] std::string counted_on_text() const;
  /// The number that the run has for a card of the backend; 0 where it is not known.
  [[nodiscard]] int card_number(int number) const;
  void keep_rounds(std::vector<FinalRound> rounds);
  void add_clocks(const std::optional<Clocks>& clocks);
  void follow_pause();
  void update_progress();
  [[nodiscard]] std::optional<double> remaining() const;

  /// For a SpanScope; null where nobody wants to know.
  [[nodiscard]] SpanRecorder* spans() const;
  [[nodiscard]] double elapsed() const;
  [[nodiscard]] std::size_t budget_room() const;
  [[nodiscard]] double read_share() const;
  [[nodiscard]] bool budget_used() const;
  [[nodiscard]] std::string budget_text() const;
  [[nodiscard]] bool stopping() const { return commands_.stop; }
  [[nodiscard]] bool replaying() const { return plan_.recording != nullptr; }

  SweepPlan plan_;
  const SessionEnvironment& environment_;
  const SweepCommands& commands_;
  Publisher& publisher_;
  Logbook logbook_;
  CounterReader counters_;
  RunInfo& info_;  ///< The publisher's draft.
  std::unordered_map<std::uint64_t, Asked> outstanding_;
  std::unordered_map<std::uint64_t, EvaluationPointer> drawn_;  ///< Out for verification on the draw at hand, by id.
  std::optional<std::size_t> draw_;  ///< That the workers are prepared for, of the plan's further ones.
  std::uint64_t next_id_ = 1;
  std::uint64_t asked_ = 0;  ///< Indices proposed so far, reused ones too.
  bool exhausted_ = false;
  int losses_ = 0;  ///< Workers lost, and once more where a kernel hung.
  Clock::time_point started_ = Clock::now();
  std::optional<Clock::time_point> paused_;
  Clock::duration paused_for_{};
  double earlier_s_ = 0;                 ///< Elapsed in the run resumed.
  double recorded_s_ = 0;                ///< Cost replayed so far.
  std::uint64_t measured_ = 0;           ///< Outcomes since the sweep was started or resumed.
  std::optional<EarlyStop> early_stop_;  ///< With --budget auto.
  std::optional<PreparedReply> prepared_;
  std::optional<Ceilings> ceilings_;
  std::optional<FinalsReply> finals_reply_;
  std::optional<SourceProfileReply> source_profile_reply_;
  std::map<int, int> card_numbers_;  ///< Of the run, by the backend's.
  std::set<std::string> warned_of_;  ///< Places of cards whose copies are far from the reference card's.
  std::set<int> counted_on_;         ///< Numbers of the cards on which counters were read since that was looked at.
  int backend_reference_ = 1;        ///< By the backend's numbers.
  bool reference_moved_ = false;     ///< Since that was looked at.
  bool devices_gone_ = false;
  std::optional<std::string> refused_;
};

/// A session of a sweep that is planned, on a thread of its own. `plan.finished` is empty.
[[nodiscard]] std::unique_ptr<Session> start_sweep(SweepPlan plan, const SessionEnvironment& environment);

}  // namespace fuseline::tuner
