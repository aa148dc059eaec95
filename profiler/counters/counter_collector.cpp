#include "profiler/counters/counter_collector.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cmath>
#include <future>
#include <map>

#include "profiler/counters/counter_session.hpp"

namespace fuseline::profiler {
namespace {

using Metrics = std::vector<std::string>;
using ScheduledHost = tuner::Result<std::shared_ptr<const MetricHost>>;

ScheduledHost make_schedule(const std::string& chip, const std::vector<std::uint8_t>& availability, const Metrics& metrics) {
  FUSELINE_TRY(host, MetricHost::open(chip, availability));
  FUSELINE_CHECK(host->schedule(metrics));
  return std::shared_ptr<const MetricHost>(std::move(host));
}

tuner::Result<std::vector<std::uint8_t>> availability_image(const CuptiLibrary& cupti, CUcontext context) {
  FUSELINE_CUPTI_PARAMS(CUpti_Profiler_GetCounterAvailability_Params, parameters);
  parameters.ctx = context;
  FUSELINE_CUPTI(cupti, cuptiProfilerGetCounterAvailability, &parameters);
  std::vector<std::uint8_t> image(parameters.counterAvailabilityImageSize);
  parameters.pCounterAvailabilityImage = image.data();
  FUSELINE_CUPTI(cupti, cuptiProfilerGetCounterAvailability, &parameters);
  return image;
}

tuner::Result<std::string> chip_name(const CuptiLibrary& cupti, int ordinal) {
  FUSELINE_CUPTI_PARAMS(CUpti_Device_GetChipName_Params, parameters);
  parameters.deviceIndex = static_cast<std::size_t>(ordinal);
  FUSELINE_CUPTI(cupti, cuptiDeviceGetChipName, &parameters);
  return std::string(parameters.pChipName == nullptr ? "" : parameters.pChipName);
}

tuner::Result<void> initialise(const CuptiLibrary& cupti) {
  FUSELINE_CUPTI_PARAMS(CUpti_Profiler_Initialize_Params, parameters);
  FUSELINE_CUPTI(cupti, cuptiProfilerInitialize, &parameters);
  return {};
}

class RangeCollector : public CounterCollector {
 public:
  RangeCollector(Gpu& gpu, SupportKernels& support, const CuptiLibrary& cupti) : gpu_(gpu), support_(support), cupti_(cupti) {}

  [[nodiscard]] tuner::Result<void> start(int ordinal) {
    FUSELINE_CHECK(initialise(cupti_));
    FUSELINE_TRY(chip, chip_name(cupti_, ordinal));
    FUSELINE_TRY(image, availability_image(cupti_, gpu_.context()));
    chip_ = std::move(chip);
    availability_ = std::move(image);
    return {};
  }

  void plan(const Metrics& metrics) override { static_cast<void>(schedule(metrics)); }

  [[nodiscard]] tl::expected<tuner::CountersReply, CounterFailure> read(JobContext& context, const Metrics& metrics,
                                                                        const std::vector<CounterTarget>& targets,
                                                                        const std::function<void(std::uint64_t)>& started,
                                                                        const std::function<void(std::string)>& note) override {
    const auto begin = std::chrono::steady_clock::now();
    if (auto enabled = enable(metrics, note); !enabled) return tl::unexpected(CounterFailure{enabled.error().reason, true, false});
    if (auto room = make_room(context); !room) return tl::unexpected(lost(room.error()));
    for (const CounterTarget& target : targets) started(target.id);
    std::optional<DeviceError> failed;
    const auto guarded = [&failed](const DeviceResult<void>& done) {
      if (!done && !failed) failed = done.error();
      return done.has_value();
    };
    auto rows = session_->collect(
        targets.size(), [&](std::size_t i) { return guarded(settle(context, *targets[i].configuration)); },
        [&](std::size_t i) { return guarded(launch(context, *targets[i].configuration)); });
    if (failed) return tl::unexpected(lost(*failed));
    if (!rows) {
      // Whether a context is gone shows in the next driver call; a session that failed once is not trusted again.
      session_.reset();
      if (const auto alive = gpu_.synchronize(); !alive) return tl::unexpected(lost(alive.error()));
      return tl::unexpected(CounterFailure{rows.error().reason, true, false});
    }
    tuner::CountersReply reply = readings(targets, *rows);
    reply.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return reply;
  }

  void close() override {
    session_.reset();
    host_.reset();
    enabled_for_.clear();
    flush_ = {};
  }

 private:
  static CounterFailure lost(const DeviceError& error) { return {error.message(), false, error.context_lost()}; }

