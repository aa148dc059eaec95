#include "profiler/serve/work_queue.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace fuseline::profiler {
namespace {

Task evaluation(std::uint64_t id, std::promise<CompileResult>& compiled) {
  tuner::EvaluateRequest request;
  request.id = id;
  return Task{request, nullptr, {compiled.get_future().share()}};
}

std::uint64_t id_of(const std::optional<Task>& task) {
  return std::get<tuner::EvaluateRequest>(task.value().request).id;
}

TEST(WorkQueue, TakesWhatIsCompiledFirst) {
  WorkQueue queue;
  std::promise<CompileResult> slow;
  std::promise<CompileResult> quick;
  queue.push(evaluation(1, slow));
  queue.push(evaluation(2, quick));
  EXPECT_FALSE(queue.try_pop_evaluation().has_value());
  quick.set_value({});
  EXPECT_EQ(id_of(queue.try_pop_evaluation()), 2U);
  slow.set_value({});
  EXPECT_EQ(id_of(queue.pop()), 1U);
}

TEST(WorkQueue, OtherRequestsKeepTheirPlace) {
  WorkQueue queue;
  std::promise<CompileResult> before;
  std::promise<CompileResult> after;
  queue.push(evaluation(1, before));
  queue.push(Task{tuner::CeilingsRequest{}, nullptr, {}});
  queue.push(evaluation(2, after));
  after.set_value({});
  EXPECT_FALSE(queue.try_pop_evaluation().has_value());
  before.set_value({});
  EXPECT_EQ(id_of(queue.try_pop_evaluation()), 1U);
  EXPECT_FALSE(queue.try_pop_evaluation().has_value());
  EXPECT_TRUE(std::holds_alternative<tuner::CeilingsRequest>(queue.pop().value().request));
  EXPECT_EQ(id_of(queue.pop()), 2U);
}

TEST(WorkQueue, OnlySoManyPiecesOfDataWait) {
  using namespace std::chrono_literals;
  WorkQueue queue;
  const auto push = [&] {
    Task task{tuner::DataRequest{"x", 0, "bytes"}, nullptr, {}};
    return queue.push_within(task, 1ms);
  };
  int taken = 0;
  while (taken < 1000 && push()) ++taken;
  EXPECT_EQ(taken, 64);
  EXPECT_FALSE(push());
  EXPECT_TRUE(queue.pop().has_value());
  EXPECT_TRUE(push());
  EXPECT_FALSE(push());
  queue.close();
  EXPECT_TRUE(push()) << "nobody waits for what nobody takes";
}

TEST(WorkQueue, WaitsForACompilation) {
  WorkQueue queue;
  std::promise<CompileResult> compiled;
  queue.push(evaluation(5, compiled));
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    compiled.set_value({});
    queue.compiled();
  });
  EXPECT_EQ(id_of(queue.pop()), 5U);
}

TEST(WorkQueue, ClosingEndsTheWait) {
  WorkQueue queue;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    queue.close();
  });
  EXPECT_FALSE(queue.pop().has_value());
}

}  // namespace
}  // namespace fuseline::profiler
