#include "tuner/plot/captions.hpp"

#include <fmt/format.h>

#include "tuner/report/describe.hpp"

namespace fuseline::tuner {

std::string plot_title(const RunInfo& info, const std::string& what) {
  return fmt::format("{}{}{} on {}", info.problem_title.empty() ? info.problem : info.problem_title,
                     what.empty() ? "" : ": ", what, info.device.name.empty() ? "an unnamed device" : info.device.name);
}

std::string plot_subtitle(const Run& run) {
  return fmt::format("{}  \u00b7  {}  \u00b7  {}", run.info.problem, instance_text(run.info), outcomes_text(run));
}

}  // namespace fuseline::tuner
