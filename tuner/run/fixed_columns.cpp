// The columns that every run has.
#include <fmt/format.h>

#include <cmath>

#include "tuner/base/text.hpp"
#include "tuner/run/columns.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

using Source = const ColumnSource&;
using Number = std::optional<double>;

bool worked(Source source) { return source.evaluation.measurement.outcome == Outcome::ok; }

Number positive(double value) { return value > 0 ? Number(value) : std::nullopt; }

template <class Member>
Number fact(Source source, Member member) {
  const auto& facts = source.evaluation.measurement.facts;
  return facts ? Number(static_cast<double>((*facts).*member)) : std::nullopt;
}

template <class Member>
Number error(Source source, Member member) {
  const auto& verification = source.evaluation.measurement.verification;
  return verification ? Number(static_cast<double>((*verification).*member)) : std::nullopt;
}

/// Comparable times; of a run that is not at hand the median alone is known.
Number time_part(Source source, double Summary::*part) {
  if (!worked(source)) return std::nullopt;
  if (source.info == nullptr) return positive(source.evaluation.measurement.time_ms.*part);
  const auto place = source.figures.finalist ? std::optional(source.figures.standing.place) : std::nullopt;
  const double value = time_of(*source.info, source.evaluation, place).*part;
  return std::isfinite(value) ? Number(value) : std::nullopt;
}

const Launch* launch(Source source) { return shown_launch(source.evaluation.measurement); }

Number extent(Source source, bool grid, std::size_t axis) {
  const Launch* first = launch(source);
  return first == nullptr ? std::nullopt : Number(static_cast<double>((grid ? first->grid : first->block)[axis]));
}

Number extents(Source source, bool grid) {
  if (launch(source) == nullptr) return std::nullopt;
  return positive(*extent(source, grid, 0) * *extent(source, grid, 1) * *extent(source, grid, 2));
}

Number spread(Source source) {
  const Summary& time = source.evaluation.measurement.time_ms;
  return time.samples > 3 && time.median > 0 && std::isfinite(time.p75 - time.p25)
             ? Number((time.p75 - time.p25) / time.median)
             : std::nullopt;
}

Number shift(Source source) {
  const auto& shift = source.figures.shift;
  return shift && shift->counts() ? Number(shift->relative) : std::nullopt;
}

Number shared(Source source) {
  const auto bytes = fact(source, &StaticFacts::static_shared_bytes);
  return bytes && launch(source) != nullptr ? Number(*bytes + static_cast<double>(launch(source)->shared_bytes))
                                            : std::nullopt;
}

Number paired(Source source, double value) { return source.figures.finalist ? Number(value) : std::nullopt; }

/// Four digits after the point until it is long.
std::string time_cell(Source source) {
  const double ms = source.figures.time_ms;
  return !(ms > 0) ? "" : ms < 10 ? fmt::format("{:.4f}", ms) : fmt::format("{:.2f}", ms);
}

/// "1.0042 (1.0029-1.0057)"
std::string against_best_cell(Source source) {
  const Figures& figures = source.figures;
  if (!figures.finalist) return "";
  if (figures.standing.place == 0) return "1.0000";
  return fmt::format("{:.4f} ({:.4f}-{:.4f})", figures.against_best, figures.against_best_interval.low,
                     figures.against_best_interval.high);
}

std::string yes_or_no(Source source, bool value) { return !worked(source) ? "" : value ? "true" : "false"; }

std::string of_run(Source source, std::string (*get)(const RunInfo&)) {
  return source.info == nullptr ? "" : get(*source.info);
}

Column text(std::string_view id, std::string_view title, std::string_view meaning, std::string_view csv,
            std::string (*get)(Source)) {
  return {id, title, "", meaning, csv, false, false, ColumnOrder::own, nullptr, get, ""};
}

Column number(std::string_view id, std::string_view title, std::string_view unit, std::string_view meaning,
              std::string_view csv, Number (*get)(Source), const char* format = "{:.0f}",
              ColumnOrder order = ColumnOrder::own) {
  return {id, title, unit, meaning, csv, true, false, order, get, nullptr, format};
}

/// A number that `get` writes as people read it.
Column written(Column column, std::string (*get)(Source)) {
  column.text = get;
  return column;
}

