#include "tuner/session/recordings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/formats/t4.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;

std::optional<RecordingFile> from_file_name(const std::string& name, const fs::path& file) {
  std::string text = file.filename().string();
  for (const char* ending : {".gz", ".json", ".t4"}) {
    const std::string_view suffix(ending);
    if (text.ends_with(suffix)) {
      text.resize(text.size() - suffix.size());
    } else if (suffix != ".gz") {
      return std::nullopt;
    }
  }
  const auto parts = split(text, '.');
  if (parts.size() != 3) return std::nullopt;
  const auto dtype = dtype_from_string(parts[1]);
  if (!dtype) return std::nullopt;
  return RecordingFile{name, file, parts[0], parts[2], *dtype};
}

std::string dims_text(const std::vector<Dimension>& dims) {
  std::vector<std::string> parts;
  parts.reserve(dims.size());
  for (const auto& dim : dims) parts.push_back(fmt::format("{}={}", dim.name, dim.value));
  return fmt::format("{}", fmt::join(parts, " "));
}

/// Dimensions and, where they are not the problem's defaults, scalars.
std::string numbers_text(const Problem& problem, const std::vector<Dimension>& dims, const Scalars& scalars) {
  const Scalars changed = changed_scalars(problem, scalars);
  return dims_text(dims) + (changed.empty() ? "" : " and " + scalars_text(changed));
}

/// Whatever the order.
template <class Named>
bool same_numbers(std::vector<Named> a, std::vector<Named> b) {
  const auto by_name = [](const Named& x, const Named& y) {
    const auto& [name_x, value_x] = x;
    const auto& [name_y, value_y] = y;
    return name_x < name_y;
  };
  std::sort(a.begin(), a.end(), by_name);
  std::sort(b.begin(), b.end(), by_name);
  return a == b;
}

/// The recordings of the problem, or else the problems that have any.
std::string what_there_is(const std::vector<RecordingFile>& files, const std::string& problem) {
  std::vector<std::string> parts;
  std::set<std::string> problems;
  for (const auto& file : files) {
    problems.insert(file.problem);
    if (file.problem == problem) parts.push_back(fmt::format("{} {} {}", file.name, to_string(file.dtype), file.shape));
  }
  if (!parts.empty()) return fmt::format("there are {} of this problem", fmt::join(parts, ", "));
  return problems.empty() ? "there are no recordings"
                          : fmt::format("there are recordings of {}", fmt::join(problems, ", "));
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool selected(const Configuration& configuration, const SpaceSelection& selection) {
  if (!selection.variants.empty() && !contains(selection.variants, configuration.variant)) return false;
  return std::all_of(selection.parameters.begin(), selection.parameters.end(), [&](const auto& item) {
    const NamedValue* named = configuration.find(item.first);
    return named == nullptr || contains(item.second, named->value.to_string());
  });
}

/// Variants, parameters and values that occur, for checking what the user named.
struct Inventory {
  std::set<std::string> variants;
  std::map<std::string, std::set<std::string>> values;
};

Inventory inventory_of(const Recording& recording, const std::vector<std::string>& variants) {
  Inventory inventory;
  for (const auto& evaluation : recording.run.evaluations) {
    inventory.variants.insert(evaluation.configuration.variant);
    if (!variants.empty() && !contains(variants, evaluation.configuration.variant)) continue;
    for (const auto& [name, value] : evaluation.configuration.values) inventory.values[name].insert(value.to_string());
  }
  return inventory;
}

Result<void> check_selection(const Recording& recording, const SpaceSelection& selection) {
  const auto inventory = inventory_of(recording, selection.variants);
  const auto file = recording.file.string();
  for (const auto& variant : selection.variants) {
    if (!inventory.variants.contains(variant)) {
      return bad_input("--variant", "",
                       fmt::format("'{}' is not in {}, which has {}", printable(variant), file,
                                   fmt::join(inventory.variants, ", ")));
    }
  }
  for (const auto& [name, values] : selection.parameters) {
    const auto found = inventory.values.find(name);
    if (found == inventory.values.end()) {
      std::vector<std::string> names;
      for (const auto& item : inventory.values) names.push_back(item.first);
      return bad_input(
          "--param", "",
          fmt::format("no parameter '{}' in {}, which has {}", printable(name), file, fmt::join(names, ", ")));
    }
    for (const auto& value : values) {
      if (found->second.contains(value)) continue;
      return bad_input("--param", "",
                       fmt::format("'{}' has no value '{}' in {}, which has {}", name, printable(value), file,
                                   fmt::join(found->second, ", ")));
    }
  }
  return {};
}

}  // namespace

std::vector<RecordingFile> recording_files(const fs::path& data) {
  std::vector<RecordingFile> files;
  std::error_code error;
  for (const auto& folder : fs::directory_iterator(data / "presets" / "recordings", error)) {
    if (!folder.is_directory(error)) continue;
    for (const auto& entry : fs::directory_iterator(folder.path(), error)) {
      if (auto file = from_file_name(folder.path().filename().string(), entry.path()))
        files.push_back(std::move(*file));
    }
  }
  std::sort(files.begin(), files.end(), [](const RecordingFile& a, const RecordingFile& b) { return a.file < b.file; });
  return files;
}

