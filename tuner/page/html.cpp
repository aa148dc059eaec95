#include "tuner/page/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

std::string cell_tag(const HtmlCell& cell, bool heads) {
  const char* tag = heads ? "th scope=\"row\"" : "td";
  std::string text = fmt::format("<{}", tag);
  if (cell.numeric) text += " class=\"number\"";
  if (!cell.value.empty()) text += fmt::format(" data-value=\"{}\"", html_text(cell.value));
  return text + ">" + html_text(cell.text) + (heads ? "</th>" : "</td>");
}

bool says_something(const std::vector<std::vector<HtmlCell>>& rows, std::size_t column) {
  return std::any_of(rows.begin(), rows.end(), [column](const auto& row) {
    return column < row.size() && !row[column].text.empty() && row[column].text != "-";
  });
}

}  // namespace

std::string html_text(std::string_view text) { return escape_xml(printable(text, true)); }

std::string html_paragraph(std::string_view text) { return text.empty() ? "" : "<p>" + html_text(text) + "</p>\n"; }

std::string html_list(const std::vector<std::string>& texts) {
  if (texts.empty()) return "";
  std::string list = "<ul>\n";
  for (const std::string& text : texts) list += "<li>" + html_text(text) + "</li>\n";
  return list + "</ul>\n";
}

std::string html_code(std::string_view text) { return "<pre><code>" + html_text(text) + "</code></pre>\n"; }

std::string html_table(const std::vector<std::string>& header, const std::vector<std::vector<HtmlCell>>& rows) {
  std::string head, body;
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (says_something(rows, i)) columns.push_back(i);
  }
  for (const std::size_t i : columns) {
    const bool numeric =
        std::any_of(rows.begin(), rows.end(), [i](const auto& row) { return i < row.size() && row[i].numeric; });
    head += fmt::format("<th scope=\"col\"{}>{}</th>", numeric ? " class=\"number\"" : "", html_text(header[i]));
  }
  for (const auto& row : rows) {
    body += "<tr>";
    for (const std::size_t i : columns) body += cell_tag(i < row.size() ? row[i] : HtmlCell{}, i == columns.front());
    body += "</tr>\n";
  }
  return "<div class=\"wide\"><table>\n<thead><tr>" + head + "</tr></thead>\n<tbody>\n" + body +
         "</tbody>\n</table></div>\n";
}

}  // namespace fuseline::tuner
