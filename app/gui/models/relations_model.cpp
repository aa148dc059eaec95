#include "app/gui/models/relations_model.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fuseline::app::gui {
namespace {

/// What a job takes along.
struct RelationsJob {
  RelationKind kind = RelationKind::heatmap;
  tuner::RelationChoice choice;
  tuner::RunInfo info;
  std::vector<Row> rows;
  std::vector<std::uint8_t> passing;
  std::optional<std::uint64_t> best;

  [[nodiscard]] tuner::Relations relations() const {
    tuner::Relations relations{&info, {}, best};
    relations.rows.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      relations.rows.push_back({rows[i].evaluation.get(), &rows[i], i >= passing.size() || passing[i] != 0});
    return relations;
  }
};

template <class Model>
const Model* take(RelationsShown& shown, tuner::Result<Model> made) {
  if (!made) {
    shown.why_not = made.error().reason;
    return nullptr;
  }
  shown.model = std::move(*made);
  return &std::get<Model>(shown.model);
}

/// As the actions name a column.
std::string short_name(const std::string& id) { return std::string(tuner::parameter_of(id).value_or(id)); }

void make_model(RelationsShown& shown, const tuner::Relations& relations, const tuner::RelationChoice& choice) {
  switch (shown.kind) {
    case RelationKind::heatmap:
      if (const auto* model = take(shown, tuner::heatmap_model(relations, choice)))
        shown.x = model->x.name, shown.y = model->y.name, shown.variant = model->variant;
      break;
    case RelationKind::parallel:
      if (const auto* model = take(shown, tuner::parallel_model(relations, choice))) shown.variant = model->variant;
      break;
    case RelationKind::scatter:
      if (const auto* model = take(shown, tuner::scatter_model(relations, choice)))
        shown.x = short_name(model->x.column), shown.y = short_name(model->y.column);
      if (shown.variant.empty()) shown.variant = tuner::kAllVariants;
      break;
    case RelationKind::importance:
      if (const auto* model = take(shown, tuner::importance_model(relations, choice)))
        shown.variant = model->variant, shown.why_not = model->why_not;
      break;
  }
}

RelationsShown shown_of(const RelationsJob& input) {
  const tuner::Relations relations = input.relations();
  RelationsShown shown;
  shown.kind = input.kind;
  shown.x = input.choice.x, shown.y = input.choice.y, shown.variant = input.choice.variant;
  for (const Row& row : input.rows) {
    const std::string& name = row.evaluation->configuration.variant;
    if (std::find(shown.variants.begin(), shown.variants.end(), name) == shown.variants.end())
      shown.variants.push_back(name);
  }
  make_model(shown, relations, input.choice);
  if (shown.kind == RelationKind::scatter) shown.names = tuner::numeric_columns(relations);
  if (shown.kind == RelationKind::heatmap) shown.names = tuner::varied_parameters(relations, shown.variant);
  return shown;
}

}  // namespace

std::string to_string(RelationKind kind) {
  static constexpr std::array names = {"heatmap", "parallel", "scatter", "importance"};
  return names[static_cast<std::size_t>(kind)];
}

std::string title_of(RelationKind kind) {
  static constexpr std::array titles = {"Heat map", "Parallel", "Scatter", "Importance"};
  return titles[static_cast<std::size_t>(kind)];
}

void RelationsModel::set_kind(RelationKind kind) {
  kind_ = kind;
  ++revision_;
}

void RelationsModel::set_x(const std::string& name) {
  Names& chosen = names();
  // The other one stays another: two of a kind change places.
  if (!name.empty() && chosen.y == name && kind_ == RelationKind::heatmap) chosen.y = chosen.x;
  chosen.x = name;
  ++revision_;
}

void RelationsModel::set_y(const std::string& name) {
  Names& chosen = names();
  if (!name.empty() && chosen.x == name && kind_ == RelationKind::heatmap) chosen.x = chosen.y;
  chosen.y = name;
  ++revision_;
}

void RelationsModel::set_variant(const std::string& variant) {
  variant_ = variant;
  pair_ = {};  // Another variant may have other parameters.
  ++revision_;
}

void RelationsModel::forget() {
  pair_ = columns_ = {};
  variant_.clear();
  ++revision_;
}

tuner::RelationChoice RelationsModel::choice(RelationKind kind) const {
  const Names* chosen = kind == RelationKind::heatmap ? &pair_ : kind == RelationKind::scatter ? &columns_ : nullptr;
  return {chosen == nullptr ? "" : chosen->x, chosen == nullptr ? "" : chosen->y, variant_};
}

std::shared_ptr<const RelationsShown> RelationsModel::follow(Background& background, const RunData& data,
                                                             const ResultsModel& results) {
  if (std::exchange(data_, data.revision()) != data.revision()) ++revision_;
  if (std::exchange(filtered_, results.filtered()) != results.filtered()) ++revision_;
  shown_.follow(background, revision_, [&] {
    return [input = RelationsJob{kind_, choice(kind_), data.info(), data.rows(), results.passing(), data.best()}] {
      return shown_of(input);
    };
  });
  return shown_.value();
}

}  // namespace fuseline::app::gui