Column share(std::string_view id, std::string_view title, std::string_view meaning, std::string_view csv,
             Number (*get)(Source), const char* format, ColumnOrder order = ColumnOrder::own) {
  return {id, title, "%", meaning, csv, true, true, order, get, nullptr, format};
}

/// On the run's target; every one marked as projected by its heading.
std::optional<Projection> on_target(Source source) {
  return source.info == nullptr ? std::nullopt : projected(*source.info, source.evaluation, source.figures.time_ms);
}

template <double Projection::*part>
Number projected_part(Source source) {
  const auto projection = on_target(source);
  return projection ? Number((*projection).*part) : std::nullopt;
}

std::vector<Column> projections() {
  return {
      number("projected", "projected (ms)", "ms",
             "On the target, from what it did on the device measured: not measured there", "projected_ms",
             projected_part<&Projection::time_ms>, "{:.4f}"),
      number("projected_low", "projected, low (ms)", "ms", "Lower end of the interval meant to hold 80 of 100 cases",
             "projected_low_ms", projected_part<&Projection::low_ms>, "{:.4f}"),
      number("projected_high", "projected, high (ms)", "ms", "Upper end of the interval", "projected_high_ms",
             projected_part<&Projection::high_ms>, "{:.4f}"),
      share("of_target", "% of target",
            "Projected compulsory bytes a second over the DRAM roof of the target's data sheet", "",
            projected_part<&Projection::share>, "{:.1f}"),
      text("projected_bound", "bound there", "What takes most of the time that is projected on the target",
           "projected_bound",
           [](Source s) {
             const auto projection = on_target(s);
             return projection ? std::string(to_string(projection->bound)) : std::string();
           }),
  };
}

/// Where it came from and what became of it.
std::vector<Column> identity() {
  return {
      number("sequence", "#", "", "Order in which the configurations were evaluated", "sequence",
             [](Source s) { return Number(static_cast<double>(s.evaluation.sequence)); }),
      text("backend", "backend", "Measured now, or replayed from a recording", "backend",
           [](Source s) { return of_run(s, [](const RunInfo& run) { return std::string(to_string(run.backend)); }); }),
      text("device", "device", "Where it was measured", "device",
           [](Source s) { return of_run(s, [](const RunInfo& run) { return run.device.name; }); }),
      text("problem", "problem", "What was tuned", "problem",
           [](Source s) { return of_run(s, [](const RunInfo& run) { return run.problem; }); }),
      text("dtype", "dtype", "The type of the problem's elements", "dtype",
           [](Source s) { return of_run(s, [](const RunInfo& run) { return std::string(to_string(run.dtype)); }); }),
      text("scalars", "scalars", "The problem's scalars, all of them", "scalars",
           [](Source s) { return of_run(s, [](const RunInfo& run) { return scalars_text(run.scalars); }); }),
      text("variant", "variant", "The kernel source", "variant",
           [](Source s) { return s.evaluation.configuration.variant; }),
      text("outcome", "outcome", "What became of the configuration", "outcome",
           [](Source s) { return std::string(to_string(s.evaluation.measurement.outcome)); }),
      text("reason", "reason", "Why it failed", "reason", [](Source s) { return s.evaluation.measurement.reason; }),
      number("rank", "rank", "", "Finalists in the order of the finals, then the others by time", "rank",
             [](Source s) { return positive(static_cast<double>(s.figures.rank)); }),
  };
}

