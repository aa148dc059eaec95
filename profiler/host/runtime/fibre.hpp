// A fibre whose stack the address sanitizer knows of.
#pragma once

#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <functional>
#include <vector>

namespace fuseline::host_cuda {

/// Stacks with a guard page each, kept to be used again.
class StackPool {
 public:
  StackPool() = default;
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;
  ~StackPool();

  [[nodiscard]] boost::context::stack_context take();
  void give(const boost::context::stack_context& stack) { free_.push_back(stack); }

 private:
  std::vector<boost::context::stack_context> free_;
};

/// Runs a function that may stop half-way and be resumed. The function must have returned before the fibre is
/// destroyed, unless it was never resumed, and must let no exception out.
class Fibre {
 public:
  Fibre(StackPool& pool, std::function<void()> body) : pool_(&pool), body_(std::move(body)) {}

  /// Runs the body until it calls suspend() or returns. Called outside the fibre.
  void resume();
  /// Goes back to where resume() was called. Called inside the fibre.
  void suspend();

 private:
  struct PooledStack;
  [[nodiscard]] boost::context::fiber enter(boost::context::fiber&& caller);

  StackPool* pool_;
  std::function<void()> body_;
  bool started_ = false;
  boost::context::stack_context stack_;
  boost::context::fiber inside_;   ///< The body, while it is suspended.
  boost::context::fiber outside_;  ///< The caller, while the body runs.
  const void* outside_bottom_ = nullptr;
  std::size_t outside_size_ = 0;
};

}  // namespace fuseline::host_cuda
