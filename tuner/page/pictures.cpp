#include "tuner/page/pictures.hpp"

#include <fmt/format.h>

#include "tuner/base/text.hpp"
#include "tuner/page/html.hpp"
#include "tuner/plot/plot_text.hpp"

namespace fuseline::tuner {
namespace {

struct Plot {
  const char* kind;
  const char* title;
};
constexpr Plot kPlots[] = {{"roofline", "Under the roofs"},
                           {"convergence", "How the search went"},
                           {"effects", "What each parameter does"},
                           {"samples", "How steady the best is"}};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// Without what belongs to a file of its own; clips of several pictures in one page have names of their own.
std::string inlined(std::string svg, const std::string& mark) {
  if (const std::size_t root = svg.find("<svg "); root != std::string::npos) svg.erase(0, root);
  replace_all(svg, "id=\"clip", "id=\"" + mark + "clip");
  replace_all(svg, "url(#clip", "url(#" + mark + "clip");
  return svg;
}

/// One theme of a plot; empty where the run does not have what it needs.
std::string themed(const Run& run, const Plot& plot, Theme theme, const std::string& mark) {
  const char* name = theme == Theme::light ? "light" : "dark";
  auto svg = plot_text(run, plot.kind, ".svg", {.theme = theme});
  if (!svg) return "";
  if (svg->size() <= kLargestSvg)
    return fmt::format("<div class=\"{}\">{}</div>\n", name,
                       inlined(std::move(*svg), fmt::format("{}{}-", mark, name)));
  const auto png = plot_text(run, plot.kind, ".png", {.theme = theme});
  if (!png) return "";
  return fmt::format("<div class=\"{}\"><img alt=\"{}\" src=\"data:image/png;base64,{}\"></div>\n", name,
                     html_text(plot.title), to_base64(*png));
}

}  // namespace

std::string pictures_part(const Run& run, const std::string& mark) {
  std::string part;
  for (const Plot& plot : kPlots) {
    const std::string own = fmt::format("{}-{}-", mark, plot.kind);
    const std::string light = themed(run, plot, Theme::light, own);
    if (light.empty()) continue;
    part += fmt::format("<figure class=\"{}\">\n<figcaption>{}</figcaption>\n{}{}</figure>\n", plot.kind,
                        html_text(plot.title), light, themed(run, plot, Theme::dark, own));
  }
  return part.empty() ? "" : "<h3>Plots</h3>\n" + part;
}

}  // namespace fuseline::tuner
