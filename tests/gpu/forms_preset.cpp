#include "tests/gpu/forms_preset.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <vector>

#include "profiler/compile/compiler.hpp"
#include "profiler/cuda/nvrtc_library.hpp"
#include "tuner/base/files.hpp"

namespace fuseline::gpu {
namespace {

constexpr const char* kProblem = R"({
  "schema": "fuseline/problem/1",
  "name": "doubled",
  "title": "Doubled",
  "formula": "out = 2 * x",
  "description": "One kernel in every form. For tests.",
  "source": "tests",
  "dims": [{"name": "N", "description": "elements", "min": 1024, "max": 268435456}],
  "requires": ["mod(N, 4096) == 0"],
  "shapes": [
    {"name": "small", "description": "one wave of four SMs", "dims": {"N": 4096}},
    {"name": "large", "description": "two GB moved", "dims": {"N": 268435456}}
  ],
  "dtypes": ["f32"],
  "tensors": [
    {"name": "x", "role": "input", "dtype": "T", "shape": "[N]", "elements": "N", "fill": {"kind": "normal", "mean": 0, "stddev": 1}},
    {"name": "out", "role": "output", "dtype": "T", "shape": "[N]", "elements": "N"}
  ],
  "flops": "N",
  "tolerance": {"f32": {"absolute": 1e-5, "relative": 1e-5}},
  "reference": {
    "source": "reference.cu",
    "launches": [{"kernel": "reference", "grid": ["N/256"], "block": [256], "args": ["x", "out"]}]
  }
})";

constexpr const char* kReference = R"(
extern "C" __global__ void reference(const float* x, double* out) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = 2.0 * x[i];
}
)";

constexpr const char* kKernel = R"(
extern "C" __global__ void k(const float* x, float* out) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = 2.0f * x[i];
}
)";

constexpr const char* kInstance = R"(
template <class T, int kBlock> __global__ void __launch_bounds__(kBlock) rows(const T* x, T* out) {
  const long long i = (long long)blockIdx.x * kBlock + threadIdx.x;
  out[i] = T(2) * x[i];
}
)";

constexpr const char* kNumbered = R"(
extern "C" __global__ void numbered(const float* x, float* out, int n, long long wide) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n && wide == n * 1024ll) out[i] = 2.0f * x[i];
}
)";

constexpr const char* kReversed = R"(
#include <cooperative_groups.h>

extern "C" __global__ void reversed(const float* x, float* out, float* scratch) {
  const auto grid = cooperative_groups::this_grid();
  if (!grid.is_valid()) return;
  const long long first = (long long)blockIdx.x * blockDim.x + threadIdx.x, step = (long long)gridDim.x * blockDim.x;
  for (long long i = first; i < DIM_N; i += step) scratch[i] = 2.0f * x[i];
  grid.sync();
  // What another thread, of another block, has written.
  for (long long i = DIM_N - 1 - first; i >= 0; i -= step) out[i] = scratch[i];
}
)";

constexpr const char* kAdds = R"(
extern "C" __global__ void adds(const float* x, float* out, float* scratch) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = 2.0f * x[i] + scratch[i];
  scratch[i] += 1.0f;
}
)";

std::string variant(const std::string& name, const std::string& source, const std::string& launch,
                    const std::string& more = {}, const std::string& blocks = "256, 512") {
  return fmt::format(R"({{
  "schema": "fuseline/variant/1",
  "name": "{}",
  "description": "for tests",
  "source": "{}",
  "parameters": [{{"name": "block", "description": "threads a block", "values": [{}]}}],
  {}"launches": [{{{}}}]
}})",
                     name, source, blocks, more, launch);
}

std::string launch(const std::string& kernel, const std::string& arguments, const std::string& grid = "N/block",
                   const std::string& more = {}) {
  return fmt::format(R"("kernel": "{}", "grid": ["{}"], "block": ["block"], "args": [{}]{})", kernel, grid, arguments,
                     more);
}

std::string scratch(const std::string& zero) {
  return fmt::format(R"("workspace": [{{"name": "scratch", "dtype": "f32", "elements": "N"{}}}],
  )",
                     zero.empty() ? "" : R"(, "zero": ")" + zero + '"');
}

profiler::CompileRequest request_for(const std::string& source, const std::string& architecture) {
  profiler::CompileRequest request;
  request.name = "kernel.cu";
  request.source = source;
  request.architecture = architecture;
  return request;
}

}  // namespace

