#include "profiler/measure/source_profiler.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

#include "profiler/compile/disassembler.hpp"
#include "profiler/counters/pc_sampler.hpp"
#include "profiler/counters/sass_counter.hpp"
#include "profiler/counters/source_lines.hpp"
#include "tuner/problem/kernel_image.hpp"

namespace fuseline::profiler {
namespace {

using SourceClock = std::chrono::steady_clock;

constexpr std::uint64_t kSamplesWanted = 20'000;
constexpr double kSamplesALaunch = 5'000;  ///< So that several launches are looked at, on clocks that move.
constexpr int kLaunchesAtMost = 200;
constexpr double kSecondsAtMost = 5;
constexpr double kNominalMhz = 1'800;  ///< Of an SM, to choose a period by: a power of two of cycles.
constexpr double kDisassemblySeconds = 30;
constexpr double kPatchedTimes =
    200;  ///< What patched code takes at most, in times of the code as it is: 115 were seen.

double seconds_since(SourceClock::time_point begin) {
  return std::chrono::duration<double>(SourceClock::now() - begin).count();
}

CounterFailure source_failure(const DeviceError& error) { return {error.message(), false, error.context_lost()}; }

/// One profile on its way.
class SourceReading {
 public:
  SourceReading(Gpu& gpu, const CuptiLibrary& cupti, int ordinal, JobContext& context, const SourceTarget& target)
      : gpu_(gpu), cupti_(cupti), ordinal_(ordinal), context_(context), target_(target) {}

  [[nodiscard]] tl::expected<tuner::SourceProfile, CounterFailure> read(const std::function<void()>& started) {
    const auto begin = SourceClock::now();
    choose_image();
    const auto& launches = target_.request.resolved.launches;
    const std::size_t shown = std::min(target_.request.resolved.shown_launch.value_or(0), launches.size() - 1);
    profile_.kernel = image_->symbol(launches[shown].kernel);
    started();
    FUSELINE_TRY(estimate_ms, estimate());
    if (auto sampled = sample(estimate_ms); !sampled) return tl::unexpected(sampled.error());
    started();
    if (auto counted = count(estimate_ms); !counted) return tl::unexpected(counted.error());
    if (!sampled_ && !counted_)
      return tl::unexpected(CounterFailure{fmt::format("{}", fmt::join(profile_.remarks, "; ")), true, false});
    compose();
    profile_.seconds = seconds_since(begin);
    return std::move(profile_);
  }

 private:
  using Done = tl::expected<void, CounterFailure>;

  void remark(std::string text) { profile_.remarks.push_back(std::move(text)); }

  /// That with lines where there is one: its code is to be the same.
  void choose_image() {
    image_ = &target_.image;
    if (target_.request.resolved.form != tuner::KernelForm::cuda) return;
    const CompileResult& lines = target_.with_lines;
    if (lines.status != CompileResult::Status::ok) {
      remark("no lines: with line information it does not compile: " + lines.reason);
      return;
    }
    image_ = &lines;
    for (const tuner::ResolvedLaunch& launch : target_.request.resolved.launches) compare_code(launch.kernel);
  }

  void compare_code(const std::string& kernel) {
    const auto plain = tuner::read_code(target_.image.image, target_.image.symbol(kernel), kernel);
    const auto lines = tuner::read_code(target_.with_lines.image, target_.with_lines.symbol(kernel), kernel);
    if (!plain || !lines || *plain == *lines) return;
    remark(
        fmt::format("with line information the compiler makes other code of {}: {} bytes, without {}; what is shown "
                    "is of the former",
                    kernel, lines->size(), plain->size()));
  }

  [[nodiscard]] tl::expected<LoadedConfiguration, CounterFailure> load() const {
    const tuner::ResolvedConfiguration& resolved = target_.request.resolved;
    auto loaded = LoadedConfiguration::load(gpu_, *context_.job, resolved.launches, resolved.workspace, *image_);
    if (!loaded) return tl::unexpected(CounterFailure{loaded.error().reason, false, loaded.error().context_lost});
    return std::move(*loaded);
  }

  /// What timed launches follow; the device is done with it afterwards.
  [[nodiscard]] DeviceResult<void> settle(const LoadedConfiguration& configuration) {
    FUSELINE_CHECK(context_.launcher->prepare(configuration, false));
    FUSELINE_CHECK(context_.lead_in->enqueue(configuration, 0, 1));
    return gpu_.synchronize();
  }

