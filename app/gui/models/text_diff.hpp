// What differs between two texts, line by line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fuseline::app::gui {

struct DiffLine {
  enum class Kind { same, removed, added } kind = Kind::same;
  std::size_t before = 0, after = 0;  ///< Line numbers from 1; 0 where the line is not there.
  std::string_view text;              ///< Into the text that it is of, without its end.
};

/// A shortest edit script (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, the greedy algorithm):
/// removed lines go before added ones. Where the texts have more than `most` differences it is given up, and everything
/// between their common beginning and end is removed and added. Views into both texts.
[[nodiscard]] std::vector<DiffLine> diff_lines(std::string_view before, std::string_view after,
                                               std::size_t most = 2000);

/// Without lines that are further than `context` from any that differs; an entry of kind same with an empty text and
/// `before` = `after` = 0 stands for what was left out.
[[nodiscard]] std::vector<DiffLine> with_context(const std::vector<DiffLine>& lines, std::size_t context);

}  // namespace fuseline::app::gui
