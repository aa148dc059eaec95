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
  int index = 0;                 ///< cuda:N, or the first of them.
  std::vector<int> others = {};  ///< cuda:N,M,...: those after the first.
  bool every = false;            ///< all: every GPU that there is.
  std::string recording;         ///< replay:NAME or replay:FILE
  std::string sheet;             ///< static:NAME or static:FILE: a chip that is not there (static_sweep.hpp).
};
/// "auto", "cuda", "cuda:N", "cuda:N,M", "all", "replay:NAME", "replay:FILE", "static:NAME", "static:FILE". Error:
/// anything else.
[[nodiscard]] Result<DeviceChoice> parse_device(const std::string& text);
/// The request once for each kind of GPU that it names, in the order in which the kinds come up: times of different
/// GPUs do not compare. As it is where all are of one kind, where it names one device alone, and where a scheduler is
/// to start the workers, whose GPUs nobody knows yet. Starts the workers for the question. Errors: those of a worker
/// that cannot be started, a GPU that is not there.
struct KindOfGpu {
  std::string name;      ///< "NVIDIA H200"
  SweepRequest request;  ///< With the device and the workers of this kind.
};
[[nodiscard]] Result<std::vector<KindOfGpu>> split_by_kind(const SweepRequest& request,
                                                           const SessionEnvironment& environment);
/// Whether that is why a session did not start.
[[nodiscard]] bool is_of_mixed_kinds(const Error& error);
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
