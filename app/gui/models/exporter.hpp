// Writing what is on show into files: results, tables, plots.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/models/background.hpp"
#include "app/gui/models/messages.hpp"
#include "app/gui/models/pins.hpp"
#include "app/gui/models/run_data.hpp"
#include "tuner/plot/relations_plots.hpp"
#include "tuner/problem/catalog.hpp"

namespace fuseline::app::gui {

struct ExportRequest {
  std::string format;  ///< An id of export_formats().
  std::string file;
  std::vector<std::uint64_t>
      selected;  ///< Only these evaluations; all where empty. What is drawn of samples, and compared.
  tuner::Theme theme = tuner::Theme::light;
  tuner::RooflineView view = tuner::RooflineView::measured;  ///< Of a roofline alone.
  std::shared_ptr<const tuner::Catalog> catalog = nullptr;   ///< Of a document alone, which needs the problem.
  tuner::RelationChoice relations = {};                      ///< Of the plots of relations alone.
  /// What passes the table's filter: of those plots, of a roofline and of effects.
  std::optional<std::vector<std::uint64_t>> passing = {};
  bool units = false;                             ///< The units' roofs, of a roofline alone.
  std::vector<Pin> pins = {};                     ///< Of a comparison alone: the baseline first.
  std::shared_ptr<tuner::Store> store = nullptr;  ///< Of a trend alone, which is of its runs.
  std::vector<tuner::OverlaidRun> overlaid = {};  ///< Of a roofline as measured alone.
};
struct ExportFormat {
  std::string id, title;
  std::string ending;    ///< After the problem and the element type: ".csv", ".roofline.svg".
  bool package = false;  ///< A folder, see package_export.
};
/// Of a session file. How the run is looked at is known to App::save_session() alone.
inline constexpr const char* kSessionFormat = "session";
/// The result as JSON, and the roofline beside it as SVG.
inline constexpr const char* kPairFormat = "pair";
/// tuner::formats(), then tuner::documents(), the pair, session and report, the plots, then tuner::package_kinds().
[[nodiscard]] const std::vector<ExportFormat>& export_formats();
/// Under which heading a menu has it: "DATA", "DOCUMENTS", "PLOTS (SVG OR PNG)", "PACKAGES".
[[nodiscard]] std::string export_group(const ExportFormat& format);
[[nodiscard]] bool is_package(const std::string& format);
/// Whether a format is about the selected by its nature.
[[nodiscard]] bool needs_selection(const std::string& format);
/// What of the run such a file will hold, in a sentence, with `selected` evaluations selected; empty where the user has
/// the choice.
[[nodiscard]] std::string what_is_exported(const std::string& format, std::size_t selected);
/// "layernorm_gelu_scale.f32.best.json" in `folder`; of a package "fused_ops".
[[nodiscard]] std::string suggested_file(const tuner::RunInfo& info, const std::string& format,
                                         const std::string& folder);

/// What is written where `file` is named: of a pair two, of everything else that one.
[[nodiscard]] std::vector<std::filesystem::path> files_of_export(const std::string& format,
                                                                 const std::filesystem::path& file);

/// The program that puts a PNG on the clipboard and keeps it there. Error: neither wl-copy nor xclip is there.
[[nodiscard]] tuner::Result<std::vector<std::string>> picture_clipboard_command(const std::string& file);
/// Draws a plot as PNG and puts it on the clipboard, in the background; a message says what came of it. Errors: no such
/// program.
[[nodiscard]] tuner::Result<void> start_plot_copy(Background& background, Messages& messages, RunData::Frozen frozen,
                                                  ExportRequest request);

/// The run with only the selected evaluations and finals; sequences stay.
[[nodiscard]] tuner::Run only(tuner::Run run, const std::vector<std::uint64_t>& selected);
/// Errors: unknown format, nothing that worked, a file that cannot be written.
[[nodiscard]] tuner::Result<void> write_export(const tuner::Run& run, const ExportRequest& request);
/// The same in the background; a toast says what became of it, with the file's absolute path. `then` gets the error,
/// if there was one, in place of the toast.
void start_export(Background& background, Messages& messages, RunData::Frozen frozen, ExportRequest request,
                  std::function<void(const std::optional<tuner::Error>&)> then = {});

}  // namespace fuseline::app::gui
