#include "app/gui/models/app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "tuner/base/files.hpp"
#include "tuner/base/memory.hpp"
#include "tuner/base/text.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::app::gui {

using tuner::Result;

Result<std::unique_ptr<App>> App::create(AppOptions options) {
  Settings settings;
  Layout layout(default_panels());
  std::optional<tuner::Error> broken;
  if (!options.settings.empty()) {
    if (const auto loaded = load_settings(options.settings, settings, layout); !loaded) broken = loaded.error();
  }
  FUSELINE_TRY(problems, load_problems(options.data, all_folders(options.preset_paths, settings)));
  auto store = tuner::Store::open(options.db.empty() ? tuner::Store::default_path().string() : options.db);
  const auto unusable = store ? std::optional<tuner::Error>() : store.error();
  // A store that was asked for must be that one; without the usual one there is still something to see.
  if (unusable && options.db.empty()) store = tuner::Store::open(":memory:");
  if (!store) return tl::unexpected(store.error());
  auto app = std::unique_ptr<App>(new App(std::move(options), problems.catalog, std::move(*store)));
  app->settings = std::move(settings);
  app->layout = std::move(layout);
  app->workers.set_texts(app->settings.worker_places);
  app->results.set_look(app->settings.table);
  app->scene.set_view(view_named(app->settings.roofline_view).value_or(tuner::RooflineView::measured));
  for (const tuner::UnloadedFolder& folder : problems.catalog->unloaded())
    app->messages.add(Severity::warning, "left out: " + folder.error.message());
  for (const std::string& refused : problems.refused) app->messages.add(Severity::warning, "left out: " + refused);
  if (unusable) app->messages.add(Severity::error, unusable->message(), "Nothing is kept: runs go with the window.");
  add_setup_actions(*app);
  add_run_actions(*app);
  add_result_actions(*app);
  add_source_actions(*app);
  add_lines_actions(*app);
  add_again_actions(*app);
  add_session_actions(*app);
  add_pin_actions(*app);
  add_queue_actions(*app);
  add_worker_actions(*app);
  add_view_actions(*app);
  add_relations_actions(*app);
  if (broken) {
    // What is written next takes its place.
    const auto kept = keep_broken_settings(app->options.settings);
    app->messages.add(Severity::error, broken->message(),
                      kept ? "Settings start afresh; the file is kept as " + kept->string() : kept.error().message());
  }
  if (!app->settings.last.problem.empty()) {
    app->setup.apply(app->settings.last);
    if (!app->catalog->find(app->settings.last.problem))
      app->messages.add(Severity::warning,
                        "the problem set up last, " + tuner::printable(app->settings.last.problem) + ", is not found",
                        "Open the folder that it is in.");
  }
  if (!app->options.workers.empty()) app->setup.how.workers = app->options.workers;
  app->choice_at_first_ = app->setup.choice.revision();
  app->devices.refresh(app->background);
  app->history.purge();  // Reads the list too.
  app->open_last_run();
  app->pins.restore(app->settings.pins, app->store, app->store_file(), app->background, app->messages);
  return app;
}

App::App(AppOptions given, std::shared_ptr<const tuner::Catalog> catalog_in, std::shared_ptr<tuner::Store> store_in)
    : options(std::move(given)),
      background(options.wake),
      catalog(std::move(catalog_in)),
      store(std::move(store_in)),
      layout(default_panels()),
      devices(options.data, options.worker_program),
      workers(options.worker_program),
      setup(catalog),
      control({catalog, options.data, store, options.worker_program}, background, messages, options.wake),
      history(store, background, messages) {}

App::~App() = default;

void App::open_last_run() {
  const std::int64_t id = settings.last_run;
  if (id <= 0 || settings.last_store != store_file()) return;
  background.run([this, store = store, id]() -> Background::Then {
    auto run = store->load(id);
    // It may have been deleted since: that is nothing to report.
    if (!run) return [] {};
    return [this, kept = std::make_shared<const tuner::Run>(std::move(*run))] {
      if (data.empty() && !control.active()) show_run(kept);
    };
  });
}

void App::remember_file(const std::string& file) {
  constexpr std::size_t kRemembered = 12;
  auto& recent = settings.recent;
  recent.erase(std::remove(recent.begin(), recent.end(), file), recent.end());
  recent.insert(recent.begin(), file);
  recent.resize(std::min(recent.size(), kRemembered));
}

bool App::update() {
  bool changed = background.pump();
  changed = chooser.poll() || changed;
  if (control.poll()) {
    changed = true;
    if (watching_) data.follow(*control.snapshot());
  }
  if (control.sweeps_ended() != sweeps_seen_) {
    sweeps_seen_ = control.sweeps_ended();
    history.refresh();
    tell_end();
  }
  choose_first();
  setup.follow(background, devices, options.data);
  follow_again();
  follow_profiling();
  follow_queue();
  follow_pins();
  take_run();
  follow_source();
  follow_lines();
  return changed;
}