std::optional<RecordingFile> recording_of(const fs::path& data, const std::string& name, const SweepRequest& request) {
  for (auto& file : recording_files(data)) {
    if (file.name == name && file.problem == request.problem &&
        (request.dtype.empty() || request.dtype == to_string(file.dtype)) &&
        (request.shape.empty() || request.shape == file.shape))
      return std::move(file);
  }
  return std::nullopt;
}

Result<std::shared_ptr<const Recording>> load_recording(const fs::path& file, const std::string& name) {
  FUSELINE_TRY(content, read_file(file, kLargestRunFile));
  FUSELINE_TRY(run, run_from_text(content, file.string()));
  if (run.evaluations.empty()) return bad_input(file.string(), "/results", "holds no configuration");
  auto recording = std::make_shared<Recording>();
  recording->name = name;
  recording->file = file;
  recording->run = std::move(run);
  recording->sha256 = sha256_hex(content);
  for (const auto& evaluation : recording->run.evaluations)
    recording->by_key.emplace(evaluation.configuration.key(), &evaluation);
  return std::shared_ptr<const Recording>(std::move(recording));
}

Result<void> check_recording(const Recording& recording, const ProblemInstance& instance) {
  const auto& info = recording.run.info;
  const auto file = recording.file.string();
  if (!info.problem.empty() && info.problem != instance.problem->name) {
    return bad_input(file, "",
                     fmt::format("is of the problem '{}', not '{}'", printable(info.problem), instance.problem->name));
  }
  // Of before scalars could be set, or another tool's: neither was measured with scalars of the user's.
  const Scalars& scalars = info.scalars.empty() ? instance.problem->scalars : info.scalars;
  if (!same_numbers(scalars, instance.scalars)) {
    return bad_input(file, "",
                     fmt::format("was recorded with {}, not with {}: set them with --scalar", scalars_text(scalars),
                                 scalars_text(instance.scalars)));
  }
  if (info.dims.empty()) return {};
  if (!same_numbers(info.dims, instance.dims)) {
    return bad_input(file, "",
                     fmt::format("was recorded for {}, not for {}", dims_text(info.dims), dims_text(instance.dims)));
  }
  if (info.dtype != instance.dtype) {
    return bad_input(file, "",
                     fmt::format("was recorded in {}, not in {}", to_string(info.dtype), to_string(instance.dtype)));
  }
  return {};
}

Result<std::shared_ptr<const Recording>> find_recording(const fs::path& data, const std::string& name,
                                                        const ProblemInstance& instance) {
  const auto files = recording_files(data);
  std::optional<Error> refusal;  // Of a recording of this very shape: only its scalars are others.
  for (const bool by_shape : {true, false}) {
    for (const auto& file : files) {
      if ((!name.empty() && file.name != name) || file.problem != instance.problem->name ||
          file.dtype != instance.dtype)
        continue;
      if ((file.shape == instance.shape) != by_shape) continue;
      FUSELINE_TRY(recording, load_recording(file.file, file.name));
      const auto fits = check_recording(*recording, instance);
      if (fits) return recording;
      if (by_shape && !refusal) refusal = fits.error();
    }
  }
  if (refusal) return tl::unexpected(std::move(*refusal));
  return bad_input(fmt::format(
      "no recording{} of {} in {} with {}: {}", name.empty() ? "" : " '" + printable(name) + "'",
      instance.problem->name, to_string(instance.dtype),
      numbers_text(*instance.problem, instance.dims, instance.scalars), what_there_is(files, instance.problem->name)));
}

Result<std::shared_ptr<const Space>> recorded_space(const Recording& recording, const SpaceSelection& selection) {
  FUSELINE_CHECK(check_selection(recording, selection));
  std::vector<Configuration> configurations;
  std::set<std::string> seen;
  for (const auto& evaluation : recording.run.evaluations) {
    const auto& configuration = evaluation.configuration;
    if (selected(configuration, selection) && seen.insert(configuration.key()).second)
      configurations.push_back(configuration);
  }
  if (configurations.empty())
    return bad_input(recording.file.string(), "",
                     "no recorded configuration is left of the choice of variants and parameters");
  return list_space(configurations);
}

Result<std::vector<RecordingInfo>> list_recordings(const fs::path& data) {
  std::vector<RecordingInfo> infos;
  for (const auto& file : recording_files(data)) {
    FUSELINE_TRY(content, read_file(file.file, kLargestRunFile));
    auto head = t4_head(content, file.file.string());
    if (!head || head->results == 0) {
      FUSELINE_TRY(recording, load_recording(file.file, file.name));
      const RunInfo& info = recording->run.info;
      head = T4Head{info.device.name, info.recorded_at.empty() ? info.started_at : info.recorded_at,
                    recording->run.evaluations.size()};
    }
    infos.push_back({file.name, file.file, file.problem, file.shape, std::move(head->device), file.dtype, head->results,
                     std::move(head->recorded_at)});
  }
  return infos;
}

}  // namespace fuseline::tuner