std::vector<Column> timing() {
  return {
      written(number(
                  "time", "time (ms)", "ms",
                  "Median of the runs; of a finalist the best's in the finals times its paired ratio to it",
                  "median_ms", [](Source s) { return positive(s.figures.time_ms); }, "", ColumnOrder::rank),
              time_cell),
      number(
          "min", "min (ms)", "ms", "Shortest run", "min_ms", [](Source s) { return time_part(s, &Summary::minimum); },
          "{:.4f}"),
      number(
          "p25", "p25 (ms)", "ms", "Lower quartile", "p25_ms", [](Source s) { return time_part(s, &Summary::p25); },
          "{:.4f}"),
      number(
          "p75", "p75 (ms)", "ms", "Upper quartile", "p75_ms", [](Source s) { return time_part(s, &Summary::p75); },
          "{:.4f}"),
      text("statistic", "time is",
           "The median of the runs, or their mean or another time as a recording by others gives it", "statistic",
           [](Source s) { return worked(s) ? std::string(to_string(s.evaluation.measurement.time_ms.middle)) : ""; }),
      number("samples", "samples", "", "Timed runs behind the time", "samples",
             [](Source s) { return worked(s) ? Number(static_cast<double>(s.figures.samples)) : std::nullopt; }),
      text("timing", "timing", "cold: L2 holds nothing of use; warm: L2 is as the last launch left it", "timing",
           [](Source s) {
             const bool warm = s.evaluation.measurement.after == Predecessor::itself;
             return std::string(!worked(s) ? "" : warm ? "warm" : "cold");
           }),
      text(
          "after", "after",
          "What each run follows: a clean L2, a producer that has just written the inputs, or the configuration itself",
          "after", [](Source s) { return worked(s) ? std::string(to_string(s.evaluation.measurement.after)) : ""; }),
      number("sm_mhz", "SM MHz", "MHz", "Mean SM clock while it was timed", "sm_mhz",
             [](Source s) { return positive(s.figures.sm_mhz); }),
      written(number(
                  "cycles", "cycles", "", "Cycles of the SM clock in the time: what stays when the clock moves",
                  "cycles", [](Source s) { return positive(s.figures.cycles); }, "", ColumnOrder::rank),
              [](Source s) { return s.figures.cycles > 0 ? grouped(s.figures.cycles) : ""; }),
      share("shift", "moved %",
            "How far its own runs moved while it was timed; empty where that is not clear or under one percent",
            "runs_moved", shift, "{:+.1f}"),
      text("retimed", "retimed", "It was timed again in the finals", "retimed",
           [](Source s) { return yes_or_no(s, s.figures.finalist); }),
      text("timed_in", "timed in", "Where its time comes from: the interleaved finals, or the sweep alone", "timed_in",
           [](Source s) {
             return std::string(!worked(s) ? "" : s.figures.finalist ? "finals" : "sweep");
           }),
      number("card", "card", "",
             "The GPU that its time comes from, of a run of several: finals are of the reference card, and what is of "
             "another is multiplied by the copy there over the reference card's",
             "card", [](Source s) { return positive(static_cast<double>(s.figures.card)); }),
      text("tied", "tied", "It cannot be told apart from the best", "tied",
           [](Source s) { return yes_or_no(s, s.figures.tied); }),
      written(number(
                  "against_best", "against best", "",
                  "Paired ratio to the best in the rounds of the finals that both were in, with its interval",
                  "against_best", [](Source s) { return paired(s, s.figures.against_best); }, "", ColumnOrder::rank),
              against_best_cell),
      number(
          "against_best_low", "against best, low", "", "Lower end of the interval", "against_best_low",
          [](Source s) { return paired(s, s.figures.against_best_interval.low); }, "{:.4f}"),
      number(
          "against_best_high", "against best, high", "", "Upper end of the interval", "against_best_high",
          [](Source s) { return paired(s, s.figures.against_best_interval.high); }, "{:.4f}"),
      number(
          "gbps", "GB/s", "GB/s", "Compulsory bytes over time", "gbps",
          [](Source s) { return positive(s.figures.gbps); }, "{:.0f}", ColumnOrder::reversed_rank),
      share(
          "of_copy", "% of copy", "Compulsory bytes over time, as a share of a copy measured in the same run",
          "of_copy", [](Source s) { return positive(s.figures.of_copy); }, "{:.1f}", ColumnOrder::reversed_rank),
      share(
          "of_peak", "% of peak", "Compulsory bytes over time, as a share of the data-sheet bandwidth", "of_peak",
          [](Source s) { return positive(s.figures.of_peak); }, "{:.1f}", ColumnOrder::reversed_rank),
      number(
          "gflops", "GFLOP/s", "GFLOP/s", "Operations of the definition over time", "gflops",
          [](Source s) { return positive(s.figures.gflops); }, "{:.0f}", ColumnOrder::reversed_rank),
      share("spread", "spread %",
            "Interquartile range over median of its runs in the sweep, not in the finals: how steady they are", "",
            spread, "{:.1f}"),
  };
}

