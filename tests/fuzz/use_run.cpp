// What every command that takes a recording does with it.
#include "tests/fuzz/checks.hpp"
#include "tuner/base/json.hpp"
#include "tuner/formats/convergence_csv.hpp"
#include "tuner/formats/csv.hpp"
#include "tuner/formats/kernel_tuner.hpp"
#include "tuner/formats/ncu.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/page/page.hpp"
#include "tuner/plot/plot_text.hpp"
#include "tuner/plot/plots.hpp"
#include "tuner/report/counters_report.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/explanation.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::fuzz {
namespace {

void draw(const tuner::Run& run) {
  const auto canvas = tuner::make_svg_canvas(960, 640);
  const auto roofline = tuner::roofline_model(run, {.hierarchy = true});
  if (!roofline.roofs.empty()) tuner::draw_roofline(*canvas, roofline, tuner::Theme::light);
  for (const auto against : {tuner::Against::evaluations, tuner::Against::seconds}) {
    const auto model = tuner::convergence_model(run, against);
    if (model.samples.empty() || (against == tuner::Against::seconds && !(model.seconds > 0))) continue;
    tuner::draw_convergence(*canvas, model, tuner::Theme::dark);
  }
  const auto svg = canvas->finish();
  require(svg.has_value(), "a drawing was not finished");
  require_shown_safely(*svg, true);
}

constexpr std::size_t kMostInPictures = 32;

/// Every kind of plot, and all of it as a page.
void picture(const tuner::Run& run) {
  if (run.evaluations.size() > kMostInPictures) return;
  for (const std::string& kind : tuner::plot_kinds()) {
    const auto text = tuner::plot_text(run, kind, ".svg", {});
    text ? require_shown_safely(*text, true) : require_shown_safely(text.error());
  }
  const auto page = tuner::html_report({{&run}, nullptr, {}});
  page ? require_shown_safely(*page, true) : require_shown_safely(page.error());
}

}  // namespace

void use(const tuner::Run& run) {
  if (run.evaluations.size() > 256) return;
  static_cast<void>(tuner::csv(run));
  static_cast<void>(tuner::convergence_csv(run));
  static_cast<void>(tuner::ncu_json(run));
  if (const auto json = tuner::result_json(run))
    static_cast<void>(json->dump(2, ' ', false, tuner::OrderedJson::error_handler_t::replace));
  if (const auto text = tuner::kernel_tuner_text(run)) static_cast<void>(text->size());
  for (const std::string& text : {tuner::result_text(run, 10, false), tuner::counters_text(run, run.ranked(), false),
                                  tuner::outcomes_text(run)}) {
    require_shown_safely(text, true);
  }
  if (const auto ranked = run.ranked(); !ranked.empty()) {
    const tuner::Explanation explanation = tuner::explain(run, *ranked.front());
    require_shown_safely(tuner::profile_text(run, *ranked.front(), explanation, false), true);
    static_cast<void>(tuner::profile_json(run, *ranked.front(), explanation));
  }
  draw(run);
  picture(run);
  std::vector<tuner::Configuration> configurations;
  for (const auto& evaluation : run.evaluations) configurations.push_back(evaluation.configuration);
  if (configurations.empty()) return;
  const auto space = tuner::list_space(configurations);
  if (!space) return require_shown_safely(space.error());
  require((*space)->size() == configurations.size(), "a listed space is of another size than its list");
  for (std::uint64_t i = 0; i < (*space)->size(); ++i)
    require((*space)->index_of((*space)->configuration(i)) == i, "a configuration has another index");
}

}  // namespace fuseline::fuzz
