// Writes a recording of N made-up evaluations, for tests of how tools cope with many: synthetic_run N FILE [PROBLEM].
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "tuner/base/files.hpp"
#include "tuner/formats/t4.hpp"

namespace {

using namespace fuseline;

tuner::RunInfo info(const std::string& problem) {
  tuner::RunInfo made;
  made.started_at = "2025-11-20T10:00:00Z";
  made.state = tuner::RunState::finished;
  made.problem = problem;
  made.problem_title = "Made-up figures";
  made.shape = "custom";
  made.compulsory_bytes = std::int64_t{2} << 30;
  made.flops = 3.5e9;
  made.copy_gbps = 4245;
  made.device.name = "NVIDIA H200";
  made.device.dram_peak_gbps = 4800;
  made.device.ceilings = tuner::Ceilings{4245, 4500, 9000, 60000, "2025-11-20T10:00:00Z"};
  return made;
}

tuner::Evaluation evaluation(std::uint64_t i) {
  // A multiplicative congruence spreads the times without a generator of random numbers.
  const double share = static_cast<double>((i * 2'654'435'761ULL) % 100'003) / 100'003;
  const double ms = 0.508 + 2.5 * std::pow(share, 3);
  tuner::Evaluation made;
  made.sequence = i;
  made.elapsed_s = 0.02 * static_cast<double>(i);
  made.configuration = {i % 3 == 0   ? "row_group"
                        : i % 3 == 1 ? "row_ring"
                                     : "row_block",
                        {{"block", std::int64_t{64} << (i % 5)},
                         {"unroll", static_cast<std::int64_t>(1 + i % 8)},
                         {"index", static_cast<std::int64_t>(i)}}};
  made.measurement.outcome = i % 41 == 40 ? tuner::Outcome::incorrect : tuner::Outcome::ok;
  if (made.measurement.outcome != tuner::Outcome::ok) made.measurement.reason = "made up";
  if (made.measurement.outcome == tuner::Outcome::ok) {
    made.measurement.samples_ms = {ms * 0.99, ms, ms * 1.01, ms};
    made.measurement.time_ms = tuner::summarize(made.measurement.samples_ms);
  }
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  const long count = argc == 3 || argc == 4 ? std::strtol(argv[1], nullptr, 10) : 0;
  if (count <= 0 || count > 1'000'000) {
    std::cerr << "usage: synthetic_run N FILE [PROBLEM]\n";
    return 2;
  }
  tuner::Run run{info(argc == 4 ? argv[3] : "synthetic"), {}};
  for (long i = 0; i < count; ++i) run.evaluations.push_back(evaluation(static_cast<std::uint64_t>(i)));
  const auto written = tuner::write_file(argv[2], tuner::t4_text(run));
  if (!written) std::cerr << written.error().message() << "\n";
  return written ? 0 : 2;
}
