// Workers elsewhere: hosts by ssh, Slurm and commands, remembered, and tried as the command line takes them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/models/background.hpp"
#include "tuner/device/device.hpp"

namespace fuseline::app::gui {

struct WorkerPlace {
  enum class State { untried, trying, answered, failed };
  std::string text;  ///< "host gpubox:4", "slurm 4 --partition=gpu", "command ssh gpubox fuseline-worker".
  State state = State::untried;
  std::vector<std::string> commands;  ///< Of its workers, once it has answered.
  std::vector<std::string> gpus;      ///< As device_line() has them.
  std::string said;                   ///< What takes long, or what is wrong.
};

/// "NVIDIA H200, sm_90, driver 580.159, CUDA 13.0"
[[nodiscard]] std::string device_line(const tuner::DeviceInfo& device);
/// Errors: no kind that is known, no host, no number of tasks.
[[nodiscard]] tuner::Result<void> check_worker_place(const std::string& text);
/// The commands of its workers, found as --host, --slurm and --worker find them. `worker_program`: ours, where it is
/// not beside the executable. Errors: those of the host, of Slurm.
[[nodiscard]] tuner::Result<std::vector<std::string>> worker_commands(
    const std::string& text, const std::string& worker_program, const std::function<void(const std::string&)>& tell);

class WorkersModel {
 public:
  explicit WorkersModel(std::string worker_program) : worker_program_(std::move(worker_program)) {}

  [[nodiscard]] const std::vector<WorkerPlace>& places() const { return places_; }
  [[nodiscard]] const WorkerPlace* find(const std::string& text) const;
  /// Error: those of check_worker_place(); it is there already.
  [[nodiscard]] tuner::Result<void> add(const std::string& text);
  /// Error: there is none.
  [[nodiscard]] tuner::Result<void> remove(const std::string& text);
  /// Starts one worker in the background for its greeting alone. Error: there is no such place, or it is being tried.
  [[nodiscard]] tuner::Result<void> try_out(const std::string& text, Background& background);

  [[nodiscard]] std::vector<std::string> texts() const;
  void set_texts(const std::vector<std::string>& texts);

 private:
  [[nodiscard]] WorkerPlace* place_of(const std::string& text);

  std::string worker_program_;
  std::vector<WorkerPlace> places_;
};

}  // namespace fuseline::app::gui
