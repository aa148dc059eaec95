#include "tests/gpu/conversation.hpp"

#include <cstdlib>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::gpu {
namespace {

/// Beside the installed tests (<prefix>/libexec/fuseline), or of the build.
std::string worker_program() {
  if (const char* chosen = std::getenv("FUSELINE_WORKER"); chosen != nullptr && *chosen != '\0') return chosen;
  const std::filesystem::path installed = tuner::executable_folder() / "../../bin/fuseline-worker";
  return std::filesystem::exists(installed) ? installed.string() : std::string(FUSELINE_BIN_DIR) + "/fuseline-worker";
}

constexpr const char* kPrelude = R"(
#include <cuda_fp16.h>
#include <cuda_bf16.h>
#if FUSELINE_DTYPE_F16
typedef __half T;
#elif FUSELINE_DTYPE_BF16
typedef __nv_bfloat16 T;
#else
typedef float T;
#endif
)";

}  // namespace

Conversation::Conversation() {
  auto link = tuner::WorkerLink::start("'" + worker_program() + "'");
  if (link) {
    link_.emplace(std::move(*link));
  } else {
    lost_ = link.error().message();
  }
}

void Conversation::send(const tuner::Request& request) {
  if (std::holds_alternative<tuner::PrepareRequest>(request)) sent_.clear();
  if (const auto* evaluate = std::get_if<tuner::EvaluateRequest>(&request)) send_source(*evaluate);
  if (const auto* finals = std::get_if<tuner::FinalsRequest>(&request)) {
    for (const auto& each : finals->finalists) send_source(each);
  }
  if (const auto* counters = std::get_if<tuner::CountersRequest>(&request)) {
    for (const auto& each : counters->configurations) send_source(each);
  }
  if (const auto* profile = std::get_if<tuner::SourceProfileRequest>(&request)) send_source(profile->configuration);
  link_->send(request);
}

void Conversation::send_source(const tuner::EvaluateRequest& request) {
  if (request.source == nullptr || sent_[request.resolved.source_name] == *request.source) return;
  sent_[request.resolved.source_name] = *request.source;
  link_->send(tuner::SourceRequest{request.resolved.source_name, *request.source});
}

std::optional<tuner::Reply> Conversation::next(std::chrono::seconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    while (!replies_.empty()) {
      tuner::Reply reply = std::move(replies_.front());
      replies_.pop_front();
      const auto* log = std::get_if<tuner::LogReply>(&reply);
      if (log == nullptr) return reply;
      logs.push_back(log->text);
    }
    if (!lost_.empty() || std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    tuner::wait_for_children({link_->interest()}, std::chrono::milliseconds(50));
    auto exchange = link_->exchange();
    for (auto& reply : exchange.replies) replies_.push_back(std::move(reply));
    if (exchange.lost) lost_ = *exchange.lost;
  }
}

bool Conversation::ends_within(std::chrono::seconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (lost_.empty() && std::chrono::steady_clock::now() < deadline) {
    tuner::wait_for_children({link_->interest()}, std::chrono::milliseconds(50));
    auto exchange = link_->exchange();
    if (exchange.lost) lost_ = *exchange.lost;
  }
  return !lost_.empty();
}

tuner::Job twice_job(std::int64_t elements, tuner::Dtype dtype) {
  tuner::Job job;
  job.problem = "twice";
  job.dtype = dtype;
  tuner::Tensor x;
  x.name = "x";
  x.role = tuner::TensorRole::input;
  x.dtype = dtype;
  x.elements = elements;
  tuner::Tensor out = x;
  out.name = "out";
  out.role = tuner::TensorRole::output;
  job.tensors = {x, out};
  job.defines = {"-DDIM_N=" + std::to_string(elements)};
  if (dtype == tuner::Dtype::f32) job.defines.push_back("-DFUSELINE_DTYPE_F32=1");
  if (dtype == tuner::Dtype::f16) job.defines.push_back("-DFUSELINE_DTYPE_F16=1");
  if (dtype == tuner::Dtype::bf16) job.defines.push_back("-DFUSELINE_DTYPE_BF16=1");
  job.reference_source = std::string(kPrelude) + R"(
extern "C" __global__ void reference(const T* x, double* out) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < DIM_N) out[i] = 2.0 * (double)(float)x[i];
}
)";
  tuner::ResolvedLaunch launch;
  launch.kernel = "reference";
  launch.launch.grid[0] = (elements + 255) / 256;
  launch.launch.block[0] = 256;
  launch.args = buffers({"x", "out"});
  job.reference_launches = {launch};
  job.tolerance = dtype == tuner::Dtype::f32 ? tuner::Tolerance{1e-5, 1e-5} : tuner::Tolerance{8e-3, 8e-3};
  job.cache_folder = "none";
  return job;
}

tuner::ResolvedArgument buffer(const std::string& name) { return {tuner::ArgumentKind::buffer, name}; }

std::vector<tuner::ResolvedArgument> buffers(const std::vector<std::string>& names) {
  std::vector<tuner::ResolvedArgument> made;
  made.reserve(names.size());
  for (const std::string& name : names) made.push_back(buffer(name));
  return made;
}

tuner::ResolvedArgument whole(tuner::ArgumentKind kind, std::int64_t value) { return {kind, "whole", value}; }
tuner::ResolvedArgument real(tuner::ArgumentKind kind, double value) { return {kind, "real", 0, value}; }

void give_source(tuner::EvaluateRequest& request, const std::string& bytes, tuner::KernelForm form) {
  const char* ending = form == tuner::KernelForm::cuda ? "cu" : form == tuner::KernelForm::ptx ? "ptx" : "cubin";
  request.resolved.form = form;
  request.resolved.source_name = tuner::sha256_hex(bytes).substr(0, 12) + ".kernel." + ending;
  request.source = std::make_shared<const std::string>(bytes);
}

tuner::EvaluateRequest configuration(std::uint64_t id, const tuner::Job& job, const std::string& source) {
  tuner::EvaluateRequest request;
  request.id = id;
  give_source(request, source);
  request.resolved.configuration.variant = "test";
  request.resolved.defines = job.defines;
  tuner::ResolvedLaunch launch = job.reference_launches[0];
  launch.kernel = "k";
  request.resolved.launches = {launch};
  return request;
}

std::string kernel(const std::string& body) {
  return std::string(kPrelude) + "extern \"C\" __global__ void k(T* x, T* out) {\n" +
         "  const long long n = DIM_N;\n  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;\n  if "
         "(i >= n) return;\n  " +
         body + "\n}\n";
}

}  // namespace fuseline::gpu
