// A campaign: the instances of a request, run one after the other. Each is an ordinary run. A campaign that was cut off
// is known again by its mark, which its runs carry in the store, and goes on with the instance that was at work.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tuner/session/instances.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::tuner {

enum class InstanceState {
  not_reached,  ///< The campaign ended before.
  interrupted,  ///< The user stopped in it; the run is kept.
  refused,      ///< There is no such instance, or nothing to measure it with.
  failed,       ///< Its sweep failed, or no configuration worked.
  finished,
  kept,  ///< Finished before the campaign was resumed.
};

/// What became of one instance. Figures are 0 where there is no best.
struct InstanceReport {
  CampaignInstance instance;
  InstanceState state = InstanceState::not_reached;
  std::string reason;    ///< Of a refusal or a failure.
  std::int64_t run = 0;  ///< In the store; 0: not kept.
  std::string device;    ///< That was measured.
  Backend backend = Backend::cuda;
  double best_ms = 0, of_copy = 0;
  std::string configuration;  ///< Key of the best.
  std::uint64_t evaluated = 0;
  std::vector<std::string> files;  ///< That the follower wrote.
};

struct CampaignReport {
  std::string problem;
  std::vector<InstanceReport> instances;
  std::optional<Error> error;  ///< What ended the campaign before its last instance.
  [[nodiscard]] std::size_t count(InstanceState state) const;
};

/// Where a campaign is.
struct CampaignPlace {
  std::size_t number = 1, count = 1;  ///< Of the instance at work, from 1.
  std::string instance;
  std::optional<double> later_s;  ///< What those after it will take, by those before it; empty: none was measured yet.
};

/// Who follows a campaign: it shows progress and writes files. Called on the thread of run_campaign().
class CampaignFollower {
 public:
  CampaignFollower() = default;
  CampaignFollower(const CampaignFollower&) = delete;
  CampaignFollower& operator=(const CampaignFollower&) = delete;
  virtual ~CampaignFollower() = default;

  /// Ahead of everything: error where the files of an instance could not be written.
  [[nodiscard]] virtual Result<void> check(const CampaignInstance& instance) = 0;
  /// Ahead of each sweep. Error: ends the campaign.
  [[nodiscard]] virtual Result<void> begin(const CampaignPlace& place, const CampaignInstance& instance) = 0;
  /// Waits until the sweep has ended; stops it where the user asks for that.
  [[nodiscard]] virtual Result<Run> follow(Session& session, const CampaignPlace& place) = 0;
  /// Of each run that finished, now or before a resumption: writes its files and names them in the report. Error: ends
  /// the campaign.
  [[nodiscard]] virtual Result<void> end(const Run& run, InstanceReport& report) = 0;
  /// Of each instance that has no finished run.
  virtual void failed(const InstanceReport& report) = 0;
  /// Whether the user asked to stop.
  [[nodiscard]] virtual bool stopped() = 0;
};

/// Runs them one after the other. An instance that is refused, or whose sweep fails, costs itself alone; what would
/// meet the next one too (no worker starts, the store or a file cannot be written) ends the campaign, and is the
/// report's error. With `environment.resume` the newest campaign of the same choices goes on: finished instances are
/// taken as they are, the one cut off is continued, and the others are begun. The lists, the budget, the target and the
/// commands of workers may differ from the first time; an instance that was done with another budget is done again.
/// Errors: those of list_instances(), of CampaignFollower::check(), a budget, device, strategy or target that is none,
/// nothing to resume.
[[nodiscard]] Result<CampaignReport> run_campaign(const CampaignRequest& request, const SessionEnvironment& environment,
                                                  CampaignFollower& follower);

}  // namespace fuseline::tuner
