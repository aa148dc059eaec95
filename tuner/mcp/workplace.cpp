#include "tuner/mcp/workplace.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "tuner/device/device.hpp"
#include "tuner/report/table.hpp"
#include "tuner/run/projected.hpp"
#include "tuner/session/kept_runs.hpp"

namespace fuseline::tuner::mcp {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{50};
constexpr std::size_t kProgressWidth = 160;

}  // namespace

Result<Catalog> Workplace::catalog(const std::vector<std::string>& folders) const {
  std::vector<std::filesystem::path> paths = preset_paths;
  paths.insert(paths.end(), folders.begin(), folders.end());
  return Catalog::load(data, paths);
}

Result<Run> Workplace::run(const std::string& name, const std::string& target) const {
  if (name.empty() && db == ":memory:")
    return argument_error("run", "is needed: nothing is kept here, so that there is no latest run; name a file");
  FUSELINE_TRY(run, load_run(db, name));
  if (target.empty()) return run;
  FUSELINE_TRY(found, find_target(data, target));
  set_target(run.info, std::move(found));
  return run;
}

std::vector<ArgumentSpec> measuring_arguments() {
  using enum ArgumentType;
  return {
      {"problem", string, "Name of the problem, as the tool problems lists them"},
      {"folders", strings, "Folders with problems of your own, beside those that the server was started with"},
      {"shape", string, "Named shape (default: the problem's first)"},
      {"dtype", string, "Element type (default: the problem's first)", false, {"f32", "f16", "bf16"}},
      {"dims", integers_by_name, "Dimensions in place of the shape's, such as {\"N\": 8}"},
      {"scalars", numbers_by_name, "Scalars in place of the problem's, such as {\"eps\": 1e-6}"},
      {"variants", strings, "Only these variants"},
      {"params", values_by_name, "Only these values of parameters, such as {\"block\": [128, 256]}"},
      {"device", string, "auto, cuda:N, all, or a recording: replay:NAME or replay:FILE (default: the server's)"},
      {"worker", string, "Command of a worker on another machine, such as \"ssh gpubox fuseline-worker\""},
      {"target", string, "GPU whose limits are meant and that times are projected on (default: rtx4090)"},
  };
}

SweepRequest request_of(const Arguments& arguments, const Workplace& workplace) {
  SweepRequest request;
  request.problem = arguments.string("problem");
  request.shape = arguments.string("shape");
  request.dtype = arguments.string("dtype");
  request.dims = arguments.dimensions("dims");
  request.scalars = arguments.scalars("scalars");
  request.variants = arguments.strings("variants");
  request.parameters = arguments.values("params");
  request.device = arguments.string("device", workplace.device);
  request.target = arguments.string("target", request.target);
  if (const std::string worker = arguments.string("worker", workplace.worker); !worker.empty())
    request.workers = {worker};
  return request;
}

Result<Run> follow(Session& session, const CallContext& context) {
  const auto cancelled = [&] { return context.cancelled != nullptr && *context.cancelled; };
  bool stopped = false;
  for (auto snapshot = session.snapshot(); !ended(snapshot->state); snapshot = session.snapshot()) {
    if (context.progress) {
      context.progress(static_cast<double>(snapshot->evaluated), static_cast<double>(snapshot->planned),
                       progress_line(*snapshot, kProgressWidth));
    }
    if (cancelled() && !stopped) {
      session.stop();
      stopped = true;
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
  FUSELINE_TRY(run, session.wait());
  if (!cancelled()) return run;
  return tl::unexpected(Error{ErrorKind::interrupted, {}, {}, "the call was cancelled"});
}

}  // namespace fuseline::tuner::mcp
