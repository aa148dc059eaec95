// What each target begins with.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/gui/models/session_file.hpp"
#include "app/gui/models/settings.hpp"
#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/npy.hpp"
#include "tests/tuner/support/sample_run.hpp"
#include "tuner/base/files.hpp"
#include "tuner/formats/kernel_tuner.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/formats/t4.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/space/variant_space.hpp"
#include "tuner/worker/framing.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::fuzz {
namespace {

using Texts = std::vector<std::string>;

Texts expressions() {
  Texts texts = {"1", "a", "(block", "a==b||mod(a,b)==0", "1?2:3", "min()", "-2^0.5", "1e308*10", "gcd(0,0)"};
  for (const std::string& manifest : tree_files("kernels", ".json")) {
    const auto json = nlohmann::json::parse(manifest);
    for (const auto& constraint : json.value("constraints", nlohmann::json::array()))
      texts.push_back(constraint.at("require").get<std::string>());
  }
  return texts;
}

Texts problems() {
  Texts texts = tree_files("kernels", "/problem.json");
  for (const char* folder : {"tests/data/user_problem", "tests/data/file_problem"})
    texts.push_back(tree_files(folder, "problem.json").front());
  return texts;
}

Texts manifests() {
  Texts texts;
  for (const std::string& text : tree_files("kernels/layernorm_gelu_scale", ".json")) {
    auto json = nlohmann::ordered_json::parse(text);
    if (!json.contains("source")) continue;  // The problem\'s own file.
    json["source"] = "kernel.cu";
    texts.push_back(json.dump());
  }
  return texts;
}

/// Beginning with a zero: a cubin; else PTX.
Texts images() {
  Texts texts;
  for (const std::string& image : tree_files("tests/data/image_problem/cubins", ".cubin"))
    texts.push_back(std::string(1, '\0') + image);
  for (const std::string& text : tree_files("tests/data/image_problem", ".ptx")) texts.push_back("1" + text);
  return texts;
}

/// Small ones of every type and version.
Texts arrays() {
  Texts texts;
  int major = 1;
  for (const auto& [type, bytes] :
       {std::pair{"<f2", 2U}, {"<f4", 4U}, {"<f8", 8U}, {"<i4", 4U}, {"<i8", 8U}, {"|u1", 1U}}) {
    texts.push_back(npy_header(npy_dictionary(type, "(2, 1)"), major) + std::string(std::size_t{2} * bytes, '\x7f'));
    major = major % 3 + 1;
  }
  texts.push_back(npy_file<float>("<f4", "()", {1}));
  texts.push_back(npy_header(npy_dictionary(">f4", "(2, 2)", true)));
  return texts;
}

Texts devices() { return tree_files("presets/devices", ".json"); }

/// The sample, small; and what other tools write.
Texts recordings() {
  tuner::Run run = tuner::testing::sample_run();
  Texts texts = {tuner::t4_text(run), tuner::t4_text(tuner::testing::sample_timed_run())};
  run.evaluations.resize(1);
  run.info.finals.clear();
  texts.push_back(tuner::t4_text(run));
  texts.emplace_back(
      R"({"schema_version": "1.0.0", "metadata": {"timeunit": "microseconds", "device": "A100", "autotuner": "x"}, "results": [
    {"configuration": {"block": 32, "mode": "fast"}, "times": {"compilation_time": 1.5, "runtimes": [3.5, 4], "framework": 0.1}, "invalidity": "correct", "correctness": 1,
     "measurements": [{"name": "time", "value": 3.7, "unit": "ms"}, {"name": "GFLOP/s", "value": 1}], "objectives": ["time"]},
    {"configuration": {"block": 64, "mode": "slow"}, "times": {"compilation": 1.5}, "invalidity": "compile", "measurements": []}]})");
  texts.emplace_back(R"({"results": [{"configuration": {"a": true}, "times": {"runtimes": []}, "invalidity": "timeout",
    "compilation_data": {"registers": 32, "global_size": {"x": 1, "y": 2, "z": 3}, "local_size": {"x": 1, "y": 1, "z": 1}}}]})");
  return texts;
}

Texts caches() {
  Texts texts;
  if (const auto text = tuner::kernel_tuner_text(tuner::testing::sample_run())) texts.push_back(*text);
  const std::string foreign =
      R"({"device_name": "A100", "kernel_name": "k", "problem_size": [4096, 2048], "tune_params_keys": ["x", "mode"],
    "tune_params": {"x": [16, 32], "mode": ["fast"]}, "objective": "time", "cache": {
    "16,fast": {"x": 16, "mode": "fast", "time": 3.0, "times": [4.0, 2.0, 3.0], "compile_time": 900.0, "GFLOP/s": NaN, "timestamp": "2023-12-22"},
    "32,fast": {"x": 32, "mode": "fast", "time": "CompilationFailedConfig", "compile_time": 1e2}}})";
  texts.push_back(foreign);
  texts.push_back(foreign.substr(0, foreign.size() - 90));
  return texts;
}

