// fuseline sweep with lists of shapes, dtypes or dimensions: every instance in turn.
#include "tuner/session/campaign.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "app/cli/interrupt.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/sweep.hpp"
#include "tuner/base/text.hpp"
#include "tuner/report/campaign_text.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::app {
namespace {

using tuner::InstanceState;
using tuner::Result;
using tuner::Run;

class Follower final : public tuner::CampaignFollower {
 public:
  Follower(const SweepOptions& options, bool quiet, std::optional<Trace>& trace)
      : options_(options), quiet_(quiet), trace_(trace) {}

  Result<void> check(const tuner::CampaignInstance& instance) override {
    const SweepFiles files = files_of(options_.files, instance);
    return check_outputs({files.json, files.record, files.trace, files.csv});
  }

  Result<void> begin(const tuner::CampaignPlace& place, const tuner::CampaignInstance& instance) override {
    spdlog::info("{} of {}: {}", place.number, place.count, instance.name);
    trace_.emplace(files_of(options_.files, instance).trace);
    return trace_->check();
  }

  Result<Run> follow(tuner::Session& session, const tuner::CampaignPlace& place) override {
    return app::follow(session, quiet_, [&place](const tuner::Snapshot& snapshot, std::size_t width) {
      return tuner::campaign_line(place, snapshot, width);
    });
  }

  Result<void> end(const Run& run, tuner::InstanceReport& report) override {
    if (options_.top && !quiet_) print(tuner::result_text(run, *options_.top, use_colour(1), options_.by()) + "\n");
    SweepFiles files = files_of(options_.files, report.instance);
    if (report.configuration.empty()) files.json.clear();  // A result has a best.
    FUSELINE_CHECK(write_results(run, files));
    // What is kept of an earlier campaign was not begun in this one.
    trace_failed_ = trace_failed_ || (trace_ && trace_->failed());
    for (const std::string& file : {files.json, files.record, files.csv}) {
      if (!file.empty()) report.files.push_back(file);
    }
    return {};
  }

  void failed(const tuner::InstanceReport& report) override {
    spdlog::warn("{}: {}", report.instance.name, tuner::printable(report.reason));
  }

  bool stopped() override { return interrupted(); }
  [[nodiscard]] bool trace_failed() const { return trace_failed_; }

 private:
  const SweepOptions& options_;
  bool quiet_;
  std::optional<Trace>& trace_;
  bool trace_failed_ = false;
};

Result<void> check_options(const SweepOptions& options) {
  for (const auto& [name, file] :
       {std::pair{"--json", &options.files.json}, {"--record", &options.files.record}, {"--csv", &options.files.csv}}) {
    if (*file == "-") return tuner::bad_input(name, "", "one result goes to standard output: name a file for several");
  }
  return {};
}

int conclude(const tuner::CampaignReport& report, const SweepOptions& options, const Context& context) {
  if (!context.quiet) print(tuner::campaign_text(report, use_colour(1)));
  const bool kept = options.db != ":memory:";
  if (interrupted()) {
    const auto left = report.count(InstanceState::interrupted) + report.count(InstanceState::not_reached);
    tell_end(context,
             fmt::format("interrupted, {} to go; {}", left,
                         kept ? "to go on: " + resume_command(context.arguments) : "nothing was kept (--db :memory:)"));
    return kInterrupted;
  }
  if (report.error) {
    const int code = fail(*report.error);
    const bool begun = std::any_of(report.instances.begin(), report.instances.end(),
                                   [](const tuner::InstanceReport& each) { return each.run > 0; });
    if (kept && begun) spdlog::warn("to go on when that is mended: {}", resume_command(context.arguments));
    return code;
  }
  const auto done = report.count(InstanceState::finished) + report.count(InstanceState::kept);
  if (done == report.instances.size()) return kDone;
  spdlog::error("{}", tuner::campaign_faults_text(report));
  return report.count(InstanceState::refused) == report.instances.size() ? kBadInput : kNothingWorked;
}

}  // namespace

Result<int> run_campaign(const tuner::CampaignRequest& request, const SweepOptions& options, const Context& context,
                         const tuner::SessionEnvironment& environment) {
  FUSELINE_CHECK(check_options(options));
  std::optional<Trace> trace;
  tuner::SessionEnvironment each = environment;
  each.on_evaluation = [&trace](const tuner::Evaluation& evaluation) {
    if (trace) trace->add(evaluation);
  };
  Follower follower(options, context.quiet, trace);
  FUSELINE_TRY(report, tuner::run_campaign(request, each, follower));
  const int code = conclude(report, options, context);
  return code == kDone && follower.trace_failed() ? static_cast<int>(kBadInput) : code;
}

}  // namespace fuseline::app
