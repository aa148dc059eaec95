// A check that measures: one problem, its kernels verified and timed in a small session, and one short answer.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "tuner/base/json.hpp"
#include "tuner/check/check.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::tuner {

/// Evaluations where none are asked for: enough for a kernel with a few parameters.
inline constexpr const char* kCheckBudget = "64";
/// Text of an answer, at most, in bytes.
inline constexpr std::size_t kCheckAnswerBytes = 4096;

struct MeasuredCheckRequest {
  SweepRequest sweep;    ///< Its problem is not looked at, and counters are read of the best in any case.
  std::string baseline;  ///< A variant of the same problem, timed with the others; empty: none.
  double hang_s = 2;     ///< Of a kernel that is verified: what is not done by then counts as hung.
};

struct MeasuredCheck {
  OrderedJson answer;     ///< "fuseline/measured_check/1" (assets/schemas/measured_check.schema.json), not yet bounded.
  std::string recording;  ///< Everything that was measured, as a recording (T4); empty where nothing was.

  [[nodiscard]] std::string status() const { return answer.at("status").get<std::string>(); }
  /// Against the baseline: "faster", "slower", "cannot tell"; empty where there is none.
  [[nodiscard]] std::string verdict() const;
};

/// Checks the one problem of `problems`. Whatever becomes of its kernels, and that its folder cannot be loaded, is in
/// the answer's "status":
/// - ok: some configuration was verified and timed; what others failed of is in "errors".
/// - vacuous: the same, but outputs that no kernel had to work for would pass too (see trivial_answers()).
/// - incorrect, compile_error, crashed (a fault, or a launch that failed), timeout: what most of them came to.
/// - invalid: the folder cannot be loaded, or nothing could be run on this device.
/// `environment` has no catalog and no store; `follow` waits for the session. Errors: not one problem; a choice that it
/// does not allow; a device or worker that is not to be had; what `follow` says.
[[nodiscard]] Result<MeasuredCheck> measured_check(const CheckedProblems& problems, MeasuredCheckRequest request,
                                                   SessionEnvironment environment,
                                                   const std::function<Result<Run>(Session&)>& follow);

/// The answer within `bytes`, with "full" naming `file`, to which the recording is written; null where there is none.
[[nodiscard]] OrderedJson bounded_answer(MeasuredCheck check, const std::filesystem::path& file,
                                         std::size_t bytes = kCheckAnswerBytes);

}  // namespace fuseline::tuner
