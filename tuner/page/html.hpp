// Tags and texts of HTML.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fuseline::tuner {

/// Text that is safe between tags and in quoted attributes; control characters are made visible, line ends stay.
[[nodiscard]] std::string html_text(std::string_view text);
/// "<p>...</p>" of a text.
[[nodiscard]] std::string html_paragraph(std::string_view text);
/// A list of texts; empty where there are none.
[[nodiscard]] std::string html_list(const std::vector<std::string>& texts);
/// A source or a command, as it is.
[[nodiscard]] std::string html_code(std::string_view text);

/// A table's cell.
struct HtmlCell {
  std::string text;        ///< Not yet escaped.
  std::string value = {};  ///< The figure in full, as data-value; empty: none.
  bool numeric = false;    ///< Set to the right.
};
/// The first column heads its rows; columns that say nothing in any row are left out.
[[nodiscard]] std::string html_table(const std::vector<std::string>& header,
                                     const std::vector<std::vector<HtmlCell>>& rows);

}  // namespace fuseline::tuner
