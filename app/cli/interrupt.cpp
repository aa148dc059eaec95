#include "app/cli/interrupt.hpp"

#include <csignal>
#include <ctime>
#include <initializer_list>

namespace fuseline::app {
namespace {

volatile std::sig_atomic_t seen = 0;
timespec first_seen{};

/// Only functions that may be called in a signal handler.
void note(int signal) {
  timespec now{};
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  if (seen == 0) {
    first_seen = now;
    seen = 1;
    return;
  }
  // One interrupt may arrive twice: timeout(1) sends it to the program and to its process group.
  const double since_s = static_cast<double>(now.tv_sec - first_seen.tv_sec) +
                         1e-9 * static_cast<double>(now.tv_nsec - first_seen.tv_nsec);
  if (since_s < 0.5) return;
  (void)std::signal(signal, SIG_DFL);
  (void)std::raise(signal);
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM}) (void)sigaction(signal, &action, nullptr);
}

bool interrupted() { return seen != 0; }

}  // namespace fuseline::app