void App::choose_first() {
  if (first_chosen_ || devices.searching()) return;
  first_chosen_ = true;
  const bool untouched = settings.last.problem.empty() && setup.choice.revision() == choice_at_first_;
  const tuner::RecordingInfo* recording = devices.first_recording();
  if (!untouched || recording == nullptr || !devices.replays(setup.how.device, !setup.how.workers.empty())) return;
  const tuner::RecordingInfo chosen = *recording;
  if (!setup.choose_problem(chosen.problem)) return;
  (void)setup.choice.choose_shape(chosen.shape);
  (void)setup.choice.choose_dtype(std::string(tuner::to_string(chosen.dtype)));
}

void App::take_run() {
  results.update(data);
  std::vector<tuner::Target> also;
  for (const std::string& name : settings.also_targets) {
    if (const tuner::Target* target = devices.target(name)) also.push_back(*target);
  }
  scene.set_also(std::move(also));
  if (scene.only_grows(data, results) && !roofline_pace_.due(background)) return;
  const auto entry = shown_entry();
  if (scene.update(data, entry ? entry->problem.given : std::vector<tuner::GivenReading>(), &results))
    view.follow(whole_roofline ? scene.fitted() : scene.fitted_to_marks());
}

std::string App::store_file() const { return options.db.empty() ? tuner::Store::default_path().string() : options.db; }

void App::watch_store() {
  watch_problems();
  if (editors.poll(messages) && options.wake) options.wake();
  std::string stamp;
  const std::string file = store_file();
  for (const std::string& part : {file, file + "-wal"}) {
    std::error_code error;
    const auto time = std::filesystem::last_write_time(part, error);
    if (!error) stamp += std::to_string(time.time_since_epoch().count()) + " ";
  }
  if (stamp == store_stamp_) return;
  const bool first = store_stamp_.empty();
  store_stamp_ = stamp;
  if (first) return;
  history.refresh();
  // A sweep of another program that is on show goes on here too.
  if (!watching_ && !data.empty() && data.info().state == tuner::RunState::running && data.info().id > 0 &&
      !history.loading()) {
    const std::int64_t id = data.info().id;
    history.open(id, [this, id](const std::shared_ptr<const tuner::Run>& run) {
      if (!watching_ && data.info().id == id) data.show(run);
    });
  }
}

bool App::idle() const { return background.running() == 0 && !control.active(); }

Result<void> App::copy(const std::string& text, const std::string& what) {
  if (text.size() > kClipboardLimit)
    return tuner::bad_input(
        fmt::format("this is more than the clipboard takes, {}: select less, or export a file (Ctrl+E), such as CSV",
                    tuner::format_bytes(static_cast<double>(kClipboardLimit))));
  set_clipboard(text);
  messages.add(Severity::note, "Copied as " + what);
  return {};
}

void App::keep_settings() {
  const auto now = std::chrono::steady_clock::now();
  if (options.settings.empty() || now - settings_looked_ < std::chrono::seconds(1)) return;
  settings_looked_ = now;
  if (const auto saved = save(); !saved)
    messages.add(Severity::warning, "the settings could not be kept: " + saved.error().message());
}

Result<void> App::save() {
  if (options.settings.empty()) return {};
  Settings kept = settings;
  kept.table = results.look();
  kept.roofline_view = view_name(scene.chosen_view());
  kept.last_store = store_file();
  kept.last_run = kept.last_store == ":memory:" || data.empty() ? 0 : data.info().id;
  kept.worker_places = workers.texts();
  kept.pins = pins.references(kept.last_store);
  if (const auto request = setup.request()) kept.last = *request;
  kept.last.workers = options.workers.empty() ? kept.last.workers : std::vector<std::string>();
  std::string text = settings_text(kept, layout);
  if (text == settings_text_) return {};
  settings_text_ = std::move(text);
  return save_settings(options.settings, settings_text_);
}

void App::show_run(const std::shared_ptr<const tuner::Run>& run) {
  watching_ = false;
  selection.clear();
  set_why_variant("");
  relations.forget();
  data.show(run);
  view.fit();
}

void App::watch_sweep() {
  if (!control.snapshot()) return;
  watching_ = true;
  selection.clear();
  data.follow(*control.snapshot());
  view.fit();
}

Result<void> App::start_sweep(bool resume) {
  if (control.active()) return tuner::bad_input("a sweep is running: stop it first, or queue this one");
  FUSELINE_TRY(request, setup.request());
  begin_sweep(request, resume);
  return {};
}

std::shared_ptr<const tuner::CatalogEntry> App::shown_entry() const {
  if (data.empty()) return nullptr;
  for (const auto& entry : catalog->entries()) {
    if (entry->problem.name == data.info().problem) return entry;
  }
  return nullptr;
}

std::vector<const Row*> App::selected_rows() const {
  std::vector<const Row*> rows;
  for (const std::uint64_t sequence : selection.items()) {
    if (const Row* row = data.by_sequence(sequence)) rows.push_back(row);
  }
  return rows;
}

std::vector<std::string> App::variants_on_show() const {
  std::set<std::string> names;
  for (const Row& row : data.rows()) names.insert(row.evaluation->configuration.variant);
  return {names.begin(), names.end()};
}

