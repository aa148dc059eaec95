#include "tuner/session/device_choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/session/slurm.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;
constexpr const char* kPreferredRecording = "h200";
constexpr std::string_view kAbsent = "static:";

std::optional<int> device_index(std::string_view text) {
  int index = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size() || index < 0 || index > 1023) return std::nullopt;
  return index;
}

/// "0,2": one or more, none twice.
std::optional<std::vector<int>> device_indices(const std::string& text) {
  std::vector<int> indices;
  for (const std::string& part : split(text, ',')) {
    const auto index = device_index(part);
    if (!index || std::find(indices.begin(), indices.end(), *index) != indices.end()) return std::nullopt;
    indices.push_back(*index);
  }
  return indices.empty() ? std::nullopt : std::optional(std::move(indices));
}

std::string seen_text(const std::vector<DeviceInfo>& devices) {
  std::vector<std::string> each;
  for (std::size_t i = 0; i < devices.size(); ++i) each.push_back(fmt::format("{} is {}", i, devices[i].name));
  return printable(fmt::format("the driver sees {} ({})", devices.size(), fmt::join(each, ", ")));
}

/// Those of the choice, of the GPUs that a worker sees.
Result<std::vector<int>> chosen_indices(const DeviceChoice& choice, const std::vector<DeviceInfo>& devices) {
  std::vector<int> indices;
  for (std::size_t i = 0; choice.every && i < devices.size(); ++i) indices.push_back(static_cast<int>(i));
  if (choice.every) return indices;
  indices = choice.others;
  indices.insert(indices.begin(), choice.index);
  for (const int index : indices) {
    if (static_cast<std::size_t>(index) >= devices.size())
      return bad_input("--device", "", fmt::format("there is no GPU {}: {}", index, seen_text(devices)));
  }
  return indices;
}

bool names_several(const DeviceChoice& choice) { return choice.every || !choice.others.empty(); }

/// One GPU that a worker is to be on.
struct NamedGpu {
  std::string command;
  int index = 0;
  std::string name;  ///< What it is called; empty where nobody asked.
};

/// Where several are named, each worker program is asked which there are.
Result<std::vector<NamedGpu>> several_gpus(const std::vector<std::string>& programs, const DeviceChoice& choice) {
  std::vector<NamedGpu> gpus;
  for (const std::string& program : programs) {
    FUSELINE_TRY(devices, list_devices(program));
    FUSELINE_TRY(indices, chosen_indices(choice, devices));
    for (const int index : indices)
      gpus.push_back(
          {fmt::format("{} --device {}", program, index), index, devices[static_cast<std::size_t>(index)].name});
  }
  return gpus;
}

/// The GPUs of a request: of our own worker, or of the user's commands.
Result<std::vector<NamedGpu>> gpus_of(const SweepRequest& request, const SessionEnvironment& environment,
                                      const DeviceChoice& choice) {
  std::vector<std::string> programs = request.workers;
  if (programs.empty()) {
    FUSELINE_TRY(program, own_worker_program(environment.worker_program));
    programs = {program};
  }
  if (names_several(choice)) return several_gpus(programs, choice);
  std::vector<NamedGpu> gpus;
  gpus.reserve(programs.size());
  const bool as_said =
      !request.workers.empty() && (choice.kind != DeviceChoice::Kind::cuda || request.device == "cuda");
  for (const std::string& program : programs)
    gpus.push_back({as_said ? program : fmt::format("{} --device {}", program, choice.index), choice.index, ""});
  return gpus;
}

WorkerBackend::Options backend_options(const SweepRequest& request, const SessionEnvironment& environment) {
  WorkerBackend::Options options{environment.deadlines, environment.ahead, environment.on_waiting};
  options.ours = request.workers.empty();
  return options;
}

Result<std::unique_ptr<WorkerBackend>> connect(const SweepRequest& request, const SessionEnvironment& environment,
                                               const DeviceChoice& choice) {
  FUSELINE_TRY(gpus, gpus_of(request, environment, choice));
  std::vector<std::string> commands;
  for (NamedGpu& gpu : gpus) commands.push_back(std::move(gpu.command));
  return WorkerBackend::connect(commands, backend_options(request, environment));
}

