#include "tuner/page/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "tuner/base/text.hpp"
#include "tuner/page/html.hpp"
#include "tuner/problem/included_headers.hpp"
#include "tuner/problem/source_files.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/explanation.hpp"
#include "tuner/report/kernel_texts.hpp"
#include "tuner/report/lines_report.hpp"
#include "tuner/report/sweep_command.hpp"
#include "tuner/report/table.hpp"
#include "tuner/report/varying.hpp"
#include "tuner/run/columns.hpp"
#include "tuner/run/projected.hpp"
#include "tuner/run/steadiness.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kReasonBytes = 300;

std::string number(double value) { return value > 0 ? fmt::format("{}", value) : ""; }

/// "2.523 ms (2.401 to 2.702)"
std::string interval_text(const Projection& projection) {
  return fmt::format("{} ({} to {})", time_text(projection.time_ms), format_ms(projection.low_ms),
                     format_ms(projection.high_ms));
}

/// A figure of the summary: what it is, how much, and what is to be known of it.
std::string card(const std::string& name, const std::string& figure, const std::string& note,
                 const std::string& value = {}) {
  const std::string data = value.empty() ? "" : fmt::format(" data-value=\"{}\"", html_text(value));
  return fmt::format(
      "<div class=\"card\"><div class=\"name\">{}</div><div class=\"figure\"{}>{}</div><div>{}</div></div>\n",
      html_text(name), data, html_text(figure), html_text(note));
}

std::string best_cards(const Run& run, const Evaluation& best) {
  const RunInfo& info = run.info;
  const Figures figures = figures_of(info, best);
  const bool replayed = info.backend == Backend::replay;
  std::string cards = card(replayed ? "best, replayed" : "best, measured", time_text(figures.time_ms),
                           best.configuration.key(), number(figures.time_ms));
  if (figures.of_copy > 0)
    cards += card("of copy", percent_text(figures.of_copy),
                  bandwidth_text(figures.gbps) + " of " + bandwidth_text(copy_gbps(info)), number(figures.of_copy));
  const Explanation explanation = explain(run, best);
  if (explanation.floor_ms > 0)
    cards += card("floor", time_text(explanation.floor_ms), "compulsory bytes at the copy's bandwidth",
                  number(explanation.floor_ms));
  const Evaluation* there = run.best_for_target();
  const auto projection = there == nullptr ? std::nullopt : projected(info, *there);
  if (projection)
    cards +=
        card("projected on " + short_device_name(info.target->label()), interval_text(*projection),
             fmt::format("not measured; in 80 of 100 cases within that; bound by {}", to_string(projection->bound)),
             number(projection->time_ms));
  return cards;
}

std::vector<HtmlCell> best_row(const Run& run, const Evaluation& evaluation, std::size_t rank,
                               const std::string& configuration) {
  const Figures figures = figures_of(run.info, evaluation);
  const ColumnSource source{&run.info, evaluation, figures};
  std::vector<HtmlCell> row = {{std::to_string(rank), {}, true},
                               {configuration, {}, false},
                               {rank == 1      ? "best"
                                : figures.tied ? "tied with the best"
                                               : "",
                                {},
                                false}};
  for (const char* id : {"time", "against_best", "gbps", "of_copy", "of_peak", "registers", "spills", "occupancy"})
    row.push_back({cell_text(source, id), exact_cell(source, id).text, true});
  const auto projection = projected(run.info, evaluation, figures.time_ms);
  row.push_back({projection ? interval_text(*projection) : "", projection ? number(projection->time_ms) : "", true});
  return row;
}

std::vector<std::string> best_header(const RunInfo& info) {
  std::vector<std::string> header = {"#", "configuration", ""};
  for (const char* id : {"time", "against_best", "gbps", "of_copy", "of_peak", "registers", "spills", "occupancy"}) {
    const Column* column = find_column(id);
    if (column == nullptr) continue;
    const std::string title(column->title), unit(column->unit);
    header.push_back(unit.empty() || title.find(unit) != std::string::npos ? title
                                                                           : fmt::format("{}, {}", title, unit));
  }
  header.push_back(info.target ? "projected on " + short_device_name(info.target->label()) + " (not measured)" : "");
  return header;
}

