#include "profiler/host/runtime/fibre.hpp"

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

namespace fuseline::host_cuda {
namespace {

// Room for the sanitizers' own reports beside a kernel's arrays; pages are only taken when touched.
constexpr std::size_t kStackBytes = std::size_t{256} * 1024;

}  // namespace

/// The allocator that Boost asks for: the stack was taken before, and goes back when the fibre has ended.
struct Fibre::PooledStack {
  StackPool* pool;
  boost::context::stack_context stack;
  [[nodiscard]] boost::context::stack_context allocate() const { return stack; }
  void deallocate(const boost::context::stack_context& used) const { pool->give(used); }
};

StackPool::~StackPool() {
  boost::context::protected_fixedsize_stack allocator(kStackBytes);
  for (boost::context::stack_context& stack : free_) allocator.deallocate(stack);
}

boost::context::stack_context StackPool::take() {
  if (free_.empty()) return boost::context::protected_fixedsize_stack(kStackBytes).allocate();
  const boost::context::stack_context stack = free_.back();
  free_.pop_back();
  return stack;
}

void Fibre::resume() {
  if (!started_) {
    started_ = true;
    stack_ = pool_->take();
    inside_ = boost::context::fiber(std::allocator_arg, PooledStack{pool_, stack_},
                                    [this](boost::context::fiber&& caller) { return enter(std::move(caller)); });
  }
  void* own_frames = nullptr;
  __sanitizer_start_switch_fiber(&own_frames, static_cast<char*>(stack_.sp) - stack_.size, stack_.size);
  inside_ = std::move(inside_).resume();
  __sanitizer_finish_switch_fiber(own_frames, nullptr, nullptr);
}

boost::context::fiber Fibre::enter(boost::context::fiber&& caller) {
  __sanitizer_finish_switch_fiber(nullptr, &outside_bottom_, &outside_size_);
  outside_ = std::move(caller);
  body_();
  __sanitizer_start_switch_fiber(nullptr, outside_bottom_, outside_size_);
  return std::move(outside_);
}

void Fibre::suspend() {
  void* own_frames = nullptr;
  __sanitizer_start_switch_fiber(&own_frames, outside_bottom_, outside_size_);
  outside_ = std::move(outside_).resume();
  __sanitizer_finish_switch_fiber(own_frames, &outside_bottom_, &outside_size_);
}

}  // namespace fuseline::host_cuda
