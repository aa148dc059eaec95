// The whole program but its window: every model, what happens each frame, and the actions.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/models/actions.hpp"
#include "app/gui/models/again_model.hpp"
#include "app/gui/models/background.hpp"
#include "app/gui/models/compile_model.hpp"
#include "app/gui/models/counters_model.hpp"
#include "app/gui/models/devices.hpp"
#include "app/gui/models/editor.hpp"
#include "app/gui/models/exporter.hpp"
#include "app/gui/models/folder_watch.hpp"
#include "app/gui/models/history_model.hpp"
#include "app/gui/models/layout.hpp"
#include "app/gui/models/lines_model.hpp"
#include "app/gui/models/messages.hpp"
#include "app/gui/models/package_export.hpp"
#include "app/gui/models/paths.hpp"
#include "app/gui/models/pins.hpp"
#include "app/gui/models/relations_model.hpp"
#include "app/gui/models/results_model.hpp"
#include "app/gui/models/roofline_scene.hpp"
#include "app/gui/models/run_control.hpp"
#include "app/gui/models/run_data.hpp"
#include "app/gui/models/selection.hpp"
#include "app/gui/models/settings.hpp"
#include "app/gui/models/setup.hpp"
#include "app/gui/models/setup_words.hpp"
#include "app/gui/models/source_diff.hpp"
#include "app/gui/models/source_model.hpp"
#include "app/gui/models/sweep_queue.hpp"
#include "app/gui/models/why_model.hpp"
#include "app/gui/models/workers_model.hpp"

namespace fuseline::app::gui {

struct AppOptions {
  std::filesystem::path data;  ///< data_folder()
  std::string version;         ///< Of the program.
  std::vector<std::filesystem::path> preset_paths;
  std::string db;                    ///< Empty: the default store.
  std::string worker_program;        ///< Empty: beside the executable.
  std::vector<std::string> workers;  ///< Commands of --worker.
  std::filesystem::path settings;    ///< Empty: nothing is remembered.
  std::function<void()> wake;        ///< From any thread: there is something to draw.
};

/// Windows within the window.
struct Dialogs {
  bool palette = false, shortcuts = false, about = false, export_ = false, open = false;
  std::string export_format = "json", export_file;
  bool export_selected = false, export_busy = false;
  std::string export_error, export_asks;  ///< Why nothing was written; the file that would be overwritten.
  std::string open_file, open_error;
  bool queueing = false;  ///< A sweep runs: whether the one set up is to wait for it.
  bool queue = false, workers = false;
  std::string worker_kind = "host", worker_text;  ///< Of a place for workers that is being written.
  bool find = false;                              ///< The filter is to have the keyboard.
  PackageChoice package;
  std::int64_t removing = 0, annotating = 0;  ///< The run that is asked about; 0: none.
  std::string note, title, tags;              ///< As they are being written.
  bool naming = false;                        ///< The title is written first, not the note.
  std::string menu;   ///< To be opened with the next frame: "file", "sweep", "selection", "view", "help".
  std::string panel;  ///< To be given the keyboard with the next frame.

  /// One that takes every key until it is closed.
  [[nodiscard]] bool modal() const {
    return shortcuts || about || export_ || open || queueing || queue || workers || removing != 0 || annotating != 0;
  }
};

/// Half of what X11 lets a selection be.
inline constexpr std::size_t kClipboardLimit = std::size_t{8} << 20;

/// Problems that loaded, and what is said of folders that did not.
struct LoadedProblems {
  std::shared_ptr<const tuner::Catalog> catalog;
  std::vector<std::string> refused;
};
/// The given ones, then those that were opened in the window.
[[nodiscard]] std::vector<std::filesystem::path> all_folders(const std::vector<std::filesystem::path>& given,
                                                             const Settings& settings);
/// Errors: the data folder's own.
[[nodiscard]] tuner::Result<LoadedProblems> load_problems(const std::filesystem::path& data,
                                                          const std::vector<std::filesystem::path>& folders);

/// No name of a variant: all of them together.
inline constexpr const char* kEveryVariant = "*";

class App {
 public:
  /// A folder of problems that does not load is a message; so is the usual store where it cannot be opened, and nothing
  /// is kept then. Errors: the data folder's own, a store that was asked for and cannot be opened.
  [[nodiscard]] static tuner::Result<std::unique_ptr<App>> create(AppOptions options);
  ~App();