/// "name" and what it is, where that is known.
void add_condition(std::vector<std::vector<HtmlCell>>& rows, const char* name, const std::string& text) {
  if (!text.empty()) rows.push_back({{name}, {text}});
}

std::string search_text(const RunInfo& info, std::size_t evaluated) {
  std::string text =
      fmt::format("{} evaluated of {} configurations; strategy {}, seed {}", grouped(static_cast<double>(evaluated)),
                  grouped(static_cast<double>(info.space_size)), info.request.strategy, info.request.seed);
  if (info.seconds > 0) text += "; " + format_duration(info.seconds);
  return info.stop_reason.empty() ? text : text + "; " + info.stop_reason;
}

std::string kernel_files(const Variant& variant, const std::string& name, const Catalog& catalog,
                         const CatalogEntry& problem) {
  if (variant.form == KernelForm::cubin) return html_paragraph(name + " is a finished image: there is no source.");
  const auto found = variant.sources.find(name);
  if (found == variant.sources.end()) return html_paragraph("The source " + name + " is not at hand.");
  std::string part =
      fmt::format("<details open><summary>{}</summary>\n{}</details>\n", html_text(name), html_code(*found->second));
  if (variant.form != KernelForm::cuda) return part;
  for (const auto& [header, text] : included_headers(*found->second, catalog.headers_for(problem)))
    part += fmt::format("<details><summary>{}, included</summary>\n{}</details>\n", html_text(header), html_code(text));
  return part;
}

}  // namespace

std::string page_title(const RunInfo& info) {
  const std::string name = info.problem.empty() ? "a recording by another tool" : info.problem;
  return fmt::format("{}: {}", name, instance_text(info));
}

std::string summary_part(const Run& run) {
  const auto ranked = run.ranked();
  std::string part = html_paragraph(run.info.problem_title);
  part += html_paragraph(origin_text(run.info) + ".");
  if (!run.info.note.empty()) part += "<blockquote>" + html_paragraph(run.info.note) + "</blockquote>\n";
  if (ranked.empty()) return part + html_paragraph("No configuration worked: " + outcomes_text(run) + ".");
  part += "<div class=\"cards\">\n" + best_cards(run, *ranked.front()) + "</div>\n";
  part += html_paragraph(outcomes_text(run) + ". " + finals_text(run.info) + ".");
  if (const std::string note = target_note(run.info, ranked.front()->sequence, ranked.front()->sequence); !note.empty())
    part += html_paragraph(note);
  return part;
}

std::string best_part(const Run& run) {
  const auto ranked = run.ranked();
  if (ranked.empty()) return "";
  const std::size_t count = std::min(ranked.size(), kPageRows);
  VaryingParameters varying;
  for (std::size_t i = 0; i < count; ++i) varying.add(ranked[i]->configuration);
  std::vector<std::vector<HtmlCell>> rows;
  std::set<std::string> constants;
  for (std::size_t i = 0; i < count; ++i) {
    const Configuration& configuration = ranked[i]->configuration;
    rows.push_back(best_row(run, *ranked[i], i + 1, configuration.variant + " " + varying.of(configuration)));
    if (const std::string same = varying.constant_of(configuration); !same.empty())
      constants.insert("All of " + configuration.variant + " with " + same + ".");
  }
  std::string part = "<h3>The best</h3>\n" + html_table(best_header(run.info), rows);
  for (const std::string& constant : constants) part += html_paragraph(constant);
  if (ranked.size() > rows.size())
    part += html_paragraph(fmt::format("{} more worked.", grouped(static_cast<double>(ranked.size() - rows.size()))));
  return part;
}

