#include "tuner/counters/stall_reasons.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fuseline::tuner {
namespace {

constexpr StallReason kReasons[] = {
    {"barrier", "other warps of the block",
     "The warp is at a barrier of its block and waits for the warps that are not there yet."},
    {"branch_resolving", "a branch's target", "The warp waits until where a branch goes is worked out."},
    {"dispatch_stall", "the dispatcher",
     "An instruction was chosen, and the dispatcher holds it back: units or register ports are taken."},
    {"drain", "stores to drain", "The warp has exited and waits until its stores are on their way to memory."},
    {"gmma", "matrix instructions of the warpgroup",
     "The warp waits for matrix instructions that its warpgroup has under way."},
    {"imc_miss", "the constant cache", "A constant that an instruction names is not in the immediate constant cache."},
    {"lg_throttle", "the queue of local and global accesses",
     "The queue of L1 for local and global accesses is full: there are too many of them, or too narrow ones."},
    {"long_scoreboard", "global memory",
     "An operand is to come from global or local memory or a texture, through L1, and is not there yet."},
    {"math_pipe_throttle", "an arithmetic pipe", "The pipe that the instruction needs takes no more at the moment."},
    {"membar", "a memory barrier", "The warp waits until a memory barrier (fence) is through."},
    {"mio_throttle", "the queue of shared memory and special functions",
     "The queue for shared memory, special functions and dynamic branches is full."},
    {"misc", "another reason", "A reason that the hardware counts together with others."},
    {"no_instructions", "an instruction",
     "The next instruction is fetched: it is not in the instruction cache, or a jump was taken."},
    {"not_selected", "its turn: another warp issued", "The warp could issue, and the scheduler chose another one.",
     false},
    {"selected", "nothing: it issued", "The warp was chosen and issued an instruction.", false},
    {"short_scoreboard", "shared memory or a special function",
     "An operand is to come from shared memory, a special function or the like, and is not there yet."},
    {"sleeping", "its sleep to end", "All threads of the warp sleep (nanosleep), yield or have exited."},
    {"tex_throttle", "the queue of textures", "The queue of L1 for texture operations is full."},
    {"wait", "a fixed latency", "The warp waits the fixed number of cycles that the instruction before it takes."},
    {"warpgroup_arrive", "other warps of the warpgroup",
     "The warp waits until the others of its warpgroup have arrived."},
};

}  // namespace

std::span<const StallReason> stall_reasons() { return kReasons; }

const StallReason* find_stall_reason(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kReasons), std::end(kReasons),
                                         [&](const StallReason& each) { return each.name == name; });
  return found == std::end(kReasons) ? nullptr : found;
}

bool is_stalled(std::string_view name) {
  const StallReason* reason = find_stall_reason(name);
  return reason == nullptr || reason->stalled;
}

std::string stall_text(std::string_view name) {
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  const StallReason* reason = find_stall_reason(name);
  return reason == nullptr ? words : fmt::format("{} ({})", reason->waits, words);
}

}  // namespace fuseline::tuner
