#include "app/gui/models/exporter.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <unordered_set>
#include <utility>

#include "app/gui/models/paths.hpp"
#include "app/gui/models/session_file.hpp"
#include "app/gui/models/why_model.hpp"
#include "tuner/base/files.hpp"
#include "tuner/formats/formats.hpp"
#include "tuner/package/packages.hpp"
#include "tuner/page/page.hpp"
#include "tuner/report/documents.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

/// A page is no document of tuner/report: it holds plots.
constexpr const char* kReport = "report";
constexpr const char* kTrend = "trend";

bool is_plot(const std::string& format) {
  const auto& kinds = tuner::plot_kinds();
  return format == "comparison" || std::find(kinds.begin(), kinds.end(), format) != kinds.end();
}

/// A plot of one configuration.
bool of_one(const std::string& format) { return format == "memory" || format == "occupancy"; }

/// As the panel shows it: what is pinned and selected, or the best and the one selected.
Result<void> write_comparison(const tuner::Run& run, const ExportRequest& request) {
  RunData data;
  data.show(std::make_shared<const tuner::Run>(run));
  const auto all = compared(data, request.pins, request.selected);
  if (all.size() < 2)
    return tuner::bad_input("no two configurations to compare: select or pin two, or one that is not the best");
  return tuner::comparison_to_file(comparison_of(data, all), request.file, request.theme);
}

Result<void> write_trend(const tuner::Run& run, const ExportRequest& request) {
  std::vector<tuner::RunSummary> runs;
  if (request.store != nullptr && run.info.id > 0) {
    FUSELINE_TRY(like, request.store->like(run.info.id));
    runs = std::move(like);
  }
  return tuner::plot_to_file(run, kTrend, request.file, {.theme = request.theme, .trend = std::move(runs)});
}

Result<void> write_pair(const tuner::Run& run, const ExportRequest& request) {
  const auto files = files_of_export(request.format, request.file);
  ExportRequest each = request;
  each.format = "json";
  FUSELINE_CHECK(write_export(run, each));
  each.format = "roofline";
  each.file = files.back().string();
  return write_export(run, each);
}

}  // namespace

const std::vector<ExportFormat>& export_formats() {
  static const std::vector<ExportFormat> formats = [] {
    std::vector<ExportFormat> list;
    for (const tuner::Format& format : tuner::formats()) list.push_back({format.id, format.title, format.ending});
    for (const tuner::Document& document : tuner::documents())
      list.push_back({document.id, document.title, "." + document.id + document.ending});
    list.push_back({kPairFormat, "Result (JSON) and roofline (SVG)", ".json"});
    list.push_back({kSessionFormat, "Session: the run, its view, the selection and the set-up", ".fuseline"});
    list.push_back({kReport, "Report: one HTML page with plots and sources", ".html"});
    for (const auto& [kind, title] : {std::pair("roofline", "Roofline plot, SVG or PNG"),
                                      std::pair("instructions", "Instruction roofline, SVG or PNG"),
                                      std::pair("convergence", "Convergence plot, SVG or PNG"),
                                      std::pair("effects", "Effects of the parameters, SVG or PNG"),
                                      std::pair("heatmap", "Heat map of two parameters, SVG or PNG"),
                                      std::pair("parallel", "Parallel coordinates, SVG or PNG"),
                                      std::pair("scatter", "A column against another, SVG or PNG"),
                                      std::pair("importance", "Importance of parameters and pairs, SVG or PNG"),
                                      std::pair("samples", "Samples of the selected, SVG or PNG"),
                                      std::pair("rounds", "Finals of the selected by round, with clocks, SVG or PNG"),
                                      std::pair("memory", "Memory chart of the selected, SVG or PNG"),
                                      std::pair("occupancy", "Occupancy what-if of the selected, SVG or PNG"),
                                      std::pair("trend", "Trend of the best of runs like this one, SVG or PNG"),
                                      std::pair("comparison", "The selected and pinned side by side, SVG or PNG")})
      list.push_back({kind, title, std::string(".") + kind + ".svg"});
    for (const tuner::PackageKind& kind : tuner::package_kinds()) list.push_back({kind.id, kind.title, "", true});
    return list;
  }();
  return formats;
}

