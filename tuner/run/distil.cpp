#include "tuner/run/distil.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/run/covering.hpp"
#include "tuner/run/objective.hpp"

namespace fuseline::tuner {
namespace {

/// A configuration in one shape.
struct Place {
  const Evaluation* evaluation = nullptr;
  double time_ms = 0, loss = 0;
  bool tied = false;
};

/// A shape with every configuration that may serve it, by key.
struct Served {
  const Run* run = nullptr;
  const Evaluation* best = nullptr;
  double best_ms = 0;
  std::map<std::string, Place> places;
};

std::string run_name(const RunInfo& info) {
  std::string dims;
  for (const Dimension& dim : info.dims) dims += fmt::format(" {}={}", dim.name, dim.value);
  const Scalars changed = changed_scalars(info);
  return printable(fmt::format("{} {} {}{}{}", info.problem, to_string(info.dtype), info.shape, dims,
                               changed.empty() ? "" : " " + scalars_text(changed)));
}

/// What makes two runs measurements of the same shape.
auto shape_key(const RunInfo& info) {
  std::map<std::string, std::int64_t> dims;
  for (const Dimension& dim : info.dims) dims.emplace(dim.name, dim.value);
  const Scalars changed = changed_scalars(info);
  return std::pair{std::move(dims), std::map<std::string, double>(changed.begin(), changed.end())};
}

const std::string& time_of_run(const RunInfo& info) {
  return info.recorded_at.empty() ? info.started_at : info.recorded_at;
}

Served served_by(const Run& run, const DistilRules& rules) {
  Served served;
  served.run = &run;
  for (const Evaluation* evaluation : run.ranked()) {
    if (rules.may && !rules.may(run, *evaluation)) continue;
    const double time_ms = run.time_of(*evaluation).median;
    if (!(time_ms > 0)) continue;
    if (served.best == nullptr) {
      served.best = evaluation;
      served.best_ms = time_ms;
    }
    const FinalTiming* timing = run.final_of(*evaluation);
    // Who was no finalist has the sweep's own time, which may be under the best's and makes it no better.
    const double loss = std::max(0.0, time_ms / served.best_ms - 1);
    const bool tied = evaluation == served.best || (timing != nullptr && timing->tied);
    served.places.emplace(evaluation->configuration.key(), Place{evaluation, time_ms, loss, tied});
  }
  return served;
}

/// The newest run of each shape, in the order in which the shapes were given first.
std::vector<const Run*> newest_of_each_shape(const std::vector<const Run*>& runs, std::vector<std::string>& warnings) {
  std::vector<const Run*> kept;
  for (const Run* run : runs) {
    const auto same = std::find_if(kept.begin(), kept.end(),
                                   [&](const Run* other) { return shape_key(other->info) == shape_key(run->info); });
    if (same == kept.end()) {
      kept.push_back(run);
      continue;
    }
    const bool newer = time_of_run((*same)->info) <= time_of_run(run->info);
    warnings.push_back(fmt::format("{}: of several runs of this shape the newest counts, of {}", run_name(run->info),
                                   printable(time_of_run(newer ? run->info : (*same)->info))));
    if (newer) *same = run;
  }
  return kept;
}

/// One group, before and after the choice.
class Group {
 public:
  Group(const std::vector<const Run*>& runs, const DistilRules& rules, std::vector<std::string>& warnings) {
    for (const Run* run : newest_of_each_shape(runs, warnings)) {
      if (!run->info.objective.is_time()) {
        warnings.push_back(fmt::format("{}: left out, since it is ranked {}", run_name(run->info),
                                       objective_text(run->info.objective)));
        continue;
      }
      Served served = served_by(*run, rules);
      if (served.best == nullptr) {
        warnings.push_back(fmt::format("{}: left out, since no configuration {}worked", run_name(run->info),
                                       rules.may ? "that may be chosen " : ""));
        continue;
      }
      shapes_.push_back(std::move(served));
    }
    warn_of_predecessors(warnings);
    std::map<std::string, const Configuration*> found;
    for (const Served& shape : shapes_) {
      for (const auto& [key, place] : shape.places) found.emplace(key, &place.evaluation->configuration);
    }
    candidates_.assign(found.begin(), found.end());
    for (const auto& candidate : candidates_) columns_.push_back(column_of(candidate.first));
  }

  [[nodiscard]] bool empty() const { return shapes_.empty(); }

  [[nodiscard]] Distilled choose(const DistilRules& rules) const {
    const RunInfo& info = shapes_.front().run->info;
    Distilled result;
    result.problem = info.problem;
    result.device = info.device.name;
    result.dtype = info.dtype;
    result.candidates = columns_.size();
    result.measured_everywhere =
        static_cast<std::size_t>(std::count_if(columns_.begin(), columns_.end(), [](const CoverColumn& column) {
          return std::none_of(column.costs.begin(), column.costs.end(), [](double cost) { return cost == kNoCost; });
        }));
    const Covers covers = best_covers(columns_, rules.most, rules.most_sets);
    result.exact = covers.exact;
    for (const auto& set : covers.by_size) result.sizes.push_back(size_of(shapes_taking(set), set.size()));
    const auto order = in_order(covers.by_size.back());
    result.shapes = shapes_taking(order);
    for (std::size_t i = 0; i < order.size(); ++i)
      result.configurations.push_back(described(order[i], i, result.shapes));
    return result;
  }