std::string bounds_part(const Run& run) {
  const auto ranked = run.ranked();
  if (ranked.empty()) return "";
  const Explanation explanation = explain(run, *ranked.front());
  const CounterAnalysis& analysis = explanation.analysis;
  std::string part = "<h3>What bounds the best</h3>\n";
  if (explanation.of_floor > 0)
    part += html_paragraph(fmt::format("{} of the copy's speed: the compulsory bytes take {} at its bandwidth.",
                                       percent_text(explanation.of_floor), time_text(explanation.floor_ms)));
  if (analysis.fusion) part += html_paragraph("Fusion " + analysis.fusion->text + ".");
  if (analysis.occupancy) part += html_paragraph("Occupancy: " + analysis.occupancy->text + ".");
  std::vector<std::string> bounds, advice, tried;
  for (const Bound& bound : analysis.bounds)
    bounds.push_back(fmt::format("{} ({}): {}.", bound_name(bound), bound_level_text(bound), bound.text));
  for (const Advice& each : explanation.advice)
    (each.tried ? tried : advice).push_back(each.text + ". Reading: " + each.reading + ".");
  part += bounds.empty() ? html_paragraph("No hardware counters were read: what bounds it is not known.")
                         : html_paragraph("The first is the tightest:") + html_list(bounds);
  if (!advice.empty()) part += html_paragraph("What to try:") + html_list(advice);
  if (!tried.empty()) part += html_paragraph("Already tried:") + html_list(tried);
  if (const auto& projection = explanation.projection; projection && run.info.target)
    part += "<h3>On " + html_text(run.info.target->label()) + ", projected</h3>\n" +
            html_paragraph(projection_text(*projection, run.info.target->label()));
  return part;
}

std::string hot_lines_part(const Run& run, const Catalog* catalog) {
  const auto ranked = run.ranked();
  if (ranked.empty() || !ranked.front()->measurement.source_profile) return "";
  const SourceProfile& profile = *ranked.front()->measurement.source_profile;
  const KernelTexts texts = kernel_texts(run.info, *ranked.front(), catalog);
  std::vector<std::vector<HtmlCell>> rows;
  for (const HotLineRow& row : hot_line_rows(profile, texts, kHotLines))
    rows.push_back({{row.place},
                    {row.share, {}, true},
                    {row.text},
                    {row.waits},
                    {row.executed, {}, true},
                    {row.excess_sectors, {}, true},
                    {row.bank_conflicts, {}, true}});
  std::string part = "<h3>Hot lines of the best</h3>\n" + html_paragraph(samples_text(profile) + ".");
  if (!rows.empty())
    part +=
        html_table({"line", "samples", "source", "waits for", "executed", "excess sectors", "bank conflicts"}, rows);
  if (!texts.missing.empty()) part += html_paragraph("No text of the lines: " + texts.missing + ".");
  part += html_paragraph("Instruction mix: " + mix_text(instruction_mix(profile)) + ".");
  return part + html_list(profile.remarks);
}

std::string failures_part(const Run& run) {
  std::vector<std::vector<HtmlCell>> rows;
  for (const FailureKind& kind : run.failures()) {
    std::string reason = kind.first->measurement.reason.substr(0, kReasonBytes);
    if (reason.size() < kind.first->measurement.reason.size()) reason += "...";
    rows.push_back({{std::string(to_string(kind.outcome))},
                    {grouped(static_cast<double>(kind.count)), std::to_string(kind.count), true},
                    {kind.first->configuration.key()},
                    {drawable_text(reason)}});
  }
  if (rows.empty()) return "";
  return "<h3>What did not work</h3>\n" + html_table({"outcome", "count", "the first", "reason"}, rows);
}

