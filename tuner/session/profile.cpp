#include "tuner/session/profile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

template <class Values>
std::string values_text(const std::string& name, const Values& values) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const Value& value : values) texts.push_back(value.to_string());
  return fmt::format("{} ({})", name, fmt::join(texts, ", "));
}

Result<const Variant*> the_variant(const CatalogEntry& entry, const std::vector<std::string>& chosen) {
  std::vector<std::string> names;
  for (const auto& variant : entry.variants) names.push_back(variant.name);
  if (chosen.size() > 1 || (chosen.empty() && entry.variants.size() != 1)) {
    return bad_input("--variant", "",
                     fmt::format("one configuration is profiled: name one variant of {}", fmt::join(names, ", ")));
  }
  for (const auto& variant : entry.variants) {
    if (chosen.empty() || variant.name == chosen.front()) return &variant;
  }
  return bad_input(
      "--variant", "",
      fmt::format("there is no variant '{}'; there are {}", printable(chosen.front()), fmt::join(names, ", ")));
}

/// What a recording's choice leaves open.
std::string open_parameters(const RunInfo& info) {
  std::vector<std::string> open;
  for (const auto& subspace : info.subspaces) {
    if (info.subspaces.size() > 1) open.push_back("--variant " + subspace.variant);
    if (info.subspaces.size() > 1) continue;
    for (const auto& parameter : subspace.parameters) {
      if (parameter.values.size() > 1) open.push_back(values_text(parameter.name, parameter.values));
    }
  }
  return fmt::format("{}", fmt::join(open, info.subspaces.size() > 1 ? " or " : "; "));
}

}  // namespace

Result<SweepRequest> single_configuration(SweepRequest request, const Catalog& catalog) {
  if (request.problem.empty()) return request;  // A recording's file brings its own parameters.
  FUSELINE_TRY(entry, catalog.find(request.problem));
  FUSELINE_TRY(variant, the_variant(*entry, request.variants));
  request.variants = {variant->name};
  request.full = true;
  std::vector<std::string> missing;
  for (const auto& parameter : variant->parameters) {
    auto& values = request.parameters[parameter.name];
    if (values.size() > 1)
      return bad_input("--param", "", fmt::format("one configuration is profiled: give {} one value", parameter.name));
    if (!values.empty()) continue;
    if (parameter.full_values.size() == 1) values = {parameter.full_values.front().to_string()};
    if (values.empty()) missing.push_back(values_text(parameter.name, parameter.full_values));
  }
  if (missing.empty()) return request;
  return bad_input("--param", "",
                   fmt::format("one configuration is profiled: give a value of {}", fmt::join(missing, "; ")));
}

Result<std::unique_ptr<Session>> start_profile(const SweepRequest& request, SessionEnvironment environment) {
  FUSELINE_TRY(single, single_configuration(request, *environment.catalog));
  single.strategy = "exhaustive";
  single.budget.clear();
  single.counters = CounterMode::best;
  environment.store = nullptr;
  environment.resume = false;
  FUSELINE_TRY(session, Session::start(single, environment));
  const auto snapshot = session->snapshot();
  if (snapshot->info.space_size == 1) return session;
  return bad_input("--param", "",
                   fmt::format("{} configurations are left; give a value of {}", snapshot->info.space_size,
                               printable(open_parameters(snapshot->info))));
}

Result<const Evaluation*> profiled(const Run& run) {
  const auto ranked = run.ranked();
  if (!ranked.empty()) return ranked.front();
  const auto error = [](std::string reason) {
    return tl::unexpected(Error{ErrorKind::worker, {}, {}, std::move(reason)});
  };
  if (run.evaluations.empty()) return error("nothing was measured");
  const auto& evaluation = run.evaluations.front();
  return error(fmt::format("{}: {}{}{}", evaluation.configuration.key(), to_string(evaluation.measurement.outcome),
                           evaluation.measurement.reason.empty() ? "" : ": ", evaluation.measurement.reason));
}

Result<void> check_source_profile(const Run& run, const Evaluation& evaluation, const std::vector<Notice>& messages) {
  if (!run.info.request.source_profile || evaluation.measurement.source_profile) return {};
  if (run.info.backend == Backend::replay)
    return worker_error("the recording has no source profile of " + evaluation.configuration.key() +
                        ": profile it on a GPU, with --device cuda:0");
  const auto said = std::find_if(messages.rbegin(), messages.rend(),
                                 [](const Notice& notice) { return notice.text.starts_with(kNoSourceProfile); });
  return worker_error(said == messages.rend() ? std::string(kNoSourceProfile) + "nothing was said of it" : said->text);
}

std::shared_ptr<const Recording> recorded_around(const Run& run, const std::filesystem::path& data) {
  const RunInfo& info = run.info;
  if (info.backend != Backend::replay) return nullptr;
  SweepRequest request = info.request;
  request.problem = info.problem;
  request.shape = info.shape;
  request.dtype = to_string(info.dtype);
  const auto named = recording_of(data, info.recording, request);
  const auto recording = load_recording(named ? named->file : std::filesystem::path(info.recording), info.recording);
  if (!recording || (*recording)->run.info.dims != info.dims) return nullptr;
  return *recording;
}

}  // namespace fuseline::tuner
