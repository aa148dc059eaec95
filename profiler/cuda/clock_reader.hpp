// A GPU's clocks, power and temperature through NVML, which is opened at run time.
#pragma once

#include <memory>
#include <string>

#include "tuner/device/clocks.hpp"

namespace fuseline::profiler {

/// Reads from the driver's own records: a few microseconds, and nothing on the device waits.
class ClockReader {
 public:
  /// Opens libnvidia-ml.so.1 ($FUSELINE_LIBNVML names another file) for the GPU with this UUID. Null where there is no
  /// NVML, or it does not know the GPU (a container may hide it): timing goes on without clocks.
  [[nodiscard]] static std::unique_ptr<ClockReader> open(const std::string& uuid);
  virtual ~ClockReader() = default;
  [[nodiscard]] virtual tuner::ClockReading read() const = 0;
};

}  // namespace fuseline::profiler
