#include "profiler/counters/counter_listing.hpp"

#include <nlohmann/json.hpp>

#include "profiler/counters/metric_host.hpp"
#include "tuner/counters/metric_sets.hpp"

namespace fuseline::profiler {
namespace {

using nlohmann::json;

json to_json(const MetricDescription& metric) {
  return {{"name", metric.name},
          {"type", metric.kind},
          {"description", metric.description},
          {"unit", metric.unit},
          {"hardware", metric.hardware}};
}

/// Names of metrics, of those that the chip does not offer, and passes.
tuner::Result<json> schedule_of(const std::string& chip, const std::vector<std::string>& metrics) {
  FUSELINE_TRY(host, MetricHost::open(chip));
  json entry = {{"metrics", json::array()}, {"invalid", json::array()}, {"passes", 0}};
  std::vector<std::string> offered;
  for (const std::string& metric : metrics) {
    if (host->offers(metric)) {
      offered.push_back(metric);
    } else {
      entry["invalid"].push_back(metric);
    }
  }
  if (offered.empty()) return entry;
  FUSELINE_CHECK(host->schedule(offered));
  entry["metrics"] = host->metrics();
  entry["passes"] = host->passes();
  return entry;
}

}  // namespace

tuner::Result<json> list_chips() {
  FUSELINE_TRY(chips, supported_chips());
  return json{{"chips", chips}};
}

tuner::Result<json> list_counters(const std::string& chip, const std::vector<std::string>& metrics) {
  FUSELINE_TRY(cupti, CuptiLibrary::load());
  FUSELINE_TRY(host, MetricHost::open(chip));
  json listing = {{"chip", chip}, {"cupti", cupti->version}};
  for (const std::string_view name : tuner::metric_set_names()) {
    FUSELINE_TRY(set, tuner::metric_set(name));
    FUSELINE_TRY(entry, schedule_of(chip, set));
    listing["sets"][std::string(name)] = std::move(entry);
  }
  if (!metrics.empty()) {
    FUSELINE_TRY(entry, schedule_of(chip, metrics));
    listing["metrics"] = json::array();
    for (const json& name : entry["metrics"]) {
      FUSELINE_TRY(description, host->describe(name.get<std::string>()));
      listing["metrics"].push_back(to_json(description));
    }
    listing["requested"] = std::move(entry);
    return listing;
  }
  FUSELINE_TRY(all, host->base_metrics());
  listing["metrics"] = json::array();
  for (const MetricDescription& metric : all) listing["metrics"].push_back(to_json(metric));
  return listing;
}

}  // namespace fuseline::profiler
