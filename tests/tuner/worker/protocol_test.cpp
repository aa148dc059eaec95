#include "tuner/worker/protocol.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace fuseline::tuner {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

EvaluateRequest some_request() {
  EvaluateRequest request;
  request.id = std::numeric_limits<std::uint64_t>::max();
  request.resolved.configuration = {"rows", {{"zeta", 4}, {"alpha", "erf"}, {"half", 0.5}, {"flag", true}}};
  request.resolved.defines = {"-DPARAM_zeta=4"};
  request.resolved.compile_options = {"--use_fast_math"};
  using Kind = ArgumentKind;
  ResolvedLaunch launch{"rows<float, 4>",
                        {},
                        {{Kind::buffer, "x", 0, 0},
                         {Kind::i32, "-n", -5, 0},
                         {Kind::u64, "0", std::numeric_limits<std::int64_t>::max(), 0},
                         {Kind::f64, "eps", 0, 1e-300}},
                        true};
  launch.launch.grid[0] = 2147483647;
  launch.launch.block[1] = 7;
  launch.launch.shared_bytes = 99 << 10;
  request.resolved.launches = {launch};
  request.resolved.workspace = {{"partial", std::int64_t{1} << 33, WorkspaceZero::untimed}};
  request.resolved.form = KernelForm::ptx;
  request.resolved.source_name = "rows.ptx";
  request.resolved.shown_launch = 0;
  request.source = std::make_shared<const std::string>("the text that stays here");
  return request;
}

Job some_job() {
  Job job;
  job.problem = "toy";
  job.dtype = Dtype::bf16;
  Tensor tensor;
  tensor.name = "x";
  tensor.dtype = Dtype::bf16;
  tensor.elements = std::int64_t{1} << 40;
  tensor.fill.kind = Fill::Kind::uniform;
  tensor.fill.low = -2;
  tensor.fill.high = 3;
  job.tensors = {tensor};
  job.scalars = {{"scale", 1.5}, {"eps", 1e-5}};
  job.defines = {"-DDIM_N=8"};
  job.headers = {{"common/a.cuh", "text"}};
  job.reference_source = "source";
  job.reference_launches = {{"reference", {}, {{ArgumentKind::buffer, "x", 0, 0}}, false}};
  job.tolerance = {1e-3, 2e-3};
  job.seed = 18446744073709551615U;
  job.timing.rule.maximum_samples = 77;
  job.timing.abandon_factor = 0;
  job.timing.race_margin = 0.125;
  job.timing.after = Predecessor::producer;
  job.deadlines.verify_s = 0.25;
  job.counters = {{"dram__bytes_read.sum", "gpu__time_duration.sum"}, 16};
  job.cache_folder = "none";
  return job;
}

Clocks some_clocks() {
  Clocks clocks;
  clocks.add(ClockReading{1980, 3201, 460, 45, 0x04});
  clocks.retaken = 2;
  return clocks;
}

FinalsReply some_finals() {
  return {{8, 9},
          {{0.5, 0.6}, {0.51, kInfinity}},
          {{{9, FinalRound::copy, 8}, 3, 4000, some_clocks()}, {{FinalRound::copy, 8, 9}, 4, 4001}}};
}

