#include "tuner/session/campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/session/plan.hpp"
#include "tuner/session/sweep.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::tuner {
namespace {

/// What two campaigns have in common of which one may go on with the other.
std::string choices_digest(SweepRequest each) {
  each.shape.clear();
  each.dims.clear();
  each.dtype.clear();
  each.budget.clear();
  each.target.clear();
  each.workers.clear();
  return sha256_hex(to_json(each).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)).substr(0, 16);
}

/// The mark of a new campaign, or of the one to go on with.
Result<std::string> campaign_mark(const CampaignRequest& request, const SessionEnvironment& environment) {
  const std::string digest = choices_digest(request.each);
  if (!environment.resume) return digest + " " + now_utc();
  if (environment.store == nullptr) return bad_input("--resume", "", "nothing is kept, so there is nothing to resume");
  FUSELINE_TRY(mark, environment.store->newest_campaign(digest));
  if (mark.empty()) return bad_input("--resume", "", "there is no campaign of these choices to resume");
  return mark;
}

/// Whether a sweep of the next instance would fail alike: the device or the disk is gone, not an instance refused.
bool ends_campaign(const Error& error) { return error.kind != ErrorKind::bad_input; }

void describe(const Run& run, InstanceReport& report) {
  report.run = run.info.id;
  report.device = run.info.device.name;
  report.backend = run.info.backend;
  report.evaluated = run.evaluations.size();
  const auto ranked = run.ranked();
  if (ranked.empty()) return;
  const Figures figures = figures_of(run.info, *ranked.front());
  report.best_ms = figures.time_ms;
  report.of_copy = figures.of_copy;
  report.configuration = ranked.front()->configuration.key();
}

class Campaign {
 public:
  Campaign(const SessionEnvironment& environment, CampaignFollower& follower, CampaignReport& report)
      : environment_(environment), follower_(follower), report_(report) {}

  void run() {
    for (std::size_t i = 0; i < report_.instances.size(); ++i) {
      if (follower_.stopped()) return;
      InstanceReport& each = report_.instances[i];
      if (auto done = run_one(i, each); !done) {
        report_.error = std::move(done).error();
        return;
      }
      if (each.state == InstanceState::refused || each.state == InstanceState::failed) follower_.failed(each);
      if (each.state == InstanceState::interrupted) return;
    }
  }

 private:
  using Clock = std::chrono::steady_clock;

  void set(InstanceReport& each, InstanceState state, std::string reason) {
    each.state = state;
    each.reason = std::move(reason);
  }

  /// Error: the campaign cannot go on.
  Result<void> run_one(std::size_t position, InstanceReport& each) {
    if (each.instance.refusal) {
      set(each, InstanceState::refused, each.instance.refusal->message());
      return {};
    }
    auto plan = make_plan(each.instance.request, environment_);
    if (!plan) {
      const bool ends = ends_campaign(plan.error());
      set(each, ends ? InstanceState::failed : InstanceState::refused, plan.error().message());
      return ends ? Result<void>(tl::unexpected(plan.error())) : Result<void>();
    }
    if (plan->finished) {
      const Run kept = std::move(*plan->finished);
      return conclude(kept, InstanceState::kept, each);
    }
    return sweep(std::move(*plan), place_of(position), each);
  }

  Result<void> sweep(SweepPlan plan, const CampaignPlace& place, InstanceReport& each) {
    each.run = plan.info.id;
    FUSELINE_CHECK(follower_.begin(place, each.instance));
    const auto started = Clock::now();
    const auto session = start_sweep(std::move(plan), environment_);
    auto run = follower_.follow(*session, place);
    if (!run) {
      set(each, InstanceState::failed, run.error().message());
      each.evaluated = session->snapshot()->evaluated;
      return run.error().kind == ErrorKind::io ? Result<void>(tl::unexpected(run.error())) : Result<void>();
    }
    spent_s_ += std::chrono::duration<double>(Clock::now() - started).count();
    ++measured_;
    if (run->info.state != RunState::interrupted) return conclude(*run, InstanceState::finished, each);
    describe(*run, each);
    set(each, InstanceState::interrupted, run->info.stop_reason);
    return {};
  }

  Result<void> conclude(const Run& run, InstanceState state, InstanceReport& each) {
    describe(run, each);
    set(each, state, {});
    if (each.configuration.empty()) set(each, InstanceState::failed, nothing_worked(run).reason);
    return follower_.end(run, each);
  }

  [[nodiscard]] CampaignPlace place_of(std::size_t position) const {
    CampaignPlace place{position + 1, report_.instances.size(), report_.instances[position].instance.name, {}};
    const auto later = std::count_if(report_.instances.begin() + static_cast<std::ptrdiff_t>(position) + 1,
                                     report_.instances.end(), [](const auto& each) { return !each.instance.refusal; });
    if (measured_ > 0) place.later_s = spent_s_ / static_cast<double>(measured_) * static_cast<double>(later);
    return place;
  }

  const SessionEnvironment& environment_;
  CampaignFollower& follower_;
  CampaignReport& report_;
  double spent_s_ = 0;
  std::size_t measured_ = 0;
};

}  // namespace

std::size_t CampaignReport::count(InstanceState state) const {
  return static_cast<std::size_t>(
      std::count_if(instances.begin(), instances.end(), [&](const auto& each) { return each.state == state; }));
}

Result<CampaignReport> run_campaign(const CampaignRequest& request, const SessionEnvironment& environment,
                                    CampaignFollower& follower) {
  FUSELINE_CHECK(check_choices(request.each, environment));
  FUSELINE_TRY(instances, list_instances(request, *environment.catalog));
  for (const CampaignInstance& instance : instances) {
    if (!instance.refusal) FUSELINE_CHECK(follower.check(instance));
  }
  SessionEnvironment each = environment;
  FUSELINE_TRY(mark, campaign_mark(request, environment));
  each.campaign = std::move(mark);
  CampaignReport report;
  report.problem = request.each.problem;
  for (CampaignInstance& instance : instances) report.instances.emplace_back().instance = std::move(instance);
  Campaign(each, follower, report).run();
  return report;
}

}  // namespace fuseline::tuner
