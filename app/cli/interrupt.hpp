// Ctrl-C and SIGTERM: the first asks to stop, another one half a second or more later ends the program at once. POSIX
// signals are in interrupt.cpp alone.
#pragma once

namespace fuseline::app {

/// From now on the first SIGINT or SIGTERM only sets interrupted().
void catch_interrupts();
[[nodiscard]] bool interrupted();

}  // namespace fuseline::app
