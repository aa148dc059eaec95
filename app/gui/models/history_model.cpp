#include "app/gui/models/history_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "app/gui/models/run_data.hpp"
#include "tuner/base/memory.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::app::gui {

using tuner::Result;

namespace {
std::string run_name(std::int64_t id) { return "run " + std::to_string(id); }
}  // namespace

HistoryModel::HistoryModel(std::shared_ptr<tuner::Store> store, Background& background, Messages& messages)
    : store_(std::move(store)), background_(background), messages_(messages) {}

void HistoryModel::refresh() {
  if (listing_) {
    again_ = true;
    return;
  }
  listing_ = true;
  background_.run([this, store = store_]() -> Background::Then {
    auto runs = std::make_shared<Result<std::vector<tuner::RunSummary>>>(store->runs());
    auto removed = std::make_shared<Result<std::vector<tuner::RunSummary>>>(store->removed());
    return [this, runs, removed] {
      listing_ = false;
      ++listed_;
      if (*removed) removed_ = std::move(**removed);
      if (*runs) {
        runs_ = std::move(**runs);
        std::erase_if(marked_, [this](std::int64_t id) {
          return std::none_of(runs_.begin(), runs_.end(), [id](const auto& run) { return run.id == id; });
        });
      } else {
        messages_.add(runs->error());
      }
      if (std::exchange(again_, false)) refresh();
    };
  });
}

std::vector<const tuner::RunSummary*> HistoryModel::found() const {
  std::vector<const tuner::RunSummary*> runs;
  for (const tuner::RunSummary& run : runs_) {
    if (tuner::has_words(run, query)) runs.push_back(&run);
  }
  if (order == Order::newest) return runs;  // As the store has them.
  const double none = std::numeric_limits<double>::infinity();
  std::stable_sort(runs.begin(), runs.end(), [&](const tuner::RunSummary* a, const tuner::RunSummary* b) {
    if (a->problem != b->problem) return a->problem < b->problem;
    return order == Order::best && a->best_ms.value_or(none) < b->best_ms.value_or(none);
  });
  return runs;
}

void HistoryModel::open(std::int64_t id, Opened opened) {
  loading_ = true;
  background_.run([this, store = store_, id, opened = std::move(opened)]() -> Background::Then {
    auto run = store->load(id);
    if (!run) {
      return [this, error = run.error()] {
        loading_ = false;
        messages_.add(error);
      };
    }
    return [this, opened, kept = std::make_shared<const tuner::Run>(std::move(*run))] {
      loading_ = false;
      opened(kept);
    };
  });
}

void HistoryModel::open_file(const std::filesystem::path& file, Opened opened) {
  loading_ = true;
  background_.run([this, file, opened = std::move(opened)]() -> Background::Then {
    auto read = tuner::read_run(file);
    if (!read) {
      return [this, error = read.error()] {
        loading_ = false;
        messages_.add(error);
      };
    }
    auto run = std::make_shared<tuner::Run>(std::move(*read));
    // A file of a hundred megabytes was several times that while it was read.
    tuner::release_unused_memory();
    be_of_file(run->info, file);
    return [this, opened, run] {
      loading_ = false;
      for (const std::string& remark : run->remarks) messages_.add(Severity::warning, remark);
      opened(run);
    };
  });
}

void HistoryModel::change(std::function<Result<void>(tuner::Store&)> job) {
  background_.run([this, store = store_, job = std::move(job)]() -> Background::Then {
    const auto done = job(*store);
    return [this, error = done ? std::optional<tuner::Error>() : done.error()] {
      if (error) messages_.add(*error);
      refresh();
    };
  });
}

void HistoryModel::annotate(std::int64_t id, const std::string& note) {
  change([id, note](tuner::Store& store) { return store.annotate(id, note); });
}

void HistoryModel::rename(std::int64_t id, const std::string& title) {
  change([id, title](tuner::Store& store) { return store.rename(id, title); });
}

void HistoryModel::set_tags(std::int64_t id, const std::vector<std::string>& tags) {
  change([id, tags](tuner::Store& store) { return store.set_tags(id, tags); });
}

void HistoryModel::restore(std::int64_t id) {
  messages_.add(Severity::note, run_name(id) + " is back");
  change([id](tuner::Store& store) { return store.restore(id); });
}

void HistoryModel::purge() {
  change([](tuner::Store& store) { return store.purge(); });
}

std::vector<std::string> HistoryModel::tags() const {
  std::set<std::string> tags;
  for (const tuner::RunSummary& run : runs_) tags.insert(run.tags.begin(), run.tags.end());
  return {tags.begin(), tags.end()};
}

