// Parallel coordinates of all parameters, and one column against another.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "tuner/base/text.hpp"
#include "tuner/plot/relations_source.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/columns.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kLogAxisFrom = 4;      ///< Ratio of the ends from which an axis is logarithmic.
constexpr std::uint32_t kPlaces = 256;  ///< Of an axis with more values: neighbours share one.

/// Of values from `low` to `high`, with some room.
ScatterAxis range_of(double low, double high, bool logarithmic = true) {
  ScatterAxis axis;
  if (logarithmic && low > 0 && high > kLogAxisFrom * low) {
    const double room = std::pow(high / low, 0.04);
    axis.scale = Scale::log;
    axis.low = low / room, axis.high = high * room;
    return axis;
  }
  const double span = std::max(high - low, 0.02 * std::max(std::abs(low), std::abs(high)));
  const double room = span > 0 ? 0.05 * span : 0.5;
  axis.low = low >= 0 ? std::max(0.0, low - room) : low - room;
  axis.high = high + room;
  return axis;
}

std::uint32_t place_of(std::uint32_t level, const LevelTable& axis) {
  const auto count = static_cast<std::uint32_t>(axis.values.size());
  return count <= kPlaces ? level : level * kPlaces / count * count / kPlaces;
}

/// Levels of every row, with one more of an axis that some rows have no value of.
std::vector<std::uint32_t> row_levels(const std::vector<const RelationRow*>& rows, std::vector<LevelTable>& axes) {
  std::vector<std::uint32_t> levels(rows.size() * axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    std::unordered_map<std::string, std::uint32_t> places;
    for (const std::string& value : axes[i].values) places.emplace(value, static_cast<std::uint32_t>(places.size()));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const std::string text = value_text(rows[row]->evaluation->configuration, axes[i].name);
      if (text.empty() && places.emplace(text, static_cast<std::uint32_t>(places.size())).second)
        axes[i].values.emplace_back(kNoValue);
      levels[row * axes.size() + i] = places.at(text);
    }
  }
  return levels;
}

/// Positions of rows in the order in which they are drawn: the faint ones, then the slowest first.
std::vector<std::uint32_t> drawing_order(const std::vector<const RelationRow*>& rows) {
  std::vector<std::uint32_t> order(rows.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto strength = [](const RelationRow& row) { return !row.ok() ? 0 : !row.passes ? 1 : 2; };
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int left = strength(*rows[a]), right = strength(*rows[b]);
    if (left != right || left == 0) return left < right;
    const Standing &slower = rows[a]->figures->standing, &faster = rows[b]->figures->standing;
    // Of equals the first stands on top, as it does in rank.
    return slower < faster || faster < slower ? faster < slower : b < a;
  });
  return order;
}

void find_segments(ParallelModel& model) {
  std::unordered_map<std::uint64_t, std::size_t> seen;
  const auto add = [&](std::size_t axis, std::uint32_t from, std::uint32_t to, std::size_t line) {
    const std::uint64_t key =
        (static_cast<std::uint64_t>(axis) << 48U) | (static_cast<std::uint64_t>(from) << 24U) | to;
    const auto [at, added] = seen.emplace(key, model.segments.size());
    if (added) model.segments.push_back({static_cast<std::uint32_t>(axis), from, to, 0});
    model.segments[at->second].line = static_cast<std::uint32_t>(line);
  };
  const std::size_t axes = model.axes.size();
  for (std::size_t line = 0; line < model.lines.size(); ++line) {
    const auto levels = model.levels_of(line);
    for (std::size_t i = 0; i + 1 < axes; ++i)
      add(i, place_of(levels[i], model.axes[i]), place_of(levels[i + 1], model.axes[i + 1]), line);
    const double ms = model.lines[line].time_ms;
    if (!(ms > 0)) continue;
    const double share = (model.time.pixel(ms) - model.time.pixel_low) / (model.time.pixel_high - model.time.pixel_low);
    add(axes - 1, place_of(levels[axes - 1], model.axes[axes - 1]),
        static_cast<std::uint32_t>(std::lround(std::clamp(share, 0.0, 1.0) * kParallelTimePlaces)), line);
  }
  std::stable_sort(model.segments.begin(), model.segments.end(),
                   [](const ParallelSegment& a, const ParallelSegment& b) { return a.line < b.line; });
}

