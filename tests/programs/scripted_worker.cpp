// A worker without a GPU: speaks the real protocol, makes its times up, and misbehaves as a script says.
//
// scripted_worker SCRIPT.json [--device N]
// Script: {"log": FILE, "device_name": "...", "uuid": "...", "speed": 1 (of kernels and of the copy),
//          "further_devices": names, "no_device": true, "protocol": 1, "refuse_prepare": "reason", "lives": N,
//          "before_mark": TEXT, "slow_start_ms": before the mark comes, "mark": false for a worker of before it,
// "delay_ms": 0,
//          "noise": 0.002, "times": {"KEY": ms}, "rules": [{"match": PART OF KEY, "at": POINT, "do": DEED, "times": N,
//          ...}]} "stamps": FILE (nanoseconds of the monotonic clock before each outcome is sent),
//          "counters_unavailable": "reason", "counter_values": {"KEY": {"METRIC": value}}, "sm_mhz": clock that it
//          tells (else none),
//          "spills": {PART OF KEY: bytes that images spill}
//          "build_log": what the compiler says of every image
// POINT: compile (before started), verify, time, after (the outcome was sent), finals, counters, source. DEED: exit
// (status), signal (signal), hang, close, garbage, half, huge, wrong_id, fatal, no_time, refuse (an error that is not
// fatal), no_values, outcome ("outcome", "reason", and a compiler log of "log_bytes"). After "lives" starts it dies
// while it prepares. A rule is used "times" times (default 1) over all restarts: the log keeps count. One with a "seed"
// is for jobs of that seed alone.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "tuner/worker/framing.hpp"
#include "tuner/worker/protocol.hpp"
#include "tuner/worker/stream_mark.hpp"

namespace {

using namespace fuseline::tuner;

constexpr int kPlaces = 4;

class ScriptedWorker {
 public:
  explicit ScriptedWorker(nlohmann::json script)
      : script_(std::move(script)), log_(script_.value("log", "/dev/null")) {}

  int run() {
    note("start");
    if (const auto text = script_.value("before_mark", ""); !text.empty()) raw(text);
    std::this_thread::sleep_for(std::chrono::milliseconds(script_.value("slow_start_ms", 0)));
    if (script_.value("mark", true)) raw(kStreamMark);
    while (true) {
      auto payload = read_frame(0, kMaximumFrameBytes);
      if (!payload || !*payload) return 0;
      auto request = decode_request(**payload);
      if (!request) {
        std::cerr << request.error().message() << '\n';
        return 9;
      }
      if (std::holds_alternative<QuitRequest>(*request)) return 0;
      std::visit([this](const auto& message) { serve(message); }, *request);
    }
  }

 private:
  void note(const std::string& line) { std::ofstream(log_, std::ios::app) << line << '\n'; }
  int noted(const std::string& line) const {
    std::ifstream log(log_);
    int count = 0;
    for (std::string text; std::getline(log, text);) count += text == line;
    return count;
  }
  /// Without a coordinator there is nothing to do.
  static void reply(const Reply& message) {
    if (!write_frame(1, encode_text(message))) std::_Exit(0);
  }
  static void raw(std::string_view bytes) { (void)!write(1, bytes.data(), bytes.size()); }

  static void raw_then_wait(std::string_view bytes) {
    raw(bytes);
    std::this_thread::sleep_for(std::chrono::hours(1));
  }

  DeviceInfo device() const {
    DeviceInfo info;
    info.name = script_.value("device_name", "Scripted GPU");
    info.uuid = script_.value("uuid", "GPU-0");
    info.driver = "1.0";
    info.cuda = "13.0";
    info.memory_bytes = std::int64_t{8} << 30;
    info.limits.sm_count = 4;
    info.limits.compute_major = 9;
    info.limits.max_threads_per_sm = 2048;
    info.limits.max_blocks_per_sm = 32;
    info.limits.shared_bytes_per_sm = 100 << 10;
    info.limits.shared_bytes_per_block = 99 << 10;
    info.limits.l2_bytes = 1 << 20;
    return info;
  }

  void serve(const HelloRequest&) {
    HelloReply hello;
    hello.protocol = script_.value("protocol", kProtocolVersion);
    hello.version = "scripted";
    if (!script_.value("no_device", false)) hello.devices.push_back(device());
    for (const auto& name : script_.value("further_devices", std::vector<std::string>())) {
      hello.devices.push_back(device());
      hello.devices.back().name = name;
    }
    reply(hello);
  }

