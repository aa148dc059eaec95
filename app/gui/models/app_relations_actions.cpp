// What chooses the plot of relations, and what plots do to the table's filter.
#include <algorithm>
#include <iterator>

#include "app/gui/models/app.hpp"
#include "app/gui/models/brush.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  names.reserve(std::size(kRelationKinds));
  for (const RelationKind kind : kRelationKinds) names.push_back(to_string(kind));
  return names;
}

Result<void> choose_kind(App& app, const std::string& name) {
  for (const RelationKind kind : kRelationKinds) {
    if (to_string(kind) != name) continue;
    app.relations.set_kind(kind);
    return {};
  }
  return tuner::bad_input("relations are shown as heatmap, parallel, scatter or importance, not '" + name + "'");
}

/// Of the kind on show.
std::vector<std::string> names_of(const App& app) {
  const auto shown = app.relations.shown();
  return shown ? shown->names : std::vector<std::string>();
}

using SetName = void (RelationsModel::*)(const std::string&);

void add_name_action(App& app, const std::string& id, const std::string& title, SetName set) {
  app.actions.add({id,
                   title,
                   "",
                   [&app, set](const std::string& name) -> Result<void> {
                     if (app.relations.kind() != RelationKind::heatmap && app.relations.kind() != RelationKind::scatter)
                       return tuner::bad_input("a heat map and a scatter plot have axes to choose, not this plot");
                     (app.relations.*set)(name);
                     return {};
                   },
                   {},
                   "NAME",
                   [&app] { return names_of(app); }});
}

void add_choice_actions(App& app) {
  app.actions.add({"relations.kind",
                   "Relations as",
                   "",
                   [&app](const std::string& name) { return choose_kind(app, name); },
                   {},
                   "heatmap|parallel|scatter|importance",
                   kind_names});
  add_name_action(app, "relations.x", "Relations from left to right", &RelationsModel::set_x);
  add_name_action(app, "relations.y", "Relations from bottom to top", &RelationsModel::set_y);
  app.actions.add({"relations.variant",
                   "Relations within",
                   "",
                   [&app](const std::string& name) -> Result<void> {
                     const auto known = app.variants_on_show();
                     if (name != kEveryVariant && std::find(known.begin(), known.end(), name) == known.end())
                       return tuner::bad_input("the run on show has no variant '" + name + "'; * is all of them");
                     app.relations.set_variant(name);
                     return {};
                   },
                   {},
                   "VARIANT|*",
                   [&app] {
                     auto names = app.variants_on_show();
                     names.insert(names.begin(), kEveryVariant);
                     return names;
                   }});
}

void add_filter_actions(App& app) {
  app.actions.add({"results.narrow",
                   "Narrow the table: conditions in place of those on the same columns",
                   "",
                   [&app](const std::string& terms) -> Result<void> {
                     if (terms.empty()) return tuner::bad_input("there is nothing there that a filter can say");
                     app.results.set_filter(narrowed_filter(app.results.filter(), terms, app.results.columns()));
                     return {};
                   },
                   {},
                   "TERMS"});
  app.actions.add({"results.widen",
                   "Widen the table: no condition on these columns",
                   "",
                   [&app](const std::string& names) {
                     app.results.set_filter(widened_filter(app.results.filter(), names, app.results.columns()));
                     return done();
                   },
                   {},
                   "COLUMN"});
}

}  // namespace

void add_relations_actions(App& app) {
  add_choice_actions(app);
  add_filter_actions(app);
}

}  // namespace fuseline::app::gui
