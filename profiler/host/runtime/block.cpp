#include "profiler/host/runtime/block.hpp"

#include <fmt/format.h>
#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <cstring>

namespace fuseline::host_cuda {
namespace {

// Thrown through a kernel to end its thread once the block has failed.
struct BlockStopped {};

// Threads that only wait for a copy give up after so many rounds without anything else happening.
constexpr unsigned kIdleRounds = 1000;

Block* current_block = nullptr;

std::string text_of(const Site& site) { return fmt::format("{}:{}", site.file, site.line); }

std::string text_of(const uint3& index) { return fmt::format("({}, {}, {})", index.x, index.y, index.z); }

std::string_view text_of(WarpOperation operation) {
  return operation == WarpOperation::shuffle ? "a shuffle" : operation == WarpOperation::vote ? "a vote" : "__syncwarp";
}

}  // namespace

Block::Block(StackPool& stacks, const RunSettings& settings, std::function<void()> kernel)
    : settings_(settings), kernel_(std::move(kernel)), ready_(settings.order, settings.seed) {
  const unsigned count = blockDim.x * blockDim.y * blockDim.z;
  threads_.reserve(count);
  warps_.resize((count + 31) / 32);
  for (unsigned number = 0; number < count; ++number) {
    threads_.emplace_back(stacks, [this, number] { thread_body(number); });
    threads_.back().index = {number % blockDim.x, number / blockDim.x % blockDim.y, number / (blockDim.x * blockDim.y)};
    set_wait(number, Wait::nothing);
    ready_.insert(number);
  }
  alive_ = count;
  current_block = this;
}

Block::~Block() { current_block = nullptr; }

Block& Block::current() { return *current_block; }

std::string Block::run() {
  loop();
  if (error_.empty() && !bulk_copies_.empty()) error_ = "the block ended with bulk copies under way";
  if (!error_.empty()) {
    stop_all();
    return fmt::format("block {}: {}", text_of(blockIdx), error_);
  }
  return {};
}

void Block::loop() {
  while (alive_ > 0 && error_.empty()) {
    if (!ready_.empty()) {
      step(ready_.take());
    } else if (land_bulk_copy()) {
      idle_rounds_ = 0;
      wake_yielded();
    } else if (!yielded_.empty() && ++idle_rounds_ < kIdleRounds) {
      wake_yielded();
    } else {
      error_ = deadlock();
    }
  }
}

void Block::step(unsigned number) {
  running_ = number;
  threads_[number].started = true;
  threadIdx = threads_[number].index;
  threads_[number].fibre.resume();
}

void Block::thread_body(unsigned number) {
  try {
    kernel_();
  } catch (const BlockStopped&) {
  }
  set_wait(number, Wait::ended);
  --alive_;
  if (!stopping_ && error_.empty()) thread_ended(number);
}

// Those that wait for threads that have not ended may wait for nobody now.
void Block::thread_ended(unsigned number) {
  idle_rounds_ = 0;
  if (at_barrier_ > 0 && at_barrier_ == alive_) release_barrier();
  const unsigned warp = number / 32;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (is_complete(warp, lane)) complete_exchange(warp, lane);
  }
}

void Block::suspend(Wait wait, Site site) {
  Thread& thread = threads_[running_];
  set_wait(running_, wait);
  thread.site = site;
  thread.fibre.suspend();
  if (stopping_) throw BlockStopped{};
}

void Block::make_ready(unsigned number) {
  set_wait(number, Wait::nothing);
  ready_.insert(number);
}

void Block::fail(const std::string& message) {
  if (error_.empty()) error_ = fmt::format("thread {}: {}", text_of(threads_[running_].index), message);
  throw BlockStopped{};
}

void Block::stop_all() {
  stopping_ = true;
  for (unsigned number = 0; number < threads_.size(); ++number) {
    if (threads_[number].started && threads_[number].wait != Wait::ended) step(number);
  }
}

// Barriers.

