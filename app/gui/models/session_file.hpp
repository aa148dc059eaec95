// What is on show as one file that another person opens: the run itself, how it is looked at, and the set-up.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/gui/models/pins.hpp"
#include "tuner/plot/roofline_plot.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::app::gui {

/// How a run is looked at. What is empty is as it is at first.
struct SessionView {
  std::string roofline = "measured";             ///< Or "target".
  std::string level = "compulsory", colour;      ///< Of the roofline's points.
  std::optional<tuner::RooflineRanges> in_view;  ///< Empty: all of it.
  std::string filter, sort_column, why_variant;
  bool descending = false;
  std::vector<std::string> second_window;  ///< Panels in it, by id.
};

struct SessionFile {
  tuner::Run run;  ///< With its note.
  SessionView view;
  std::vector<std::uint64_t> selection;
  std::optional<tuner::SweepRequest> setup = {};  ///< Without commands of workers.
  std::vector<Pin> pins = {};                     ///< With all that they need of their runs.
  std::size_t baseline = 0;                       ///< Which of them.
};

/// Schema "session".
[[nodiscard]] tuner::Result<std::string> session_text(const SessionFile& session);
/// `file` is for messages. What was measured elsewhere, at another time, is said to be so, as of a file with a run.
/// Errors (file, JSON path, reason): no JSON, another schema, a run that run_from_text() refuses, numbers that make no
/// sense.
[[nodiscard]] tuner::Result<SessionFile> session_from_text(std::string_view text, const std::string& file);
/// The same of a file. Error: it cannot be read.
[[nodiscard]] tuner::Result<SessionFile> read_session(const std::filesystem::path& file);
/// Whether a file begins as one does.
[[nodiscard]] bool is_session(const std::filesystem::path& file);

}  // namespace fuseline::app::gui