std::shared_ptr<const std::vector<tuner::RunSummary>> HistoryModel::like(std::int64_t id) {
  const std::pair wanted(id, listed_);
  if (like_of_ == wanted) return like_;
  if (like_of_.first != id) like_.reset();
  like_of_ = wanted;
  if (id <= 0) return like_;
  background_.run([this, store = store_, wanted]() -> Background::Then {
    auto runs = store->like(wanted.first);
    auto kept = std::make_shared<const std::vector<tuner::RunSummary>>(runs ? std::move(*runs)
                                                                            : std::vector<tuner::RunSummary>());
    return [this, kept, wanted] {
      if (like_of_ == wanted) like_ = kept;
    };
  });
  return like_;
}

void HistoryModel::remove(std::int64_t id) {
  messages_.add(Severity::note, "Deleted " + run_name(id),
                "Ctrl+Shift+Z brings it back; after 7 days it is gone for good.");
  const std::string name = run_name(id);
  if (compared_.first == name || compared_.second == name) drop_comparison();
  change([id](tuner::Store& store) { return store.remove(id); });
}

namespace {

Result<tuner::Comparison> compare_runs(tuner::Store& store, std::int64_t a, std::int64_t b) {
  FUSELINE_TRY(run_a, store.load(a));
  FUSELINE_TRY(run_b, store.load(b));
  FUSELINE_TRY(json_a, tuner::result_json(run_a));
  FUSELINE_TRY(json_b, tuner::result_json(run_b));
  return tuner::compare(json_a, run_name(a), json_b, run_name(b), 0.03);
}

Result<tuner::Comparison> compare_result(const std::string& file, const tuner::Run& run) {
  FUSELINE_TRY(read, tuner::read_run(file));
  FUSELINE_TRY(before, tuner::result_json(read));
  FUSELINE_TRY(after, tuner::result_json(run));
  return tuner::compare(before, file, after, "the run on show", 0.03);
}

}  // namespace

void HistoryModel::compare(std::int64_t a, std::int64_t b) {
  background_.run([this, store = store_, a, b]() -> Background::Then {
    auto comparison = std::make_shared<Result<tuner::Comparison>>(compare_runs(*store, a, b));
    return [this, comparison, a, b] { show(*comparison, run_name(a), run_name(b)); };
  });
}

std::string started_text(const tuner::RunSummary& run) {
  std::string started = run.started_at.substr(0, 16);
  std::replace(started.begin(), started.end(), 'T', ' ');
  return started;
}

std::pair<std::string, std::string> differences(const std::string& before, const std::string& after) {
  const auto without = [](const std::string& text, const std::string& other) {
    const std::vector<std::string> has = tuner::split(other, ' ');
    std::string left;
    for (const std::string& word : tuner::split(text, ' ')) {
      if (std::find(has.begin(), has.end(), word) == has.end()) left += (left.empty() ? "" : " ") + word;
    }
    return left;
  };
  return {without(before, after), without(after, before)};
}

std::string HistoryModel::line_of(std::int64_t id) const {
  const auto run =
      std::find_if(runs_.begin(), runs_.end(), [id](const tuner::RunSummary& each) { return each.id == id; });
  std::string text = fmt::format("Run {}", id);
  if (run == runs_.end()) return text;
  const std::string what = run->problem.empty() ? "foreign run" : run->problem;
  text += ": " + (run->title.empty() ? what : run->title + ", " + what);
  text += fmt::format(" {} {}, {}, {} evaluated", tuner::to_string(run->dtype), run->shape, started_text(*run),
                      tuner::grouped(static_cast<double>(run->evaluations)));
  return run->best_ms ? text + ", best " + tuner::time_text(*run->best_ms) : text;
}

void HistoryModel::mark(std::int64_t id, bool marked) {
  if (marked) {
    marked_.insert(id);
  } else {
    marked_.erase(id);
  }
}

void HistoryModel::show(const Result<tuner::Comparison>& comparison, const std::string& before,
                        const std::string& after) {
  if (!comparison) return messages_.add(comparison.error());
  compared_ = {before, after};
  comparison_ = *comparison;
}

void HistoryModel::compare_file(const std::string& file, std::function<tuner::Run()> run) {
  background_.run([this, file, run = std::move(run)]() -> Background::Then {
    auto comparison = std::make_shared<Result<tuner::Comparison>>(compare_result(file, run()));
    return [this, comparison, file] { show(*comparison, file, "the run on show"); };
  });
}

}  // namespace fuseline::app::gui