/// What the GPU of each worker is called, where that has not been said.
Result<void> ask_names(const SweepRequest& request, const SessionEnvironment& environment,
                       std::vector<NamedGpu>& gpus) {
  std::vector<std::string> commands;
  commands.reserve(gpus.size());
  for (const NamedGpu& gpu : gpus) commands.push_back(gpu.command);
  auto options = backend_options(request, environment);
  options.any_kind = true;
  FUSELINE_TRY(backend, WorkerBackend::connect(commands, options));
  const auto names = backend->device_names();
  for (std::size_t i = 0; i < gpus.size(); ++i) gpus[i].name = names[i];
  return {};
}

/// The request on those GPUs alone.
SweepRequest on_these(const SweepRequest& request, const std::vector<NamedGpu>& gpus) {
  SweepRequest part = request;
  part.device = "cuda";
  part.workers.clear();
  std::string indices;
  for (const NamedGpu& gpu : gpus) {
    part.workers.push_back(gpu.command);
    indices += fmt::format("{}{}", indices.empty() ? "" : ",", gpu.index);
  }
  if (!request.workers.empty()) return part;
  part.workers.clear();
  part.device = "cuda:" + indices;
  return part;
}

/// A recording by name where there is a folder of that name, else a file.
Result<std::shared_ptr<const Recording>> named_recording(const std::string& name, const SweepRequest& request,
                                                         const SessionEnvironment& environment,
                                                         const ProblemInstance* instance) {
  std::error_code error;
  const bool is_name = name.find('/') == std::string::npos &&
                       fs::is_directory(environment.data / "presets" / "recordings" / name, error);
  if (is_name && instance == nullptr) {
    if (const auto file = recording_of(environment.data, name, request)) return load_recording(file->file, file->name);
    return bad_input(fmt::format("name the problem to replay from the recording '{}'", printable(name)));
  }
  if (is_name) return find_recording(environment.data, name, *instance);
  if (!fs::exists(name, error)) {
    std::string there;
    for (const auto& file : recording_files(environment.data)) {
      if (there.find("'" + file.name + "'") == std::string::npos)
        there += (there.empty() ? "'" : ", '") + file.name + "'";
    }
    return bad_input("--device", "",
                     fmt::format("'{}' is neither a recording (there is {}) nor a file", printable(name),
                                 there.empty() ? "none" : there));
  }
  FUSELINE_TRY(recording, load_recording(name, name));
  if (instance != nullptr) FUSELINE_CHECK(check_recording(*recording, *instance));
  return recording;
}

std::string replay_message(const Recording& recording) {
  const auto& info = recording.run.info;
  const auto& when = info.recorded_at.empty() ? info.started_at : info.recorded_at;
  return printable(fmt::format("replay: every figure comes from the recording '{}'{}{}; nothing is measured here",
                               recording.name,
                               info.device.name.empty() ? "" : fmt::format(" of an {}", info.device.name),
                               when.empty() ? "" : fmt::format(" made {}", when)));
}

Result<ChosenDevice> replayed(Result<std::shared_ptr<const Recording>> recording) {
  if (!recording) return tl::unexpected(recording.error());
  ChosenDevice chosen;
  chosen.messages.push_back(replay_message(**recording));
  chosen.recording = std::move(*recording);
  return chosen;
}

bool is_recorded(const fs::path& data, const std::string& problem) {
  const auto files = recording_files(data);
  return std::any_of(files.begin(), files.end(), [&](const RecordingFile& file) { return file.problem == problem; });
}

Result<ChosenDevice> automatic(const SweepRequest& request, const SessionEnvironment& environment,
                               const ProblemInstance* instance) {
  auto backend = connect(request, environment, DeviceChoice{});
  if (backend) {
    ChosenDevice chosen;
    chosen.cuda = std::move(*backend);
    return chosen;
  }
  // A worker that the user named is meant: a recording in its place would be a surprise.
  if (!request.workers.empty()) return tl::unexpected(backend.error());
  const auto why = backend.error().message();
  auto recording = find_recording(environment.data, kPreferredRecording, *instance);
  if (!recording) recording = find_recording(environment.data, "", *instance);
  if (!recording && !is_recorded(environment.data, instance->problem->name)) {
    return bad_input(
        fmt::format("no GPU can be used here ({}), and there is no recording of {} to replay: sweep it on a machine "
                    "with an NVIDIA GPU, or name that machine's worker, as in --worker \"ssh gpubox fuseline-worker\"",
                    why, instance->problem->name));
  }
  if (!recording) return bad_input(fmt::format("no GPU can be used ({}), and {}", why, recording.error().message()));
  auto chosen = replayed(std::move(recording));
  chosen->messages.insert(chosen->messages.begin(), fmt::format("no GPU can be used here: {}", why));
  return chosen;
}

}  // namespace