  /// Before each frame: takes in what happened elsewhere. True where something did.
  bool update();
  /// Whenever the loop wakes, drawn or not: sees whether another program wrote to the store.
  void watch_store();
  /// Nothing runs in the background, and no sweep.
  [[nodiscard]] bool idle() const;
  /// Writes the settings. Error: the file cannot be written.
  [[nodiscard]] tuner::Result<void> save();
  /// The store's file; ":memory:" where nothing is kept.
  [[nodiscard]] std::string store_file() const;
  /// Often: writes the settings where they changed, once a second at most. A failure is told once.
  void keep_settings();

  /// Folders with problems of the user's own: those of the command line, then those opened here.
  [[nodiscard]] std::vector<std::filesystem::path> problem_folders() const;
  /// Reads a folder's problems, in the background, and remembers it; what is wrong in it is a message.
  [[nodiscard]] tuner::Result<void> open_folder(const std::string& folder);
  /// Error: it is none that was opened here.
  [[nodiscard]] tuner::Result<void> forget_folder(const std::string& folder);
  /// Often: reads the folders again where a file in one changed, which is looked for elsewhere once a second.
  void watch_problems();
  /// Of a file that was opened: the newest first.
  void remember_file(const std::string& file);

  // The run on show.
  void show_run(const std::shared_ptr<const tuner::Run>& run);
  void watch_sweep();  ///< Shows the sweep of this program, running or the last.
  [[nodiscard]] bool watching() const { return watching_; }
  [[nodiscard]] tuner::Result<void> start_sweep(bool resume);
  /// Puts what is set up into the queue; it starts with the next update where nothing runs. Error: nothing that can be
  /// swept is set up.
  [[nodiscard]] tuner::Result<void> queue_sweep();
  [[nodiscard]] std::shared_ptr<const tuner::CatalogEntry> shown_entry()
      const;  ///< Of the run on show; null where it is unknown here.
  [[nodiscard]] std::vector<const Row*> selected_rows() const;
  /// Pins a configuration of the run on show, or no more.
  void toggle_pin(const Row& row);
  /// Pins the run on show, or no more. Error: nothing in it worked.
  [[nodiscard]] tuner::Result<void> toggle_run_pin();
  /// Pinned runs that are drawn over the roofline: of this GPU, or of all where that is asked for; not the run on show.
  [[nodiscard]] std::vector<tuner::OverlaidRun> overlaid_runs() const;
  /// Pinned runs of other GPUs that are left out.
  [[nodiscard]] std::size_t runs_not_overlaid() const;
  /// Effects, convergence: worked out in the background, asked for by panels in view.
  [[nodiscard]] std::shared_ptr<const tuner::EffectsModel> effects();
  /// Whose configurations the parameters' effects are of: a variant, kEveryVariant, or empty for the best's.
  void set_why_variant(const std::string& variant);
  [[nodiscard]] const std::string& why_variant() const { return why_variant_; }
  [[nodiscard]] std::vector<std::string> variants_on_show() const;
  /// What the table's filter leaves.
  [[nodiscard]] std::vector<const Row*> passing_rows() const;
  /// What the panel of relations shows: worked out in the background; null until the first is there.
  [[nodiscard]] std::shared_ptr<const RelationsShown> relations_shown() {
    return relations.follow(background, data, results);
  }
  [[nodiscard]] std::shared_ptr<const tuner::ConvergenceModel> convergence();
  /// Of what is set up, a line a GPU: by the copy of the run on show where that is on the same GPU, which is what its
  /// plots show; and by the target's data sheet.
  [[nodiscard]] std::vector<AllowedTime> allowed_times(const tuner::ProblemInstance& instance) const;
  /// Of the configuration selected last, or of the newest of a sweep that runs, or of the best. Null where there is
  /// none, and until it is worked out.
  [[nodiscard]] std::shared_ptr<const CountersView> counters();
  [[nodiscard]] const Row* counted_row() const;
  /// The configuration that Details and the source are of: the one selected, or the best; null where there is none.
  [[nodiscard]] const Row* row_on_show() const;
  // The source on show.
  /// Every frame: lays the source out afresh where another is to be shown.
  void follow_source();
  /// Of the configuration whose source is shown, against the baseline, or without one against the best; null where
  /// there are no two, or it is not asked for (`source_against`).
  [[nodiscard]] const SourceDiff* source_differences() const { return source_diff_.get(); }
  /// Whether there are two.
  [[nodiscard]] bool can_compare_sources() const;
  /// Variants that the set-up leaves.
  [[nodiscard]] std::vector<std::string> source_variants() const;
  /// What kernels are compiled for, and its name; all zero where that is not known.
  [[nodiscard]] std::pair<tuner::DeviceLimits, std::string> compile_chip(SourceOf of) const;
  /// In the background; what comes of it is in `compile`, and a message. Errors: nothing to compile, no chip.
  [[nodiscard]] tuner::Result<void> compile_source();
  /// Opens the file on show in an editor, at the line marked.
  [[nodiscard]] tuner::Result<void> edit_source();
  /// Every frame, after follow_source(): the lines of what is on show.
  void follow_lines();
  /// Has the configuration whose source is shown profiled by line; what comes of it is in its evaluation, here and in
  /// the store, and a message. Errors: a sweep is running, the device is a recording, nothing that worked.
  [[nodiscard]] tuner::Result<void> profile_lines();
  [[nodiscard]] bool profiling_lines() const { return profiling_.active; }
  /// Those selected that worked, or without a selection the best.
  [[nodiscard]] std::vector<const Row*> rows_for_again() const;
  /// Has rows_for_again() measured again, one after the other; what comes of it is in `again`. Errors: a sweep is
  /// running, the device is a recording, nothing to measure, an unknown problem.
  [[nodiscard]] tuner::Result<void> run_again();
  /// In the background; what came of it is a message. Errors: no file is named.
  [[nodiscard]] tuner::Result<void> save_session(const std::string& file);
  /// Shows the run of a session file as it was looked at.
  [[nodiscard]] tuner::Result<void> open_session(const std::string& file);
  [[nodiscard]] float& scale() { return settings.scale; }
  /// Puts text on the clipboard and says so; `what` it is, "text" or "JSON". Error: more than kClipboardLimit bytes,
  /// which a display server may answer by ending the program.
  [[nodiscard]] tuner::Result<void> copy(const std::string& text, const std::string& what);

