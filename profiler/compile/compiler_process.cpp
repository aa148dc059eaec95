#include "profiler/compile/compiler_process.hpp"

#include <fmt/format.h>

#include <chrono>

#include "profiler/compile/compile_codec.hpp"
#include "tuner/base/text.hpp"
#include "tuner/worker/framing.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::profiler {
namespace {

using Clock = std::chrono::steady_clock;

CompileResult failed(CompileResult::Status status, std::string reason) {
  CompileResult result;
  result.status = status;
  result.reason = std::move(reason);
  return result;
}

}  // namespace

void CompilerProcess::start() {
  if (child_) return;
  auto child = tuner::ChildProcess::start(command_);
  if (child) {
    child_.emplace(std::move(*child));
  } else {
    start_error_ = child.error().message();
  }
}

void CompilerProcess::renew() {
  child_.reset();
  start();
}

CompileResult CompilerProcess::ended(tuner::ChildProcess child) const {
  // Its end may follow the end of its output by a moment.
  const std::string how = child.wait_exit(std::chrono::seconds(1));
  child.read_errors();
  const std::string said = tuner::printable(child.stderr_tail());
  return failed(CompileResult::Status::failed,
                fmt::format("the compiler process {}{}{}", how, said.empty() ? "" : ": ", said));
}

CompileResult CompilerProcess::compile(const CompileRequest& request, double deadline_s, const std::stop_token& stop) {
  const auto deadline =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(deadline_s));
  // A child that died while it was idle is replaced.
  if (child_ && child_->poll_exit()) child_.reset();
  start();
  if (!child_) return failed(CompileResult::Status::failed, start_error_);
  const auto patience = std::chrono::milliseconds(static_cast<std::int64_t>(deadline_s * 1000) + 1);
  if (!child_->write(tuner::frame(encode(request)), patience)) return ended(*std::exchange(child_, std::nullopt));
  tuner::FrameReader reader(tuner::kMaximumFrameBytes);
  while (true) {
    const tuner::ChildProcess::Read read = child_->read_output();
    reader.append(read.bytes);
    child_->read_errors();
    auto payload = reader.next();
    if (payload && *payload) {
      auto result = decode_compile_result(**payload);
      if (result) return std::move(*result);
    }
    if (!payload || *payload) {
      child_.reset();
      return failed(CompileResult::Status::failed, "the compiler process sent garbage");
    }
    if (read.closed) return ended(*std::exchange(child_, std::nullopt));
    if (stop.stop_requested() || Clock::now() >= deadline) {
      child_.reset();
      if (stop.stop_requested()) return failed(CompileResult::Status::failed, "the compiler pool was closed");
      return failed(CompileResult::Status::timeout, fmt::format("compile deadline of {:g} s passed", deadline_s));
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    tuner::wait_for_children({{&*child_, false}}, std::min(left, std::chrono::milliseconds(200)));
  }
}

}  // namespace fuseline::profiler
