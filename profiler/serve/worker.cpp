#include "profiler/serve/worker.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include "profiler/compile/kernel_image.hpp"
#include "profiler/cuda/device_query.hpp"
#include "profiler/cuda/nvrtc_library.hpp"
#include "profiler/serve/device_thread.hpp"
#include "profiler/serve/image_builder.hpp"
#include "tuner/base/files.hpp"
#include "tuner/worker/framing.hpp"
#include "tuner/worker/stream_mark.hpp"

namespace fuseline::profiler {
namespace {

constexpr double kSupportDeadline_s = 120;
constexpr std::chrono::milliseconds kDataPatience{200};  ///< Before it is looked whether the coordinator is there.
constexpr int kStatusDone = 0, kStatusGarbage = 2, kStatusNoGpu = 3;

/// NVRTC must know the architecture, or every configuration would fail with the same riddle.
tuner::Result<void> check_architecture(const tuner::DeviceInfo& device) {
  FUSELINE_TRY(nvrtc, NvrtcLibrary::load());
  const int wanted = device.limits.compute_major * 10 + device.limits.compute_minor;
  const auto& known = nvrtc->architectures;
  if (known.empty() || std::find(known.begin(), known.end(), wanted) != known.end()) return {};
  return tuner::worker_error(fmt::format("{} (NVRTC {}) cannot compile for {} ({}); it knows {}", nvrtc->file,
                                         nvrtc->version, device.name, device.limits.sm(), fmt::join(known, ", ")));
}

class MessageLoop {
 public:
  MessageLoop(const WorkerOptions& options, int request_fd, int reply_fd)
      : options_(options), request_fd_(request_fd), replies_(reply_fd) {}

  [[nodiscard]] int run();

 private:
  /// Waits until a request can be read; false where the device thread has ended meanwhile.
  [[nodiscard]] bool wait_for_request() const;
  /// Puts a piece of data before the device thread, once that has taken what came before. A status ends the loop: the
  /// coordinator, or the GPU, is gone.
  [[nodiscard]] std::optional<int> pass_on(tuner::DataRequest data);
  /// A status ends the loop.
  [[nodiscard]] std::optional<int> handle(tuner::Request request);
  [[nodiscard]] std::optional<int> hello(const tuner::HelloRequest& request);
  /// Looks for the GPU and starts compilers and device thread where that has not been done. False after a fatal error
  /// was sent.
  [[nodiscard]] bool start();
  void start_compilers();
  [[nodiscard]] tuner::Result<void> find_device();
  /// Where compiled kernels are kept; a job may name its own place.
  [[nodiscard]] std::filesystem::path cache_folder(const std::string& of_job) const;
  [[nodiscard]] Task task_for(tuner::Request request);
  [[nodiscard]] std::shared_future<CompileResult> compile(CompileRequest request, double deadline_s) {
    const std::filesystem::path folder = cache_folder(job_ ? job_->cache_folder : std::string{});
    return make_image(*pool_, {std::move(request), deadline_s, folder, [this] { queue_.compiled(); }});
  }
  [[nodiscard]] std::shared_future<CompileResult> compile(const tuner::ResolvedConfiguration& resolved,
                                                          bool with_lines = false);

