// How parameters go together: which of four plots is on show, of what, and its model, worked out in the background.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "app/gui/models/background.hpp"
#include "app/gui/models/results_model.hpp"
#include "app/gui/models/run_data.hpp"
#include "tuner/plot/relations_plots.hpp"

namespace fuseline::app::gui {

enum class RelationKind { heatmap, parallel, scatter, importance };
inline constexpr std::array kRelationKinds = {RelationKind::heatmap, RelationKind::parallel, RelationKind::scatter,
                                              RelationKind::importance};
[[nodiscard]] std::string to_string(RelationKind kind);  ///< As `fuseline plot --kind` has it.
[[nodiscard]] std::string title_of(RelationKind kind);   ///< "Heat map"

/// What is drawn, and what may be chosen beside it.
struct RelationsShown {
  RelationKind kind = RelationKind::heatmap;
  std::variant<std::monostate, tuner::HeatmapModel, tuner::ParallelModel, tuner::ScatterModel, tuner::ImportanceModel>
      model;
  std::string why_not;             ///< Why nothing is drawn.
  std::string x, y, variant;       ///< As drawn, by the names that the actions take.
  std::vector<std::string> names;  ///< Of parameters, or of columns, that x and y may be.
  std::vector<std::string> variants;
};

class RelationsModel {
 public:
  [[nodiscard]] RelationKind kind() const { return kind_; }
  void set_kind(RelationKind kind);
  /// Of the kind on show, which is a heat map or a scatter plot. Empty: what says most.
  void set_x(const std::string& name);
  void set_y(const std::string& name);
  /// Empty: the best's, of a scatter plot all.
  void set_variant(const std::string& variant);
  /// Names are of a run: another one has others.
  void forget();
  [[nodiscard]] tuner::RelationChoice choice(RelationKind kind) const;

  /// Every frame in which it is in view: works it out anew where anything changed. Null until the first is there.
  std::shared_ptr<const RelationsShown> follow(Background& background, const RunData& data,
                                               const ResultsModel& results);
  /// What was drawn last.
  [[nodiscard]] std::shared_ptr<const RelationsShown> shown() const { return shown_.value(); }

 private:
  struct Names {
    std::string x, y;
  };
  [[nodiscard]] Names& names() { return kind_ == RelationKind::scatter ? columns_ : pair_; }

  RelationKind kind_ = RelationKind::heatmap;
  Names pair_, columns_;
  std::string variant_;
  std::uint64_t revision_ = 0, data_ = ~std::uint64_t{0}, filtered_ = 0;
  Derived<RelationsShown> shown_;
};

}  // namespace fuseline::app::gui
