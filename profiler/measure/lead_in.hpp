// What is put on the stream before every timed launch, so that the same configuration takes the same time whatever ran
// before it. docs/notes/predecessors.md has the figures.
#pragma once

#include "profiler/measure/l2_flush.hpp"
#include "profiler/measure/launcher.hpp"

namespace fuseline::profiler {

class LeadIn {
 public:
  LeadIn(SupportKernels& support, Launcher& launcher, const Buffers& buffers, L2Flush& flush, tuner::Predecessor after)
      : support_(support), launcher_(launcher), buffers_(buffers), flush_(flush), after_(after) {}

  /// Enqueues what goes before one launch of `configuration`, the one prepared last, on buffer set `set`. `itself`
  /// times it is launched first: 0 where it was the last to run anyway. After that:
  ///  - clean, unsettled: the L2 is flushed;
  ///  - producer: it is flushed, and the inputs of the set are written anew, with the values they have;
  ///  - itself: nothing more.
  /// Launching it itself brings its code and the device's clocks to where they are when it runs alone. It runs on
  /// another set where there is one, so that no line that it asked to keep is of use to the launch that is timed. The
  /// flush leaves its stamp in `slot`.
  [[nodiscard]] DeviceResult<void> enqueue(const LoadedConfiguration& configuration, int set, int itself,
                                           std::size_t slot = L2Flush::kSlots - 1);
  /// Enqueues some 50 us of work that leaves L2 as a flush does: what the device does before the first sample, and
  /// while the host looks at a batch and queues the next one.
  [[nodiscard]] DeviceResult<void> keep_busy();
  /// Enqueues one flush more, so that the clock of the last of `samples` samples is known too, and fetches the stamps.
  [[nodiscard]] DeviceResult<void> close(std::size_t samples);
  /// SM clock, in MHz, while those samples ran, once the device has come past close(); 0 where there were no flushes.
  [[nodiscard]] double sm_mhz(std::size_t samples) const;
  /// How often to launch a configuration that takes about `estimate_ms` after the device has idled.
  [[nodiscard]] static int after_idling(double estimate_ms);

  [[nodiscard]] tuner::Predecessor after() const { return after_; }
  [[nodiscard]] L2Flush& flush() { return flush_; }

 private:
  [[nodiscard]] DeviceResult<void> produce(int set);

  SupportKernels& support_;
  Launcher& launcher_;
  const Buffers& buffers_;
  L2Flush& flush_;
  tuner::Predecessor after_;
};

}  // namespace fuseline::profiler
