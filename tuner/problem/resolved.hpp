// One configuration with everything worked out: what the worker receives to build and launch it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tuner/base/types.hpp"
#include "tuner/problem/kernel_source.hpp"

namespace fuseline::tuner {

struct ResolvedArgument {
  using Kind = ArgumentKind;
  Kind kind = Kind::buffer;
  std::string name;          ///< Of the tensor or workspace; of a number, what the manifest calls it, for messages.
  std::int64_t integer = 0;  ///< i32, u32, i64 and u64, in the range of its kind; u64 to 2^63 - 1.
  double real = 0;           ///< f32 and f64; finite, and for f32 within a float's range.

  [[nodiscard]] std::int64_t bytes() const { return argument_bytes(kind); }
  friend bool operator==(const ResolvedArgument&, const ResolvedArgument&) = default;
};

struct ResolvedLaunch {
  std::string kernel;  ///< A name in the image; for KernelForm::cuda also a name expression such as "rows<float, 256>".
  Launch launch;
  std::vector<ResolvedArgument> args;
  bool cooperative = false;  ///< The whole grid is on the device at once.
};

/// Whether, and how, scratch memory is zeroed before every sequence of launches.
enum class WorkspaceZero {
  never,
  untimed,  ///< Before the timing starts.
  timed,    ///< Inside the timing.
};
[[nodiscard]] std::string_view to_string(WorkspaceZero zero);
[[nodiscard]] std::optional<WorkspaceZero> workspace_zero_from_string(std::string_view text);

struct ResolvedWorkspace {
  std::string name;
  std::int64_t bytes = 0;
  WorkspaceZero zero = WorkspaceZero::never;
};

struct ResolvedConfiguration {
  Configuration configuration;
  KernelForm form = KernelForm::cuda;
  std::string source_name;           ///< Of the source that it is made from: see SourceRequest.
  std::vector<std::string> defines;  ///< "-DPARAM_block=256", "-DDIM_W=64", ...: stable order; cuda only.
  std::vector<std::string> compile_options;
  std::vector<ResolvedLaunch> launches;
  std::vector<ResolvedWorkspace> workspace;
  std::optional<std::size_t> shown_launch;  ///< The launch that results show; nothing: the longest measured.
};

}  // namespace fuseline::tuner
