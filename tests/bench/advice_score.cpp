// Whether the first piece of advice leads to a faster configuration: the table of docs/notes/advice.md.
//   advice_score RECORDINGS [COUNT [SEED]]
// draws configurations until the advice of COUNT (20) names a measured one, and prints Markdown: how far each was
// behind the least of its sweep, what following the advice did to its time in runs that the advice has not seen, how
// far it is behind then, and what the same change did in the sweep of the other 16-bit type.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/tuner/support/followed_advice.hpp"

namespace {

using fuseline::tuner::testing::FollowedAdvice;

std::string change(double ratio) { return ratio > 0 ? fmt::format("{:+.1f}", 100 * (ratio - 1)) : "-"; }

void print_row(const FollowedAdvice& each) {
  const std::string name = each.recording.substr(0, each.recording.find(".t4"));
  fmt::print("| {} | {} | {:.1f} | {} | {} | {:.1f} | {} |\n", name.substr(0, name.find(".kernelbench")), each.sequence,
             100 * (each.behind - 1), each.text.substr(each.text.find(' ') + 1), change(each.ratio),
             100 * (each.behind_after - 1), change(each.elsewhere));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    fmt::print(stderr, "usage: advice_score RECORDINGS [COUNT [SEED]]\n");
    return 2;
  }
  const auto number = [&](int place, unsigned long otherwise) {
    return argc > place ? std::strtoul(argv[place], nullptr, 10) : otherwise;
  };
  const auto draw =
      fuseline::tuner::testing::follow_advice(argv[1], number(2, 20), static_cast<std::uint32_t>(number(3, 1)));
  if (!draw) {
    fmt::print(stderr, "advice_score: {}\n", draw.error().message());
    return 2;
  }
  fmt::print("| recording | # | behind % | try | time % | behind after % | other sweep % |\n");
  fmt::print("|---|---|---|---|---|---|---|\n");
  for (const FollowedAdvice& each : draw->followed) print_row(each);
  const auto count = [&](auto&& which) { return std::count_if(draw->followed.begin(), draw->followed.end(), which); };
  fmt::print(
      "\n{} of {} drawn are advised a measured one first. It is faster for {} of them; in the other sweep, where "
      "there is one, for {} of {}.\n",
      draw->followed.size(), draw->drawn, count([](const auto& each) { return each.ratio < 1; }),
      count([](const auto& each) { return each.elsewhere > 0 && each.elsewhere < 1; }),
      count([](const auto& each) { return each.elsewhere > 0; }));
  return 0;
}
