// One configuration, verified, timed and with its counters read: a sweep over a space of one.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "tuner/session/recordings.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::tuner {

/// `request` with the values of parameters that have only one filled in. Errors: several variants and none chosen,
/// several values of a parameter, parameters without a value (all of them are listed with the values there are).
[[nodiscard]] Result<SweepRequest> single_configuration(SweepRequest request, const Catalog& catalog);

/// Starts it; nothing is kept in the store. `request.metrics` names the counters (empty: the full set); with
/// `request.source_profile` the source profile is taken after them, where it is measured. Errors: as
/// single_configuration() and Session::start(); a recording in which the choice leaves more than one configuration.
[[nodiscard]] Result<std::unique_ptr<Session>> start_profile(const SweepRequest& request,
                                                             SessionEnvironment environment);

/// The evaluation of a finished profile. Error (kind worker): it did not work, and why.
[[nodiscard]] Result<const Evaluation*> profiled(const Run& run);

/// Whether a finished profile has the source profile that was asked for; `messages` are the session's. Error (kind
/// worker): why there is none, or that the recording has none.
[[nodiscard]] Result<void> check_source_profile(const Run& run, const Evaluation& evaluation,
                                                const std::vector<Notice>& messages);

/// The recording that a finished profile was replayed from, with what was recorded beside it. Null where it was
/// measured now, or where the recording is not there any more.
[[nodiscard]] std::shared_ptr<const Recording> recorded_around(const Run& run, const std::filesystem::path& data);

}  // namespace fuseline::tuner
