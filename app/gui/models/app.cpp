#include "app/gui/models/app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "tuner/base/files.hpp"
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
  const auto& off = app->settings.columns_hidden;
  const auto& on = app->settings.columns_added;
  app->results.set_switched({off.begin(), off.end()}, {on.begin(), on.end()});
  for (const tuner::UnloadedFolder& folder : problems.catalog->unloaded())
    app->messages.add(Severity::warning, "left out: " + folder.error.message());
  for (const std::string& refused : problems.refused) app->messages.add(Severity::warning, "left out: " + refused);
  if (unusable) app->messages.add(Severity::error, unusable->message(), "Nothing is kept: runs go with the window.");
  add_setup_actions(*app);
  add_run_actions(*app);
  add_result_actions(*app);
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
  app->history.refresh();
  return app;
}

App::App(AppOptions given, std::shared_ptr<const tuner::Catalog> catalog_in, std::shared_ptr<tuner::Store> store_in)
    : options(std::move(given)),
      background(options.wake),
      catalog(std::move(catalog_in)),
      store(std::move(store_in)),
      layout(default_panels()),
      devices(options.data, options.worker_program),
      setup(catalog),
      control({catalog, options.data, store, options.worker_program}, background, messages, options.wake),
      history(store, background, messages) {}

App::~App() = default;

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
  }
  choose_first();
  setup.follow(background, devices, options.data);
  take_run();
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
  const auto entry = shown_entry();
  if (scene.update(data, entry ? entry->problem.given : std::vector<tuner::GivenReading>(), &results))
    view.follow(scene.fitted());
}

void App::watch_store() {
  watch_problems();
  std::string stamp;
  const std::string file = options.db.empty() ? tuner::Store::default_path().string() : options.db;
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
    return tuner::bad_input(fmt::format(
        "{:.0f} MiB are too much for the clipboard, which takes {}: select less, or export a file (Ctrl+E)",
        static_cast<double>(text.size()) / (1 << 20), tuner::format_bytes(static_cast<double>(kClipboardLimit))));
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
  kept.columns_hidden.assign(results.hidden().begin(), results.hidden().end());
  kept.columns_added.assign(results.added().begin(), results.added().end());
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
  if (control.active()) return tuner::bad_input("a sweep is running: stop it first");
  FUSELINE_TRY(request, setup.request());
  control.start(request, resume);
  watching_ = true;
  selection.clear();
  set_why_variant("");
  relations.forget();
  data.clear();
  view.fit();
  settings.welcome = false;
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

std::vector<Row> App::passing_rows() const {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < data.rows().size(); ++i) {
    if (results.passes(i)) rows.push_back(data.rows()[i]);
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
    return [rows = passing_rows(), best = data.best(), best_ms = best_row == nullptr ? 0.0 : best_row->time_ms,
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

std::shared_ptr<const tuner::ConvergenceModel> App::convergence() {
  convergence_.follow(background, data.revision(),
                      [this] { return [frozen = data.freeze()] { return tuner::convergence_model(frozen.run()); }; });
  return convergence_.value();
}

}  // namespace fuseline::app::gui