std::vector<AllowedTime> App::allowed_times(const tuner::ProblemInstance& instance) const {
  std::vector<AllowedTime> times;
  const auto add = [&times](AllowedTime allowed) {
    if (allowed.ms > 0) times.push_back(std::move(allowed));
  };
  const tuner::DeviceInfo* device = device_of(setup, devices);
  const std::string name = device != nullptr ? device->name
                           : devices.replays(setup.how.device, !setup.how.workers.empty())
                               ? devices.recorded_on(setup.how.device, setup.choice.entry()->problem.name)
                               : "";
  if (!data.empty() && data.info().copy_gbps > 0 && (name.empty() || name == data.info().device.name)) {
    add(allowed_time(instance, data.info()));
  } else if (device != nullptr) {
    add(allowed_time(instance, *device));
  } else if (const auto sheet = tuner::data_sheet_of(devices.targets(), name)) {
    add(allowed_time(instance, *sheet));
  }
  if (const tuner::Target* target = devices.target(setup.how.target)) add(allowed_time(instance, *target));
  return times;
}

std::vector<const Row*> App::passing_rows() const {
  std::vector<const Row*> rows;
  for (std::size_t i = 0; i < data.rows().size(); ++i) {
    if (results.passes(i)) rows.push_back(&data.rows()[i]);
  }
  return rows;
}

void App::set_why_variant(const std::string& variant) {
  why_variant_ = variant;
  ++why_revision_;
}

std::shared_ptr<const tuner::EffectsModel> App::effects() {
  if (std::exchange(why_data_, data.revision()) != data.revision()) ++why_revision_;
  if (std::exchange(why_filtered_, results.filtered()) != results.filtered()) ++why_revision_;
  effects_.follow(background, why_revision_, [this] {
    const Row* best_row = data.best_row();
    const std::string of_best = best_row == nullptr ? "" : best_row->evaluation->configuration.variant;
    return [rows = standing_rows(passing_rows()), best = data.best(),
            best_ms = best_row == nullptr ? 0.0 : best_row->time_ms,
            variant = why_variant_ == kEveryVariant ? ""
                      : why_variant_.empty()        ? of_best
                                                    : why_variant_] {
      tuner::EffectsModel model;
      model.variant = variant;
      model.parameters = parameter_effects(rows, best, variant);
      model.best_ms = best_ms;
      return model;
    };
  });
  return effects_.value();
}

const Row* App::counted_row() const {
  const auto primary = selection.primary();
  if (primary) return data.by_sequence(*primary);
  return control.active() && watching() ? data.newest() : data.best_row();
}

namespace {

/// From this many rows a copy of the run is so large that the C library is told to give it back.
constexpr std::size_t kLargeRun = 20'000;

struct GiveBack {
  std::size_t rows;
  explicit GiveBack(std::size_t of) : rows(of) {}
  ~GiveBack() {
    if (rows >= kLargeRun) tuner::release_unused_memory();
  }
  GiveBack(const GiveBack&) = delete;
  GiveBack& operator=(const GiveBack&) = delete;
};

}  // namespace

std::shared_ptr<const CountersView> App::counters() {
  const Row* row = counted_row();
  if (row == nullptr) return nullptr;
  // The baseline's revision is in the data's.
  const std::pair inputs(data.revision(), std::optional(row->evaluation->sequence));
  if (std::exchange(counters_of_, inputs) != inputs) ++counters_revision_;
  counters_.follow(background, counters_revision_, [&] {
    const auto entry = shown_entry();
    const std::vector<tuner::GivenReading>& list = entry ? entry->problem.given : data.info().given;
    const tuner::GivenReading* given = given_reading(list, data.info().dtype);
    const tuner::Target* chip = given == nullptr ? nullptr : devices.target(given->device);
    const auto& base = data.baseline();
    const bool compares = base && !data.is_baseline(*row);
    return [baseline = compares ? base->evaluation : nullptr, base_name = compares ? base->name : std::string(),
            frozen = data.freeze(), sequence = row->evaluation->sequence,
            given = given == nullptr ? std::nullopt : std::optional(*given),
            device = chip != nullptr    ? chip->title
                     : given != nullptr ? given->device
                                        : std::string()] {
      const GiveBack after(frozen.evaluations.size());
      const tuner::Run run = frozen.run();
      const auto shown = std::find_if(run.evaluations.begin(), run.evaluations.end(),
                                      [&](const tuner::Evaluation& each) { return each.sequence == sequence; });
      if (shown == run.evaluations.end()) return CountersView{};
      CountersView shown_view = counters_view(run, *shown, given ? &*given : nullptr, device);
      if (baseline) compare_with(shown->measurement, baseline->measurement, base_name, shown_view);
      return shown_view;
    };
  });
  return counters_.value();
}

std::shared_ptr<const tuner::ConvergenceModel> App::convergence() {
  convergence_.follow(background, data.revision(), [this] {
    return [frozen = data.freeze()] {
      return tuner::convergence_model(
          frozen.info, frozen.evaluations.size(),
          [&frozen](std::size_t i) -> const tuner::Evaluation& { return *frozen.evaluations[i]; });
    };
  });
  return convergence_.value();
}

}  // namespace fuseline::app::gui
