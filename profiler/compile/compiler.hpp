// One source of CUDA text to one cubin through NVRTC, with what the assembler says about each kernel. Needs no GPU.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/problem/kernel_source.hpp"

namespace fuseline::profiler {

struct CompileRequest {
  tuner::KernelForm form = tuner::KernelForm::cuda;
  std::string name;                            ///< File name shown in messages.
  std::string source;                          ///< Bytes of the file: text, or a cubin.
  std::map<std::string, std::string> headers;  ///< "common/NAME" to text.
  std::vector<std::string> options;            ///< Defines and the variant's own options; ours are added.
  std::vector<std::string> name_expressions;   ///< Of kernels that have no plain name: "rows<float, 256>".
  std::string architecture;                    ///< "sm_90" for a cubin, "compute_90" for PTX.

  [[nodiscard]] bool makes_ptx() const { return architecture.starts_with("compute_"); }
};

/// Resources of one kernel, read from the assembler's report.
struct KernelResources {
  std::string name;
  int registers = 0;
  std::int64_t stack_bytes = 0;
  std::int64_t spill_store_bytes = 0;
  std::int64_t spill_load_bytes = 0;
  std::int64_t static_shared_bytes = 0;
  friend bool operator==(const KernelResources&, const KernelResources&) = default;
};

struct CompileResult {
  enum class Status { ok, failed, timeout } status = Status::failed;
  std::string reason;  ///< One line; empty for ok.
  tuner::KernelForm form =
      tuner::KernelForm::cubin;  ///< Of `image`: cubin, or ptx that the driver still has to assemble.
  std::string image;
  std::string log;                                   ///< Trimmed to kMaximumLogBytes.
  std::vector<KernelResources> kernels;              ///< Empty where no compiler was asked.
  std::map<std::string, std::string> lowered_names;  ///< Of each name expression: the symbol in the image.
  double compile_ms = 0;                             ///< 0 where it came from the cache.
  bool cached = false;
  /// When it was looked for in the cache or compiled, and by which of the pool's compilers; for a timeline.
  std::chrono::steady_clock::time_point begun, ended;
  int compiler = 0;
  // Of the request; known whatever became of it.
  std::string source_sha256;         ///< source_digest().
  std::vector<std::string> options;  ///< full_options().

  /// The name that the image has for a kernel.
  [[nodiscard]] std::string symbol(const std::string& kernel) const {
    const auto lowered = lowered_names.find(kernel);
    return lowered == lowered_names.end() ? kernel : lowered->second;
  }
};
inline constexpr std::size_t kMaximumLogBytes = std::size_t{16} * 1024;

/// Puts into a result what is known of its request alone: source_sha256 and options.
void describe(CompileResult& result, const CompileRequest& request);

/// Compiles a request of CUDA text in this process. Never throws; what fails is in the result.
[[nodiscard]] CompileResult compile(const CompileRequest& request);

/// The options that compile() passes for `request`, ours first; part of a cubin's identity. Include folders are left
/// out: they differ between machines, and the toolkit's version stands for their content. None for what is not
/// compiled.
[[nodiscard]] std::vector<std::string> full_options(const CompileRequest& request);

/// Digest of a source with its headers, defines and name expressions: the same for the same kernel on every device.
[[nodiscard]] std::string source_digest(const CompileRequest& request);

/// The resources in a log made with --ptxas-options=-v; unknown lines are passed over.
[[nodiscard]] std::vector<KernelResources> parse_assembler_log(const std::string& log);

/// The line of a compiler's or assembler's log that a person needs first: its first error, cut to 500 bytes. Empty
/// where there is none.
[[nodiscard]] std::string first_error(const std::string& log);

/// Shortens a log to `limit` bytes, keeping its beginning and end.
[[nodiscard]] std::string trim_log(std::string log, std::size_t limit = kMaximumLogBytes);

}  // namespace fuseline::profiler
