// What a sweep and a campaign of sweeps share: options, files of results, and how to go on.
#pragma once

#include <cstddef>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/common.hpp"
#include "app/cli/elsewhere.hpp"
#include "app/cli/request.hpp"
#include "tuner/run/projected.hpp"
#include "tuner/session/instances.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::app {

/// Files of results; empty: not wanted, "-": standard output.
struct SweepFiles {
  std::string json, record, trace, csv = {}, timing = {};
};

struct SweepOptions {
  tuner::CampaignRequest request;
  Choices choices;
  Elsewhere elsewhere;
  std::string counters = "none", db, rank = "device";
  SweepFiles files;
  std::optional<std::size_t> top;
  bool resume = false;
  [[nodiscard]] std::size_t shown() const { return top.value_or(10); }
  [[nodiscard]] tuner::RankBy by() const { return rank == "target" ? tuner::RankBy::target : tuner::RankBy::device; }
};

/// One JSON object an evaluation, each on its line as soon as it is known.
class Trace {
 public:
  explicit Trace(const std::string& file);
  [[nodiscard]] tuner::Result<void> check() const;
  void add(const tuner::Evaluation& evaluation);
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::string file_;
  std::ofstream stream_;
  bool failed_ = false;
};

/// Those of one instance of a campaign, each with its name in it.
[[nodiscard]] SweepFiles files_of(const SweepFiles& files, const tuner::CampaignInstance& instance);

/// Writes the result and the recording, where they are wanted.
[[nodiscard]] tuner::Result<void> write_results(const tuner::Run& run, const SweepFiles& files);
/// The same command with --resume, quoted for a shell and safe to show.
[[nodiscard]] std::string resume_command(std::vector<std::string> arguments);

/// The request on a GPU that is not there (tuner::is_static()); the exit code. `command` says what was given.
[[nodiscard]] tuner::Result<int> run_static_sweep(const CLI::App& command, const tuner::CampaignRequest& request,
                                                  const SweepOptions& options, const Context& context);

/// Sweeps every instance of the request; the exit code.
[[nodiscard]] tuner::Result<int> run_campaign(const tuner::CampaignRequest& request, const SweepOptions& options,
                                              const Context& context, const tuner::SessionEnvironment& environment);

}  // namespace fuseline::app