  /// Our worker ends with its input, whatever it still holds.
  static void end_with_input() {
    pollfd input{0, 0, 0};
    if (poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR)) != 0) std::_Exit(0);
  }

  /// What the stand-in for a driver takes for a cubin: an ELF header, and its kernels' names.
  static std::string cubin(const ResolvedConfiguration& resolved) {
    std::string names;
    for (const auto& launch : resolved.launches) names += ".text." + launch.kernel + '\0';
    std::string header =
        "\x7f"
        "ELF";
    header.resize(64);
    header[0x28] = static_cast<char>(header.size());  // Where sections begin: one, of all that follows.
    header[0x3A] = static_cast<char>(names.size() & 0xff);
    header[0x3B] = static_cast<char>(names.size() >> 8);
    header[0x3C] = 1;
    return header + names;
  }
  static std::string ptx(const ResolvedConfiguration& resolved) {
    std::string text = ".version 8.0\n";
    for (const auto& launch : resolved.launches) text += ".entry " + launch.kernel + "(\n";
    return text + "// ";
  }

  void serve(const BuildRequest& request) {
    const auto& resolved = request.configuration.resolved;
    note("build " + request.architecture);
    BuildReply built;
    built.id = request.configuration.id;
    built.form = request.architecture.starts_with("sm_") ? KernelForm::cubin : KernelForm::ptx;
    built.reason = script_.value("refuse_build", "");
    for (const auto& launch : resolved.launches) built.symbols[launch.kernel] = launch.kernel;
    built.image = built.form == KernelForm::cubin ? cubin(resolved) : ptx(resolved);
    built.image += request.architecture + " of " + resolved.configuration.key();
    built.registers = 32;
    const auto spills = script_.value("spills", nlohmann::json::object());
    for (const auto& [part, bytes] : spills.items()) {
      if (resolved.configuration.key().find(part) != std::string::npos) built.spill_bytes = bytes.get<std::int64_t>();
    }
    built.source_sha256 = script_.value("source_sha256", "0");
    built.log = script_.value("build_log", "");
    reply(built);
  }

  void serve(const PrepareRequest& request) {
    note("prepare " + request.job.problem);
    sources_.clear();
    if (noted("start") > script_.value("lives", 1'000'000)) {
      std::cerr << "cannot map the device" << std::endl;
      std::_Exit(7);
    }
    if (script_.contains("refuse_prepare")) {
      reply(ErrorReply{script_["refuse_prepare"].get<std::string>(), false});
      return;
    }
    policy_ = request.job.counters;
    seed_ = request.job.seed;
    spans_ = request.job.spans;
    after_ = request.job.timing.after;
    note("after " + std::string(to_string(after_)));
    awaited_ = 0;
    for (const Tensor& tensor : request.job.tensors)
      if (tensor.stored) awaited_ += tensor.elements * npy_type_bytes(*tensor.stored);
    if (awaited_ == 0) prepared();
  }
  void prepared() const {
    PreparedReply prepared;
    prepared.copy_gbps = 1000 * script_.value("speed", 1.0);
    reply(prepared);
  }

  void serve(const SourceRequest& request) {
    note("source " + request.name);
    sources_.insert(request.name);
  }
  /// A worker cannot make what it was never sent.
  void need_source(const EvaluateRequest& request) const {
    if (sources_.contains(request.resolved.source_name)) return;
    std::cerr << "was not sent " << request.resolved.source_name << std::endl;
    std::_Exit(8);
  }

  void serve(const EvaluateRequest& request) {
    need_source(request);
    const auto key = request.resolved.configuration.key();
    misbehave(request.id, key, "compile");
    reply(StartedReply{request.id, "verify"});
    misbehave(request.id, key, "verify");
    std::this_thread::sleep_for(std::chrono::milliseconds(script_.value("delay_ms", 0)));
    end_with_input();
    reply(StartedReply{request.id, "time"});
    misbehave(request.id, key, "time");
    note("measured " + key);
    OutcomeReply outcome;
    outcome.id = request.id;
    outcome.measurement = measure(key);
    if (wrong_) outcome.id += 1'000'000;
    if (!planted_.is_null()) outcome.measurement = planted();
    if (untimed_) outcome.measurement.time_ms = {};
    if (script_.contains("stamps"))
      std::ofstream(script_["stamps"].get<std::string>(), std::ios::app)
          << std::chrono::steady_clock::now().time_since_epoch().count() << '\n';
    send_span();
    reply(outcome);
    misbehave(request.id, key, "after");
    if (policy_.metrics.empty()) return;
    gathered_.push_back(request);
    if (gathered_.size() >= static_cast<std::size_t>(policy_.batch)) read_gathered(false);
  }

  void send_span() {
    if (!spans_) return;
    note("spans");
    const auto now = SpanRecorder::microseconds(SpanRecorder::Clock::now());
    reply(SpansReply{
        now, {{"device", "sample", std::max(last_span_, now - 500), std::min<std::int64_t>(500, now - last_span_)}}});
    last_span_ = now;
  }

  void serve(const CountersRequest& request) {
    if (request.configurations.empty()) return read_gathered(true);
    for (const auto& configuration : request.configurations) need_source(configuration);
    note("counters " + std::to_string(request.configurations.size()) + " x " + std::to_string(request.metrics.size()));
    read(request.metrics, request.configurations, true);
  }
  void read_gathered(bool finished) {
    note("gathered " + std::to_string(gathered_.size()));
    read(policy_.metrics, std::exchange(gathered_, {}), finished);
  }

  void read(const std::vector<std::string>& metrics, const std::vector<EvaluateRequest>& configurations,
            bool finished) {
    CountersReply counters;
    counters.finished = finished;
    counters.passes = 2;
    counters.seconds = 0.01;
    if (script_.contains("counters_unavailable")) {
      if (!std::exchange(said_, true)) counters.unavailable = script_["counters_unavailable"].get<std::string>();
      return reply(counters);
    }
    for (const auto& configuration : configurations) {
      const auto key = configuration.resolved.configuration.key();
      reply(StartedReply{configuration.id, "counters"});
      misbehave(configuration.id, key, "counters");
      if (refused_) return reply(ErrorReply{"the counters are in use", false});
      auto& reading = counters.readings.emplace_back();
      reading.id = configuration.id + (wrong_ ? 1'000'000 : 0);
      if (valueless_) reading.reason = "its kernel could not be run again";
      if (valueless_) continue;
      for (const auto& metric : metrics) reading.values[metric] = counter(key, metric);
    }
    reply(counters);
  }
  /// Stable for a configuration, unless the script gives it.
  double counter(const std::string& key, const std::string& metric) const {
    const auto place = nlohmann::json::json_pointer() / "counter_values" / key / metric;
    return script_.contains(place) ? script_[place].get<double>() : std::floor(plain_ms(key) * 10);
  }

  void serve(const FinalsRequest& request) {
    note("finals " + std::to_string(request.finalists.size()) + " x " + std::to_string(request.rounds));
    FinalsReply reply_finals;
    for (const auto& finalist : request.finalists) {
      reply(StartedReply{finalist.id, "finals"});
      misbehave(finalist.id, finalist.resolved.configuration.key(), "finals");
      reply_finals.ids.push_back(finalist.id);
    }
    for (int round = 0; round < request.rounds; ++round) {
      auto& times = reply_finals.rounds_ms.emplace_back();
      for (const auto& finalist : request.finalists) times.push_back(sample(finalist.resolved.configuration.key()));
      auto& told = reply_finals.rounds.emplace_back();
      told.copy_gbps = 1000.0 + round;
      told.order.assign(reply_finals.ids.begin(), reply_finals.ids.end());
      told.order.push_back(FinalRound::copy);
      std::shuffle(told.order.begin(), told.order.end(), order_);
      told.place = (request.first_round + round) % kPlaces;
      told.clocks = clocks();
    }
    reply(reply_finals);
  }

  void serve(const SourceProfileRequest& request) {
    need_source(request.configuration);
    const auto key = request.configuration.resolved.configuration.key();
    note("source profile " + key);
    SourceProfileReply profile;
    profile.id = request.configuration.id;
    reply(StartedReply{profile.id, "source"});
    misbehave(profile.id, key, "source");
    if (refused_) return reply(ErrorReply{"the samples are in use", false});
    if (wrong_) profile.id += 1'000'000;
    profile.profile.kernel = request.configuration.resolved.launches.front().kernel;
    profile.profile.samples = 4;
    profile.profile.instructions = {{0, "EXIT", "rows.cu", 1, {{"wait", 4}}, {{"inst_executed", 8}}}};
    reply(profile);
  }

  void serve(const CeilingsRequest&) {
    note("ceilings");
    CeilingsReply ceilings;
    ceilings.ceilings = {1000, 1100, 4000, 50'000, "2025-01-01T00:00:00Z"};
    reply(ceilings);
  }
  void serve(const DataRequest& request) {
    note("data " + request.tensor + " " + std::to_string(request.offset) + " " + std::to_string(request.bytes.size()));
    awaited_ -= static_cast<std::int64_t>(request.bytes.size());
    if (awaited_ == 0) prepared();
  }
  void serve(const QuitRequest&) {}

  /// Stable for a configuration, unless the script gives its time.
  double base_ms(const std::string& key) const { return plain_ms(key) / script_.value("speed", 1.0); }
  double plain_ms(const std::string& key) const {
    if (script_.contains("times") && script_["times"].contains(key)) return script_["times"][key].get<double>();
    std::uint32_t hash = 2166136261U;
    for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return 2.0 + static_cast<double>(hash % 1000) / 1000;
  }
  double sample(const std::string& key) {
    const double spread = script_.value("noise", 0.002);
    if (spread <= 0) return base_ms(key);
    std::normal_distribution<double> noise(0, spread);
    return base_ms(key) * (1 + noise(random_));
  }
  Measurement measure(const std::string& key) {
    Measurement measurement;
    measurement.outcome = Outcome::ok;
    for (int i = 0; i < 10; ++i) measurement.samples_ms.push_back(sample(key));
    measurement.time_ms = summarize(measurement.samples_ms);
    measurement.gpu_ms = 10 * base_ms(key);
    measurement.cost_s = 0.02;
    measurement.launches.push_back({});
    measurement.after = after_;
    measurement.clocks = clocks();
    return measurement;
  }
  std::optional<Clocks> clocks() const {
    if (!script_.contains("sm_mhz")) return std::nullopt;
    Clocks clocks;
    clocks.add(ClockReading{script_["sm_mhz"].get<double>(), 3201, 460, 45, 0});
    return clocks;
  }

  Measurement planted() const {
    Measurement measurement;
    measurement.outcome = *outcome_from_string(planted_.value("outcome", ""));
    measurement.reason = planted_.value("reason", "");
    for (std::size_t i = planted_.value("log_bytes", std::size_t{0}); i > 0; --i)
      measurement.compiler_log += i % 80 == 0 ? '\n' : 'w';
    return measurement;
  }

  void misbehave(std::uint64_t id, const std::string& key, const std::string& point) {
    wrong_ = untimed_ = refused_ = valueless_ = false;
    planted_ = nullptr;
    if (!script_.contains("rules")) return;
    int number = 0;
    for (const auto& rule : script_["rules"]) {
      const auto line = "rule " + std::to_string(number++);
      if (rule["at"] != point || key.find(rule["match"].get<std::string>()) == std::string::npos) continue;
      if (rule.contains("seed") && rule["seed"] != seed_) continue;
      if (noted(line) >= rule.value("times", 1)) continue;
      note(line);
      act(rule, id);
    }
  }

  void act(const nlohmann::json& rule, std::uint64_t id) {
    const auto deed = rule["do"].get<std::string>();
    if (deed == "exit") {
      std::cerr << "last words" << std::endl;
      std::_Exit(rule.value("status", 3));
    }
    if (deed == "signal") {
      std::signal(rule.value("signal", SIGSEGV), SIG_DFL);
      std::raise(rule.value("signal", SIGSEGV));
    }
    if (deed == "hang") std::this_thread::sleep_for(std::chrono::hours(1));
    if (deed == "close") {
      ::close(1);
      std::this_thread::sleep_for(std::chrono::hours(1));
    }
    // What would have come next must not be begun by one who is about to be killed.
    if (deed == "garbage") raw_then_wait(std::string("\x05\0\0\0{{{{{", 9));
    if (deed == "half") {
      raw(frame(encode_text(Reply{StartedReply{id, "time"}})).substr(0, 10));
      std::_Exit(0);
    }
    if (deed == "huge") raw_then_wait(std::string("\0\0\0\x80", 4) + "and a little of it");
    if (deed == "fatal") {
      reply(ErrorReply{"the context is lost", true});
      std::_Exit(1);
    }
    wrong_ = deed == "wrong_id";
    untimed_ = deed == "no_time";
    refused_ = deed == "refuse";
    if (deed == "outcome") planted_ = rule;
    valueless_ = deed == "no_values";
  }

  nlohmann::json script_;
  std::string log_;
  std::mt19937 random_{1}, order_{2};
  std::set<std::string> sources_;  ///< Names of what was sent for this job.
  std::int64_t awaited_ = 0;       ///< Bytes of data that are still to come.
  CounterPolicy policy_;           ///< Of the job.
  bool spans_ = false;             ///< The job asks for them.
  std::int64_t last_span_ = 0;
  std::uint64_t seed_ = 0;                  ///< Of the job.
  Predecessor after_ = Predecessor::clean;  ///< Of the job.
  std::vector<EvaluateRequest> gathered_;   ///< Measured, and their counters not yet read.
  bool said_ = false;                       ///< That there are no counters.
  nlohmann::json planted_;                  ///< The rule that says what becomes of this one.
  bool wrong_ = false, untimed_ = false, refused_ = false, valueless_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  std::ifstream file(argv[1]);
  auto script = nlohmann::json::parse(file, nullptr, false);
  if (script.is_discarded()) return 65;
  return ScriptedWorker(std::move(script)).run();
}