SourceProfileReply some_source_profile() {
  SourceProfileReply reply{7, {}};
  reply.profile.kernel = "rows";
  reply.profile.samples = 20'000;
  reply.profile.period_cycles = 1024;
  reply.profile.remarks = {"no disassembly"};
  reply.profile.instructions = {{0, "LDC R1, c[0x0][0x28]", "rows.cu", 2, {{"long_scoreboard", 19'000}}, {}},
                                {16, "", "common/rows.cuh", 5, {}, {{"inst_executed", 4096}}}};
  return reply;
}

/// What went over the wire and back is written the same again.
template <class Message>
void expect_round_trip(const Message& message) {
  const auto text = encode_text(message);
  if constexpr (std::is_same_v<Message, Request>) {
    const auto back = decode_request(text);
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(back->index(), message.index());
    EXPECT_EQ(encode_text(*back), text);
  } else {
    const auto back = decode_reply(text);
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(back->index(), message.index());
    EXPECT_EQ(encode_text(*back), text);
  }
}

TEST(Protocol, EveryRequestSurvivesTheWire) {
  expect_round_trip(Request{HelloRequest{}});
  expect_round_trip(Request{PrepareRequest{some_job()}});
  expect_round_trip(Request{some_request()});
  expect_round_trip(Request{SourceRequest{"rows.cubin", std::string("\0\xff", 2)}});
  expect_round_trip(Request{FinalsRequest{{some_request(), some_request()}, 25, 8}});
  expect_round_trip(Request{CeilingsRequest{}});
  expect_round_trip(Request{CountersRequest{{"dram__bytes_read.sum"}, {some_request(), some_request()}}});
  expect_round_trip(Request{CountersRequest{}});
  expect_round_trip(Request{SourceProfileRequest{some_request()}});
  expect_round_trip(Request{HelloRequest{kProtocolVersion, false}});
  expect_round_trip(Request{BuildRequest{some_request(), {{"common/a.cuh", "text"}}, "compute_89", 7.5, "none"}});
  expect_round_trip(Request{QuitRequest{}});
}

TEST(Protocol, DataTravelBehindTheirMessageAsTheyAre) {
  std::string bytes;
  for (int i = 0; i < 512; ++i) bytes += static_cast<char>(i);
  expect_round_trip(Request{DataRequest{"x", std::int64_t{1} << 40, bytes}});
  expect_round_trip(Request{DataRequest{"x", 0, ""}});
  const auto back = decode_request(encode_text(Request{DataRequest{"x", 8, bytes}}));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(std::get<DataRequest>(*back).tensor, "x");
  EXPECT_EQ(std::get<DataRequest>(*back).offset, 8);
  EXPECT_EQ(std::get<DataRequest>(*back).bytes, bytes);
  EXPECT_FALSE(decode_request(R"({"type": "data", "tensor": "x", "offset": 0})"));
  EXPECT_FALSE(decode_request(std::string(R"({"type": "data", "tensor": "x", "offset": -1})") + '\0'));
  EXPECT_FALSE(decode_request(std::string(R"({"type": "quit"})") + '\0' + "more"));
}

TEST(Protocol, AJobHasOneReferenceAndTypesThatServe) {
  Job job = some_job();
  job.tensors[0].stored = NpyType::f4;
  job.files = {{"x", "/secret/x.npy", {}}};
  job.tensors.push_back({"out", TensorRole::output, Dtype::f32, 4, {}, NpyType::f8});
  job.reference_launches.clear();
  expect_round_trip(Request{PrepareRequest{job}});
  EXPECT_EQ(encode_text(Request{PrepareRequest{job}}).find("secret"), std::string::npos);
  const auto refused = [](const Job& each) {
    const auto back = decode_request(encode_text(Request{PrepareRequest{each}}));
    return back ? "taken" : back.error().path + ": " + back.error().reason;
  };
  job.tensors[1].stored.reset();
  EXPECT_EQ(refused(job), "/job/tensors: an output without a reference, or with two");
  job.tensors[1].stored = NpyType::f2;
  EXPECT_EQ(refused(job), "/job/tensors/1/stored: is no type of such a tensor's elements");
  job = some_job();
  job.tensors.push_back({"out", TensorRole::output, Dtype::f32, 4, {}, NpyType::f8});
  EXPECT_EQ(refused(job), "/job/tensors: an output without a reference, or with two");
}

TEST(Protocol, CeilingsOfAnOlderWorkerSayWhyTheyHaveNoCounters) {
  const auto reply = decode_reply(R"({"type": "ceilings", "ceilings": {"copy_gbps": 4283, "measured_at": "now"}})");
  ASSERT_TRUE(reply) << reply.error().message();
  const Ceilings& ceilings = std::get<CeilingsReply>(*reply).ceilings;
  EXPECT_EQ(ceilings.copy_gbps, 4283);
  EXPECT_FALSE(ceilings.streams.known());
  EXPECT_THAT(ceilings.streams.missing, ::testing::HasSubstr("version"));
}

TEST(Protocol, EveryReplySurvivesTheWire) {
  HelloReply hello;
  hello.devices.resize(2);
  hello.devices[1].ceilings = Ceilings{1, 2, 3, 4, "now"};
  expect_round_trip(Reply{hello});
  expect_round_trip(Reply{PreparedReply{4245.5, 1 << 30, 3}});
  expect_round_trip(Reply{StartedReply{7, "verify"}});
  expect_round_trip(Reply{some_finals()});
  expect_round_trip(Reply{FinalsReply{{1, 2}, {{0.5, 0.6}}, {{{}, 0, 4000}}}});
  expect_round_trip(Reply{CeilingsReply{{1, 2, 3, 4, "now", {{}, {}, "no permission", "", ""}}}});
  expect_round_trip(Reply{CeilingsReply{
      {1, 2, 3, 4, "now", {{{"dram__bytes_read.sum", 1e9}}, {{"gpu__time_duration.sum", 5e5}}, "", "", ""}}}});
  expect_round_trip(Reply{
      CountersReply{true, {{7, {{"dram__bytes_read.sum", 1e9}}, ""}, {8, {}, "it could not be loaded"}}, 2, 0.25, ""}});
  expect_round_trip(Reply{CountersReply{false, {}, 0, 0, "no permission"}});
  expect_round_trip(Reply{some_source_profile()});
  expect_round_trip(Reply{ErrorReply{"reason", true}});
  expect_round_trip(Reply{
      BuildReply{3, "", KernelForm::cubin, "\x7f\xff", {{"rows<4>", "_Z4rows"}}, 40, 8, "abc", "k.cu(3): warning"}});
  expect_round_trip(Reply{BuildReply{3, "it does not compile", KernelForm::ptx, "", {}, 0, 0, ""}});
  expect_round_trip(Reply{LogReply{"info", "text"}});
  expect_round_trip(Reply{SpansReply{1'000, {{"device", "verify", 900, 50}}}});
  OutcomeReply outcome;
  outcome.id = 3;
  outcome.measurement.outcome = Outcome::incorrect;
  outcome.measurement.verification = Verification{};
  outcome.measurement.facts = StaticFacts{};
  outcome.measurement.counters = {{"dram__bytes_read.sum", 1e9}};
  outcome.measurement.launches.resize(2);
  outcome.measurement.after = Predecessor::itself;
  outcome.measurement.clocks = some_clocks();
  expect_round_trip(Reply{outcome});
}

TEST(Protocol, ABuildTakesItsSourceAlong) {
  const auto back = decode_request(encode_text(Request{BuildRequest{some_request(), {}, "sm_89"}}));
  ASSERT_TRUE(back);
  EXPECT_EQ(*std::get<BuildRequest>(*back).configuration.source, *some_request().source);
  EXPECT_FALSE(decode_request(R"({"type": "build", "configuration": {}, "architecture": "sm_89", "text": ""})"));
}

TEST(Protocol, ValuesAndTheirOrderAreKept) {
  const auto back = decode_request(encode_text(Request{some_request()}));
  ASSERT_TRUE(back);
  const auto& request = std::get<EvaluateRequest>(*back);
  EXPECT_EQ(request.id, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(request.resolved.configuration, some_request().resolved.configuration);
  EXPECT_EQ(request.resolved.launches[0].launch, some_request().resolved.launches[0].launch);
  EXPECT_EQ(request.resolved.launches[0].args, some_request().resolved.launches[0].args);
  EXPECT_TRUE(request.resolved.launches[0].cooperative);
  EXPECT_EQ(request.resolved.workspace[0].zero, WorkspaceZero::untimed);
  EXPECT_EQ(request.resolved.form, KernelForm::ptx);
  EXPECT_EQ(request.resolved.source_name, "rows.ptx");
  EXPECT_EQ(request.resolved.shown_launch, std::optional<std::size_t>(0));
}

TEST(Protocol, ASourceTravelsAloneAndUnchanged) {
  EXPECT_EQ(encode_text(Request{some_request()}).find("the text that stays here"), std::string::npos);
  const std::string text = "// \"quoted\"\n\ttabs \xc3\xa9", image(
                                                                 "\x7f"
                                                                 "ELF\0\xff\xfe",
                                                                 7);
  for (const std::string& bytes : {text, image, std::string()}) {
    const auto line = encode_text(Request{SourceRequest{"name", bytes}});
    EXPECT_EQ(line.find("base64") != std::string::npos, bytes == image) << line;
    const auto back = decode_request(line);
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(std::get<SourceRequest>(*back).bytes, bytes);
    EXPECT_EQ(std::get<SourceRequest>(*back).name, "name");
  }
}

TEST(Protocol, CounterReadingsKeepTheirValuesAndReasons) {
  const auto back = decode_reply(encode_text(
      Reply{CountersReply{true, {{7, {{"a.sum", 3}, {"b.sum", 1e12}}, ""}, {8, {}, "why"}}, 2, 0.5, "none"}}));
  ASSERT_TRUE(back) << back.error().message();
  const auto& reply = std::get<CountersReply>(*back);
  ASSERT_EQ(reply.readings.size(), 2U);
  EXPECT_TRUE(reply.finished);
  EXPECT_EQ(reply.readings[0].id, 7U);
  EXPECT_EQ(reply.readings[0].values, (std::map<std::string, double>{{"a.sum", 3}, {"b.sum", 1e12}}));
  EXPECT_EQ(reply.readings[1].reason, "why");
  EXPECT_EQ(reply.passes, 2);
  EXPECT_DOUBLE_EQ(reply.seconds, 0.5);
  EXPECT_EQ(reply.unavailable, "none");
}

TEST(Protocol, ASourceProfileComesBackWhole) {
  const auto back = decode_reply(encode_text(Reply{some_source_profile()}));
  ASSERT_TRUE(back) << back.error().message();
  const auto& reply = std::get<SourceProfileReply>(*back);
  EXPECT_EQ(reply.id, 7U);
  EXPECT_EQ(reply.profile.kernel, "rows");
  EXPECT_EQ(reply.profile.period_cycles, 1024U);
  ASSERT_EQ(reply.profile.instructions.size(), 2U);
  EXPECT_EQ(reply.profile.instructions[0].samples.at("long_scoreboard"), 19'000U);
  EXPECT_EQ(reply.profile.instructions[1].file, "common/rows.cuh");
  EXPECT_EQ(reply.profile.instructions[1].metrics.at("inst_executed"), 4096);
}

TEST(Protocol, ASourceProfileOutOfBoundsIsRefused) {
  nlohmann::json message = encode(Reply{some_source_profile()});
  message["profile"]["instructions"][1]["offset"] = 0;  // Not in the order of the code.
  EXPECT_FALSE(decode_reply(message.dump()));
  message = encode(Reply{some_source_profile()});
  message.erase("profile");
  EXPECT_FALSE(decode_reply(message.dump()));
}

TEST(Protocol, FinalsTellTheOrderPlaceAndClocksOfEachRound) {
  const auto asked = decode_request(encode_text(Request{FinalsRequest{{some_request()}, 17, 8}}));
  ASSERT_TRUE(asked) << asked.error().message();
  EXPECT_EQ(std::get<FinalsRequest>(*asked).first_round, 8);
  const auto back = decode_reply(encode_text(Reply{some_finals()}));
  ASSERT_TRUE(back) << back.error().message();
  const auto& rounds = std::get<FinalsReply>(*back).rounds;
  ASSERT_EQ(rounds.size(), 2U);
  EXPECT_EQ(rounds[0].order, (std::vector<std::int64_t>{9, FinalRound::copy, 8}));
  EXPECT_EQ(rounds[0].place, 3);
  ASSERT_TRUE(rounds[0].clocks);
  EXPECT_EQ(rounds[0].clocks->sm_mhz, 1980);
  EXPECT_EQ(rounds[0].clocks->reasons, 0x04U);
  EXPECT_EQ(rounds[0].clocks->retaken, 2U);
  EXPECT_FALSE(rounds[1].clocks);
}

TEST(Protocol, WhatLaunchesFollowTravelsWithTheJobAndBackWithTheOutcome) {
  for (const Predecessor after : {Predecessor::clean, Predecessor::producer, Predecessor::itself}) {
    Job job = some_job();
    job.timing.after = after;
    const auto there = decode_request(encode_text(Request{PrepareRequest{job}}));
    ASSERT_TRUE(there) << there.error().message();
    EXPECT_EQ(std::get<PrepareRequest>(*there).job.timing.after, after);
    OutcomeReply outcome;
    outcome.measurement.after = after;
    const auto back = decode_reply(encode_text(Reply{outcome}));
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(std::get<OutcomeReply>(*back).measurement.after, after);
  }
}

TEST(Protocol, SpansAreAskedForByTheJobAndEndAfterTheyBegin) {
  Job job = some_job();
  EXPECT_FALSE(job.spans);
  job.spans = true;
  EXPECT_TRUE(std::get<PrepareRequest>(*decode_request(encode_text(Request{PrepareRequest{job}}))).job.spans);
  const auto back = decode_reply(encode_text(Reply{SpansReply{1'000, {{"device", "verify", 900, 50}}}}));
  ASSERT_TRUE(back) << back.error().message();
  const auto& spans = std::get<SpansReply>(*back);
  EXPECT_EQ(spans.now_us, 1'000);
  EXPECT_EQ(spans.spans.at(0).name, "verify");
  EXPECT_EQ(spans.spans.at(0).duration_us, 50);
  for (const char* wrong : {R"({"type": "spans", "now_us": 1})", R"({"type": "spans", "now_us": 1, "spans": [[]]})",
                            R"({"type": "spans", "now_us": 1, "spans": [["a", "b", 3, -1]]})"})
    EXPECT_FALSE(decode_reply(wrong)) << wrong;
}

TEST(Protocol, TheCounterPolicyTravelsWithTheJob) {
  const auto back = decode_request(encode_text(Request{PrepareRequest{some_job()}}));
  ASSERT_TRUE(back);
  const auto& counters = std::get<PrepareRequest>(*back).job.counters;
  EXPECT_EQ(counters.metrics, some_job().counters.metrics);
  EXPECT_EQ(counters.batch, 16);
}

TEST(Protocol, InfinitiesAndNanSurvive) {
  OutcomeReply outcome;
  outcome.measurement.verification = Verification{};
  outcome.measurement.verification->max_absolute_error = kInfinity;
  outcome.measurement.verification->expected = -kInfinity;
  outcome.measurement.verification->got = std::numeric_limits<double>::quiet_NaN();
  const auto back = decode_reply(encode_text(Reply{outcome}));
  ASSERT_TRUE(back) << back.error().message();
  const auto& verification = *std::get<OutcomeReply>(*back).measurement.verification;
  EXPECT_EQ(verification.max_absolute_error, kInfinity);
  EXPECT_EQ(verification.expected, -kInfinity);
  EXPECT_TRUE(std::isnan(verification.got));
}

TEST(Protocol, ACompilerLogThatIsNotUtf8DoesNotBreakTheStream) {
  OutcomeReply outcome;
  outcome.measurement.compiler_log = "caf\xe9 \xff\xfe";
  EXPECT_TRUE(decode_reply(encode_text(Reply{outcome})));
}

TEST(Protocol, UnknownMembersAreIgnored) {
  const auto reply = decode_reply(R"({"type": "started", "id": 4, "stage": "time", "mood": {"good": [1, 2]}})");
  ASSERT_TRUE(reply);
  EXPECT_EQ(std::get<StartedReply>(*reply).id, 4U);
}

TEST(Protocol, WhatIsNoMessageIsAnErrorAndNeverAnException) {
  const std::vector<std::string> hostile = {
      "",
      "{",
      "null",
      "[]",
      "7",
      "\"text\"",
      "{}",
      "\xff\xfe",
      std::string("\0\0", 2),
      R"({"type": 5})",
      R"({"type": "dance"})",
      R"({"type": "started"})",
      R"({"type": "started", "id": -1, "stage": "time"})",
      R"({"type": "started", "id": 1.5, "stage": "time"})",
      R"({"type": "started", "id": 1, "stage": []})",
      R"({"type": "outcome", "id": 1})",
      R"({"type": "outcome", "id": 1, "measurement": {}})",
      R"({"type": "outcome", "id": 1, "measurement": {"outcome": "splendid"}})",
      R"({"type": "outcome", "id": 1, "measurement": {"outcome": "ok", "samples_ms": [1, "two"]}})",
      R"({"type": "outcome", "id": 1, "measurement": {"outcome": "ok", "launches": [{"grid": [1, 2]}]}})",
      R"({"type": "outcome", "id": 1, "measurement": {"outcome": "ok", "facts": {"registers": 99999999999}}})",
      R"({"type": "hello", "protocol": "one", "devices": []})",
      R"({"type": "finals", "ids": [1], "rounds_ms": [[1]]})",
      R"({"type": "finals", "ids": [1], "rounds_ms": [[1]], "rounds": []})",
      R"({"type": "finals", "ids": [1, 2], "rounds_ms": [[1]], "rounds": [{}]})",
      R"({"type": "finals", "ids": [1], "rounds_ms": [[1]], "rounds": [{"order": [2]}]})",
      R"({"type": "finals", "ids": [1], "rounds_ms": [[1]], "rounds": [{"order": [1, -1, 1]}]})",
      R"({"type": "finals", "ids": [1], "rounds_ms": [[1]], "rounds": [{"order": [-2]}]})",
      R"({"type": "finals", "ids": [1], "rounds_ms": [[1]], "rounds": [{"order": [1], "clocks": {"sm_mhz": "fast"}}]})",
      R"({"type": "outcome", "id": 1, "measurement": {"outcome": "ok", "after": "lunch"}})",
      R"({"type": "counters"})",
      R"({"type": "counters", "finished": 1})",
      R"({"type": "counters", "finished": true, "readings": [{"values": {}}]})",
      R"({"type": "counters", "finished": true, "readings": [{"id": 1, "values": {"a": "many"}}]})",
      std::string(100'000, '['),
      R"({"type": ")" + std::string(1'000'000, 'x') + "\"}",
  };
  for (const auto& text : hostile) {
    EXPECT_FALSE(decode_reply(text)) << text.substr(0, 100);
    EXPECT_FALSE(decode_request(text)) << text.substr(0, 100);
  }
}

TEST(Protocol, HostileDevicesAreErrors) {
  EXPECT_FALSE(decode_reply(R"({"type": "hello", "protocol": 1, "devices": {}})"));
  EXPECT_FALSE(decode_reply(R"({"type": "hello", "protocol": 1, "devices": [{"uuid": 1}]})"));
}

TEST(Protocol, HostileRequestsAreErrors) {
  const std::vector<std::string> hostile = {
      R"({"type": "prepare"})",
      R"({"type": "prepare", "job": {"problem": "p"}})",
      R"({"type": "finals", "finalists": [], "rounds": -1})",
      R"({"type": "finals", "finalists": [], "rounds": 1000000000})",
      R"({"type": "evaluate", "id": 1, "source": ""})",
      R"({"type": "source", "name": "a"})",
      R"({"type": "source", "text": "a"})",
      R"({"type": "source", "name": "a", "base64": "AA=A"})",
      R"({"type": "evaluate", "id": 1, "resolved": {"configuration": {"variant": "v", "values": []}, "launches": [{"kernel": "k", "launch": {}, "args": [{"kind": "i32", "name": "n", "value": 2147483648}]}]}})",
      R"({"type": "evaluate", "id": 1, "resolved": {"configuration": {"variant": "v", "values": []}, "launches": [{"kernel": "k", "launch": {}, "args": [{"kind": "i33", "name": "n", "value": 1}]}]}})",
      R"({"type": "evaluate", "id": 1, "resolved": {"form": "hip", "configuration": {"variant": "v", "values": []}, "launches": []}})",
      R"({"type": "evaluate", "id": 1, "source": "", "resolved": {"configuration": {"variant": "v", "values": [["a"]]}, "launches": []}})",
      R"({"type": "evaluate", "id": 1, "source": "", "resolved": {"configuration": {"variant": "v", "values": [["a", null]]}, "launches": []}})",
  };
  for (const auto& text : hostile) EXPECT_FALSE(decode_request(text)) << text;
}

TEST(Protocol, EveryTruncationOfAMessageIsAnError) {
  const auto text = encode_text(Request{some_request()});
  for (std::size_t length = 0; length < text.size(); length += 7)
    EXPECT_FALSE(decode_request(std::string_view(text).substr(0, length)));
}

TEST(Protocol, ErrorsNameThePlace) {
  const auto reply =
      decode_reply(R"({"type": "outcome", "id": 1, "measurement": {"outcome": "ok", "samples_ms": [1, true]}})");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().path, "/measurement/samples_ms/1");
}

}  // namespace
}  // namespace fuseline::tuner