unsigned Block::barrier(bool predicate, Site site) {
  Thread& thread = threads_[running_];
  thread.predicate = predicate;
  thread.site = site;
  set_wait(running_, Wait::barrier);
  ++at_barrier_;
  idle_rounds_ = 0;
  // The last to come frees the others, and itself with them.
  if (at_barrier_ == alive_) release_barrier();
  thread.fibre.suspend();
  if (stopping_) throw BlockStopped{};
  return static_cast<unsigned>(thread.result);
}

void Block::release_barrier() {
  unsigned votes = 0;
  const Site* first = nullptr;
  for (const Thread& thread : threads_) {
    if (thread.wait != Wait::barrier) continue;
    votes += thread.predicate ? 1 : 0;
    if (first == nullptr) first = &thread.site;
    if (first->line != thread.site.line || std::strcmp(first->file, thread.site.file) != 0) {
      error_ = fmt::format("threads are at different barriers: {} and {}", text_of(*first), text_of(thread.site));
    }
  }
  at_barrier_ = 0;
  for (unsigned number = 0; number < threads_.size(); ++number) {
    if (threads_[number].wait != Wait::barrier) continue;
    threads_[number].result = votes;
    make_ready(number);
  }
}

// Exchanges between the lanes of a warp.

std::uint64_t Block::exchange(WarpOperation operation, unsigned mask, std::uint64_t bits, unsigned source, Site site) {
  const unsigned warp = running_ / 32;
  const unsigned lane = running_ % 32;
  if ((mask >> lane & 1u) == 0)
    fail(fmt::format("{}: {} with a mask ({:#010x}) that leaves the calling lane out", text_of(site),
                     text_of(operation), mask));
  Thread& thread = threads_[running_];
  thread.operation = operation;
  thread.mask = mask;
  thread.bits = bits;
  thread.source = source;
  thread.site = site;
  set_wait(running_, Wait::exchange);
  idle_rounds_ = 0;
  if (is_complete(warp, lane)) complete_exchange(warp, lane);
  thread.fibre.suspend();
  if (stopping_) throw BlockStopped{};
  return thread.result;
}

void Block::set_wait(unsigned number, Wait wait) {
  threads_[number].wait = wait;
  Warp& warp = warps_[number / 32];
  const unsigned lane = 1u << number % 32;
  warp.alive = wait == Wait::ended ? warp.alive & ~lane : warp.alive | lane;
  warp.exchanging = wait == Wait::exchange ? warp.exchanging | lane : warp.exchanging & ~lane;
}

/// Whether the lane waits in an exchange to which all lanes of its mask have come.
bool Block::is_complete(unsigned warp, unsigned lane) const {
  const unsigned own = warp * 32 + lane;
  if (own >= threads_.size() || threads_[own].wait != Wait::exchange) return false;
  const unsigned lanes = threads_[own].mask & warps_[warp].alive;
  if ((lanes & ~warps_[warp].exchanging) != 0) return false;
  for (unsigned other = 0; other < 32; ++other) {
    if ((lanes >> other & 1u) == 0) continue;
    const Thread& thread = threads_[warp * 32 + other];
    if (thread.mask != threads_[own].mask || thread.operation != threads_[own].operation) return false;
  }
  return true;
}

void Block::complete_exchange(unsigned warp, unsigned lane) {
  const unsigned first = warp * 32;
  const unsigned lanes = threads_[first + lane].mask & warps_[warp].alive;
  std::uint64_t votes = 0;
  for (unsigned other = 0; other < 32; ++other) {
    if ((lanes >> other & 1u) != 0 && threads_[first + other].bits != 0) votes |= std::uint64_t{1} << other;
  }
  for (unsigned other = 0; other < 32; ++other) {
    if ((lanes >> other & 1u) == 0) continue;
    Thread& thread = threads_[first + other];
    if (thread.operation == WarpOperation::shuffle) {
      if ((lanes >> thread.source & 1u) == 0) {
        error_ = fmt::format("{}: lane {} reads lane {}, which takes no part in the shuffle", text_of(thread.site),
                             other, thread.source);
        return;
      }
      thread.result = threads_[first + thread.source].bits;
    } else {
      thread.result = votes;
    }
  }
  for (unsigned other = 0; other < 32; ++other) {
    if ((lanes >> other & 1u) != 0) make_ready(first + other);
  }
}

