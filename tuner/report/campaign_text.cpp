#include "tuner/report/campaign_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "tuner/base/text.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::tuner {
namespace {

/// What became of it, in a word; nothing where all is as it should be.
std::string state_text(InstanceState state) {
  switch (state) {
    case InstanceState::not_reached:
      return "to go";
    case InstanceState::interrupted:
      return "interrupted";
    case InstanceState::refused:
      return "refused";
    case InstanceState::failed:
      return "failed";
    case InstanceState::finished:
      return "done";
    case InstanceState::kept:
      return "done before";
  }
  return "";
}

std::string device_text(const InstanceReport& each) {
  if (each.device.empty()) return "";
  return short_device_name(each.device) + (each.backend == Backend::replay ? ", replayed" : "");
}

std::string place_text(const InstanceReport& each) {
  if (!each.files.empty()) return fmt::format("{}", fmt::join(each.files, ", "));
  return each.run > 0 ? fmt::format("run {}", each.run) : "";
}

std::vector<std::string> row(const InstanceReport& each) {
  return {each.instance.name,
          state_text(each.state),
          format_ms(each.best_ms),
          each.of_copy > 0 ? percent_text(each.of_copy) : "-",
          each.evaluated > 0 ? std::to_string(each.evaluated) : "-",
          device_text(each),
          each.configuration,
          place_text(each)};
}

std::string counts_text(const CampaignReport& report) {
  std::vector<std::string> parts;
  const auto add = [&](std::size_t count, const char* what) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, what));
  };
  add(report.count(InstanceState::finished) + report.count(InstanceState::kept), "done");
  add(report.count(InstanceState::interrupted), "interrupted");
  add(report.count(InstanceState::refused), "refused");
  add(report.count(InstanceState::failed), "failed");
  add(report.count(InstanceState::not_reached), "to go");
  return fmt::format("{}: {} instance{}, {}", printable(report.problem), report.instances.size(),
                     report.instances.size() == 1 ? "" : "s", fmt::join(parts, ", "));
}

bool is_fault(const InstanceReport& each) {
  return each.state == InstanceState::refused || each.state == InstanceState::failed;
}

std::string fault_text(const InstanceReport& each) {
  return fmt::format("{} {}: {}", each.instance.name, state_text(each.state), printable(each.reason));
}

}  // namespace

std::string campaign_text(const CampaignReport& report, bool colour) {
  TextTable table{
      {"instance", "", "best ms", "of copy", "evaluations", "device", "configuration of the best", "result"}, {}};
  std::string reasons;
  for (const InstanceReport& each : report.instances) {
    table.rows.push_back(row(each));
    if (is_fault(each)) reasons += fault_text(each) + "\n";
  }
  return counts_text(report) + "\n" + table.render(colour) + reasons;
}

std::string campaign_faults_text(const CampaignReport& report) {
  std::string text = counts_text(report);
  const auto first = std::find_if(report.instances.begin(), report.instances.end(), is_fault);
  if (first != report.instances.end()) text += "; " + fault_text(*first);
  const auto others = std::count_if(report.instances.begin(), report.instances.end(), is_fault) - 1;
  return text + (others > 0 ? fmt::format("; and {} more", others) : "");
}

std::string campaign_line(const CampaignPlace& place, const Snapshot& snapshot, std::size_t width) {
  const std::string brief = fmt::format("{}/{}", place.number, place.count);
  const std::size_t left = place.count - std::min(place.number, place.count);
  const std::string later = left == 0
                                ? ""
                                : fmt::format("  then {} more{}", left,
                                              place.later_s ? ", " + format_duration(*place.later_s) : std::string());
  const std::string heads[] = {fmt::format("{} {}: ", brief, place.instance), brief + ": "};
  for (const std::string& head : heads) {
    for (const std::string& tail : {later, std::string()}) {
      // What the sweep itself has to say needs some room, or it is better to say less of the campaign.
      constexpr std::size_t kRoom = 40;
      if (head.size() + tail.size() + kRoom <= width)
        return fmt::format("{}{}{}", head, progress_line(snapshot, width - head.size() - tail.size()), tail);
    }
  }
  if (width <= brief.size() + 2) return brief.substr(0, width);
  return fmt::format("{}: {}", brief, progress_line(snapshot, width - brief.size() - 2));
}

}  // namespace fuseline::tuner
