#include "tuner/page/page.hpp"

#include <fmt/format.h>

#include "tuner/page/html.hpp"
#include "tuner/page/parts.hpp"
#include "tuner/page/pictures.hpp"

namespace fuseline::tuner {
namespace {

/// Colours are those of the plots' themes.
constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ground: #ffffff; --text: #1b2027; --muted: #4c5660; --line: #d5dbe1; --raised: #f3f6f8; --accent: #00619a; }
body { margin: 0 auto; max-width: 1160px; padding: 24px; background: var(--ground); color: var(--text); font: 15px/1.45 "DejaVu Sans", Verdana, Arial, sans-serif; }
h1 { font-size: 24px; } h2 { font-size: 20px; margin-top: 40px; border-top: 1px solid var(--line); padding-top: 24px; } h3 { font-size: 16px; margin-top: 28px; }
a { color: var(--accent); }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: normal; }
thead th { font-weight: bold; color: var(--muted); } .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.cards { display: flex; flex-wrap: wrap; gap: 12px; } .card { background: var(--raised); border-radius: 6px; padding: 12px 16px; max-width: 340px; font-size: 13px; color: var(--muted); overflow-wrap: anywhere; }
.card .figure { font-size: 20px; color: var(--text); } blockquote { margin: 12px 0; padding-left: 12px; border-left: 3px solid var(--line); }
figure { margin: 20px 0; } figcaption, summary { font-weight: bold; margin-bottom: 6px; } summary { cursor: pointer; }
figure svg, figure img { max-width: 100%; height: auto; } .dark { display: none; }
pre { background: var(--raised); border-radius: 6px; padding: 12px; overflow-x: auto; font: 12px/1.4 "DejaVu Sans Mono", monospace; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ground: #14181d; --text: #e8ebee; --muted: #b4bcc5; --line: #2a3139; --raised: #1f252d; --accent: #5cb4f0; }
  .light { display: none; } .dark { display: block; }
}
@media print { body { max-width: none; padding: 0; } pre { white-space: pre-wrap; } figure, .card { break-inside: avoid; } thead { display: table-header-group; } }
)";

std::string run_part(const Run& run, const PageRequest& request, std::size_t place) {
  const std::string mark = fmt::format("run-{}", place);
  // A page of one run has its title at the top.
  std::string part = fmt::format("<section id=\"{}\">\n", mark);
  if (request.runs.size() > 1) part += "<h2>" + html_text(page_title(run.info)) + "</h2>\n";
  part += summary_part(run);
  part += best_part(run);
  part += bounds_part(run);
  part += hot_lines_part(run, request.catalog);
  part += pictures_part(run, mark);
  part += failures_part(run);
  part += conditions_part(run, request);
  part += source_part(run, request.catalog);
  return part + "</section>\n";
}

}  // namespace

Result<std::string> html_report(const PageRequest& request) {
  if (request.runs.empty()) return bad_input("there is no run to report on");
  const bool several = request.runs.size() > 1;
  const std::string title =
      several ? fmt::format("{} runs", request.runs.size()) : page_title(request.runs.front()->info);
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n"
      "<h1>{0}</h1>\n",
      html_text(title), kStyle);
  if (several) page += overview_part(request);
  for (std::size_t i = 0; i < request.runs.size(); ++i) page += run_part(*request.runs[i], request, i + 1);
  return page + "</body>\n</html>\n";
}

}  // namespace fuseline::tuner