std::string export_group(const ExportFormat& format) {
  if (format.package) return "PACKAGES";
  if (is_plot(format.id) || format.id == kTrend) return "PLOTS (SVG OR PNG)";
  const auto& data = tuner::formats();
  const bool of_data =
      std::any_of(data.begin(), data.end(), [&](const tuner::Format& each) { return format.id == each.id; });
  return of_data ? "DATA" : "DOCUMENTS";
}

bool is_package(const std::string& format) { return tuner::package_kind(format) != nullptr; }

/// Of some configurations; where none is selected, of those that the run itself puts first.
bool draws_selection(const std::string& format) { return format == "samples" || format == "rounds"; }

bool needs_selection(const std::string& format) {
  return draws_selection(format) || format == "comparison" || of_one(format);
}

std::string what_is_exported(const std::string& format, std::size_t selected) {
  if (draws_selection(format)) {
    return selected == 0 ? "Nothing is selected: the best, and what is tied with it."
                         : fmt::format("Of the {} selected, those selected last.", selected);
  }
  if (of_one(format)) return selected == 0 ? "Nothing is selected: the best." : "Of the one selected last.";
  if (needs_selection(format))
    return selected == 0 ? "Nothing is selected: what is pinned, two configurations at least."
                         : "What is pinned, the baseline first, and the selected; of one alone, it and the best.";
  if (format == kTrend) return "The best of every run that is kept like the one on show.";
  if (format == kReport) return "The whole run.";
  if (format == kSessionFormat) return "The whole run, for another person to open.";
  if (tuner::document_named(format) != nullptr) return "The whole run: its best, and what was tried.";
  return selected == 0 ? "Nothing is selected: every configuration." : "";
}

std::string suggested_file(const tuner::RunInfo& info, const std::string& format, const std::string& folder) {
  std::string ending = ".json";
  for (const ExportFormat& known : export_formats()) {
    if (known.id == format) ending = known.ending;
  }
  if (is_package(format)) return (std::filesystem::path(folder) / "fused_ops").string();
  const std::string problem = info.problem.empty() ? "run" : info.problem;
  return (std::filesystem::path(folder) / (problem + "." + std::string(tuner::to_string(info.dtype)) + ending))
      .string();
}

std::vector<std::filesystem::path> files_of_export(const std::string& format, const std::filesystem::path& file) {
  if (format != kPairFormat) return {file};
  std::filesystem::path plot = file;
  plot.replace_extension(".roofline.svg");
  return {file, plot};
}

tuner::Run only(tuner::Run run, const std::vector<std::uint64_t>& selected) {
  if (selected.empty()) return run;
  const std::unordered_set<std::uint64_t> members(selected.begin(), selected.end());
  const auto has = [&](std::uint64_t sequence) { return members.count(sequence) > 0; };
  auto& all = run.evaluations;
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const tuner::Evaluation& evaluation) { return !has(evaluation.sequence); }),
            all.end());
  auto& finals = run.info.finals;
  finals.erase(std::remove_if(finals.begin(), finals.end(),
                              [&](const tuner::FinalTiming& timing) { return !has(timing.sequence); }),
               finals.end());
  return run;
}

