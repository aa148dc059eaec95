// Answers from a recording: nothing is measured, everything was.
#pragma once

#include <memory>

#include "tuner/session/backend.hpp"
#include "tuner/session/recordings.hpp"

namespace fuseline::tuner {

/// One request at a time, so that a strategy sees every outcome before it asks on and a replay is the same each time.
class ReplayBackend : public EvaluationBackend {
 public:
  explicit ReplayBackend(std::shared_ptr<const Recording> recording) : recording_(std::move(recording)) {}

  void prepare(const Job& job) override;
  void measure_ceilings() override;
  [[nodiscard]] std::size_t capacity() const override { return events_.empty() ? 1 : 0; }
  void submit(EvaluateRequest request) override;
  void submit_finals(FinalsRequest request) override;
  void submit_counters(CountersRequest request) override;
  void submit_source_profile(SourceProfileRequest request) override;
  [[nodiscard]] std::vector<BackendEvent> wait(std::chrono::milliseconds timeout) override;

 private:
  std::shared_ptr<const Recording> recording_;
  std::vector<BackendEvent> events_;
};

struct RecordedFinals {
  std::vector<FinalTiming> finals;
  std::vector<FinalRound> rounds;
};
/// The recorded finals in terms of `evaluations`, where all of the finalists were evaluated again; empty otherwise.
[[nodiscard]] RecordedFinals recorded_finals(const Recording& recording,
                                             const std::vector<std::shared_ptr<const Evaluation>>& evaluations);

}  // namespace fuseline::tuner
