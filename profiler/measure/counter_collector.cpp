#include "profiler/measure/counter_collector.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <map>
#include <optional>

#include "profiler/counters/counter_session.hpp"
#include "profiler/measure/timer.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::profiler {
namespace {

using Metrics = std::vector<std::string>;

constexpr const char* kDuration = "gpu__time_duration.sum";
/// What the calibrating range waits on the device, and what starting such a kernel takes, which counts as its own time
/// (Nsight Compute gives a wait of 50 us on an H200 51.6 us).
constexpr std::uint64_t kKnownNs = 20'000;
constexpr double kStartNs = 1'600;
constexpr double kGapAtMostNs = 100'000;

bool is_of_elapsed_time(const std::string& metric) { return metric.ends_with("_elapsed"); }
using ScheduledHost = tuner::Result<std::shared_ptr<const MetricHost>>;

ScheduledHost make_schedule(const std::string& chip, const std::vector<std::uint8_t>& availability,
                            const Metrics& metrics) {
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

/// Ends a step with the block.
struct StepEnd {
  std::optional<tuner::SpanScope>& step;
  ~StepEnd() { step.reset(); }
};

class RangeCollector : public CounterCollector {
 public:
  RangeCollector(Gpu& gpu, SupportKernels& support, const CuptiLibrary& cupti, tuner::SpanRecorder* spans)
      : gpu_(gpu), support_(support), cupti_(cupti), spans_(spans) {}

  [[nodiscard]] tuner::Result<void> start(int ordinal) {
    FUSELINE_CHECK(initialise_profiling(cupti_));
    FUSELINE_TRY(chip, chip_name(cupti_, ordinal));
    FUSELINE_TRY(image, availability_image(cupti_, gpu_.context()));
    chip_ = std::move(chip);
    availability_ = std::move(image);
    return {};
  }

  void plan(const Metrics& metrics) override { static_cast<void>(schedule(metrics)); }

  [[nodiscard]] tl::expected<tuner::CountersReply, CounterFailure> read(
      JobContext& context, const Metrics& metrics, const std::vector<CounterTarget>& targets,
      const std::function<void(std::uint64_t)>& started, const std::function<void(std::string)>& note) override {
    const StepEnd end{step_};
    const auto begin = std::chrono::steady_clock::now();
    if (auto enabled = enable(metrics, note); !enabled)
      return tl::unexpected(CounterFailure{enabled.error().reason, true, false});
    std::vector<CountedLaunch> launches;
    for (const CounterTarget& target : targets) {
      started(target.id);
      const LoadedConfiguration& configuration = *target.configuration;
      launches.push_back({target.id, [&] { return settle(context, configuration); },
                          [&] { return context.launcher->run(configuration, 0); }});
    }
    return count(context.lead_in->flush(), metrics, launches, begin);
  }

  [[nodiscard]] tl::expected<tuner::CountersReply, CounterFailure> read_launches(
      L2Flush& flush, const Metrics& metrics, const std::vector<CountedLaunch>& launches,
      const std::function<void(std::string)>& note) override {
    const StepEnd end{step_};
    const auto begin = std::chrono::steady_clock::now();
    if (auto enabled = enable(metrics, note); !enabled)
      return tl::unexpected(CounterFailure{enabled.error().reason, true, false});
    return count(flush, metrics, launches, begin);
  }

  void close() override {
    const tuner::SpanScope closing(session_ ? spans_ : nullptr, kDeviceThread, "counters: disable");
    session_.reset();
    host_.reset();
    enabled_for_.clear();
  }

 private:
  /// What the session that is enabled reads of `launches`.
  [[nodiscard]] tl::expected<tuner::CountersReply, CounterFailure> count(L2Flush& flush, const Metrics& metrics,
                                                                         const std::vector<CountedLaunch>& launches,
                                                                         std::chrono::steady_clock::time_point begin) {
    std::optional<DeviceError> failed;
    const auto guarded = [&failed](const DeviceResult<void>& done) {
      if (!done && !failed) failed = done.error();
      return done.has_value();
    };
    // One range more than there are targets: the calibrating one. Nothing waits between what settles the caches, the
    // range's begin, its launch and its end: a range is to hold the launch and as little else as can be.
    const std::size_t ranges = launches.size() + 1;
    std::vector<std::vector<double>> kernels_ns(ranges);
    const auto before = [&](std::size_t i) {
      if (i == 0) {
        step_.emplace(spans_, kDeviceThread, "counters: pass");
        if (!guarded(take_times(kernels_ns))) return false;
      }
      return guarded(i < launches.size() ? launches[i].before() : flush.enqueue());
    };
    const auto run = [&](std::size_t i) {
      return guarded(timed(i, [&] { return i < launches.size() ? launches[i].run() : support_.delay(kKnownNs); }));
    };
    timed_ = 0;
    flush.reset_persisting();
    step_.emplace(spans_, kDeviceThread, "counters: set up");
    const auto collected = session_->collect(ranges, before, run);
    step_.emplace(spans_, kDeviceThread, "counters: decode");
    if (failed) return tl::unexpected(lost(*failed));
    // Whether the context is gone shows in the next driver call.
    if (const auto alive = gpu_.synchronize(); !alive) return tl::unexpected(lost(alive.error()));
    auto rows = collected ? session_->decode(ranges) : tl::unexpected(collected.error());
    if (!rows) {
      session_.reset();  // One that failed once is not trusted again.
      return tl::unexpected(CounterFailure{rows.error().reason, true, false});
    }
    if (const auto taken = take_times(kernels_ns); !taken) return tl::unexpected(lost(taken.error()));
    take_out_gaps(*rows, kernels_ns);
    tuner::CountersReply reply = readings(launches, *rows, metrics);
    reply.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return reply;
  }

  static CounterFailure lost(const DeviceError& error) { return {error.message(), false, error.context_lost()}; }

  [[nodiscard]] std::shared_future<ScheduledHost> schedule(const Metrics& metrics) {
    auto& found = schedules_[metrics];
    if (!found.valid()) {
      Metrics all = metrics;
      all.emplace_back(kDuration);  // The calibration needs it; a second one is passed over.
      found = std::async(std::launch::async, make_schedule, chip_, availability_, std::move(all)).share();
    }
    return found;
  }

  [[nodiscard]] tuner::Result<void> enable(const Metrics& metrics, const std::function<void(std::string)>& note) {
    if (session_ && enabled_for_ == metrics) return {};
    step_.emplace(spans_, kDeviceThread, "counters: disable");
    session_.reset();
    step_.emplace(spans_, kDeviceThread, "counters: schedule");
    const std::shared_future<ScheduledHost> scheduled = schedule(metrics);
    const ScheduledHost& host = scheduled.get();
    step_.emplace(spans_, kDeviceThread, "counters: enable");
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

  /// What a range begins behind: as when it is timed.
  [[nodiscard]] static DeviceResult<void> settle(JobContext& context, const LoadedConfiguration& configuration) {
    FUSELINE_CHECK(context.launcher->prepare(configuration, false));
    return context.lead_in->enqueue(configuration, 0, 1);
  }

  /// Enqueues `launch` between two events.
  template <class Launch>
  [[nodiscard]] DeviceResult<void> timed(std::size_t index, const Launch& launch) {
    FUSELINE_TRY(begin, gpu_.events().get(kFirstTimerEvent + 2 * index));
    FUSELINE_TRY(end, gpu_.events().get(kFirstTimerEvent + 2 * index + 1));
    FUSELINE_CHECK(gpu_.record(begin));
    FUSELINE_CHECK(launch());
    timed_ = index + 1;
    return gpu_.record(end);
  }

  /// Adds what the events of the pass that has ended tell.
  [[nodiscard]] DeviceResult<void> take_times(std::vector<std::vector<double>>& kernels_ns) {
    FUSELINE_CHECK(gpu_.synchronize());
    for (std::size_t i = 0; i < timed_; ++i) {
      FUSELINE_TRY(begin, gpu_.events().get(kFirstTimerEvent + 2 * i));
      FUSELINE_TRY(end, gpu_.events().get(kFirstTimerEvent + 2 * i + 1));
      FUSELINE_TRY(elapsed_ms, gpu_.elapsed_ms(begin, end));
      kernels_ns[i].push_back(elapsed_ms * 1e6);
    }
    timed_ = 0;
    return {};
  }

  /// A range begins before its kernel does and ends after it: some microseconds in which nothing runs, but which its
  /// elapsed time counts. How long the kernel itself took is known from the events round it, less what they add, which
  /// the calibrating range tells: its kernel takes a known time.
  void take_out_gaps(std::vector<std::vector<double>>& rows, const std::vector<std::vector<double>>& kernels_ns) const {
    const Metrics& names = host_->metrics();
    const auto place = std::find(names.begin(), names.end(), kDuration) - names.begin();
    if (place == static_cast<std::ptrdiff_t>(names.size()) || kernels_ns.back().empty()) return;
    const auto duration = static_cast<std::size_t>(place);
    const double events_ns = std::max(0.0, tuner::median(kernels_ns.back()) - static_cast<double>(kKnownNs) - kStartNs);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double range_ns = rows[i][duration];
      const double kernel_ns = kernels_ns[i].empty() ? range_ns : tuner::median(kernels_ns[i]) - events_ns;
      if (!(kernel_ns > 0 && kernel_ns < range_ns && range_ns - kernel_ns < kGapAtMostNs)) continue;
      for (std::size_t m = 0; m < rows[i].size(); ++m) {
        if (is_of_elapsed_time(names[m])) rows[i][m] *= range_ns / kernel_ns;
      }
      rows[i][duration] = kernel_ns;
    }
  }

  [[nodiscard]] tuner::CountersReply readings(const std::vector<CountedLaunch>& launches,
                                              const std::vector<std::vector<double>>& rows,
                                              const Metrics& wanted) const {
    tuner::CountersReply reply;
    reply.passes = static_cast<int>(host_->passes());
    for (std::size_t i = 0; i < launches.size(); ++i) {
      tuner::CounterReading reading;
      reading.id = launches[i].id;
      for (std::size_t m = 0; m < rows[i].size(); ++m) {
        const std::string& name = host_->metrics()[m];
        if (std::isfinite(rows[i][m]) && std::find(wanted.begin(), wanted.end(), name) != wanted.end())
          reading.values.emplace(name, rows[i][m]);
      }
      if (reading.values.empty()) reading.reason = "the range profiler has no values for it";
      reply.readings.push_back(std::move(reading));
    }
    return reply;
  }

  Gpu& gpu_;
  SupportKernels& support_;
  const CuptiLibrary& cupti_;
  tuner::SpanRecorder* spans_;
  std::optional<tuner::SpanScope> step_;  ///< What it is at.
  std::string chip_;
  std::vector<std::uint8_t> availability_;
  std::map<Metrics, std::shared_future<ScheduledHost>> schedules_;
  Metrics enabled_for_;
  std::shared_ptr<const MetricHost> host_;  ///< Of the session; outlives it.
  std::unique_ptr<CounterSession> session_;
  std::size_t timed_ = 0;  ///< Ranges of this pass with events to be read.
};

}  // namespace

tuner::Result<std::unique_ptr<CounterCollector>> CounterCollector::open(Gpu& gpu, SupportKernels& support, int ordinal,
                                                                        tuner::SpanRecorder* spans) {
  FUSELINE_TRY(cupti, CuptiLibrary::load());
  auto collector = std::make_unique<RangeCollector>(gpu, support, *cupti, spans);
  FUSELINE_CHECK(collector->start(ordinal));
  return std::unique_ptr<CounterCollector>(std::move(collector));
}

}  // namespace fuseline::profiler