  [[nodiscard]] std::shared_future<ScheduledHost> schedule(const Metrics& metrics) {
    auto& found = schedules_[metrics];
    if (!found.valid()) found = std::async(std::launch::async, make_schedule, chip_, availability_, metrics).share();
    return found;
  }

  [[nodiscard]] tuner::Result<void> enable(const Metrics& metrics, const std::function<void(std::string)>& note) {
    if (session_ && enabled_for_ == metrics) return {};
    session_.reset();
    const ScheduledHost& host = schedule(metrics).get();
    if (!host) return tl::unexpected(host.error());
    FUSELINE_TRY(session, CounterSession::enable(cupti_, gpu_.context(), **host));
    if (!(*host)->rejected().empty() && enabled_for_ != metrics) {
      note(fmt::format("{} ({}) does not offer {}", gpu_.info().name, chip_, fmt::join((*host)->rejected(), ", ")));
    }
    host_ = *host;
    session_ = std::move(session);
    enabled_for_ = metrics;
    return {};
  }

  /// Memory to fill L2 with; without it launches find what the last one left, as in a sweep that rotates over buffers.
  [[nodiscard]] DeviceResult<void> make_room(const JobContext& context) {
    if (context.job->timing.warm || flush_.bytes() > 0) return {};
    const auto l2_bytes = static_cast<std::size_t>(std::max<std::int64_t>(gpu_.info().limits.l2_bytes, 1 << 20));
    if (auto memory = DeviceMemory::allocate(gpu_.driver(), 2 * l2_bytes / 256 * 256 + 256)) {
      flush_ = std::move(*memory);
      FUSELINE_CU(gpu_.driver(), cuMemsetD8Async(flush_.pointer(), 0, flush_.bytes(), gpu_.stream()));
    } else if (memory.error().context_lost()) {
      return tl::unexpected(memory.error());
    }
    return {};
  }

  /// The state in which a range begins: cold, or hot after a launch of its own.
  [[nodiscard]] DeviceResult<void> settle(JobContext& context, const LoadedConfiguration& configuration) {
    FUSELINE_CHECK(context.launcher->prepare(configuration, false));
    if (context.job->timing.warm) {
      FUSELINE_CHECK(context.launcher->run(configuration, 0));
    } else if (flush_.bytes() > 0) {
      const std::size_t bytes = flush_.bytes() - 256;  // The rest is where the kernel that reads puts its sum.
      FUSELINE_CHECK(support_.read(flush_.pointer(), bytes, 1, flush_.pointer() + bytes));
    }
    return gpu_.synchronize();
  }

  [[nodiscard]] DeviceResult<void> launch(JobContext& context, const LoadedConfiguration& configuration) {
    FUSELINE_CHECK(context.launcher->run(configuration, 0));
    return gpu_.synchronize();
  }

  [[nodiscard]] tuner::CountersReply readings(const std::vector<CounterTarget>& targets, const std::vector<std::vector<double>>& rows) const {
    tuner::CountersReply reply;
    reply.passes = static_cast<int>(host_->passes());
    for (std::size_t i = 0; i < targets.size(); ++i) {
      tuner::CounterReading reading;
      reading.id = targets[i].id;
      for (std::size_t m = 0; m < rows[i].size(); ++m) {
        if (std::isfinite(rows[i][m])) reading.values.emplace(host_->metrics()[m], rows[i][m]);
      }
      if (reading.values.empty()) reading.reason = "the range profiler has no values for it";
      reply.readings.push_back(std::move(reading));
    }
    return reply;
  }

  Gpu& gpu_;
  SupportKernels& support_;
  const CuptiLibrary& cupti_;
  std::string chip_;
  std::vector<std::uint8_t> availability_;
  std::map<Metrics, std::shared_future<ScheduledHost>> schedules_;
  Metrics enabled_for_;
  std::shared_ptr<const MetricHost> host_;     ///< Of the session; outlives it.
  std::unique_ptr<CounterSession> session_;
  DeviceMemory flush_;
};

}  // namespace

tuner::Result<std::unique_ptr<CounterCollector>> CounterCollector::open(Gpu& gpu, SupportKernels& support, int ordinal) {
  FUSELINE_TRY(cupti, CuptiLibrary::load());
  auto collector = std::make_unique<RangeCollector>(gpu, support, *cupti);
  FUSELINE_CHECK(collector->start(ordinal));
  return std::unique_ptr<CounterCollector>(std::move(collector));
}

}  // namespace fuseline::profiler
