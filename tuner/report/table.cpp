#include "tuner/report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kMaximumCell = 96;

/// Columns that `text` takes on a terminal: one a character.
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string cell_text(const std::string& text) {
  std::string shown = printable(text);
  if (columns(shown) <= kMaximumCell) return shown;
  std::size_t end = 0, count = 0;
  for (; end < shown.size() && count < kMaximumCell - 3; ++end) {
    if (end + 1 == shown.size() || (static_cast<unsigned char>(shown[end + 1]) & 0xC0U) != 0x80U) ++count;
  }
  return shown.substr(0, end) + "...";
}

bool is_blank(const std::string& cell) { return cell.empty() || cell == "-"; }
/// Starts as numbers do: digits first, or a sign or point before one ("99.2 %", "1,024", "-0.5").
bool is_number(const std::string& cell) {
  const std::size_t first = cell.find_first_not_of("+-.");
  return first != std::string::npos && cell[first] >= '0' && cell[first] <= '9' && cell.find('=') == std::string::npos;
}

using Rows = std::vector<std::vector<std::string>>;

bool right_aligned(const Rows& rows, std::size_t column) {
  bool any = false;
  for (const auto& row : rows) {
    if (column >= row.size() || is_blank(row[column])) continue;
    if (!is_number(row[column])) return false;
    any = true;
  }
  return any;
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string blanks(width - std::min(width, columns(text)), ' ');
  return right ? blanks + text : text + blanks;
}

std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                 const std::vector<bool>& right) {
  std::string text;
  for (std::size_t i = 0; i < widths.size(); ++i)
    text += (i > 0 ? "  " : "") + padded(i < cells.size() ? cells[i] : std::string(), widths[i], right[i]);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace

std::string TextTable::render(bool colour) const {
  Rows shown;
  std::vector<std::size_t> widths;
  std::vector<std::string> titles;
  for (const std::string& cell : header) {
    titles.push_back(cell_text(cell));
    widths.push_back(columns(titles.back()));
  }
  for (const auto& row : rows) {
    auto& cells = shown.emplace_back();
    for (std::size_t i = 0; i < std::min(row.size(), header.size()); ++i) {
      cells.push_back(cell_text(row[i]));
      widths[i] = std::max(widths[i], columns(cells.back()));
    }
  }
  std::vector<bool> right;
  std::vector<std::string> dashes;
  for (std::size_t i = 0; i < header.size(); ++i) {
    right.push_back(right_aligned(shown, i));
    dashes.emplace_back(widths[i], '-');
  }
  std::string text = (colour ? "\x1b[1m" : "") + line(titles, widths, right) + (colour ? "\x1b[0m" : "") + "\n" +
                     line(dashes, widths, right) + "\n";
  for (const auto& row : shown) text += line(row, widths, right) + "\n";
  return text;
}

TextTable TextTable::without_empty_columns() const {
  TextTable kept;
  kept.rows.resize(rows.size());
  for (std::size_t column = 0; column < header.size(); ++column) {
    const bool says = std::any_of(rows.begin(), rows.end(),
                                  [&](const auto& cells) { return !cells[column].empty() && cells[column] != "-"; });
    if (!says) continue;
    kept.header.push_back(header[column]);
    for (std::size_t i = 0; i < rows.size(); ++i) kept.rows[i].push_back(rows[i][column]);
  }
  return kept;
}

std::string format_ms(double ms) { return std::isfinite(ms) && ms > 0 ? fmt::format("{:#.4g}", ms) : "-"; }

std::string format_bytes(double bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < std::size(kUnits)) {
    bytes /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.2f} {}", bytes, kUnits[unit]);
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "-";
  if (seconds < 9.95) return fmt::format("{:.1f}s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(std::min(seconds, 1e15)));
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m {}s", whole / 60, whole % 60);
  return fmt::format("{}h {}m", whole / 3600, whole % 3600 / 60);
}

}  // namespace fuseline::tuner
