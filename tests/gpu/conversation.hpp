// A worker on a real GPU, spoken to through the protocol, and a toy problem to give it: out = 2 * x.
#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tuner/worker/link.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::gpu {

/// One worker process. Every wait has a limit; what does not come is an empty optional.
class Conversation {
 public:
  Conversation();
  [[nodiscard]] bool started() const { return link_.has_value(); }
  [[nodiscard]] const std::string& why_not() const { return lost_; }

  /// Sends the sources that the request's configurations bring along before it, each once a job.
  void send(const tuner::Request& request);
  /// The next reply that is no log message. Empty after `timeout` or where the worker is gone.
  [[nodiscard]] std::optional<tuner::Reply> next(std::chrono::seconds timeout = std::chrono::seconds(60));
  /// The next reply of type T; Started replies before it are kept in `stages`. Empty where another kind comes first.
  template <class T>
  [[nodiscard]] std::optional<T> expect(std::chrono::seconds timeout = std::chrono::seconds(60)) {
    while (auto reply = next(timeout)) {
      if (auto* wanted = std::get_if<T>(&*reply)) return std::move(*wanted);
      if (auto* started = std::get_if<tuner::StartedReply>(&*reply)) {
        stages.push_back(started->stage);
        continue;
      }
      if (auto* error = std::get_if<tuner::ErrorReply>(&*reply)) last_error = error->reason;
      return std::nullopt;
    }
    return std::nullopt;
  }
  /// True once the worker has ended by itself.
  [[nodiscard]] bool ends_within(std::chrono::seconds timeout);
  void kill() { static_cast<void>(link_->abandon("the test ends it")); }

  std::vector<std::string> stages;
  std::vector<std::string> logs;
  std::string last_error;

 private:
  void send_source(const tuner::EvaluateRequest& request);

  std::map<std::string, std::string> sent_;  ///< Sources by name.
  std::optional<tuner::WorkerLink> link_;
  std::deque<tuner::Reply> replies_;
  std::string lost_;
};

/// The toy job over `elements` of `dtype`.
[[nodiscard]] tuner::Job twice_job(std::int64_t elements, tuner::Dtype dtype = tuner::Dtype::f32);

[[nodiscard]] tuner::ResolvedArgument buffer(const std::string& name);
[[nodiscard]] std::vector<tuner::ResolvedArgument> buffers(const std::vector<std::string>& names);
[[nodiscard]] tuner::ResolvedArgument whole(tuner::ArgumentKind kind, std::int64_t value);
[[nodiscard]] tuner::ResolvedArgument real(tuner::ArgumentKind kind, double value);

/// Makes the configuration from these bytes, under a name that goes with them.
void give_source(tuner::EvaluateRequest& request, const std::string& bytes,
                 tuner::KernelForm form = tuner::KernelForm::cuda);

/// A configuration of one launch over the job's elements, 256 threads a block; kernel "k", arguments x and out.
[[nodiscard]] tuner::EvaluateRequest configuration(std::uint64_t id, const tuner::Job& job, const std::string& source);

/// Source of a kernel whose body sees `i`, `n`, `x` and `out`, with T as the element type; runs for every i < n.
[[nodiscard]] std::string kernel(const std::string& body);

}  // namespace fuseline::gpu