std::vector<Column> resources() {
  return {
      number("registers", "regs", "", "Registers a thread", "registers",
             [](Source s) { return fact(s, &StaticFacts::registers); }),
      number("spills", "spills", "B", "Bytes a thread that spill to local memory", "spill_bytes",
             [](Source s) { return fact(s, &StaticFacts::spill_bytes); }),
      number("static_shared", "static shared B", "B", "Shared memory a block that the source declares",
             "static_shared_bytes", [](Source s) { return fact(s, &StaticFacts::static_shared_bytes); }),
      share(
          "occupancy", "occ. %", "Theoretical occupancy: warps resident over warps the SM can hold", "occupancy",
          [](Source s) { return fact(s, &StaticFacts::occupancy); }, "{:.0f}"),
      text("limiter", "limited by", "What limits occupancy", "occupancy_limiter",
           [](Source s) {
             const auto& facts = s.evaluation.measurement.facts;
             return facts ? facts->limiter() : std::string();
           }),
      number(
          "waves", "waves", "", "Blocks of the grid over blocks that the device holds at once", "waves",
          [](Source s) { return fact(s, &StaticFacts::waves); }, "{:.2f}"),
      number("shared", "shared B", "B", "Shared memory a block, static and dynamic", "", shared),
      number("grid", "grid", "", "Blocks of the first launch", "", [](Source s) { return extents(s, true); }),
      number("block", "threads", "", "Threads a block of the first launch", "",
             [](Source s) { return extents(s, false); }),
      number("grid_x", "grid x", "", "Blocks along x", "grid_x", [](Source s) { return extent(s, true, 0); }),
      number("grid_y", "grid y", "", "Blocks along y", "grid_y", [](Source s) { return extent(s, true, 1); }),
      number("grid_z", "grid z", "", "Blocks along z", "grid_z", [](Source s) { return extent(s, true, 2); }),
      number("block_x", "block x", "", "Threads along x", "block_x", [](Source s) { return extent(s, false, 0); }),
      number("block_y", "block y", "", "Threads along y", "block_y", [](Source s) { return extent(s, false, 1); }),
      number("block_z", "block z", "", "Threads along z", "block_z", [](Source s) { return extent(s, false, 2); }),
      number("dynamic_shared", "dynamic shared B", "B", "Dynamic shared memory a block of the first launch",
             "shared_bytes",
             [](Source s) {
               return launch(s) == nullptr ? std::nullopt : Number(static_cast<double>(launch(s)->shared_bytes));
             }),
  };
}

std::vector<Column> costs_and_errors() {
  return {
      number(
          "compile", "compile ms", "ms", "Time to compile; 0 from the cache", "compile_ms",
          [](Source s) { return Number(s.evaluation.measurement.compile_ms); }, "{:.1f}"),
      number(
          "cost", "cost (s)", "s", "Wall time that it took, or took when recorded", "cost_s",
          [](Source s) { return Number(s.evaluation.measurement.cost_s); }, "{:.3f}"),
      number(
          "elapsed", "elapsed (s)", "s", "When it was done, since the sweep began", "elapsed_s",
          [](Source s) { return Number(s.evaluation.elapsed_s); }, "{:.3f}"),
      number(
          "error", "max error", "", "Largest absolute error against the reference", "max_absolute_error",
          [](Source s) { return error(s, &Verification::max_absolute_error); }, "{:.1e}"),
      number(
          "relative_error", "max rel. error", "", "Largest relative error against the reference", "max_relative_error",
          [](Source s) { return error(s, &Verification::max_relative_error); }, "{:.1e}"),
      number(
          "tolerance_share", "of tolerance", "", "Largest error as a share of what is allowed; over 1 is wrong",
          "tolerance_share",
          [](Source s) {
            const auto& verification = s.evaluation.measurement.verification;
            return verification ? verification->tolerance_share : Number();
          },
          "{:.2g}"),
      number("mismatches", "mismatches", "", "Elements out of tolerance", "mismatches",
             [](Source s) { return error(s, &Verification::mismatches); }),
      text("source", "source", "SHA-256 of source, headers and defines", "source_sha256",
           [](Source s) { return s.evaluation.measurement.source_sha256; }),
  };
}

}  // namespace

const std::vector<Column>& fixed_columns() {
  static const std::vector<Column> columns = [] {
    std::vector<Column> all;
    for (const auto& group : {identity(), timing(), projections(), resources(), costs_and_errors()})
      all.insert(all.end(), group.begin(), group.end());
    return all;
  }();
  return columns;
}

}  // namespace fuseline::tuner
