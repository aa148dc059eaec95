// What --device says, and the backend that comes of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tuner/session/recordings.hpp"
#include "tuner/session/session.hpp"
#include "tuner/session/worker_backend.hpp"

namespace fuseline::tuner {

struct DeviceChoice {
  enum class Kind { automatic, cuda, replay, absent } kind = Kind::automatic;
  int index = 0;          ///< cuda:N
  std::string recording;  ///< replay:NAME or replay:FILE
  std::string sheet;      ///< static:NAME or static:FILE: a chip that is not there (static_sweep.hpp).
};
/// "auto", "cuda", "cuda:N", "replay:NAME", "replay:FILE", "static:NAME", "static:FILE". Error: anything else.
[[nodiscard]] Result<DeviceChoice> parse_device(const std::string& text);
/// Fails where `device` is a chip that is not there: nothing can be measured on it.
[[nodiscard]] Result<void> check_measures(const std::string& device);

/// Where a sweep will run: one of the two is set.
struct ChosenDevice {
  std::unique_ptr<WorkerBackend> cuda;
  std::shared_ptr<const Recording> recording;
  std::vector<std::string> messages;
};
/// `instance` is null where the request names no problem: then only a recording's file will do.
/// "auto" is the GPU that our worker finds; where there is none, a recording ("h200" first), and a message says so.
[[nodiscard]] Result<ChosenDevice> choose_device(const SweepRequest& request, const SessionEnvironment& environment,
                                                 const ProblemInstance* instance);

}  // namespace fuseline::tuner