std::string conditions_part(const Run& run, const PageRequest& request) {
  const RunInfo& info = run.info;
  const auto ranked = run.ranked();
  std::vector<std::vector<HtmlCell>> rows;
  add_condition(rows, "device", info.device.name);
  if (info.device.limits.sm_count > 0)
    add_condition(rows, "its SMs",
                  fmt::format("{} of compute capability {}", info.device.limits.sm_count,
                              info.device.limits.compute_capability()));
  add_condition(rows, "driver", info.device.driver);
  add_condition(rows, "CUDA", info.device.cuda);
  if (const double copy = copy_gbps(info); copy > 0) add_condition(rows, "its copy", bandwidth_text(copy));
  if (info.clocks) add_condition(rows, "clocks", clocks_text(*info.clocks));
  add_condition(rows, "timed launches", after_text(info.after));
  add_condition(rows, "times are", times_text(info));
  add_condition(rows, "search", search_text(info, run.evaluations.size()));
  add_condition(rows, "started", info.started_at);
  add_condition(rows, "Fuseline", info.tool_version);
  std::string part = "<h3>Conditions</h3>\n" + html_table({"", ""}, rows);
  std::vector<std::string> warnings = run.remarks;
  if (!ranked.empty()) {
    const auto timing = timing_warnings(info, *ranked.front());
    warnings.insert(warnings.end(), timing.begin(), timing.end());
  }
  if (!warnings.empty()) part += html_paragraph("To know before the times are believed:") + html_list(warnings);
  if (info.request.problem.empty()) return part;
  part += html_paragraph("The sweep again:") + html_code(sweep_command(info.request, request.preset_paths));
  if (!ranked.empty())
    part += html_paragraph("The best alone:") +
            html_code(configuration_command(info, ranked.front()->configuration, request.preset_paths));
  return part;
}

std::string source_part(const Run& run, const Catalog* catalog) {
  const auto ranked = run.ranked();
  if (ranked.empty() || catalog == nullptr) return "";
  const Configuration& best = ranked.front()->configuration;
  std::string part = "<h3>Source of the best</h3>\n";
  const auto problem = catalog->find(run.info.problem);
  const auto variant = problem ? find_variant((*problem)->variants, best.variant)
                               : Result<const Variant*>(tl::unexpected(problem.error()));
  if (!variant) return part + html_paragraph("It is not at hand: " + variant.error().reason + ".");
  const auto name = source_of(**variant, placeholder_values(**variant, best, run.info.dtype, run.info.device.limits));
  if (!name) return part + html_paragraph("It is not at hand: " + name.error().reason + ".");
  const std::string& digest = ranked.front()->measurement.source_sha256;
  if (!digest.empty())
    part += html_paragraph("Digest of what was measured (source, headers, macros): " + digest +
                           ". The text below is the one at hand when this page was written.");
  return part + kernel_files(**variant, *name, *catalog, **problem);
}

std::string overview_part(const PageRequest& request) {
  std::string body;
  for (std::size_t i = 0; i < request.runs.size(); ++i) {
    const Run& run = *request.runs[i];
    const auto ranked = run.ranked();
    const Figures figures = ranked.empty() ? Figures{} : figures_of(run.info, *ranked.front());
    const auto projection = ranked.empty() ? std::nullopt : projected(run.info, *ranked.front());
    body += fmt::format(
        "<tr><th scope=\"row\"><a href=\"#run-{}\">{}</a></th><td>{}</td><td>{}</td><td class=\"number\" "
        "data-value=\"{}\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
        i + 1, html_text(page_title(run.info)), html_text(run.info.device.name),
        ranked.empty() ? "nothing worked" : html_text(ranked.front()->configuration.key()), number(figures.time_ms),
        ranked.empty() ? "" : html_text(time_text(figures.time_ms)),
        figures.of_copy > 0 ? html_text(percent_text(figures.of_copy)) : "",
        projection ? html_text(interval_text(*projection)) : "");
  }
  return "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">run</th><th scope=\"col\">device</th><th "
         "scope=\"col\">best</th><th scope=\"col\" class=\"number\">time</th><th scope=\"col\" class=\"number\">of "
         "copy</th><th scope=\"col\" class=\"number\">projected on its target (not "
         "measured)</th></tr></thead>\n<tbody>\n" +
         body + "</tbody>\n</table></div>\n";
}

}  // namespace fuseline::tuner
