#include "app/gui/models/text_diff.hpp"

#include <algorithm>
#include <cstdint>

namespace fuseline::app::gui {
namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

/// Both texts without their common beginning and end.
struct Middle {
  std::size_t begin = 0, before_end = 0, after_end = 0;
};

Middle middle_of(const Lines& before, const Lines& after) {
  Middle middle{0, before.size(), after.size()};
  while (middle.begin < middle.before_end && middle.begin < middle.after_end &&
         before[middle.begin] == after[middle.begin])
    ++middle.begin;
  while (middle.before_end > middle.begin && middle.after_end > middle.begin &&
         before[middle.before_end - 1] == after[middle.after_end - 1])
    --middle.before_end, --middle.after_end;
  return middle;
}

/// The furthest points of every path with d differences, of d after d; -d, -d+2, ... d are its diagonals.
class Myers {
 public:
  Myers(const Lines& before, const Lines& after, const Middle& middle)
      : before_(before),
        after_(after),
        middle_(middle),
        rows_(static_cast<std::int64_t>(middle.before_end - middle.begin)),
        columns_(static_cast<std::int64_t>(middle.after_end - middle.begin)) {}

  /// Whether each line of either text is in both: of the longest common sequence. False where there are too many
  /// differences.
  bool find(std::int64_t most, std::vector<bool>& kept_before, std::vector<bool>& kept_after) {
    std::int64_t d = 0;
    while (d <= most && !reached(d)) ++d;
    if (d > most) return false;
    for (std::int64_t x = rows_, y = columns_; d >= 0; --d) step_back(d, x, y, kept_before, kept_after);
    return true;
  }

 private:
  [[nodiscard]] std::int64_t furthest(std::int64_t d, std::int64_t diagonal) const {
    return paths_[static_cast<std::size_t>(d)][static_cast<std::size_t>((diagonal + d) / 2)];
  }
  [[nodiscard]] bool from_above(std::int64_t d, std::int64_t diagonal) const {
    return diagonal == -d || (diagonal != d && furthest(d - 1, diagonal - 1) < furthest(d - 1, diagonal + 1));
  }
  [[nodiscard]] bool same(std::int64_t x, std::int64_t y) const {
    return before_[middle_.begin + static_cast<std::size_t>(x)] == after_[middle_.begin + static_cast<std::size_t>(y)];
  }

  /// Adds the paths of d differences; whether one of them comes to the end of both.
  bool reached(std::int64_t d) {
    std::vector<std::int64_t> path;
    bool end = false;
    for (std::int64_t diagonal = -d; diagonal <= d; diagonal += 2) {
      std::int64_t x = 0;
      if (d > 0) x = from_above(d, diagonal) ? furthest(d - 1, diagonal + 1) : furthest(d - 1, diagonal - 1) + 1;
      while (x < rows_ && x - diagonal < columns_ && x - diagonal >= 0 && same(x, x - diagonal)) ++x;
      path.push_back(x);
      end = end || (x >= rows_ && x - diagonal >= columns_);
    }
    paths_.push_back(std::move(path));
    return end;
  }

  void step_back(std::int64_t d, std::int64_t& x, std::int64_t& y, std::vector<bool>& kept_before,
                 std::vector<bool>& kept_after) const {
    const std::int64_t diagonal = x - y;
    std::int64_t from_x = 0, from_y = 0;
    if (d > 0) {
      const std::int64_t other = from_above(d, diagonal) ? diagonal + 1 : diagonal - 1;
      from_x = furthest(d - 1, other);
      from_y = from_x - other;
    }
    while (x > from_x && y > from_y) {
      --x, --y;
      kept_before[middle_.begin + static_cast<std::size_t>(x)] = true;
      kept_after[middle_.begin + static_cast<std::size_t>(y)] = true;
    }
    x = from_x, y = from_y;
  }

  const Lines &before_, &after_;
  Middle middle_;
  std::int64_t rows_, columns_;
  std::vector<std::vector<std::int64_t>> paths_;
};

}  // namespace

std::vector<DiffLine> diff_lines(std::string_view before, std::string_view after, std::size_t most) {
  const Lines a = lines_of(before), b = lines_of(after);
  const Middle middle = middle_of(a, b);
  std::vector<bool> kept_a(a.size(), true), kept_b(b.size(), true);
  std::fill(kept_a.begin() + static_cast<std::ptrdiff_t>(middle.begin),
            kept_a.begin() + static_cast<std::ptrdiff_t>(middle.before_end), false);
  std::fill(kept_b.begin() + static_cast<std::ptrdiff_t>(middle.begin),
            kept_b.begin() + static_cast<std::ptrdiff_t>(middle.after_end), false);
  (void)Myers(a, b, middle).find(static_cast<std::int64_t>(most), kept_a, kept_b);
  std::vector<DiffLine> lines;
  std::size_t i = 0, k = 0;
  while (i < a.size() || k < b.size()) {
    for (; i < a.size() && !kept_a[i]; ++i) lines.push_back({DiffLine::Kind::removed, i + 1, 0, a[i]});
    for (; k < b.size() && !kept_b[k]; ++k) lines.push_back({DiffLine::Kind::added, 0, k + 1, b[k]});
    if (i < a.size() && k < b.size()) lines.push_back({DiffLine::Kind::same, i + 1, k + 1, b[k]}), ++i, ++k;
  }
  return lines;
}

std::vector<DiffLine> with_context(const std::vector<DiffLine>& lines, std::size_t context) {
  std::vector<bool> near(lines.size(), false);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].kind == DiffLine::Kind::same) continue;
    const std::size_t last = std::min(lines.size() - 1, i + context);
    for (std::size_t k = i - std::min(i, context); k <= last; ++k) near[k] = true;
  }
  std::vector<DiffLine> kept;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (near[i]) {
      kept.push_back(lines[i]);
    } else if (kept.empty() || kept.back().before != 0 || kept.back().after != 0) {
      kept.push_back({});
    }
  }
  return kept;
}

}  // namespace fuseline::app::gui
