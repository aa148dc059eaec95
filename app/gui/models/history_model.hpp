// Runs of the store: listed, opened, annotated, deleted, compared.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/models/background.hpp"
#include "app/gui/models/messages.hpp"
#include "tuner/formats/compare.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::app::gui {

/// Of two configurations as text, words with blanks between, those of the first that the second does not have, and the
/// other way round: "lanes=16", "lanes=8". Both are empty where they are the same.
[[nodiscard]] std::pair<std::string, std::string> differences(const std::string& before, const std::string& after);
/// "2025-11-30 19:01"
[[nodiscard]] std::string started_text(const tuner::RunSummary& run);

class HistoryModel {
 public:
  HistoryModel(std::shared_ptr<tuner::Store> store, Background& background, Messages& messages);

  /// Reads the list again; runs of other programs in the same store appear.
  void refresh();
  [[nodiscard]] const std::vector<tuner::RunSummary>& runs() const { return runs_; }
  /// What the list shows: runs that tuner::has_words() finds by `query`.
  [[nodiscard]] std::vector<const tuner::RunSummary*> found() const;
  std::string query;
  /// The newest first, by problem, or by the best time within each problem.
  enum class Order { newest, problem, best };
  Order order = Order::newest;
  /// "Run 3: baseline, layernorm f32 kernelbench, 2025-11-30 19:01, 194 evaluated, best 0.5073 ms": which one it is,
  /// where it is asked about. The number alone where the list has it no more.
  [[nodiscard]] std::string line_of(std::int64_t id) const;
  [[nodiscard]] bool loading() const { return loading_; }

  using Opened = std::function<void(std::shared_ptr<const tuner::Run>)>;
  /// Loads a run and hands it over on the GUI thread.
  void open(std::int64_t id, Opened opened);
  /// Any file that tuner::read_run() reads; what it holds says that it was measured at another time, as a replay does.
  void open_file(const std::filesystem::path& file, Opened opened);
  void annotate(std::int64_t id, const std::string& note);
  void rename(std::int64_t id, const std::string& title);
  void set_tags(std::int64_t id, const std::vector<std::string>& tags);
  /// Deletes it; a message says how it comes back.
  void remove(std::int64_t id);
  /// Deleted and not gone yet, the one deleted last first.
  [[nodiscard]] const std::vector<tuner::RunSummary>& removed() const { return removed_; }
  void restore(std::int64_t id);
  /// In the background: what was deleted long ago is gone for good.
  void purge();
  /// Every tag that a run has, by name.
  [[nodiscard]] std::vector<std::string> tags() const;
  /// The runs like one, for a trend, looked up in the background where the list or the run is another; empty until then
  /// and for a run that is not of the store.
  [[nodiscard]] std::shared_ptr<const std::vector<tuner::RunSummary>> like(std::int64_t id);

  /// The bests of two runs against each other, as `fuseline compare` has them.
  void compare(std::int64_t a, std::int64_t b);
  /// The best of a file that tuner::read_run() reads against the best of a run, which `run` gives on another thread.
  void compare_file(const std::string& file, std::function<tuner::Run()> run);
  [[nodiscard]] const std::optional<tuner::Comparison>& comparison() const { return comparison_; }
  void drop_comparison() { comparison_.reset(); }
  /// What is compared with what: "run 3", "run 7".
  [[nodiscard]] const std::pair<std::string, std::string>& compared() const { return compared_; }
  /// Runs that are to be compared; one that is deleted is no longer among them.
  [[nodiscard]] const std::set<std::int64_t>& marked() const { return marked_; }
  void mark(std::int64_t id, bool marked);

 private:
  /// Takes a comparison's outcome over, on the GUI thread.
  void show(const tuner::Result<tuner::Comparison>& comparison, const std::string& before, const std::string& after);
  /// Runs `job` in the background, reports its error, and refreshes the list.
  void change(std::function<tuner::Result<void>(tuner::Store&)> job);

  std::shared_ptr<tuner::Store> store_;
  Background& background_;
  Messages& messages_;
  std::vector<tuner::RunSummary> runs_, removed_;
  std::uint64_t listed_ = 0;  ///< Changes with the list.
  std::pair<std::int64_t, std::uint64_t> like_of_{0, 0};
  std::shared_ptr<const std::vector<tuner::RunSummary>> like_;
  std::optional<tuner::Comparison> comparison_;
  std::pair<std::string, std::string> compared_;
  std::set<std::int64_t> marked_;
  bool listing_ = false, again_ = false, loading_ = false;
};

}  // namespace fuseline::app::gui