Result<DeviceChoice> parse_device(const std::string& text) {
  DeviceChoice choice;
  if (text.empty() || text == "auto") return choice;
  if (text == "cuda") {
    choice.kind = DeviceChoice::Kind::cuda;
    return choice;
  }
  if (text == "all") {
    choice.kind = DeviceChoice::Kind::cuda;
    choice.every = true;
    return choice;
  }
  if (text.starts_with("cuda:")) {
    if (const auto indices = device_indices(text.substr(5))) {
      choice.kind = DeviceChoice::Kind::cuda;
      choice.index = indices->front();
      choice.others.assign(indices->begin() + 1, indices->end());
      return choice;
    }
  }
  if (text.starts_with("replay:") && text.size() > 7) {
    choice.kind = DeviceChoice::Kind::replay;
    choice.recording = text.substr(7);
    return choice;
  }
  if (text.starts_with(kAbsent)) {
    choice.kind = DeviceChoice::Kind::absent;
    choice.sheet = text.substr(kAbsent.size());
    if (!choice.sheet.empty()) return choice;
    return bad_input("--device", "",
                     "'static:' names no chip: write static:NAME with a target that fuseline devices lists, or "
                     "static:FILE.json");
  }
  return bad_input(
      "--device", "",
      fmt::format(
          "'{}' is no device: write auto, cuda:N, cuda:N,M (each once), all, replay:NAME, replay:FILE, static:NAME or "
          "static:FILE.json",
          printable(text)));
}

Result<std::vector<KindOfGpu>> split_by_kind(const SweepRequest& request, const SessionEnvironment& environment) {
  FUSELINE_TRY(choice, parse_device(request.device));
  const bool measured = choice.kind == DeviceChoice::Kind::automatic || choice.kind == DeviceChoice::Kind::cuda;
  const bool scheduled = std::any_of(request.workers.begin(), request.workers.end(), is_scheduler_command);
  const std::vector<KindOfGpu> whole = {{"", request}};
  if (!measured || scheduled || (!names_several(choice) && request.workers.size() < 2)) return whole;
  FUSELINE_TRY(gpus, gpus_of(request, environment, choice));
  if (gpus.size() < 2) return whole;
  if (!names_several(choice)) FUSELINE_CHECK(ask_names(request, environment, gpus));
  std::vector<std::pair<std::string, std::vector<NamedGpu>>> kinds;
  for (NamedGpu& gpu : gpus) {
    auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const auto& each) { return each.first == gpu.name; });
    if (kind == kinds.end()) kind = kinds.insert(kinds.end(), {gpu.name, {}});
    kind->second.push_back(std::move(gpu));
  }
  if (kinds.size() < 2) return whole;
  std::vector<KindOfGpu> parts;
  parts.reserve(kinds.size());
  for (const auto& [name, of_kind] : kinds) parts.push_back({name, on_these(request, of_kind)});
  return parts;
}

bool is_of_mixed_kinds(const Error& error) { return error.reason.ends_with(kOfOneKind); }

Result<void> check_measures(const std::string& device) {
  FUSELINE_TRY(choice, parse_device(device));
  if (choice.kind != DeviceChoice::Kind::absent) return {};
  return bad_input("--device", "",
                   fmt::format("nothing can be measured on '{0}', which is not there; what its kernels are there is "
                               "told by: fuseline sweep PROBLEM --device {0}",
                               printable(device)));
}

Result<ChosenDevice> choose_device(const SweepRequest& request, const SessionEnvironment& environment,
                                   const ProblemInstance* instance) {
  FUSELINE_TRY(choice, parse_device(request.device));
  if (choice.kind == DeviceChoice::Kind::replay)
    return replayed(named_recording(choice.recording, request, environment, instance));
  if (instance == nullptr)
    return bad_input("name a problem: only a recording's file (--device replay:FILE) brings its own");
  if (choice.kind == DeviceChoice::Kind::automatic) return automatic(request, environment, instance);
  FUSELINE_TRY(backend, connect(request, environment, choice));
  ChosenDevice chosen;
  chosen.cuda = std::move(backend);
  return chosen;
}

}  // namespace fuseline::tuner