  AppOptions options;
  FolderWatch folder_watch{options.wake};  ///< Of problem_folders(). Jobs in the background use it, and so it is older.
  Background background;
  Messages messages;
  std::shared_ptr<const tuner::Catalog> catalog;
  std::shared_ptr<tuner::Store> store;
  Settings settings;
  Layout layout;
  DevicesModel devices;
  WorkersModel workers;
  Setup setup;
  WordSpaces word_spaces;  ///< Of what is typed into the palette.
  RunControl control;
  SweepQueue queue;
  HistoryModel history;
  RunData data;
  PinsModel pins;
  Selection selection;
  ResultsModel results;
  RooflineScene scene;
  PlotView view;
  void fit_view() { view.fit(), view.follow(whole_roofline ? scene.fitted() : scene.fitted_to_marks()); }
  RelationsModel relations;
  BoundModel bound;            ///< Of a row in a line, as Details shows it.
  std::string source_variant;  ///< Of the set-up; empty, or none that is set up: the first.
  SourceModel source;
  LinesModel lines;
  CompileModel compile;
  AgainModel again;
  Editors editors;
  Dialogs dialogs;
  NativeChooser chooser;
  ActionRegistry actions;
  std::function<void(const std::string&)> set_clipboard;
  // Small ones together, which takes least room.
  SourceOf source_of = SourceOf::setup;
  LinesView lines_view = LinesView::source;
  bool source_against = false;      ///< The differences in place of the source.
  bool samples_by_round = false;    ///< Samples by round of the finals, with clocks, in place of their distribution.
  bool other_gpus = false;          ///< Pinned runs of other GPUs are drawn over the roofline too.
  bool whole_roofline = false;      ///< The view follows everything, and not the points alone.
  bool strip = true;                ///< The share-of-copy strip beside the roofline.
  bool compile_for_target = false;  ///< Else for the device.
  bool again_on_save = false;       ///< With every edit of the problem on show.
  bool window_focused = true;       ///< Else the end of a sweep is told by the desktop too.
  bool quit = false;

