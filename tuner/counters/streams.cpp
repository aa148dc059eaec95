#include "tuner/counters/streams.hpp"

#include <algorithm>

#include "tuner/counters/names.hpp"
#include "tuner/counters/reading.hpp"

namespace fuseline::tuner {
namespace {

/// What one reading says of traffic to DRAM.
struct Traffic {
  double bytes = 0, read_share = 0;
  double ns_per_byte = 0;  ///< Under the profiler, as the shares are.
};

/// `outputs`: what is written in all, 0 where not known.
std::optional<Traffic> traffic_of(const Counters& counters, double outputs) {
  const auto passed = passed_bytes(counters, outputs);
  const auto duration = reading_of(counters, metric::kDuration);
  if (!passed || !duration || !(*duration > 0)) return std::nullopt;
  return Traffic{passed->all(), passed->read / passed->all(), *duration / passed->all()};
}

/// A byte of the mix is so much of a byte that is copied and so much of one that is only read: as reachable_gbps().
struct Mix {
  double copied = 1, only_read = 0;
};

Mix mix_of(double read_share) {
  const double only_read = std::clamp(2 * read_share - 1, 0.0, 1.0);
  return {1 - only_read, only_read};
}

/// A stream of a mix: what each byte takes of time and of a unit's busy time, which add up.
struct Stream {
  double ns_per_byte = 0, busy_ns_per_byte = 0;
};

/// `metric` may be null: then the time alone. A copy writes what it reads.
std::optional<Stream> stream_of(const Counters* counters, const char* metric, bool copies) {
  if (counters == nullptr) return std::nullopt;
  const auto traffic = traffic_of(*counters, copies ? reading_of(*counters, metric::kDramRead).value_or(0) : 0);
  const auto busy = metric == nullptr ? std::optional(0.0) : reading_of(*counters, metric);
  if (!traffic || !busy) return std::nullopt;
  return Stream{traffic->ns_per_byte, *busy / 100 * traffic->ns_per_byte};
}

std::optional<Stream> mixed_stream(const CounterContext& context, double read_share, const char* metric) {
  const auto copy = stream_of(context.copy, metric, true), read = stream_of(context.read, metric, false);
  if (!copy) return std::nullopt;
  if (!read) return copy;  // As reachable_gbps() does where only the copy's rate is known.
  const Mix mix = mix_of(read_share);
  return Stream{mix.copied * copy->ns_per_byte + mix.only_read * read->ns_per_byte,
                mix.copied * copy->busy_ns_per_byte + mix.only_read * read->busy_ns_per_byte};
}

}  // namespace

std::optional<PassedBytes> passed_bytes(const Counters& counters, double outputs) {
  const auto read = reading_of(counters, metric::kDramRead), written = reading_of(counters, metric::kDramWritten);
  if (!read || !written) return std::nullopt;
  const PassedBytes passed{*read, std::max(*written, outputs)};
  return passed.all() > 0 ? std::optional(passed) : std::nullopt;
}

std::optional<BesideStream> beside_stream(const Counters& counters, const CounterContext& context, const char* metric) {
  const auto traffic = traffic_of(counters, context.output_bytes);
  const auto busy = reading_of(counters, metric);
  if (!traffic || !busy) return std::nullopt;
  const auto stream = mixed_stream(context, traffic->read_share, metric);
  if (!stream || !(stream->busy_ns_per_byte > 0)) return std::nullopt;
  // At the best rate that is known: the kernel whose counters were read need not be the fastest copy.
  const double bytes_per_ns = context.reachable_gbps > 0 ? context.reachable_gbps : 1 / stream->ns_per_byte;
  const double share_there = stream->busy_ns_per_byte * bytes_per_ns;
  return BesideStream{*busy / 100 / share_there, *busy / 100 * traffic->ns_per_byte / stream->busy_ns_per_byte};
}

std::optional<double> of_the_copy(const Counters& counters, const CounterContext& context) {
  if (const auto passed = passed_bytes(counters, context.output_bytes);
      passed && context.time_ms > 0 && context.reachable_gbps > 0)
    return passed->all() / context.time_ms / 1e6 / context.reachable_gbps;
  const auto traffic = traffic_of(counters, context.output_bytes);
  if (!traffic) return std::nullopt;
  const auto stream = mixed_stream(context, traffic->read_share, nullptr);
  if (!stream || !(traffic->ns_per_byte > 0)) return std::nullopt;
  return stream->ns_per_byte / traffic->ns_per_byte;
}

}  // namespace fuseline::tuner
