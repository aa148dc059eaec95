// One source to one cubin through NVRTC, with what the assembler says about each kernel. Needs no GPU.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::profiler {

struct CompileRequest {
  std::string name;  ///< File name shown in messages.
  std::string source;
  std::map<std::string, std::string> headers;  ///< "common/NAME" to text.
  std::vector<std::string> options;            ///< Defines and the variant's own options; ours are added.
  std::string architecture;                    ///< "sm_90"
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
  std::string cubin;
  std::string log;  ///< Trimmed to kMaximumLogBytes.
  std::vector<KernelResources> kernels;
  double compile_ms = 0;  ///< 0 where it came from the cache.
  bool cached = false;
};
inline constexpr std::size_t kMaximumLogBytes = std::size_t{16} * 1024;

/// Compiles `request` in this process. Never throws; what fails is in the result.
[[nodiscard]] CompileResult compile(const CompileRequest& request);

/// The options that compile() passes for `request`, ours first; part of a cubin's identity. Include folders are left
/// out: they differ between machines, and the toolkit's version stands for their content.
[[nodiscard]] std::vector<std::string> full_options(const CompileRequest& request);

/// The resources in a log made with --ptxas-options=-v; unknown lines are passed over.
[[nodiscard]] std::vector<KernelResources> parse_assembler_log(const std::string& log);

/// Shortens a log to `limit` bytes, keeping its beginning and end.
[[nodiscard]] std::string trim_log(std::string log, std::size_t limit = kMaximumLogBytes);

}  // namespace fuseline::profiler
