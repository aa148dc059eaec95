// Recordings: kept runs, found by name or file, matched to what is asked, and narrowed to a space.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tuner/problem/problem.hpp"
#include "tuner/run/run.hpp"
#include "tuner/session/session.hpp"
#include "tuner/space/variant_space.hpp"

namespace fuseline::tuner {

/// A kept run. `name` is the recording's ("h200") or the file's path.
struct Recording {
  std::string name;
  std::filesystem::path file;
  Run run;
  std::string sha256;  ///< Of the file's content.
  std::map<std::string, const Evaluation*>
      by_key;  ///< Into run.evaluations, by Configuration::key(); the first of equals.
};

/// A file of a named recording, known by its name alone: PROBLEM.DTYPE.SHAPE.t4.json[.gz]
struct RecordingFile {
  std::string name;
  std::filesystem::path file;
  std::string problem, shape;
  Dtype dtype = Dtype::f32;
};

/// Files of every recording below <data>/presets/recordings, by name; files named otherwise are passed over.
[[nodiscard]] std::vector<RecordingFile> recording_files(const std::filesystem::path& data);

/// The file of recording `name` of the request's problem, in its dtype and shape where it names them.
[[nodiscard]] std::optional<RecordingFile> recording_of(const std::filesystem::path& data, const std::string& name,
                                                        const SweepRequest& request);

/// Reads any file that holds a run. Errors: missing, of no known kind, malformed, no evaluation.
[[nodiscard]] Result<std::shared_ptr<const Recording>> load_recording(const std::filesystem::path& file,
                                                                      const std::string& name);

/// The file of recording `name` (empty: of any) measured for this instance. Error: none, with what there is.
[[nodiscard]] Result<std::shared_ptr<const Recording>> find_recording(const std::filesystem::path& data,
                                                                      const std::string& name,
                                                                      const ProblemInstance& instance);

/// Fails where `run` was measured for another problem, dtype, dimensions or scalars. A foreign file that does not say
/// is accepted; a file that does not say scalars has the problem's defaults.
[[nodiscard]] Result<void> check_recording(const Recording& recording, const ProblemInstance& instance);

/// The recorded configurations that `selection` leaves. Errors: a variant, parameter or value that the recording does
/// not have, with those it has; nothing left.
[[nodiscard]] Result<std::shared_ptr<const Space>> recorded_space(const Recording& recording,
                                                                  const SpaceSelection& selection);

}  // namespace fuseline::tuner