  [[nodiscard]] DeviceResult<void> launch(const LoadedConfiguration& configuration) {
    ++profile_.launches;
    FUSELINE_CHECK(context_.launcher->run(configuration, 0));
    return gpu_.synchronize();
  }

  [[nodiscard]] DeviceResult<double> time_once(const LoadedConfiguration& configuration) {
    FUSELINE_TRY(first, gpu_.events().get(kFirstTimerEvent));
    FUSELINE_TRY(last, gpu_.events().get(kFirstTimerEvent + 1));
    FUSELINE_CHECK(settle(configuration));
    FUSELINE_CHECK(gpu_.record(first));
    FUSELINE_CHECK(context_.launcher->run(configuration, 0));
    FUSELINE_CHECK(gpu_.record(last));
    FUSELINE_CHECK(gpu_.synchronize());
    ++profile_.launches;
    return gpu_.elapsed_ms(first, last);
  }

  /// Milliseconds of one launch, to choose the period by. Its module is another one: see PcSampler.
  [[nodiscard]] tl::expected<double, CounterFailure> estimate() {
    FUSELINE_TRY(configuration, load());
    const auto taken = time_once(configuration);
    if (!taken) return tl::unexpected(source_failure(taken.error()));
    return *taken;
  }

  [[nodiscard]] Done sample(double estimate_ms) {
    const double cycles = estimate_ms * 1e3 * kNominalMhz;
    const std::uint32_t period = PcSampler::period_for(cycles, gpu_.info().limits.sm_count, kSamplesALaunch);
    auto sampler = PcSampler::enable(cupti_, gpu_.context(), period);
    if (!sampler) {
      remark("no samples: " + sampler.error().reason);
      return {};
    }
    profile_.period_cycles = std::uint32_t{1} << period;
    FUSELINE_TRY(configuration, load());
    const auto begin = SourceClock::now();
    int launches = 0;
    while (samples_.inside < kSamplesWanted && launches < kLaunchesAtMost && seconds_since(begin) < kSecondsAtMost) {
      ++launches;
      FUSELINE_TRY(taken, sample_launch(**sampler, configuration));
      if (!taken) break;
    }
    sampled_ = samples_.inside > 0;
    if (launches > 0 && samples_.inside < kSamplesWanted)
      remark(fmt::format("only {} samples of {}, in {} launches", samples_.inside, profile_.kernel, launches));
    return {};
  }

  /// False where CUPTI gave none; a remark says why.
  [[nodiscard]] tl::expected<bool, CounterFailure> sample_launch(PcSampler& sampler,
                                                                 const LoadedConfiguration& configuration) {
    if (const auto settled = settle(configuration); !settled) return tl::unexpected(source_failure(settled.error()));
    if (const auto begun = sampler.start(); !begun) return gave_none(begun.error());
    const auto launched = launch(configuration);
    const auto ended = sampler.stop();
    if (!launched) return tl::unexpected(source_failure(launched.error()));
    if (!ended) return gave_none(ended.error());
    if (const auto taken = sampler.take(profile_.kernel, samples_); !taken) return gave_none(taken.error());
    return true;
  }

  [[nodiscard]] bool gave_none(const tuner::Error& error) {
    remark("samples ended early: " + error.reason);
    return false;
  }

  [[nodiscard]] Done count(double estimate_ms) {
    if (estimate_ms * kPatchedTimes > context_.job->deadlines.counters_s * 1e3) {
      remark(
          fmt::format("no counts by instruction: a launch takes {:.0f} ms, and up to {:g} times that with code that "
                      "counts",
                      estimate_ms, kPatchedTimes));
      return {};
    }
    FUSELINE_TRY(configuration, load());
    if (const auto settled = settle(configuration); !settled) return tl::unexpected(source_failure(settled.error()));
    std::optional<DeviceError> failed;
    std::vector<std::string> rejected;
    auto values = count_by_instruction(
        cupti_, gpu_.context(), ordinal_, profile_.kernel, source_metrics(),
        [&] {
          if (const auto launched = launch(configuration); !launched) failed = launched.error();
          return !failed;
        },
        rejected);
    if (failed) return tl::unexpected(source_failure(*failed));
    if (const auto alive = gpu_.synchronize(); !alive) return tl::unexpected(source_failure(alive.error()));
    if (!values) {
      remark("no counts by instruction: " + values.error().reason);
      return {};
    }
    if (!rejected.empty()) remark(fmt::format("not offered: {}", fmt::join(rejected, ", ")));
    counts_ = std::move(*values);
    counted_ = !counts_.empty();
    if (!counted_) remark("no counts by instruction: CUPTI names no instruction of " + profile_.kernel);
    return {};
  }