Result<void> write_export(const tuner::Run& run, const ExportRequest& request) {
  if (request.file.empty()) return tuner::bad_input("no file was named to export to");
  if (request.format == kPairFormat) return write_pair(run, request);
  if (request.format == "comparison") return write_comparison(run, request);
  if (draws_selection(request.format) || of_one(request.format))
    return tuner::plot_to_file(run, request.format, request.file,
                               {.theme = request.theme, .selected = request.selected});
  if (request.format == kTrend) return write_trend(run, request);
  const tuner::Run chosen = only(run, request.selected);
  if (tuner::is_relations_kind(request.format))
    return tuner::plot_to_file(chosen, request.format, request.file,
                               {.theme = request.theme,
                                .x = request.relations.x,
                                .y = request.relations.y,
                                .variant = request.relations.variant,
                                .passing = request.passing});
  if (is_plot(request.format))
    return tuner::plot_to_file(
        chosen, request.format, request.file,
        {.theme = request.theme,
         .units = request.format == "roofline" && request.units && request.view == tuner::RooflineView::measured,
         .view = request.format == "roofline" ? request.view : tuner::RooflineView::measured,
         .passing = request.passing,
         .overlaid = request.format == "roofline" && request.view == tuner::RooflineView::measured
                         ? request.overlaid
                         : std::vector<tuner::OverlaidRun>()});
  if (request.format == kSessionFormat) {
    FUSELINE_TRY(session, session_text({run, {}, request.selected, {}}));
    return tuner::write_file(request.file, session);
  }
  if (request.format == kReport) {
    FUSELINE_TRY(page, tuner::html_report({{&run}, request.catalog.get(), {}}));
    return tuner::write_file(request.file, page);
  }
  const bool whole = tuner::document_named(request.format) != nullptr;
  FUSELINE_TRY(text, tuner::file_text(request.format, {whole ? &run : &chosen, request.catalog.get()}));
  return tuner::write_file(request.file, text);
}

void start_export(Background& background, Messages& messages, RunData::Frozen frozen, ExportRequest request,
                  std::function<void(const std::optional<tuner::Error>&)> then) {
  request.file = typed_path(request.file).string();
  background.run([&messages, frozen = std::move(frozen), request = std::move(request),
                  then = std::move(then)]() -> Background::Then {
    const auto written = write_export(frozen.run(), request);
    std::vector<std::string> names;
    for (const auto& each : files_of_export(request.format, request.file)) names.push_back(each.string());
    return [&messages, then, names, error = written ? std::optional<tuner::Error>() : written.error()] {
      if (!error) messages.add(Severity::success, fmt::format("Wrote {}", fmt::join(names, " and ")));
      if (then) return then(error);
      if (error) messages.add(*error);
    };
  });
}

Result<std::vector<std::string>> picture_clipboard_command(const std::string& file) {
  const char* wayland = std::getenv("WAYLAND_DISPLAY");
  if (wayland != nullptr && *wayland != '\0' && !program_in_path("wl-copy").empty())
    return std::vector<std::string>{"sh", "-c", "exec wl-copy --type image/png <\"$1\"", "sh", file};
  if (!program_in_path("xclip").empty())
    return std::vector<std::string>{"xclip", "-selection", "clipboard", "-t", "image/png", "-i", file};
  return tuner::bad_input(
      "a picture needs wl-copy (Wayland) or xclip (X11) to get to the clipboard: install one, or "
      "export the plot as PNG");
}

Result<void> start_plot_copy(Background& background, Messages& messages, RunData::Frozen frozen,
                             ExportRequest request) {
  // The picture is read by the program before it answers, and by it alone.
  std::string folder = (std::filesystem::temp_directory_path() / "fuseline-plot-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return tuner::io_error(folder, "cannot be made");
  request.file = folder + "/plot.png";
  const auto command = picture_clipboard_command(request.file);
  if (!command) {
    std::filesystem::remove_all(folder);
    return tl::unexpected(command.error());
  }
  background.run([&messages, folder, command = *command, frozen = std::move(frozen),
                  request = std::move(request)]() -> Background::Then {
    auto done = write_export(frozen.run(), request);
    if (done) {
      if (const auto ran = run_program(command); !ran)
        done = tuner::bad_input(ran.error().message() + ": the picture is not on the clipboard");
    }
    std::filesystem::remove_all(folder);
    return [&messages, kind = request.format, error = done ? std::optional<tuner::Error>() : done.error()] {
      if (error) return messages.add(*error);
      messages.add(Severity::note, "Copied as a picture: " + kind);
    };
  });
  return {};
}

}  // namespace fuseline::app::gui
