// Evaluations and runs made by hand, and waiting for the background.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/gui/models/app.hpp"
#include "app/gui/models/why_model.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/sanitized.hpp"

namespace fuseline::app::gui::testing {

inline tuner::Evaluation evaluation(std::uint64_t sequence, const std::string& variant, int block, double ms,
                                    tuner::Outcome outcome = tuner::Outcome::ok) {
  tuner::Evaluation made;
  made.sequence = sequence;
  made.configuration = {variant, {{"block", block}, {"load", block % 256 == 0 ? "normal" : "streaming"}}};
  made.measurement.outcome = outcome;
  if (outcome != tuner::Outcome::ok) made.measurement.reason = "It did not work";
  if (outcome == tuner::Outcome::ok) {
    made.measurement.samples_ms = {ms * 0.99, ms, ms, ms * 1.01};
    made.measurement.time_ms = {ms, ms * 0.99, ms, ms, 4};
    made.measurement.facts = tuner::StaticFacts{};
    made.measurement.facts->registers = 16 + block / 32;
    made.measurement.launches = {tuner::Launch{{1024, 1, 1}, {block, 1, 1}, 0}};
  }
  return made;
}

inline tuner::RunInfo info() {
  tuner::RunInfo made;
  made.id = 7;
  made.started_at = "2025-11-20T10:00:00Z";
  made.problem = "p";
  made.compulsory_bytes = 1'000'000'000;
  made.flops = 2e9;
  made.copy_gbps = 4000;
  made.device.name = "NVIDIA H200";
  made.device.dram_peak_gbps = 4800;
  made.request.problem = "p";
  return made;
}

inline tuner::Run run_of(std::vector<tuner::Evaluation> evaluations) { return {info(), std::move(evaluations)}; }

/// All of them, as effects of parameters are worked out from them.
inline std::vector<StandingRow> standing_rows(const RunData& data) {
  std::vector<const Row*> rows;
  for (const Row& row : data.rows()) rows.push_back(&row);
  return gui::standing_rows(rows);
}

/// Four that worked and one that did not; #2 is the best.
inline std::shared_ptr<const tuner::Run> small_run() {
  return std::make_shared<const tuner::Run>(
      run_of({evaluation(0, "a", 128, 0.9), evaluation(1, "a", 256, 0.5), evaluation(2, "b", 128, 0.4),
              evaluation(3, "b", 512, 0, tuner::Outcome::incorrect), evaluation(4, "b", 1024, 0.8)}));
}

/// Pumps until `done`; false where that takes hopelessly long.
template <class Done>
bool pump_until(Background& background, Done&& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(tuner::kSanitized ? 200 : 20);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    background.pump();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// The app with nothing remembered and nothing kept, and its frames run until `done`.
inline tuner::Result<std::unique_ptr<App>> make_app(const std::vector<std::filesystem::path>& preset_paths = {}) {
  AppOptions options;
  options.preset_paths = preset_paths;
  options.data = tuner::data_folder();
  options.db = ":memory:";
  options.worker_program = "/nonexistent/fuseline-worker";
  return App::create(options);
}
template <class Done>
bool update_until(App& app, Done&& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(tuner::kSanitized ? 200 : 60);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    app.update();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  app.update();
  return true;
}

}  // namespace fuseline::app::gui::testing