void fill_lines(ParallelModel& model, const Relations& relations, const std::vector<const RelationRow*>& rows) {
  const std::vector<std::uint32_t> levels = row_levels(rows, model.axes);
  const RelationRow* best = best_of(relations);
  std::vector<double> ratios;
  double low = best->figures->time_ms, high = low;
  for (const std::uint32_t position : drawing_order(rows)) {
    const RelationRow& row = *rows[position];
    const double ms = row.ok() ? row.figures->time_ms : 0;
    if (&row == best && row.passes) model.best = static_cast<std::uint32_t>(model.lines.size());
    model.lines.push_back({row.evaluation->sequence, ms, !row.ok() || !row.passes});
    const auto own = std::span(levels).subspan(position * model.axes.size(), model.axes.size());
    model.levels.insert(model.levels.end(), own.begin(), own.end());
    model.failed += row.ok() ? 0 : 1;
    model.left_out += row.ok() && !row.passes ? 1 : 0;
    if (!(ms > 0)) continue;
    low = std::min(low, ms), high = std::max(high, ms);
    if (row.passes) ratios.push_back(ms / best->figures->time_ms - 1);
  }
  const ScatterAxis range = range_of(low, high);
  model.time = {range.scale, range.low, range.high, 0, 1};
  model.scale = {best->figures->time_ms, scale_end(std::move(ratios))};
}

/// A column of numbers by the name that a filter has for it; a parameter goes before a column of the same name.
Result<std::string> column_id(const Relations& relations, const std::string& option, const std::string& name) {
  const std::vector<std::string> known = numeric_columns(relations);
  const bool there = std::find(known.begin(), known.end(), name) != known.end();
  const bool parameter = std::any_of(relations.rows.begin(), relations.rows.end(), [&](const RelationRow& row) {
    const Value* value = value_of(row.evaluation->configuration, name);
    return value != nullptr && value->number();
  });
  if (parameter) return parameter_column(name);
  if (there) return name;
  return bad_input(option, "",
                   printable(fmt::format("no configuration of the run has a number in a column \"{}\"; there are {}",
                                         name, fmt::join(known, ", "))));
}

std::string column_title(const RunInfo& info, const std::string& id) {
  if (const auto name = parameter_of(id)) return std::string(*name);
  if (const Column* column = find_column(id)) {
    if (id == "occupancy") return "occupancy, %";  // A table's head is short, an axis has room.
    std::string title(column->title);
    if (!column->unit.empty() && title.find(column->unit) == std::string::npos)
      title += fmt::format(" ({})", column->unit);
    return title;
  }
  const std::string name = id.substr(id.find(':') + 1);
  const auto unit = info.units.find(name);
  return unit == info.units.end() ? name : fmt::format("{} ({})", name, unit->second);
}

Result<RelationChoice> columns_of(const Relations& relations, const RelationChoice& choice) {
  const std::vector<std::string> known = numeric_columns(relations);
  RelationChoice chosen = choice;
  if (chosen.y.empty()) chosen.y = "time";
  if (chosen.x.empty()) {
    const bool occupancy = std::find(known.begin(), known.end(), "occupancy") != known.end();
    const auto parameter =
        std::find_if(known.begin(), known.end(), [](const std::string& id) { return find_column(id) == nullptr; });
    chosen.x = occupancy ? "occupancy" : parameter != known.end() ? *parameter : "sequence";
  }
  FUSELINE_TRY(x, column_id(relations, "--x", chosen.x));
  FUSELINE_TRY(y, column_id(relations, "--y", chosen.y));
  chosen.x = x, chosen.y = y;
  return chosen;
}

