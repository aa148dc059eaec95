#include "profiler/compile/compiler_pool.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <set>

#include "profiler/compile/read_only_view.hpp"
#include "tests/profiler/support.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::HasSubstr;
using testing::pool_options;
using testing::request;

TEST(CompilerPool, CompilesInChildren) {
  CompilerPool pool(pool_options(2));
  std::atomic<int> done{0};
  std::vector<std::shared_future<CompileResult>> results;
  for (int i = 0; i < 6; ++i) {
    auto made = request(testing::kGoodSource + "// " + std::to_string(i));
    results.push_back(pool.submit({made, 60, {}, [&done] { ++done; }}));
  }
  for (const auto& each : results) EXPECT_EQ(each.get().status, CompileResult::Status::ok) << each.get().reason;
  for (int i = 0; i < 500 && done < 6; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(done, 6);
}

TEST(CompilerPool, KillsACompilationAtItsDeadlineAndGoesOn) {
  CompilerPool pool(pool_options(1));
  const auto begin = std::chrono::steady_clock::now();
  const auto slow = pool.submit({request(testing::kSlowSource), 2, {}, {}});
  const auto next = pool.submit({request(testing::kGoodSource), 120, {}, {}});
  EXPECT_EQ(slow.get().status, CompileResult::Status::timeout);
  EXPECT_THAT(slow.get().reason, HasSubstr("compile deadline of 2 s"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_EQ(next.get().status, CompileResult::Status::ok) << next.get().reason;
}

/// Whether the system can hide files from a process; tried in one that ends with it.
bool files_can_be_hidden() {
  const pid_t child = fork();
  if (child == 0) _exit(see_only({}) ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(CompilerPool, ASourceCannotIncludeTheUsersFiles) {
  const testing::TemporaryFolder folder;
  const std::string file = (folder.path() / "secret.txt").string();
  std::ofstream(file) << "__device__ int secret = 4711 unreadable;\n";
  const std::string source = "#include \"" + file + "\"\n" + testing::kGoodSource;
  EXPECT_THAT(compile(request(source)).log, HasSubstr("4711")) << "this process may read it";
  if (!files_can_be_hidden()) GTEST_SKIP() << "this system has no Landlock";
  CompilerPool pool(pool_options(1));
  for (const std::string& name : {file, std::string("/etc/passwd"), "../../../../../../../.." + file}) {
    const auto result =
        pool.submit({request(fmt::format("#include \"{}\"\n{}", name, testing::kGoodSource)), 60, {}, {}}).get();
    EXPECT_EQ(result.status, CompileResult::Status::failed) << name;
    EXPECT_THAT(result.log, HasSubstr("open source file")) << name;
    EXPECT_THAT(result.log, ::testing::Not(HasSubstr("4711"))) << name;
  }
  const auto headers = pool.submit(
      {request("#include <cuda_fp16.h>\n#include <cuda/std/limits>\n" + testing::kGoodSource), 120, {}, {}});
  EXPECT_EQ(headers.get().status, CompileResult::Status::ok) << headers.get().log;
}

TEST(CompilerPool, ACrashIsAFailureWithItsReason) {
  CompilerPool pool({{"/bin/sh", "-c", "head -c 4 >/dev/null; echo out of order >&2; kill -SEGV $$"}, 1});
  const auto result = pool.submit({request(testing::kGoodSource), 30, {}, {}});
  EXPECT_EQ(result.get().status, CompileResult::Status::failed);
  EXPECT_THAT(result.get().reason, HasSubstr("killed by signal 11"));
  EXPECT_THAT(result.get().reason, HasSubstr("out of order"));
}

TEST(CompilerPool, AProcessIsReplacedWhenItHasCompiledItsShare) {
  const testing::TemporaryFolder folder;
  const std::string file = (folder.path() / "started").string();
  CompilerPool pool(
      {{"/bin/sh", "-c", fmt::format("echo $$ >>{}; exec {} --compiler", file, testing::kWorkerProgram)}, 1, 2});
  for (int i = 0; i < 5; ++i) {
    const auto result = pool.submit({request(testing::kGoodSource + "// " + std::to_string(i)), 60, folder.path(), {}});
    EXPECT_EQ(result.get().status, CompileResult::Status::ok) << result.get().reason;
    EXPECT_TRUE(
        pool.submit({request(testing::kGoodSource + "// " + std::to_string(i)), 60, folder.path(), {}}).get().cached)
        << "takes no compilation";
  }
  std::ifstream started(file);
  std::set<std::string> processes;
  for (std::string line; std::getline(started, line);) processes.insert(line);
  EXPECT_EQ(processes.size(), 3U) << "for two compilations, two and one";
}

TEST(CompilerPool, GarbageIsAFailure) {
  CompilerPool pool({{"/bin/sh", "-c", "printf '\\004\\000\\000\\000abcd'; sleep 60"}, 1});
  const auto result = pool.submit({request(testing::kGoodSource), 30, {}, {}});
  EXPECT_EQ(result.get().status, CompileResult::Status::failed);
  EXPECT_THAT(result.get().reason, HasSubstr("garbage"));
}

TEST(CompilerPool, AProgramThatIsNotThereIsAFailure) {
  CompilerPool pool({{"/nonexistent/compiler"}, 1});
  const auto result = pool.submit({request(testing::kGoodSource), 30, {}, {}});
  EXPECT_EQ(result.get().status, CompileResult::Status::failed);
  EXPECT_THAT(result.get().reason, HasSubstr("/nonexistent/compiler"));
}

TEST(CompilerPool, ClosingAnswersWhatIsLeft) {
  std::shared_future<CompileResult> running;
  std::shared_future<CompileResult> waiting;
  {
    CompilerPool pool(pool_options(1));
    running = pool.submit({request(testing::kSlowSource), 600, {}, {}});
    waiting = pool.submit({request(testing::kSlowSource), 600, {}, {}});
  }
  EXPECT_EQ(running.get().status, CompileResult::Status::failed);
  EXPECT_EQ(waiting.get().status, CompileResult::Status::failed);
}

TEST(CompilerPool, TheSecondTimeComesFromTheCache) {
  const testing::TemporaryFolder folder;
  CompilerPool pool(pool_options(1));
  const auto first = pool.submit({request(testing::kGoodSource), 60, folder.path(), {}});
  ASSERT_EQ(first.get().status, CompileResult::Status::ok) << first.get().reason;
  EXPECT_FALSE(first.get().cached);
  const auto second = pool.submit({request(testing::kGoodSource), 60, folder.path(), {}});
  ASSERT_EQ(second.get().status, CompileResult::Status::ok);
  EXPECT_TRUE(second.get().cached);
  EXPECT_EQ(second.get().compile_ms, 0);
  EXPECT_EQ(second.get().image, first.get().image);
  EXPECT_EQ(second.get().kernels, first.get().kernels);
}

}  // namespace
}  // namespace fuseline::profiler
