#include "app/gui/models/devices.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace fuseline::app::gui {
namespace {

constexpr const char* kFirstProblem = "layernorm_gelu_scale";

struct Found {
  std::vector<tuner::DeviceInfo> gpus;
  std::string no_gpu_reason;
  std::vector<tuner::RecordingInfo> recordings;
  std::vector<tuner::Target> targets;
};

Found look(const std::filesystem::path& data, const std::string& worker_program) {
  Found found;
  if (auto recordings = tuner::list_recordings(data)) found.recordings = std::move(*recordings);
  if (auto targets = tuner::load_targets(data)) found.targets = std::move(*targets);
  const auto command = tuner::own_worker_command(worker_program, 0);
  const auto gpus = command ? tuner::list_devices(*command) : tl::unexpected(command.error());
  if (gpus) {
    found.gpus = *gpus;
  } else {
    found.no_gpu_reason = gpus.error().message();
  }
  return found;
}

}  // namespace

DevicesModel::DevicesModel(std::filesystem::path data, std::string worker_program)
    : data_(std::move(data)), worker_program_(std::move(worker_program)) {
  if (auto targets = tuner::load_targets(data_)) targets_ = std::move(*targets);
}

void DevicesModel::refresh(Background& background) {
  if (searching_) return;
  searching_ = true;
  background.run([this, data = data_, worker = worker_program_]() -> Background::Then {
    auto found = std::make_shared<Found>(look(data, worker));
    return [this, found] {
      gpus_ = std::move(found->gpus);
      no_gpu_reason_ = std::move(found->no_gpu_reason);
      recordings_ = std::move(found->recordings);
      targets_ = std::move(found->targets);
      searching_ = false;
      ++revision_;
    };
  });
}

const tuner::RecordingInfo* DevicesModel::first_recording() const {
  const auto plain = [](const tuner::RecordingInfo& each) { return each.dtype == tuner::Dtype::f32; };
  // The problem that the documentation begins with, where it was recorded.
  auto first = std::find_if(recordings_.begin(), recordings_.end(), [&](const tuner::RecordingInfo& each) {
    return plain(each) && each.problem == kFirstProblem;
  });
  if (first == recordings_.end()) first = std::find_if(recordings_.begin(), recordings_.end(), plain);
  if (first != recordings_.end()) return &*first;
  return recordings_.empty() ? nullptr : &recordings_.front();
}

const tuner::Target* DevicesModel::target(const std::string& name) const {
  const auto found =
      std::find_if(targets_.begin(), targets_.end(), [&](const tuner::Target& target) { return target.name == name; });
  return found == targets_.end() ? nullptr : &*found;
}

std::vector<DeviceOption> DevicesModel::options() const {
  std::vector<DeviceOption> options;
  options.push_back({"auto",
                     searching_      ? "Automatic (looking for GPUs)"
                     : gpus_.empty() ? "Automatic: no GPU here, a recording is replayed"
                                     : "Automatic: " + gpus_.front().name,
                     !searching_ && gpus_.empty()});
  for (std::size_t i = 0; i < gpus_.size(); ++i)
    options.push_back({fmt::format("cuda:{}", i), fmt::format("{} (cuda:{})", gpus_[i].name, i), false});
  add_several(options);
  for (const tuner::RecordingInfo& recording : recordings_) {
    const std::string id = "replay:" + recording.name;
    const bool there =
        std::any_of(options.begin(), options.end(), [&](const DeviceOption& option) { return option.id == id; });
    if (!there) options.push_back({id, fmt::format("Recording {} ({})", recording.name, recording.device), true});
  }
  return options;
}

/// Those of one kind together, where there are several.
void DevicesModel::add_several(std::vector<DeviceOption>& options) const {
  std::vector<std::string> kinds;
  for (const tuner::DeviceInfo& gpu : gpus_) {
    if (std::find(kinds.begin(), kinds.end(), gpu.name) == kinds.end()) kinds.push_back(gpu.name);
  }
  for (const std::string& kind : kinds) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < gpus_.size(); ++i) {
      if (gpus_[i].name == kind) indices.push_back(i);
    }
    if (indices.size() < 2) continue;
    const std::string id = kinds.size() == 1 ? "all" : fmt::format("cuda:{}", fmt::join(indices, ","));
    options.push_back({id, fmt::format("{} x {} ({})", indices.size(), kind, id), false});
  }
}

bool DevicesModel::replays(const std::string& device, bool has_workers) const {
  if (device.rfind("replay:", 0) == 0) return true;
  return device == "auto" && !has_workers && gpus_.empty();
}

std::string DevicesModel::recorded_on(const std::string& device, const std::string& problem) const {
  const std::string name = device.starts_with("replay:") ? device.substr(7) : "";
  for (const tuner::RecordingInfo& recording : recordings_) {
    if (name.empty() ? recording.problem == problem : recording.name == name) return recording.device;
  }
  return {};
}

const tuner::DeviceInfo* DevicesModel::gpu(const std::string& device) const {
  if (gpus_.empty()) return nullptr;
  if (device == "auto" || device == "cuda" || device == "all") return &gpus_.front();
  if (device.rfind("cuda:", 0) != 0) return nullptr;
  // Of several the first: they are of one kind.
  const char* end = device.data() + std::min(device.find(','), device.size());
  std::size_t index = 0;
  const auto [at, error] = std::from_chars(device.data() + 5, end, index);
  return error == std::errc() && at == end && index < gpus_.size() ? &gpus_[index] : nullptr;
}

}  // namespace fuseline::app::gui
