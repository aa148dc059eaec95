// A campaign as people read it.
#pragma once

#include <cstddef>
#include <string>

#include "tuner/session/campaign.hpp"

namespace fuseline::tuner {

/// A row an instance: what became of it, time and share of copy of its best, the configuration, how many evaluations,
/// the device, and where the result lies; then why instances were refused or failed. What was replayed says so.
[[nodiscard]] std::string campaign_text(const CampaignReport& report, bool colour);

/// Why not all are done, in one line: how many are, what became of the first of the others, and how many more there
/// are.
[[nodiscard]] std::string campaign_faults_text(const CampaignReport& report);

/// progress_line() of the sweep at work behind which of how many it is, with the time that those after it will take:
/// "2/6 f32 wide: ...  then 4 more, 12m 0s". At most `width` columns; what has no room is left out.
[[nodiscard]] std::string campaign_line(const CampaignPlace& place, const Snapshot& snapshot, std::size_t width);

}  // namespace fuseline::tuner
