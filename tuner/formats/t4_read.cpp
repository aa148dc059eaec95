// A run from a T4 file: ours with everything, or another tool's with what T4 carries.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/foreign.hpp"
#include "tuner/formats/t4.hpp"
#include "tuner/formats/t4_file.hpp"
#include "tuner/formats/t4_foreign.hpp"
#include "tuner/formats/t4_names.hpp"
#include "tuner/run/measurement_json.hpp"

namespace fuseline::tuner {

namespace {

Result<JsonView> object_at(const JsonView& view, const std::string& name) {
  FUSELINE_TRY(found, view.at(name));
  if (!found.json().is_object()) return found.fail("expected an object");
  return found;
}

Result<Evaluation> read_own(const JsonView& result) {
  FUSELINE_TRY(own, object_at(result, "fuseline"));
  Evaluation evaluation;
  FUSELINE_TRY(configuration, read_t4_configuration(result, true));
  evaluation.configuration = std::move(configuration);
  FUSELINE_CHECK(FieldReader(own)
                     .required("sequence", evaluation.sequence)
                     .optional("elapsed_s", evaluation.elapsed_s)
                     .optional("configuration", evaluation.configuration)
                     .result());
  FUSELINE_TRY(place, own.at("measurement"));
  FUSELINE_TRY(measurement, measurement_from_json(place));
  FUSELINE_TRY(invalidity, result.at("invalidity"));
  FUSELINE_TRY(text, invalidity.string());
  if (text != invalidity_of(measurement.outcome)) {
    return invalidity.fail(
        fmt::format("is \"{}\", but the outcome is {}", printable(text), to_string(measurement.outcome)));
  }
  FUSELINE_TRY(times, object_at(result, "times"));
  if (!place.has("samples_ms")) {
    FUSELINE_TRY(runtimes, read_samples(times, "runtimes", 1));
    measurement.samples_ms = std::move(runtimes);
  }
  if (!place.has("time_ms") && !measurement.samples_ms.empty()) measurement.time_ms = summarize(measurement.samples_ms);
  if (measurement.outcome == Outcome::ok && !worked(measurement))
    return place.fail("is ok, but has no time above zero");
  evaluation.measurement = std::move(measurement);
  return evaluation;
}

// ---- the file ----

/// Its metadata holds our RunInfo.
bool is_ours(const JsonView& root) {
  return root.has("metadata") && JsonView(root.json().at("metadata"), root.file()).has("fuseline");
}

Result<void> check_version(const JsonView& root) {
  FUSELINE_TRY(version, root.string_or("schema_version", std::string(kT4Version)));
  if (version.rfind("1.", 0) == 0) return {};
  return bad_input(root.file(), "/schema_version", "is \"" + printable(version) + "\"; versions 1.x.x of T4 are read");
}

/// Fewer bytes than any result of ours has: what room is taken for stays in proportion to the file.
constexpr std::size_t kLeastBytesOfResult = 128;

/// Tells how far a large text was read, a MiB at a time.
class Progress {
 public:
  Progress(const T4File& file, const TextPassed& passed)
      : file_(file), passed_(file.looks_back() ? nullptr : &passed) {}
  void after(std::size_t result) {
    constexpr std::size_t kStep = std::size_t{1} << 20;
    if (passed_ == nullptr || !*passed_) return;
    const std::size_t end = file_.end_of(result);
    if (end < told_ + kStep) return;
    told_ = end;
    (*passed_)(end);
  }

