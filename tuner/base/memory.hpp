// What this process holds of the machine's memory without using it.
#pragma once

#include <cstddef>
#include <string>

namespace fuseline::tuner {

/// Gives freed memory back to the system, where the C library keeps it otherwise: after much was let go. Takes tens of
/// milliseconds a gigabyte.
void release_unused_memory();

/// The first `bytes` of `text` are not looked at any more: pages that lie wholly in them go back to the system, and
/// what stands there afterwards is anything. What was read of a large text need not stay until all of it was.
void forget_start(std::string& text, std::size_t bytes);

}  // namespace fuseline::tuner