ScatterAxis axis_of(const ScatterModel& model, double ScatterMark::*part, const RunInfo& info, const std::string& id) {
  double low = model.marks.front().*part, high = low;
  for (const ScatterMark& mark : model.marks) low = std::min(low, mark.*part), high = std::max(high, mark.*part);
  // Shares are read against the whole.
  const Column* column = find_column(id);
  ScatterAxis axis = range_of(low, high, column == nullptr || !column->share);
  axis.column = id;
  axis.name = column_title(info, id);
  axis.title = axis.name + (axis.scale == Scale::log ? ", log scale" : "");
  return axis;
}

}  // namespace

std::optional<std::uint32_t> ParallelModel::line_of(std::uint64_t sequence) const {
  const auto found =
      std::find_if(lines.begin(), lines.end(), [&](const ParallelLine& line) { return line.sequence == sequence; });
  return found == lines.end() ? std::nullopt : std::optional(static_cast<std::uint32_t>(found - lines.begin()));
}

Result<ParallelModel> parallel_model(const Relations& relations, const RelationChoice& choice) {
  FUSELINE_CHECK(ranked_by_time(relations, "a plot of parallel coordinates"));
  FUSELINE_TRY(variant, chosen_variant(relations, choice.variant));
  const auto rows = rows_within(relations, variant);
  ParallelModel model;
  model.variant = variant;
  model.axes = varied_levels(rows, variant);
  if (model.axes.empty())
    return bad_input(printable(
        fmt::format("no parameter has several values {}, so there are no axes to draw", within_text(variant))));
  model.notes = relation_notes(relations, rows);
  fill_lines(model, relations, rows);
  find_segments(model);
  std::string faint;
  if (model.left_out > 0) faint += fmt::format(" {} that do not pass the filter", model.left_out);
  if (model.failed > 0)
    faint += fmt::format("{} {} that failed, which have no time", faint.empty() ? "" : " and", model.failed);
  model.notes.push_back(fmt::format("A line is a configuration {}, the fastest drawn last, the run's best widest.{}",
                                    within_text(variant), faint.empty() ? "" : " Faint:" + faint + "."));
  return model;
}

Result<ScatterModel> scatter_model(const Relations& relations, const RelationChoice& choice) {
  FUSELINE_TRY(variant, chosen_variant(relations, choice.variant.empty() ? std::string(kAllVariants) : choice.variant));
  FUSELINE_TRY(columns, columns_of(relations, choice));
  const auto rows = rows_within(relations, variant);
  ScatterModel model;
  model.provenance = relations.info->backend == Backend::replay ? Provenance::replayed : Provenance::measured;
  std::size_t faint = 0;
  for (const RelationRow* row : rows) {
    const ColumnSource source{relations.info, *row->evaluation, *row->figures};
    const auto x = cell_number(source, columns.x), y = cell_number(source, columns.y);
    if (!x || !y || !std::isfinite(*x) || !std::isfinite(*y)) {
      ++model.without;
      continue;
    }
    const std::uint64_t sequence = row->evaluation->sequence;
    model.marks.push_back({*x, *y, sequence, relations.best == sequence, row->figures->tied, row->passes});
    faint += row->passes ? 0 : 1;
  }
  const std::string x_title = column_title(*relations.info, columns.x),
                    y_title = column_title(*relations.info, columns.y);
  if (model.marks.empty())
    return bad_input(
        printable(fmt::format("no configuration {} has both {} and {}", within_text(variant), x_title, y_title)));
  model.x = axis_of(model, &ScatterMark::x, *relations.info, columns.x);
  model.y = axis_of(model, &ScatterMark::y, *relations.info, columns.y);
  model.notes = relation_notes(relations, rows);
  model.notes.push_back(fmt::format(
      "{} configurations {}.{}{}", grouped(static_cast<double>(model.marks.size())), within_text(variant),
      model.without > 0 ? fmt::format(" {} have no {} or no {}: failed, or not read.", model.without, x_title, y_title)
                        : "",
      faint > 0 ? fmt::format(" Faint: {} that do not pass the filter.", faint) : ""));
  return model;
}

}  // namespace fuseline::tuner
