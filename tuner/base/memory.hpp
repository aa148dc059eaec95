// What this process holds of the machine's memory without using it.
#pragma once

namespace fuseline::tuner {

/// Gives freed memory back to the system, where the C library keeps it otherwise: after much was let go. Takes tens of
/// milliseconds a gigabyte.
void release_unused_memory();

}  // namespace fuseline::tuner