 private:
  [[nodiscard]] CoverColumn column_of(const std::string& key) const {
    CoverColumn column;
    for (const Served& shape : shapes_) {
      const auto found = shape.places.find(key);
      const bool there = found != shape.places.end();
      column.fine.push_back(there ? std::log1p(found->second.loss) : kNoCost);
      column.costs.push_back(there && found->second.tied ? 0 : column.fine.back());
    }
    return column;
  }

  [[nodiscard]] std::vector<DistilledShape> shapes_taking(const std::vector<std::size_t>& set) const {
    std::vector<DistilledShape> shapes;
    for (std::size_t row = 0; row < shapes_.size(); ++row) {
      DistilledShape& shape = shapes.emplace_back();
      shape.run = shapes_[row].run;
      shape.best = shapes_[row].best;
      shape.best_ms = shapes_[row].best_ms;
      shape.chosen = server_of(columns_, set, row);
      if (!shape.chosen) continue;
      const Place& place = shapes_[row].places.at(candidates_[set[*shape.chosen]].first);
      shape.taken = place.evaluation;
      shape.taken_ms = place.time_ms;
      shape.loss = place.loss;
      shape.tied = place.tied;
    }
    return shapes;
  }

  [[nodiscard]] static DistilledSize size_of(const std::vector<DistilledShape>& shapes, std::size_t configurations) {
    DistilledSize size;
    size.configurations = configurations;
    double logarithms = 0;
    for (const DistilledShape& shape : shapes) {
      size.unserved += shape.chosen ? 0 : 1;
      logarithms += std::log1p(shape.loss);
      size.worst_loss = std::max(size.worst_loss, shape.loss);
    }
    if (const std::size_t served = shapes.size() - size.unserved; served > 0)
      size.mean_loss = std::expm1(logarithms / static_cast<double>(served));
    return size;
  }

  /// Those that serve most shapes first, then those tied in most.
  [[nodiscard]] std::vector<std::size_t> in_order(std::vector<std::size_t> set) const {
    const auto shapes = shapes_taking(set);
    std::map<std::size_t, std::size_t> serves;
    for (const DistilledShape& shape : shapes) {
      if (shape.chosen) ++serves[set[*shape.chosen]];
    }
    std::stable_sort(set.begin(), set.end(), [&](std::size_t a, std::size_t b) {
      return std::pair{serves[a], tied_in(a)} > std::pair{serves[b], tied_in(b)};
    });
    return set;
  }

  [[nodiscard]] std::size_t tied_in(std::size_t column) const {
    const auto& costs = columns_[column].costs;
    return static_cast<std::size_t>(std::count(costs.begin(), costs.end(), 0.0));
  }

  [[nodiscard]] DistilledConfiguration described(std::size_t column, std::size_t place,
                                                 const std::vector<DistilledShape>& shapes) const {
    DistilledConfiguration described;
    described.configuration = *candidates_[column].second;
    const auto& costs = columns_[column].costs;
    described.measured_in = costs.size() - static_cast<std::size_t>(std::count(costs.begin(), costs.end(), kNoCost));
    described.tied_in = tied_in(column);
    described.serves = static_cast<std::size_t>(std::count_if(
        shapes.begin(), shapes.end(), [&](const DistilledShape& shape) { return shape.chosen == place; }));
    return described;
  }

  void warn_of_predecessors(std::vector<std::string>& warnings) const {
    std::set<std::string_view> after;
    for (const Served& shape : shapes_) after.insert(to_string(shape.run->info.after));
    if (after.size() < 2) return;
    const RunInfo& info = shapes_.front().run->info;
    warnings.push_back(fmt::format("{} {}: the launches of some runs followed {}: times say more where all are alike",
                                   printable(info.problem), to_string(info.dtype), fmt::join(after, ", of others ")));
  }

  std::vector<Served> shapes_;
  std::vector<std::pair<std::string, const Configuration*>>
      candidates_;                    ///< With their keys, by which they are ordered.
  std::vector<CoverColumn> columns_;  ///< Of the candidates, in their order; a row a shape.
};

}  // namespace

Result<Distillation> distil(const std::vector<Run>& runs, const DistilRules& rules) {
  if (rules.most == 0) return bad_input("no shape can be served by no configuration at all");
  using Key = std::tuple<std::string, Dtype, std::string>;
  std::vector<std::pair<Key, std::vector<const Run*>>> groups;
  for (const Run& run : runs) {
    const Key key{run.info.problem, run.info.dtype, run.info.device.name};
    auto found = std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.first == key; });
    if (found == groups.end()) found = groups.insert(groups.end(), {key, {}});
    found->second.push_back(&run);
  }
  Distillation distillation;
  for (const auto& [key, of_group] : groups) {
    const Group group(of_group, rules, distillation.warnings);
    if (!group.empty()) distillation.groups.push_back(group.choose(rules));
  }
  if (distillation.groups.empty()) return worker_error("no configuration worked in any of the runs");
  return distillation;
}

}  // namespace fuseline::tuner