tuner::Result<std::string> ptx_of(const std::string& source, const std::string& architecture) {
  FUSELINE_TRY(nvrtc, profiler::NvrtcLibrary::load());
  // The worker needs no PTX of NVRTC, so that its library has no such functions.
  void* library = dlopen(nvrtc->file.c_str(), RTLD_NOW | RTLD_LOCAL);
  const auto size_of = reinterpret_cast<decltype(&nvrtcGetPTXSize)>(dlsym(library, "nvrtcGetPTXSize"));
  const auto get = reinterpret_cast<decltype(&nvrtcGetPTX)>(dlsym(library, "nvrtcGetPTX"));
  if (size_of == nullptr || get == nullptr) return tuner::worker_error(nvrtc->file + " makes no PTX");
  nvrtcProgram program = nullptr;
  const std::string option = "--gpu-architecture=compute_" + architecture.substr(3);
  const char* options[] = {option.c_str()};
  std::size_t bytes = 0;
  if (nvrtc->nvrtcCreateProgram(&program, source.c_str(), "kernel.cu", 0, nullptr, nullptr) != NVRTC_SUCCESS ||
      nvrtc->nvrtcCompileProgram(program, 1, options) != NVRTC_SUCCESS || size_of(program, &bytes) != NVRTC_SUCCESS)
    return tuner::worker_error("no PTX could be made for " + architecture);
  std::string text(bytes, '\0');
  const nvrtcResult got = get(program, text.data());
  nvrtc->nvrtcDestroyProgram(&program);
  if (got != NVRTC_SUCCESS) return tuner::worker_error("no PTX could be read");
  text.resize(text.find('\0'));
  return text;
}

tuner::Result<std::string> cubin_of(const std::string& source, const std::string& architecture) {
  profiler::CompileResult compiled = profiler::compile(request_for(source, architecture));
  if (compiled.status != profiler::CompileResult::Status::ok) return tuner::worker_error(compiled.reason);
  return std::move(compiled.image);
}

tuner::Result<void> write_forms_preset(const std::filesystem::path& folder, const std::string& architecture) {
  FUSELINE_TRY(ptx, ptx_of(kKernel, architecture));
  FUSELINE_TRY(cubin, cubin_of(kKernel, architecture));
  const std::string sm = architecture.substr(3);
  const std::vector<std::pair<std::string, std::string>> files = {
      {"problem.json", kProblem},
      {"reference.cu", kReference},
      {"k.cu", kKernel},
      {"k.ptx", ptx},
      {"k_256_sm" + sm + ".cubin", cubin},
      {"k_512_sm" + sm + ".cubin", cubin},
      {"instance.cu", kInstance},
      {"numbered.cu", kNumbered},
      {"reversed.cu", kReversed},
      {"adds.cu", kAdds},
      {"text.json", variant("text", "k.cu", launch("k", R"("x", "out")"))},
      {"ptx.json", variant("ptx", "k.ptx", launch("k", R"("x", "out")"), "\"form\": \"ptx\",\n  ")},
      {"cubin.json",
       variant("cubin", "k_{block}_sm{sm}.cubin", launch("k", R"("x", "out")"), "\"form\": \"cubin\",\n  ")},
      {"instance.json", variant("instance", "instance.cu", launch("rows<{T}, {block}>", R"("x", "out")"))},
      {"numbered.json",
       variant("numbered", "numbered.cu", launch("numbered", R"("x", "out", {"i32": "N"}, {"i64": "N * 1024"})"))},
      {"together.json",
       variant("together", "reversed.cu",
               launch("reversed", R"("x", "out", "scratch")", "device.sm_count", R"(, "cooperative": true)"),
               scratch({}), "1024")},
      {"zeroed.json", variant("zeroed", "adds.cu", launch("adds", R"("x", "out", "scratch")"), scratch("untimed"))},
      {"zeroed_timed.json",
       variant("zeroed_timed", "adds.cu", launch("adds", R"("x", "out", "scratch")"), scratch("timed"))},
  };
  std::error_code ignored;
  std::filesystem::create_directories(folder / "doubled", ignored);
  for (const auto& [name, bytes] : files) FUSELINE_CHECK(tuner::write_file(folder / "doubled" / name, bytes));
  return {};
}

}  // namespace fuseline::gpu
