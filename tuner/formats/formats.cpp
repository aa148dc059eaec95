#include "tuner/formats/formats.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/formats/convergence_csv.hpp"
#include "tuner/formats/csv.hpp"
#include "tuner/formats/kernel_tuner.hpp"
#include "tuner/formats/ncu.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/formats/t4.hpp"

namespace fuseline::tuner {
namespace {

template <std::string (*text)(const Run&)>
Result<std::string> as_text(const Run& run) {
  return text(run);
}
template <Result<OrderedJson> (*json)(const Run&)>
Result<std::string> as_json(const Run& run) {
  return json(run).map(json_text);
}

}  // namespace

const std::vector<Format>& formats() {
  static const std::vector<Format> list = {
      {"json", "Result: best, ties and top, JSON", ".best.json", "", as_json<result_json>},
      {"t4", "Recording: every evaluation (T4 results format)", ".t4.json", "", as_text<t4_text>},
      {"csv", "Table: every evaluation, CSV", ".csv", "", as_text<csv>},
      {"convergence-csv", "Progress: best so far and expected random search, CSV", ".convergence.csv", "convergence",
       convergence_csv},
      {"ncu", "Best with Nsight Compute's metric names, JSON", ".ncu.json", "", as_json<ncu_json>},
      {"kernel-tuner", "Recording: every evaluation, a cache file of Kernel Tuner", ".kernel_tuner.json", "",
       kernel_tuner_text},
  };
  return list;
}

Result<const Format*> format_named(const std::string& id, const std::vector<std::string>& others) {
  std::vector<std::string> ids;
  for (const Format& format : formats()) {
    if (format.id == id || (!id.empty() && format.former_id == id)) return &format;
    ids.push_back(format.id);
  }
  ids.insert(ids.end(), others.begin(), others.end());
  const auto close = closest(id, ids);
  return bad_input(fmt::format("there is no format '{}'{}; there are {}", printable(id),
                               close.empty() ? "" : fmt::format(" (did you mean {}?)", fmt::join(close, " or ")),
                               fmt::join(ids, ", ")));
}

std::string formats_help() {
  std::vector<std::string> words;
  for (const Format& format : formats()) words.push_back(fmt::format("{} ({})", format.id, format.title));
  return fmt::format("{}", fmt::join(words, "; "));
}

}  // namespace fuseline::tuner