  const WorkerOptions& options_;
  int request_fd_;
  ReplySender replies_;
  WorkQueue queue_;
  std::vector<tuner::DeviceInfo> devices_;
  std::string architecture_;
  std::unique_ptr<CompilerPool> pool_;
  std::unique_ptr<ImageBuilder> builder_;
  std::vector<std::shared_future<CompileResult>> support_;
  std::shared_ptr<const tuner::Job> job_;
  std::map<std::string, std::string> sources_;  ///< Sent for this job, by name.
  int device_ended_[2] = {-1, -1};              ///< A pipe that closes when the device thread has ended.
  std::thread device_thread_;                   ///< Never joined: it may wait for a kernel that does not end.
};

int MessageLoop::run() {
  while (wait_for_request()) {
    auto bytes = tuner::read_frame(request_fd_, tuner::kMaximumFrameBytes);
    if (!bytes) {
      replies_.error("requests cannot be read: " + bytes.error().reason, true);
      return kStatusGarbage;
    }
    if (!*bytes) return kStatusDone;
    auto request = tuner::decode_request(**bytes);
    if (!request) {
      replies_.error("not a request: " + request.error().message(), true);
      return kStatusGarbage;
    }
    if (const auto status = handle(std::move(*request))) return *status;
  }
  return kStatusNoGpu;
}

bool MessageLoop::wait_for_request() const {
  pollfd fds[2] = {{request_fd_, POLLIN, 0}, {device_ended_[0], POLLIN, 0}};
  while (true) {
    const int count = poll(fds, 2, -1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;  // The read will say what is wrong.
    if (fds[1].revents != 0) return false;
    return true;
  }
}

std::optional<int> MessageLoop::handle(tuner::Request request) {
  if (std::holds_alternative<tuner::QuitRequest>(request)) return kStatusDone;
  if (const auto* greeting = std::get_if<tuner::HelloRequest>(&request)) return hello(*greeting);
  if (auto* source = std::get_if<tuner::SourceRequest>(&request)) {
    sources_[source->name] = std::move(source->bytes);
    return std::nullopt;
  }
  if (const auto* build = std::get_if<tuner::BuildRequest>(&request)) {
    start_compilers();
    if (!builder_) builder_ = std::make_unique<ImageBuilder>(*pool_, replies_);
    builder_->submit(*build, cache_folder(build->cache_folder));
    return std::nullopt;
  }
  if (!start()) return kStatusNoGpu;
  if (auto* data = std::get_if<tuner::DataRequest>(&request)) return pass_on(std::move(*data));
  queue_.push(task_for(std::move(request)));
  return std::nullopt;
}

std::optional<int> MessageLoop::pass_on(tuner::DataRequest data) {
  Task task{std::move(data), job_, {}};
  while (!queue_.push_within(task, kDataPatience)) {
    pollfd fd = {request_fd_, 0, 0};
    if (poll(&fd, 1, 0) > 0 && (fd.revents & (POLLHUP | POLLERR)) != 0) return kStatusDone;
  }
  return std::nullopt;
}

std::optional<int> MessageLoop::hello(const tuner::HelloRequest& request) {
  if (request.protocol != tuner::kProtocolVersion) {
    replies_.error(fmt::format("protocol {} was asked for, this worker ({}) speaks {}", request.protocol,
                               FUSELINE_VERSION, tuner::kProtocolVersion),
                   true);
    return kStatusGarbage;
  }
  tuner::HelloReply reply;
  reply.version = FUSELINE_VERSION;
  if (!request.device) {
    replies_.send(reply);
    return std::nullopt;
  }
  if (!start()) return kStatusNoGpu;
  reply.devices = devices_;
  reply.device = options_.device;
  replies_.send(reply);
  return std::nullopt;
}

tuner::Result<void> MessageLoop::find_device() {
  FUSELINE_TRY(devices, query_devices());
  if (options_.device < 0 || static_cast<std::size_t>(options_.device) >= devices.size()) {
    return tuner::worker_error(fmt::format("there is no GPU {}: the driver sees {} (0 is {})", options_.device,
                                           devices.size(), devices.front().name));
  }
  const tuner::DeviceInfo& device = devices[static_cast<std::size_t>(options_.device)];
  FUSELINE_CHECK(check_architecture(device));
  architecture_ = device.limits.sm();
  devices_ = std::move(devices);
  return {};
}

bool MessageLoop::start() {
  if (device_thread_.joinable()) return true;
  if (const auto found = find_device(); !found) {
    replies_.error(found.error().reason, true);
    return false;
  }
  start_compilers();
  for (CompileRequest& part : support_requests(architecture_))
    support_.push_back(compile(std::move(part), kSupportDeadline_s));
  if (pipe2(device_ended_, O_CLOEXEC) != 0) {
    replies_.error("no pipe can be made", true);
    return false;
  }
  device_thread_ = std::thread([this] {
    DeviceThread thread(options_.device, devices_[static_cast<std::size_t>(options_.device)], queue_, replies_);
    static_cast<void>(thread.run());
    queue_.close();  // Nobody is to wait for it.
    close(device_ended_[1]);
    // What the thread holds on the device is not given back: the process ends now, and the driver does it.
    while (true) pause();
  });
  queue_.push(Task{tuner::HelloRequest{}, nullptr, {}});
  std::thread([folder = cache_folder({})] { CubinCache(folder).shrink(); }).detach();
  return true;
}

void MessageLoop::start_compilers() {
  if (pool_) return;
  CompilerPoolOptions pool;
  pool.command = options_.compiler_command;
  pool_ = std::make_unique<CompilerPool>(std::move(pool));
}

std::filesystem::path MessageLoop::cache_folder(const std::string& of_job) const {
  const std::string chosen = of_job.empty() ? options_.cache_folder.string() : of_job;
  if (chosen == "none") return {};
  return chosen.empty() ? tuner::user_cache_folder() / "cubins" : std::filesystem::path(chosen);
}

std::shared_future<CompileResult> MessageLoop::compile(const tuner::ResolvedConfiguration& resolved, bool with_lines) {
  const auto source = sources_.find(resolved.source_name);
  if (source == sources_.end()) return missing_source(resolved.source_name);
  CompileRequest request = configuration_request(*job_, resolved, source->second, architecture_);
  if (with_lines) add_line_information(request);
  return compile(std::move(request), job_->deadlines.compile_s);
}

Task MessageLoop::task_for(tuner::Request request) {
  Task task{std::move(request), nullptr, {}};
  if (auto* prepare = std::get_if<tuner::PrepareRequest>(&task.request)) {
    job_ = std::make_shared<const tuner::Job>(std::move(prepare->job));
    sources_.clear();
    task.compiled = support_;
    if (!job_->reference_launches.empty())
      task.compiled.push_back(compile(reference_request(*job_, architecture_), job_->deadlines.compile_s));
  } else if (std::holds_alternative<tuner::CeilingsRequest>(task.request)) {
    task.compiled = support_;
  } else if (job_) {
    const auto add = [&](const tuner::EvaluateRequest& each) { task.compiled.push_back(compile(each.resolved)); };
    if (const auto* evaluate = std::get_if<tuner::EvaluateRequest>(&task.request)) add(*evaluate);
    if (const auto* finals = std::get_if<tuner::FinalsRequest>(&task.request))
      std::for_each(finals->finalists.begin(), finals->finalists.end(), add);
    if (const auto* counters = std::get_if<tuner::CountersRequest>(&task.request)) {
      std::for_each(counters->configurations.begin(), counters->configurations.end(), add);
    }
    if (const auto* profile = std::get_if<tuner::SourceProfileRequest>(&task.request)) {
      add(profile->configuration);
      task.compiled.push_back(compile(profile->configuration.resolved, true));
    }
  }
  task.job = job_;
  return task;
}

}  // namespace

void run_worker(const WorkerOptions& options, int request_fd, int reply_fd) {
  int status = 0;
  {
    static_cast<void>(tuner::write_bytes(reply_fd, tuner::kStreamMark));
    // Compilers end with their parent, so that nothing needs to be waited for.
    auto* loop = new MessageLoop(options, request_fd, reply_fd);
    status = loop->run();
  }
  std::_Exit(status);
}

}  // namespace fuseline::profiler