 private:
  const T4File& file_;
  const TextPassed* passed_;
  std::size_t told_ = 0;
};

/// Of several evaluations of one configuration the last stays; how many are dropped. Keys are compared where their
/// hashes are the same: kept, they would be as large as the run.
std::size_t drop_repeated(std::vector<Evaluation>& evaluations) {
  std::vector<std::pair<std::size_t, std::size_t>> order;  // Hash and place.
  order.reserve(evaluations.size());
  for (std::size_t i = 0; i < evaluations.size(); ++i)
    order.emplace_back(std::hash<std::string>{}(evaluations[i].configuration.key()), i);
  std::sort(order.begin(), order.end());
  std::vector<bool> dropped(evaluations.size());
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    const auto [hash, place] = order[i];
    for (std::size_t later = i + 1; later < order.size() && order[later].first == hash && !dropped[place]; ++later)
      dropped[place] = evaluations[order[later].second].configuration.key() == evaluations[place].configuration.key();
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    if (dropped[i]) continue;
    if (kept != i) evaluations[kept] = std::move(evaluations[i]);
    ++kept;
  }
  const std::size_t gone = evaluations.size() - kept;
  evaluations.resize(kept);
  return gone;
}

Result<void> read_own_results(const T4File& file, std::size_t bytes, const TextPassed& passed, Run& run) {
  run.evaluations.reserve(std::min(file.size(), bytes / kLeastBytesOfResult));
  Progress progress(file, passed);
  for (std::size_t i = 0; i < file.size(); ++i) {
    FUSELINE_CHECK(file.visit(i, [&](const JsonView& result) -> Result<void> {
      FUSELINE_TRY(evaluation, read_own(result));
      run.evaluations.push_back(std::move(evaluation));
      return {};
    }));
    progress.after(i);
  }
  if (const std::size_t repeated = drop_repeated(run.evaluations); repeated > 0)
    run.remarks.push_back(repeats_remark(file.root().file(), repeated));
  const auto earlier = [](const Evaluation& a, const Evaluation& b) { return a.sequence < b.sequence; };
  // Nearly always they are in order, and sorting takes half as much room again.
  if (!std::is_sorted(run.evaluations.begin(), run.evaluations.end(), earlier))
    std::stable_sort(run.evaluations.begin(), run.evaluations.end(), earlier);
  const auto twin =
      std::adjacent_find(run.evaluations.begin(), run.evaluations.end(),
                         [](const Evaluation& a, const Evaluation& b) { return a.sequence == b.sequence; });
  if (twin != run.evaluations.end())
    return file.results().fail(fmt::format("two results have sequence {}", twin->sequence));
  return {};
}

/// Exports have a column for every parameter and counter of any result, in every row: few bytes of a file must not
/// become many.
Result<void> check_columns(const Run& run, const JsonView& results) {
  constexpr std::size_t kMost = 4096;
  std::set<std::string> names;
  for (std::size_t i = 0; i < run.evaluations.size(); ++i) {
    for (const NamedValue& value : run.evaluations[i].configuration.values) names.insert(value.name);
    for (const auto& counter : run.evaluations[i].measurement.counters) names.insert(counter.first);
    if (names.size() > kMost)
      return results.fail(fmt::format("have more than {} different parameters and measurements", kMost));
  }
  return {};
}

/// `bytes`: of the file.
Result<Run> run_of(const T4File& scanned, std::size_t bytes, const TextPassed& passed) {
  FUSELINE_CHECK(check_version(scanned.root()));
  Run run;
  if (is_ours(scanned.root())) {
    FUSELINE_TRY(metadata, scanned.root().at("metadata"));
    FUSELINE_TRY(own, metadata.at("fuseline"));
    FUSELINE_TRY(info, run_info_from_json(own));
    run.info = std::move(info);
    FUSELINE_CHECK(read_own_results(scanned, bytes, passed, run));
  } else {
    FUSELINE_TRY(foreign, run_from_foreign_t4(scanned));
    run = std::move(foreign);
  }
  FUSELINE_CHECK(check_columns(run, scanned.results()));
  return run;
}

/// Whether the metadata has what a listing shows.
bool has_head(const OrderedJson& json) {
  const auto metadata = json.find("metadata");
  if (metadata == json.end() || !metadata->is_object()) return false;
  const auto text = [&](const char* name) { return metadata->contains(name) && metadata->at(name).is_string(); };
  return text("device") && text("timestamp");
}

/// From what stands before the results. A quote within a JSON string has a backslash before it, so that the names
/// looked for are found as members alone.
std::optional<T4Head> head_of(std::string_view text, const std::string& file) {
  constexpr std::string_view kOwn = ",\"fuseline\":{", kRecorded = ",\"recorded_at\":\"";
  const std::size_t own = text.find(kOwn);
  if (own == std::string_view::npos) return std::nullopt;
  const auto json = parse_json(std::string(text.substr(0, own)) + "}}", file);
  if (!json || !check_version(JsonView(*json, file)) || !has_head(*json)) return std::nullopt;
  const auto& metadata = json->at("metadata");
  T4Head head{metadata.at("device"), metadata.at("timestamp"), 0};
  const std::size_t recorded = text.find(kRecorded, own);
  if (recorded == std::string_view::npos) return head;
  const std::size_t from = recorded + kRecorded.size();
  const std::string_view when = text.substr(from, text.find('"', from) - from);
  if (!when.empty()) head.recorded_at = when;
  return head;
}

}  // namespace

Result<Run> run_from_t4(std::string_view text, const std::string& file, const TextPassed& passed) {
  FUSELINE_TRY(scanned, T4File::scan(text, file));
  return run_of(scanned, text.size(), passed);
}

std::optional<T4Head> t4_head(std::string_view text, const std::string& file) {
  // A line end is never within a JSON string.
  constexpr std::string_view kResults = "\n\"results\": [\n", kEnd = "\n]\n}\n";
  const std::size_t start = text.find(kResults);
  if (start == std::string_view::npos || !text.ends_with(kEnd)) return std::nullopt;
  std::uint64_t count = 0;
  for (std::size_t at = start + kResults.size(); at < text.size() - kEnd.size() + 1; ++count) {
    const std::size_t end = text.find('\n', at);
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with(',')) line.remove_suffix(1);
    if (!line.starts_with("{\"") || !line.ends_with('}')) return std::nullopt;
    at = end + 1;
  }
  auto head = head_of(text.substr(0, start), file);
  if (head) head->results = count;
  return head;
}

}  // namespace fuseline::tuner
