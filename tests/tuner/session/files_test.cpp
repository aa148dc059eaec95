// Problems whose input and reference come from files: what goes to the worker, and what makes a run another one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/npy.hpp"
#include "toy.hpp"
#include "tuner/formats/t4.hpp"
#include "tuner/session/worker_backend.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using testing::kToySize;
using testing::Toy;

constexpr std::size_t kElements = 102'400;

/// A toy with 100 N elements, which are more than one message takes.
class FilesToy : public ::testing::Test {
 protected:
  FilesToy() {
    toy_.change_problem(R"("elements": "N"})", R"("elements": "100*N", "fill": {"kind": "file", "path": "x.npy"}})");
    toy_.change_problem(R"("elements": "N"})", R"("elements": "100*N"})");
    write("x.npy", 1);
    write("out.npy", 2);
    toy_.change_problem(
        R"json("reference": {"source": "reference.cu", "launches": [{"kernel": "reference", "grid": ["cdiv(N, 128)"], "block": ["128"], "args": ["x", "out"]}]})json",
        R"("reference": {"files": {"out": "out.npy"}})");
    toy_.open_store();
  }
  void write(const std::string& name, float value) {
    toy_.folder().write("kernels/toy/" + name, npy_file("<f4", "(102400,)", std::vector<float>(kElements, value)));
  }
  Toy toy_;
};

TEST_F(FilesToy, TheirContentGoesToTheWorkerInPieces) {
  const auto run = toy_.sweep();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
  std::vector<std::string> data;
  for (const std::string& line : toy_.log())
    if (line.starts_with("data ")) data.push_back(line);
  EXPECT_EQ(data, (std::vector<std::string>{"data x 0 262144", "data x 262144 147456", "data out 0 262144",
                                            "data out 262144 147456"}));
}

TEST_F(FilesToy, AWorkerThatIsReplacedGetsThemAgain) {
  toy_.rule("plain block=96 unroll=2", "verify", "exit");
  const auto run = toy_.sweep();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
  EXPECT_EQ(toy_.logged("data x 0 "), 2);
}

TEST_F(FilesToy, ChangedDataAreAnotherSweep) {
  toy_.script["delay_ms"] = 10;
  const auto request = toy_.request();
  auto cut_off = Session::start(request, toy_.environment());
  ASSERT_TRUE(cut_off) << cut_off.error().message();
  while ((*cut_off)->snapshot()->evaluations.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  (*cut_off)->stop();
  ASSERT_TRUE((*cut_off)->wait());
  auto environment = toy_.environment();
  environment.resume = true;
  const auto begin = [&] { return Session::start(request, environment); };
  write("out.npy", 3);
  auto other = begin();
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message(), HasSubstr("no interrupted run"));
  write("out.npy", 2);
  auto same = begin();
  ASSERT_TRUE(same) << same.error().message();
  EXPECT_EQ((*same)->wait()->evaluations.size(), kToySize);
}

TEST_F(FilesToy, AReplayNeedsNoFiles) {
  const auto run = toy_.sweep();
  ASSERT_TRUE(run) << run.error().message();
  toy_.folder().write("presets/recordings/box/toy.f32.small.t4.json", t4_json(*run).dump());
  std::filesystem::remove(toy_.path("kernels/toy/x.npy"));
  const auto live = toy_.sweep();
  ASSERT_FALSE(live);
  EXPECT_THAT(live.error().message(), HasSubstr("kernels/toy/x.npy: there is no such file"));
  auto request = toy_.request();
  request.device = "replay:box";
  request.workers.clear();
  const auto replayed = toy_.sweep(request);
  ASSERT_TRUE(replayed) << replayed.error().message();
  EXPECT_EQ(replayed->evaluations.size(), kToySize);
}

TEST_F(FilesToy, AFileThatChangesOnTheWayEndsIt) {
  auto backend = WorkerBackend::connect({toy_.worker()}, {});
  ASSERT_TRUE(backend) << backend.error().message();
  const auto file = toy_.path("kernels/toy/x.npy");
  Job job;
  job.tensors = {{"x", TensorRole::input, Dtype::f32, kElements, {}, NpyType::f4}};
  job.reference_launches.resize(1);
  job.files = {{"x", file, read_npy_header(file, "x.npy").value(), "what it was"}};
  (*backend)->prepare(job);
  for (int i = 0; i < 100; ++i) {
    for (const auto& event : (*backend)->wait(std::chrono::milliseconds(100))) {
      const auto* end = std::get_if<GaveUp>(&event);
      ASSERT_NE(end, nullptr);
      EXPECT_THAT(end->error.message(), HasSubstr("no longer what it was when the sweep began"));
      return;
    }
  }
  FAIL() << "nothing was said of it";
}

}  // namespace
}  // namespace fuseline::tuner
