#include "tuner/session/device_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "tuner/base/text.hpp"

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

/// The worker commands of a request: the user's, or our own worker.
Result<std::vector<std::string>> worker_commands(const SweepRequest& request, const SessionEnvironment& environment,
                                                 const DeviceChoice& choice) {
  if (request.workers.empty()) {
    FUSELINE_TRY(command, own_worker_command(environment.worker_program, choice.index));
    return std::vector{command};
  }
  auto commands = request.workers;
  if (choice.kind == DeviceChoice::Kind::cuda && request.device != "cuda") {
    for (auto& command : commands) command += fmt::format(" --device {}", choice.index);
  }
  return commands;
}

Result<std::unique_ptr<WorkerBackend>> connect(const SweepRequest& request, const SessionEnvironment& environment,
                                               const DeviceChoice& choice) {
  FUSELINE_TRY(commands, worker_commands(request, environment, choice));
  return WorkerBackend::connect(commands, {environment.deadlines, environment.ahead, environment.on_waiting});
}

/// A recording by name where there is a folder of that name, else a file.
Result<std::shared_ptr<const Recording>> named_recording(const std::string& name, const SweepRequest& request,
                                                         const SessionEnvironment& environment,
                                                         const ProblemInstance* instance) {
  std::error_code error;
  const bool is_name = name.find('/') == std::string::npos &&
                       fs::is_directory(environment.data / "presets" / "recordings" / name, error);
  if (const auto file = recording_of(environment.data, name, request); is_name && instance == nullptr && file)
    return load_recording(file->file, file->name);
  if (is_name && instance == nullptr)
    return bad_input(fmt::format("name the problem to replay from the recording '{}'", printable(name)));
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
  if (text.starts_with("cuda:")) {
    if (const auto index = device_index(std::string_view(text).substr(5))) {
      choice.kind = DeviceChoice::Kind::cuda;
      choice.index = *index;
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
      fmt::format("'{}' is no device: write auto, cuda:N, replay:NAME, replay:FILE, static:NAME or static:FILE.json",
                  printable(text)));
}

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
