#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "toy.hpp"
#include "tuner/session/device_choice.hpp"

namespace fuseline::tuner {
namespace {

using testing::Toy;

struct Wrong {
  const char* name;
  void (*change)(SweepRequest&);
  const char* text;
};
class WrongRequests : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongRequests, AreRefusedBeforeTheSweepStarts) {
  Toy toy;
  toy.open_store();
  auto request = toy.request();
  GetParam().change(request);
  const auto session = Session::start(request, toy.environment());
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().kind, ErrorKind::bad_input);
  EXPECT_NE(session.error().message().find(GetParam().text), std::string::npos) << session.error().message();
  EXPECT_TRUE(toy.store->runs()->empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongRequests,
    ::testing::Values(Wrong{"static_device", [](SweepRequest& r) { r.device = "static:rtx4090"; },
                            "--device: nothing can be measured on 'static:rtx4090', which is not there"},
                      Wrong{"problem", [](SweepRequest& r) { r.problem = "tyo"; }, "tyo"},
                      Wrong{"shape", [](SweepRequest& r) { r.shape = "huge"; }, "huge"},
                      Wrong{"dim",
                            [](SweepRequest& r) {
                              r.dims = {{"M", 3}};
                            },
                            "M"},
                      Wrong{"dim_value",
                            [](SweepRequest& r) {
                              r.dims = {{"N", 100'000}};
                            },
                            "N"},
                      Wrong{"scalar",
                            [](SweepRequest& r) {
                              r.scalars = {{"scael", 3}};
                            },
                            "toy has no scalar \"scael\"; did you mean scale?"},
                      Wrong{"scalar_not_finite",
                            [](SweepRequest& r) {
                              r.scalars = {{"scale", INFINITY}};
                            },
                            "must be finite"},
                      Wrong{"dtype", [](SweepRequest& r) { r.dtype = "f33"; }, "f33"},
                      Wrong{"dtype_not_offered", [](SweepRequest& r) { r.dtype = "bf16"; }, "bf16"},
                      Wrong{"variant", [](SweepRequest& r) { r.variants = {"plane"}; }, "plane"},
                      Wrong{"parameter", [](SweepRequest& r) { r.parameters["blok"] = {"64"}; }, "blok"},
                      Wrong{"value", [](SweepRequest& r) { r.parameters["block"] = {"65"}; }, "65"},
                      Wrong{"no_draws", [](SweepRequest& r) { r.draws = 0; }, "--draws: 0"},
                      Wrong{"draws", [](SweepRequest& r) { r.draws = 101; }, "write 1 to 100"},
                      Wrong{"strategy", [](SweepRequest& r) { r.strategy = "oracle"; }, "oracle"},
                      Wrong{"budget", [](SweepRequest& r) { r.budget = "many"; }, "many"},
                      Wrong{"target", [](SweepRequest& r) { r.target = "rtx9999"; }, "rtx9999"},
                      Wrong{"device", [](SweepRequest& r) { r.device = "tpu:0"; }, "tpu:0"},
                      Wrong{"recording", [](SweepRequest& r) { r.device = "replay:none"; }, "none"},
                      Wrong{"after", [](SweepRequest& r) { r.after = "lunch"; },
                            "'lunch' is nothing that launches can follow: write clean, producer or itself"},
                      Wrong{"after_unsettled", [](SweepRequest& r) { r.after = "unsettled"; },
                            "'unsettled' is nothing that launches can follow"},
                      Wrong{"no_problem", [](SweepRequest& r) { r.problem.clear(); }, "problem"}),
    [](const auto& test) { return std::string(test.param.name); });

/// What the launches of a sweep of `request` followed: what the worker was told, which it also answers.
std::string followed(Toy& toy, const SweepRequest& request) {
  const auto run = toy.sweep(request);
  if (!run) return run.error().message();
  std::string after(to_string(run->info.after));
  EXPECT_EQ(run->evaluations.front().measurement.after, run->info.after);
  EXPECT_EQ(toy.logged("after " + after), 1);
  return after;
}

TEST(Requests, LaunchesFollowWhatIsAskedForElseWhatTheProblemAsksForElseACleanL2) {
  const auto of = [](const std::string& after, const std::string& of_problem = "") {
    Toy toy;
    if (!of_problem.empty()) toy.change_problem("\"dims\"", "\"after\": \"" + of_problem + "\", \"dims\"");
    auto request = toy.request();
    request.after = after;
    request.budget = "1";
    return followed(toy, request);
  };
  EXPECT_EQ(of(""), "clean");
  for (const char* asked : {"clean", "producer", "itself"}) EXPECT_EQ(of(asked), asked);
  EXPECT_EQ(of("", "producer"), "producer");
  EXPECT_EQ(of("clean", "producer"), "clean") << "the user goes before the problem";
}

TEST(Requests, TheTargetIsWorkedOut) {
  Toy toy;
  auto request = toy.request();
  request.target = "rtx4090";
  request.budget = "1";
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  ASSERT_TRUE(run->info.target);
  EXPECT_EQ(run->info.target->dram_gbps, 1008);
}

TEST(Requests, APeakThatTheDriverDoesNotGiveComesFromTheDataSheet) {
  Toy toy;
  toy.script["device_name"] = "NVIDIA H200";
  auto request = toy.request();
  request.budget = "1";
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_NEAR(run->info.device.dram_peak_gbps, 4800, 100);
}

TEST(Requests, DevicesAreParsed) {
  EXPECT_EQ(parse_device("auto")->kind, DeviceChoice::Kind::automatic);
  EXPECT_EQ(parse_device("cuda:3")->index, 3);
  EXPECT_EQ(parse_device("cuda:0,2,5")->index, 0);
  EXPECT_EQ(parse_device("cuda:0,2,5")->others, (std::vector<int>{2, 5}));
  EXPECT_TRUE(parse_device("all")->every);
  EXPECT_EQ(parse_device("replay:a/b.json")->recording, "a/b.json");
  EXPECT_EQ(parse_device("static:rtx4090")->kind, DeviceChoice::Kind::absent);
  EXPECT_EQ(parse_device("static:a/b.json")->sheet, "a/b.json");
  EXPECT_NE(parse_device("static:").error().reason.find("'static:' names no chip"), std::string::npos);
  for (const char* text : {"static:", "cuda:", "cuda:-1", "cuda:x", "replay:", "gpu", "cuda:1 --x", "cuda:0,",
                           "cuda:1,1", "cuda:0,x", "all:0"})
    EXPECT_FALSE(parse_device(text)) << text;
}

TEST(Devices, AreListedThroughAWorker) {
  Toy toy;
  const auto devices = list_devices(toy.worker());
  ASSERT_TRUE(devices) << devices.error().message();
  ASSERT_EQ(devices->size(), 1U);
  EXPECT_EQ(devices->front().name, "Scripted GPU");
}

TEST(Devices, CeilingsAreMeasuredThroughAWorker) {
  Toy toy;
  const auto ceilings = measure_ceilings(toy.worker());
  ASSERT_TRUE(ceilings) << ceilings.error().message();
  EXPECT_EQ(ceilings->l2_gbps, 4000);
}

TEST(Devices, AWorkerInAFolderWithBlanksAndQuotesIsQuoted) {
  TemporaryFolder folder;
  const auto program = folder.write("a 'b' $c/worker", "#!/bin/sh\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const auto command = own_worker_command(program.string(), 2);
  ASSERT_TRUE(command) << command.error().message();
  EXPECT_TRUE(command->ends_with("/a '\\''b'\\'' $c/worker' --device 2")) << *command;
}

TEST(Devices, AWorkerThatIsNotThereIsNamed) {
  const auto command = own_worker_command("/no/such/worker", 0);
  ASSERT_FALSE(command);
  EXPECT_NE(command.error().message().find("/no/such/worker"), std::string::npos);
}

/// What a machine without a GPU says to a request for the device at hand.
std::string said_without_a_gpu(void (*change)(SweepRequest&)) {
  Toy toy;
  auto request = toy.request();
  request.workers.clear();
  request.device = "auto";
  change(request);
  auto environment = toy.environment();
  environment.worker_program = "/no/such/worker";
  const auto session = Session::start(request, environment);
  EXPECT_FALSE(session);
  return session ? "" : session.error().message();
}

TEST(WithoutAGpu, NamesOfTheSpaceAreCheckedFirst) {
  const std::pair<void (*)(SweepRequest&), const char*> cases[] = {
      {[](SweepRequest& r) { r.variants = {"plian"}; }, "no variant \"plian\"; did you mean plain?"},
      {[](SweepRequest& r) { r.parameters["blcok"] = {"1"}; }, "did you mean block?"},
      {[](SweepRequest& r) { r.parameters["block"] = {"7"}; }, "parameter \"block\" has no value \"7\""},
      {[](SweepRequest& r) {
         r.dims = {{"M", 1}};
       },
       "no dimension \"M\""}};
  for (const auto& [change, text] : cases) {
    const std::string said = said_without_a_gpu(change);
    EXPECT_NE(said.find(text), std::string::npos) << said;
    EXPECT_EQ(said.find("GPU"), std::string::npos) << said;
  }
}

TEST(WithoutAGpu, AProblemThatWasNeverRecordedSaysWhatCanBeDone) {
  const std::string said = said_without_a_gpu([](SweepRequest&) {});
  EXPECT_NE(said.find("there is no recording of toy to replay"), std::string::npos) << said;
  EXPECT_NE(said.find("--worker"), std::string::npos) << said;
  EXPECT_EQ(said.find("recordings of"), std::string::npos) << said;
}

}  // namespace
}  // namespace fuseline::tuner