  /// Instructions of the disassembly, and those that samples or counts name.
  void compose() {
    profile_.samples = samples_.total;
    profile_.dropped = samples_.dropped;
    profile_.outside = samples_.total - std::min(samples_.total, samples_.inside);
    const std::map<std::uint32_t, std::string> text = disassembled();
    std::set<std::uint32_t> offsets;
    for (const auto& [offset, words] : text) offsets.insert(offset);
    for (const auto& [offset, reasons] : samples_.at) offsets.insert(static_cast<std::uint32_t>(offset));
    for (const auto& [offset, values] : counts_) offsets.insert(static_cast<std::uint32_t>(offset));
    for (const std::uint32_t offset : offsets) {
      tuner::SampledInstruction instruction;
      instruction.offset = offset;
      if (const auto found = text.find(offset); found != text.end()) instruction.text = found->second;
      if (const auto found = samples_.at.find(offset); found != samples_.at.end()) instruction.samples = found->second;
      if (const auto found = counts_.find(offset); found != counts_.end()) instruction.metrics = found->second;
      profile_.instructions.push_back(std::move(instruction));
    }
    add_lines();
  }

  [[nodiscard]] std::map<std::uint32_t, std::string> disassembled() {
    if (image_->form == tuner::KernelForm::ptx) {
      remark("no disassembly and no lines: the driver assembles PTX, and keeps what it made");
      return {};
    }
    auto disassembly = disassemble(image_->image, profile_.kernel, kDisassemblySeconds);
    if (!disassembly) {
      remark("no disassembly: " + disassembly.error().reason);
      return {};
    }
    profile_.disassembler = disassembly->program;
    return std::move(disassembly->text);
  }

  void add_lines() {
    if (image_->form == tuner::KernelForm::ptx) return;
    std::vector<std::uint32_t> offsets;
    for (const tuner::SampledInstruction& each : profile_.instructions) offsets.push_back(each.offset);
    std::vector<std::string> names = {target_.request.resolved.source_name};
    for (const auto& [name, text] : context_.job->headers) names.push_back(name);
    const auto lines = source_lines(cupti_, image_->image, profile_.kernel, offsets, names);
    if (!lines) {
      remark("no lines: " + lines.error().reason);
      return;
    }
    bool any = false;
    for (std::size_t i = 0; i < lines->size(); ++i) {
      profile_.instructions[i].file = (*lines)[i].file;
      profile_.instructions[i].line = (*lines)[i].line;
      any = any || (*lines)[i].line > 0;
    }
    if (!any && image_ == &target_.image && target_.request.resolved.form == tuner::KernelForm::cubin)
      remark("no lines: the cubin has no line information; compile it with -lineinfo");
  }

  Gpu& gpu_;
  const CuptiLibrary& cupti_;
  int ordinal_;
  JobContext& context_;
  const SourceTarget& target_;
  const CompileResult* image_ = nullptr;
  PcSamples samples_;
  SassValues counts_;
  bool sampled_ = false, counted_ = false;
  tuner::SourceProfile profile_;
};

class CuptiSourceProfiler : public SourceProfiler {
 public:
  CuptiSourceProfiler(Gpu& gpu, const CuptiLibrary& cupti, int ordinal) : gpu_(gpu), cupti_(cupti), ordinal_(ordinal) {}

  [[nodiscard]] tl::expected<tuner::SourceProfile, CounterFailure> profile(
      JobContext& context, const SourceTarget& target, const std::function<void()>& started) override {
    if (target.image.status != CompileResult::Status::ok)
      return tl::unexpected(CounterFailure{target.image.reason, false, false});
    if (taken_)
      return tl::unexpected(CounterFailure{
          "this worker has taken a source profile, and CUPTI takes one in a process: start another worker", true,
          false});
    taken_ = true;
    return SourceReading(gpu_, cupti_, ordinal_, context, target).read(started);
  }

 private:
  Gpu& gpu_;
  const CuptiLibrary& cupti_;
  int ordinal_;
  bool taken_ = false;
};

}  // namespace

tuner::Result<std::unique_ptr<SourceProfiler>> SourceProfiler::open(Gpu& gpu, int ordinal) {
  FUSELINE_TRY(cupti, CuptiLibrary::load());
  FUSELINE_CHECK(initialise_profiling(*cupti));
  return std::make_unique<CuptiSourceProfiler>(gpu, *cupti, ordinal);
}

}  // namespace fuseline::profiler