Texts results() {
  Texts texts;
  for (const tuner::Run& run : {tuner::testing::sample_run(), tuner::testing::sample_timed_run()}) {
    const auto json = tuner::result_json(run);
    require(json.has_value(), "the sample run has no result");
    texts.push_back(json->dump());
  }
  return texts;
}

template <class Message>
std::string framed(char first, const Message& message) {
  return std::string(1, first) + tuner::frame(tuner::encode_text(message));
}

tuner::EvaluateRequest sample_request() {
  tuner::EvaluateRequest request;
  request.id = 7;
  request.resolved.configuration = {"rows", {{"block", 256}, {"gelu", "erf"}, {"half", 0.5}, {"flag", true}}};
  request.resolved.defines = {"-DPARAM_block=256"};
  request.resolved.compile_options = {"--use_fast_math"};
  using Kind = tuner::ArgumentKind;
  request.resolved.launches = {tuner::ResolvedLaunch{
      "kernel", {}, {{Kind::buffer, "x", 0, 0}, {Kind::i32, "n", -3, 0}, {Kind::f64, "scale", 0, 0.5}}, true}};
  request.resolved.workspace = {{"partial", 4096, tuner::WorkspaceZero::timed}};
  request.resolved.source_name = "rows.cu";
  request.resolved.shown_launch = 0;
  return request;
}

tuner::Job sample_job() {
  tuner::Job job;
  job.problem = "toy";
  job.tensors = {tuner::Tensor{"x", tuner::TensorRole::input, tuner::Dtype::f16, 1024, {}},
                 tuner::Tensor{"out", tuner::TensorRole::output, tuner::Dtype::f32, 1024, {}}};
  job.scalars = {{"eps", 1e-5}};
  job.defines = {"-DDIM_N=8"};
  job.headers = {{"common/a.cuh", "text"}};
  job.reference_source = "source";
  job.reference_launches = {{"reference", {}, {{tuner::ArgumentKind::buffer, "x", 0, 0}}, false}};
  job.counters = {{"dram__bytes_read.sum"}, 16};
  job.timing.after = tuner::Predecessor::producer;
  return job;
}

tuner::FinalsReply sample_finals() {
  tuner::Clocks clocks;
  clocks.add(tuner::ClockReading{1980, 3201, 460, 45, 0x04});
  return {{1, 2}, {{0.5, 0.6}, {0.5, 0.7}}, {{{-1, 1, 2}, 0, 4000, clocks}, {{2, 1, -1}, 1, 4001, {}}}};
}

tuner::SourceProfileReply sample_source_profile() {
  tuner::SourceProfileReply reply{7, {}};
  reply.profile.kernel = "rows";
  reply.profile.samples = 12;
  reply.profile.remarks = {"no disassembly"};
  reply.profile.instructions = {{0, "EXIT", "rows.cu", 2, {{"wait", 12}}, {{"inst_executed", 1e9}}},
                                {16, "", "", 0, {}, {}}};
  return reply;
}

