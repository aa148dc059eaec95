// A unit beside what it is while a mere copy runs. README.md gives the rule and its reasons.
#pragma once

#include <optional>

#include "tuner/counters/analysis.hpp"

namespace fuseline::tuner {

/// What passes L2 on its way from and to DRAM. The last lines that a kernel writes are still in L2 when it ends, and
/// DRAM has not counted them: where it wrote less than the outputs hold, theirs is what was written.
struct PassedBytes {
  double read = 0, written = 0;
  [[nodiscard]] double all() const { return read + written; }
};
/// `outputs`: bytes of the outputs, 0 where not known. Empty where DRAM's were not read, or nothing was moved.
[[nodiscard]] std::optional<PassedBytes> passed_bytes(const Counters& counters, double outputs);

/// A unit of memory here, over the same unit while a stream of the same mix of reading and writing goes as fast as it
/// can.
struct BesideStream {
  double level = 0;  ///< How busy it is, over how busy there: at the rate that a copy reaches.
  double ask = 0;    ///< How long it is busy for each byte that passes it, over how long there.
};
/// Of `metric`, a share of time in percent. Empty where it was not read here or of the copy, or the bytes and the time
/// of either were not.
[[nodiscard]] std::optional<BesideStream> beside_stream(const Counters& counters, const CounterContext& context,
                                                        const char* metric);

/// What passes to and from DRAM a second here over what a copy moves there, or where reading prevails a mix of copy and
/// reduction; 1 where it does as they do. By the time outside the profiler and the rates measured there; where one of
/// them is not known, by counters alone. Empty where neither can be had.
[[nodiscard]] std::optional<double> of_the_copy(const Counters& counters, const CounterContext& context);

}  // namespace fuseline::tuner