 private:
  App(AppOptions options, std::shared_ptr<const tuner::Catalog> catalog, std::shared_ptr<tuner::Store> store);
  void take_run();
  /// The one that was on show when the window was closed, where it is still there.
  void open_last_run();
  void take_problems(const LoadedProblems& loaded);
  /// `opened`: a folder was just opened, whose first problem is chosen.
  void read_problems(bool opened);
  /// Where nothing is remembered and there is no GPU: a problem that can be replayed.
  void choose_first();
  void choose_source_of();
  [[nodiscard]] SourceSubject run_subject(const tuner::RunInfo& info, const tuner::Evaluation& evaluation) const;
  void follow_source_diff(const Row* row);
  [[nodiscard]] SourceSubject setup_subject() const;
  [[nodiscard]] const Row* compared_row(const Row& shown) const;
  void follow_profiling();
  void take_lines(const tuner::Snapshot& snapshot);
  void keep_lines(std::shared_ptr<const tuner::Evaluation> profiled);
  void begin_sweep(const tuner::SweepRequest& request, bool resume);
  /// Starts the next of the queue where nothing runs.
  void follow_queue();
  /// A sweep has ended: by the desktop, where nobody looks at the window.
  void tell_end();
  void follow_again();
  /// Every frame: the baseline of all figures, and the runs over the roofline.
  void follow_pins();
  void tell_again();
  void start_again_on_save();
  /// Problems were read again: whether kernels of the run on show are others than `before`.
  void look_for_edits(const tuner::Catalog& before);
  void tell_compiled(const tuner::Result<Compiled>& compiled);

  /// What the baseline and the overlaid runs were made by.
  struct PinsSeen {
    std::uint64_t pins = 0, run = ~std::uint64_t{0};
    bool other_gpus = false;
    friend bool operator==(const PinsSeen&, const PinsSeen&) = default;
  };
  PinsSeen pins_seen_;
  /// What source_of and the source were chosen by.
  struct SourceSeen {
    std::string problem, run, key;
    std::uint64_t selection = 0;
  };
  /// What the lines on show were made from.
  struct LinesSeen {
    std::shared_ptr<const tuner::SourceProfile> profile, other;
    std::shared_ptr<const tuner::Catalog> catalog;
    friend bool operator==(const LinesSeen&, const LinesSeen&) = default;
  };
  /// Whose lines are being profiled.
  struct Profiling {
    std::int64_t run = 0;
    std::string started_at;
    std::uint64_t sequence = 0;
    bool active = false;
  };
  LinesSeen lines_seen_;
  Profiling profiling_;
  std::uint64_t profiling_sweeps_ = 0;
  bool again_asked_ = false;  ///< A file was saved while it was measured.
  bool watching_ = false, first_chosen_ = false;
  SourceSeen source_seen_;
  std::string source_diff_key_;
  std::unique_ptr<const SourceDiff> source_diff_;
  std::uint64_t again_sweeps_ = 0, again_seen_ = 0;
  std::uint64_t choice_at_first_ = 0;
  std::uint64_t sweeps_seen_ = 0;
  std::string store_stamp_;
  std::string settings_text_;  ///< As they were written last.
  std::chrono::steady_clock::time_point settings_looked_{};
  std::string why_variant_;
  std::uint64_t why_revision_ = 0, why_data_ = 0,
                why_filtered_ = 0;  ///< Of the effects' inputs; of the data and the filter among them.
  Derived<tuner::EffectsModel> effects_;
  Derived<tuner::ConvergenceModel> convergence_{kPlotPace};
  Pace roofline_pace_{kPlotPace};
  std::uint64_t counters_revision_ = 0;
  /// Of the counters' inputs: the data's revision and the configuration.
  std::pair<std::uint64_t, std::optional<std::uint64_t>> counters_of_;
  Derived<CountersView> counters_;
};

/// The Export dialog is answered: writes the file, or asks first where it would overwrite one (`replace`: it was
/// asked). The dialog stays, with the reason, where it cannot be written.
void answer_export(App& app, bool replace);

/// Fills the registry; a file a group.
void add_setup_actions(App& app);
void add_run_actions(App& app);
void add_result_actions(App& app);
void add_source_actions(App& app);
void add_lines_actions(App& app);
void add_again_actions(App& app);
void add_session_actions(App& app);
void add_pin_actions(App& app);
void add_queue_actions(App& app);
void add_worker_actions(App& app);
void add_view_actions(App& app);
void add_relations_actions(App& app);

}  // namespace fuseline::app::gui