/// Even first bytes speak for the worker, odd ones for the coordinator.
Texts conversations() {
  const tuner::Run run = tuner::testing::sample_run();
  Texts texts = {
      framed('\0', tuner::Reply(tuner::HelloReply{tuner::kProtocolVersion, "1", {run.info.device}, 0})),
      framed('\2', tuner::Reply(tuner::PreparedReply{4000, 1 << 20, 3})),
      framed('\4', tuner::Reply(tuner::StartedReply{7, "verify"})),
      framed('\6', tuner::Reply(sample_finals())),
      framed('\0', tuner::Reply(tuner::CeilingsReply{*run.info.device.ceilings})),
      framed('\0', tuner::Reply(tuner::CountersReply{true, {{7, {{"dram__bytes_read.sum", 1e9}}, ""}}, 3, 0.5, ""})),
      framed('\0', tuner::Reply(sample_source_profile())),
      framed('\2', tuner::Reply(tuner::ErrorReply{"out of memory", true})),
      framed('\2', tuner::Reply(tuner::BuildReply{7, "", tuner::KernelForm::ptx, ".version 8.0", {{"k", "k"}}})),
      framed('\2', tuner::Reply(tuner::LogReply{"warning", "text"})),
      framed('\0', tuner::Reply(tuner::SpansReply{1000, {{"device", "verify", 900, 50}}}))};
  for (const auto& evaluation : {run.evaluations[1], run.evaluations[3], run.evaluations[5]}) {
    texts.push_back(framed('\0', tuner::Reply(tuner::OutcomeReply{evaluation.sequence, evaluation.measurement})));
  }
  texts.push_back(framed('\1', tuner::Request(tuner::HelloRequest{})) +
                  tuner::frame(tuner::encode_text(tuner::Request(tuner::QuitRequest{}))));
  texts.push_back(framed('\3', tuner::Request(tuner::PrepareRequest{sample_job()})));
  texts.push_back(framed('\5', tuner::Request(sample_request())));
  texts.push_back(framed('\1', tuner::Request(tuner::SourceRequest{"rows.cu", "// source"})));
  texts.push_back(framed('\1', tuner::Request(tuner::SourceRequest{"rows.cubin", "\x7f\xff"})));
  texts.push_back(framed('\1', tuner::Request(tuner::DataRequest{"x", 16, std::string("\0\xff\1\2", 4)})));
  tuner::Job stored = sample_job();
  stored.tensors[0].stored = tuner::NpyType::f2;
  stored.tensors[1].stored = tuner::NpyType::f8;
  stored.reference_launches.clear();
  texts.push_back(framed('\3', tuner::Request(tuner::PrepareRequest{stored})));
  texts.push_back(framed('\1', tuner::Request(tuner::BuildRequest{sample_request(), {{"a.cuh", ""}}, "sm_89"})));
  texts.push_back(framed('\1', tuner::Request(tuner::FinalsRequest{{sample_request()}, 9, 8})));
  texts.push_back(framed('\1', tuner::Request(tuner::CountersRequest{{"gpu__time_duration.sum"}, {sample_request()}})));
  texts.push_back(framed('\1', tuner::Request(tuner::SourceProfileRequest{sample_request()})));
  return texts;
}

Texts gui_files() {
  app::gui::Settings settings;
  settings.last.problem = "toy";
  settings.last.dims = {{"N", 3}};
  settings.last.parameters = {{"block", {"1", "2"}}};
  const auto file = place("seed.json", "");
  require(app::gui::save_settings(file, app::gui::settings_text(settings, app::gui::Layout(app::gui::default_panels())))
              .has_value(),
          "settings cannot be kept");
  Texts texts = {tuner::read_file(file).value_or(""),
                 R"({"schema": "fuseline/gui/1", "dark": false, "scale": 2.5, "width": 800, "height": 600})"};
  texts.emplace_back(
      R"([{"action": "problem.choose", "value": "toy"}, {"wait": "sweep"}, {"wait": "frames", "count": 4}, {"wait": "file", "path": "x"}, {"size": [800, 600]},
    {"screenshot": "a.png"}, {"facts": "f.json"}, {"quit": true}])");
  app::gui::SessionView view;
  view.filter = "block=1";
  const auto session = app::gui::session_text({tuner::testing::sample_run(), view, {0}, settings.last});
  require(session.has_value(), "a session cannot be written");
  texts.push_back(*session);
  return texts;
}

/// What a client says, whole and in two pieces.
Texts mcp_lines() {
  const std::string greeting =
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{}}})"
      "\n"
      R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
      "\n";
  const std::string call =
      R"({"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"any","_meta":{"progressToken":1},"arguments":)"
      R"({"a0":"t","a1":3,"a2":4,"a3":true,"a4":["x"],"a5":[1],"a6":{"N":8},"a7":{"eps":1e-6},"a8":{"b":[1,"c"]}}}})"
      "\n";
  Texts texts;
  for (const char first : {'\0', '\x80'}) {
    const std::string start = first + greeting;
    const std::string_view one_call = std::string_view(call).substr(0, call.size() - 1);
    texts.push_back(fmt::format("{}{}\n", start, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})"));
    texts.push_back(fmt::format("{}{}{}", start, call,
                                R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}})"));
    texts.push_back(fmt::format("{}[{}{}", start, one_call, R"(,{"jsonrpc":"2.0","id":2,"method":"ping"}])"));
  }
  return texts;
}

}  // namespace

const std::vector<Target>& targets() {
  static const std::vector<Target> all = {
      {"device", device, devices},
      {"expression", expression, expressions},
      {"gui", gui, gui_files},
      {"kernel_image", kernel_image, images},
      {"kernel_tuner", kernel_tuner, caches},
      {"mcp", mcp, mcp_lines},
      {"npy", npy, arrays},
      {"problem", problem, problems},
      {"protocol", protocol, conversations},
      {"result", result, results},
      {"t4", t4, recordings},
      {"variant", variant, manifests},
  };
  return all;
}

}  // namespace fuseline::fuzz
