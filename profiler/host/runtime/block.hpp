// One block of a grid: its threads as fibres, what they wait for, and their copies under way.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "profiler/host/runtime/fibre.hpp"
#include "profiler/host/runtime/ready_set.hpp"
#include "profiler/host/shim/host_cuda.hpp"

namespace fuseline::host_cuda {

struct RunSettings {
  Order order = Order::round_robin;
  unsigned seed = 1;
  bool late_copies = true;  ///< Asynchronous copies land as late as they may; else at once.
};

/// Runs one block to its end. Only one block exists at a time: the shim's functions find it through current().
class Block {
 public:
  Block(StackPool& stacks, const RunSettings& settings, std::function<void()> kernel);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  /// Runs every thread to its end. Gives what went wrong, or nothing. The built-in variables blockIdx, blockDim and
  /// gridDim are set.
  [[nodiscard]] std::string run();

  // What threads call, through the shim.
  [[nodiscard]] static Block& current();
  unsigned barrier(bool predicate, Site site);
  std::uint64_t exchange(WarpOperation operation, unsigned mask, std::uint64_t bits, unsigned source, Site site);
  void yield();
  [[noreturn]] void fail(const std::string& message);
  void async_copy(void* shared, const void* global, unsigned bytes);
  void async_commit();
  void async_wait(std::size_t pending);
  void bulk_copy(void* shared, const void* global, unsigned bytes, unsigned long long* state);

 private:
  enum class Wait { nothing, barrier, exchange, ended };

  struct PendingCopy {
    void* to;
    const void* from;
    unsigned bytes;
    unsigned long long* state;  ///< Of a bulk copy.
  };

  struct Thread {
    Thread(StackPool& stacks, std::function<void()> body) : fibre(stacks, std::move(body)) {}
    Fibre fibre;
    uint3 index{};
    Wait wait = Wait::nothing;
    Site site{"", 0};
    bool started = false;
    bool predicate = false;
    // An exchange under way, and its result.
    WarpOperation operation = WarpOperation::sync;
    unsigned mask = 0;
    std::uint64_t bits = 0;
    unsigned source = 0;
    std::uint64_t result = 0;
    std::vector<std::vector<PendingCopy>> copy_groups;
    std::vector<PendingCopy> open_group;
  };

  /// Lanes of a warp by what they do, so that nobody has to ask each of them at every exchange.
  struct Warp {
    unsigned alive = 0;  ///< They exist and have not ended.
    unsigned exchanging = 0;
  };

  void thread_body(unsigned number);
  void step(unsigned number);
  void loop();
  void suspend(Wait wait, Site site);
  void make_ready(unsigned number);
  void release_barrier();
  void set_wait(unsigned number, Wait wait);
  [[nodiscard]] bool is_complete(unsigned warp, unsigned lane) const;
  void complete_exchange(unsigned warp, unsigned lane);
  void thread_ended(unsigned number);
  [[nodiscard]] bool land_bulk_copy();
  void wake_yielded();
  [[nodiscard]] std::string deadlock() const;
  void stop_all();
  void check_copy(void* shared, const void* global, unsigned bytes, unsigned unit);

  RunSettings settings_;
  std::function<void()> kernel_;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  ReadySet ready_;
  std::vector<unsigned> yielded_;
  std::deque<PendingCopy> bulk_copies_;
  unsigned running_ = 0;
  unsigned alive_ = 0;
  unsigned at_barrier_ = 0;
  unsigned idle_rounds_ = 0;  ///< Rounds of yields in which nothing else happened.
  bool stopping_ = false;
  std::string error_;
};

}  // namespace fuseline::host_cuda
