// Where a sweep can run and what its limits are drawn for: GPUs found, recordings, targets.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/gui/models/background.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::app::gui {

/// One entry of the device chooser.
struct DeviceOption {
  std::string id;     ///< As --device takes it.
  std::string label;  ///< "NVIDIA H200 (cuda:0)", "4 x NVIDIA H200 (all)", "Recording h200 (NVIDIA H200)"
  bool replay = false;
};

class DevicesModel {
 public:
  DevicesModel(std::filesystem::path data, std::string worker_program);

  /// Looks for GPUs and recordings again, in the background.
  void refresh(Background& background);
  [[nodiscard]] bool searching() const { return searching_; }

  [[nodiscard]] const std::vector<tuner::DeviceInfo>& gpus() const { return gpus_; }
  [[nodiscard]] const std::string& no_gpu_reason() const { return no_gpu_reason_; }
  [[nodiscard]] const std::vector<tuner::RecordingInfo>& recordings() const { return recordings_; }
  /// The recording that most people start with (f32 before other dtypes); null where there is none.
  [[nodiscard]] const tuner::RecordingInfo* first_recording() const;
  [[nodiscard]] const std::vector<tuner::Target>& targets() const { return targets_; }
  [[nodiscard]] const tuner::Target* target(const std::string& name) const;
  /// "auto" first, then GPUs, then several of one kind together, then recordings by name.
  [[nodiscard]] std::vector<DeviceOption> options() const;

  /// True where `device` (as --device takes it) replays a recording; with "auto", where there is no GPU and no worker
  /// command.
  [[nodiscard]] bool replays(const std::string& device, bool has_workers) const;
  /// The GPU that a recording is of: "replay:NAME", or with "auto" the one of `problem`; empty where there is none.
  [[nodiscard]] std::string recorded_on(const std::string& device, const std::string& problem) const;
  /// The GPU that `device` means, where it is one that was found.
  [[nodiscard]] const tuner::DeviceInfo* gpu(const std::string& device) const;
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

 private:
  void add_several(std::vector<DeviceOption>& options) const;

  std::filesystem::path data_;
  std::string worker_program_;
  std::vector<tuner::DeviceInfo> gpus_;
  std::string no_gpu_reason_;
  std::vector<tuner::RecordingInfo> recordings_;
  std::vector<tuner::Target> targets_;
  bool searching_ = false;
  std::uint64_t revision_ = 0;
};

}  // namespace fuseline::app::gui
