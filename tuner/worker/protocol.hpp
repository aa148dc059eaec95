// What coordinator and worker say to each other: length-prefixed JSON messages over the worker's stdin and stdout.
//
// A worker's output begins with a mark (stream_mark.hpp); what a login shell says before it is passed over.
// A frame is a 4-byte little-endian length and that many bytes of UTF-8 JSON, at most kMaximumFrameBytes. Every message
// is an object with a "type", and ends with a line feed, so that a relay which holds back what is no whole line holds
// back nothing. Behind the JSON of a DataRequest, and of no other, come a zero byte and bytes as they
// are. The coordinator speaks first (hello). A worker handles requests in order but compiles ahead, so that outcomes
// come back in the order of evaluation on the device while compilation runs in parallel. End of input ends the worker.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/counters/source_profile.hpp"
#include "tuner/device/device.hpp"
#include "tuner/problem/problem.hpp"
#include "tuner/problem/resolved.hpp"
#include "tuner/problem/tensor_files.hpp"
#include "tuner/run/measurement.hpp"
#include "tuner/stats/statistics.hpp"
#include "tuner/worker/spans.hpp"

namespace fuseline::tuner {

/// 2: hardware counters; 3: forms, typed arguments, sources by name; 4: predecessors, rounds, clocks, images; 5: data;
/// 6: a mark before the messages; 7: source profiles.
inline constexpr int kProtocolVersion = 8;
inline constexpr std::size_t kMaximumFrameBytes = std::size_t{64} << 20;

/// How configurations are sampled.
struct TimingPolicy {
  StoppingRule rule;  ///< No samples at most: configurations are verified and not timed.
  Predecessor after = Predecessor::clean;
  double abandon_factor = 3.0;  ///< Stop after three samples where all are slower than this times the best; 0: never.
  /// Stop after three samples where the fastest is slower than the best by more than this share: what cannot come to
  /// the finals any more needs no better a median. 0: never.
  double race_margin = 0;
};

struct Deadlines {
  double compile_s = 60;  ///< Enforced by the worker, which kills its compiler process.
  double verify_s = 30;   ///< Enforced by the coordinator, which kills the worker.
  double run_s = 30;
  double prepare_s = 120;
  double counters_s = 60;  ///< Until the next sign of life of a worker that reads counters or profiles a source.
};

/// Hardware counters read alongside a sweep: for every configuration that is ok, after its timing, in batches. No
/// metrics: none are read.
struct CounterPolicy {
  std::vector<std::string> metrics;
  int batch = 64;  ///< Configurations a batch, at most.
};

/// A problem instance as the worker needs it. Sent once, before evaluations.
struct Job {
  std::string problem;
  Dtype dtype = Dtype::f32;
  std::vector<Tensor> tensors;
  Scalars scalars;
  std::vector<std::string> defines;            ///< instance_defines().
  std::map<std::string, std::string> headers;  ///< "common/NAME" to text.
  std::string reference_source;
  /// Writes double outputs. Empty where these are stored, as every output is then (Tensor::stored).
  std::vector<ResolvedLaunch> reference_launches;
  Tolerance tolerance;
  std::uint64_t seed = 1;  ///< Of the fills.
  TimingPolicy timing;
  Deadlines deadlines;
  CounterPolicy counters;
  bool spans = false;        ///< SpansReplies are wanted.
  std::string cache_folder;  ///< On the worker's machine; empty: its default; "none": no cubin cache.
  /// Of the tensors that are stored, on the coordinator's machine: they travel as DataRequests, never within this
  /// message.
  std::vector<TensorFile> files = {};
};

/// One configuration to build, verify and time. `id` is chosen by the coordinator and comes back with every reply.
/// resolved.source_name names a source that the worker was sent before.
struct EvaluateRequest {
  std::uint64_t id = 0;
  ResolvedConfiguration resolved;
  /// What source_name stands for, filled in on either side: it travels as a SourceRequest, never within this message.
  std::shared_ptr<const std::string> source = {};
};

// ---- coordinator to worker ----
struct HelloRequest {
  int protocol = kProtocolVersion;
  bool device = true;  ///< False: only images are built, and no GPU is looked for.
};
struct PrepareRequest {
  Job job;
};
/// Times each configuration and a copy once a round, in an order of its own each round, `rounds` times. All runs of a
/// round are on one set of buffers, of each round on the next one. `first_round`: how many there were before.
struct FinalsRequest {
  std::vector<EvaluateRequest> finalists;
  int rounds = 0;
  int first_round = 0;
};
struct CeilingsRequest {};
/// Text or bytes of one source under the name that configurations call it by. Sent once a worker and job, before the
/// first request that names it; sent again to a worker that was prepared anew. Not answered.
struct SourceRequest {
  std::string name;
  std::string bytes;  ///< As "text" on the wire where it is UTF-8, else as "base64".
};
/// Elements of a stored tensor, as its file has them. Sent after a job with such tensors, tensor by tensor from the
/// first byte to the last; the job is prepared once all are there. Not answered, but for an ErrorReply instead of the
/// PreparedReply. What comes when nothing is waited for is dropped.
struct DataRequest {
  std::string tensor;
  std::int64_t offset = 0;  ///< Bytes of the tensor's elements that came before.
  std::string bytes;        ///< Whole elements.
};
/// Reads `metrics` of the configurations in one session. With no configurations: what Job::counters has gathered and
/// not yet read is read now. Answered by exactly one CountersReply with `finished` (those read alongside come before
/// it, without) or by an ErrorReply.
struct CountersRequest {
  std::vector<std::string> metrics;
  std::vector<EvaluateRequest> configurations;
};
/// Says where in the code of one configuration its warps were, and what each instruction did. Of several launches it is
/// of the one that resolved.shown_launch names, else the first. Answered by exactly one SourceProfileReply, or by an
/// ErrorReply that says why there is none. A worker takes one in its life: CUPTI takes no more in a process.
struct SourceProfileRequest {
  EvaluateRequest configuration;
};
/// Makes an image for a GPU that need not be there. Answered by one BuildReply, in the order of the requests; they are
/// compiled in parallel.
struct BuildRequest {
  EvaluateRequest configuration;  ///< With its source.
  std::map<std::string, std::string> headers;
  std::string architecture;  ///< "sm_89" for a cubin, "compute_89" for PTX.
  double deadline_s = 60;
  std::string cache_folder = {};  ///< As Job::cache_folder.
};
struct QuitRequest {};
using Request =
    std::variant<HelloRequest, PrepareRequest, SourceRequest, EvaluateRequest, FinalsRequest, CeilingsRequest,
                 CountersRequest, SourceProfileRequest, BuildRequest, DataRequest, QuitRequest>;

// ---- worker to coordinator ----
struct HelloReply {
  int protocol = kProtocolVersion;
  std::string version;              ///< Fuseline's.
  std::vector<DeviceInfo> devices;  ///< Every GPU the worker sees.
  int device = 0;                   ///< The one it uses.
};
struct PreparedReply {
  double copy_gbps = 0;           ///< Of this run: device-to-device copy, read plus written.
  std::int64_t device_bytes = 0;  ///< Memory taken.
  int buffer_sets = 1;            ///< Sets of buffers that launches rotate over.
};
/// Sent before a configuration touches the device, so that a death can be blamed on it.
struct StartedReply {
  std::uint64_t id = 0;
  /// "verify", "time", "finals", "counters" (for each configuration about to be run in a batch) or "source" (before
  /// samples, and before counts by instruction).
  std::string stage;
};
struct OutcomeReply {
  std::uint64_t id = 0;
  Measurement measurement;
};
struct FinalsReply {
  std::vector<std::uint64_t> ids;              ///< Of the finalists; those that failed are left out.
  std::vector<std::vector<double>> rounds_ms;  ///< rounds_ms[i][k] is the time of ids[k] in round i.
  std::vector<FinalRound> rounds;              ///< One a round; their orders are of ids.
};
/// With the counters of the copy and of the read; where they cannot be had, and from an older worker, with why.
struct CeilingsReply {
  Ceilings ceilings;
};
/// Counters of one configuration: a sum over its launches, or what the metric's name says.
struct CounterReading {
  std::uint64_t id = 0;
  std::map<std::string, double>
      values;          ///< A metric that the chip does not offer or that could not be read is absent, never zero.
  std::string reason;  ///< Why there are no values; empty where there are.
};
struct CountersReply {
  bool finished = false;  ///< Ends a CountersRequest; false for readings of Job::counters, which come unasked.
  std::vector<CounterReading> readings;
  int passes = 0;           ///< Launches of each configuration that the reading took.
  double seconds = 0;       ///< Wall time of the batch, launches and all.
  std::string unavailable;  ///< Not empty: this worker cannot have counters at all; why, and what to do. Said once.
  int card = 0;             ///< As Measurement::card. Filled in by the coordinator: a worker does not know.
};
struct SourceProfileReply {
  std::uint64_t id = 0;
  SourceProfile profile;
};
/// What a BuildRequest made.
struct BuildReply {
  std::uint64_t id = 0;  ///< Of its configuration.
  std::string reason;    ///< Why there is no image; empty where there is one.
  KernelForm form = KernelForm::cubin;
  std::string image;                           ///< Bytes of a cubin, or text of PTX.
  std::map<std::string, std::string> symbols;  ///< Of each kernel that the configuration launches: its name in there.
  int registers = 0;                           ///< Of the kernel that takes most; 0 for PTX.
  std::int64_t spill_bytes = 0;                ///< Stored and loaded, of all kernels.
  std::string source_sha256 = {};              ///< As a measurement's.
  std::string log = {};                        ///< All that the compiler said, cut; older workers tell none.
};
/// The request cannot be served. `fatal`: the worker ends itself after this (its context is lost).
struct ErrorReply {
  std::string reason;
  bool fatal = false;
};
struct LogReply {
  std::string level;  ///< "info" or "warning"
  std::string text;
};
/// Only where Job::spans asks for them: what has ended since the last ones. Comes before the reply that ends a stage.
struct SpansReply {
  std::int64_t now_us = 0;  ///< By the clock of the spans, when it was sent.
  std::vector<Span> spans;
};
using Reply = std::variant<HelloReply, PreparedReply, StartedReply, OutcomeReply, FinalsReply, CeilingsReply,
                           CountersReply, SourceProfileReply, BuildReply, ErrorReply, LogReply, SpansReply>;

[[nodiscard]] nlohmann::json encode(const Request& request);
[[nodiscard]] nlohmann::json encode(const Reply& reply);
/// The payload of a frame: one line of JSON with its end, which a DataRequest has not; bytes that are not UTF-8 become
/// U+FFFD, so that a compiler's log cannot break the stream.
[[nodiscard]] std::string encode_text(const Request& request);
[[nodiscard]] std::string encode_text(const Reply& reply);
/// Errors: not an object, unknown type, missing or ill-typed member, counts beyond bounds. Never throws.
[[nodiscard]] Result<Request> decode_request(std::string_view text);
[[nodiscard]] Result<Reply> decode_reply(std::string_view text);

}  // namespace fuseline::tuner