// Yields and copies.

void Block::yield() {
  yielded_.push_back(running_);
  suspend(Wait::nothing, {"a wait for copies", 0});
}

void Block::wake_yielded() {
  for (const unsigned number : yielded_) ready_.insert(number);
  yielded_.clear();
}

void Block::check_copy(void* shared, const void* global, unsigned bytes, unsigned unit) {
  const auto misaligned =
      (reinterpret_cast<std::uintptr_t>(shared) | reinterpret_cast<std::uintptr_t>(global) | bytes) % unit;
  if (misaligned != 0) fail("a copy's addresses and size must be multiples of " + std::to_string(unit) + " bytes");
  // Where the kernel asks for it and not where it lands: the sanitizer's report then has the kernel's line.
  volatile std::size_t one = 1;  // What the compiler does not see is left to the sanitizer.
  char landing = 0;
  if (const void* bad = __asan_region_is_poisoned(const_cast<void*>(global), bytes)) {
    std::memcpy(&landing, bad, one);
    asm volatile("" : : "r"(&landing) : "memory");  // Nobody needs what was read, which is no reason not to read it.
    fail("a copy reads what no tensor has");
  }
  if (void* bad = __asan_region_is_poisoned(shared, bytes)) {
    std::memset(bad, 0, one);
    fail("a copy writes outside shared memory");
  }
}

void Block::async_copy(void* shared, const void* global, unsigned bytes) {
  // cp.async copies 4, 8 or 16 bytes between addresses that are multiples of as many.
  check_copy(shared, global, bytes, bytes == 4 || bytes == 8 ? bytes : 16);
  if (settings_.late_copies) {
    threads_[running_].open_group.push_back({shared, global, bytes, nullptr});
  } else {
    std::memcpy(shared, global, bytes);
  }
}

void Block::async_commit() {
  Thread& thread = threads_[running_];
  thread.copy_groups.push_back(std::move(thread.open_group));
  thread.open_group.clear();
}

void Block::async_wait(std::size_t pending) {
  auto& groups = threads_[running_].copy_groups;
  for (; groups.size() > pending; groups.erase(groups.begin())) {
    for (const PendingCopy& copy : groups.front()) std::memcpy(copy.to, copy.from, copy.bytes);
  }
}

void Block::bulk_copy(void* shared, const void* global, unsigned bytes, unsigned long long* state) {
  check_copy(shared, global, bytes, 16);
  bulk_copies_.push_back({shared, global, bytes, state});
  if (!settings_.late_copies) static_cast<void>(land_bulk_copy());
}

bool Block::land_bulk_copy() {
  if (bulk_copies_.empty()) return false;
  const PendingCopy copy = bulk_copies_.front();
  bulk_copies_.pop_front();
  std::memcpy(copy.to, copy.from, copy.bytes);
  *copy.state -= copy.bytes;
  if ((*copy.state & 0xffffffffull) == 0) *copy.state += 1ull << 32;
  return true;
}

std::string Block::deadlock() const {
  std::string text = "deadlock:";
  unsigned listed = 0;
  for (std::size_t number = 0; number < threads_.size(); ++number) {
    const Thread& thread = threads_[number];
    const bool same =
        number > 0 && thread.wait == threads_[number - 1].wait && thread.site.line == threads_[number - 1].site.line;
    if (thread.wait == Wait::ended || (same && thread.mask == threads_[number - 1].mask) || ++listed > 8) continue;
    const std::string what = thread.wait == Wait::barrier ? "a barrier"
                             : thread.wait == Wait::exchange
                                 ? fmt::format("{} of lanes {:#010x}", text_of(thread.operation), thread.mask)
                                 : "a copy";
    text += fmt::format("{} from thread {} on: {} at {}", listed > 1 ? ";" : "", text_of(thread.index), what,
                        text_of(thread.site));
  }
  return text;
}

}  // namespace fuseline::host_cuda
