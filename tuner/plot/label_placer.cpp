#include "tuner/plot/label_placer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>

namespace fuseline::tuner {
namespace {

/// Unit vector along text of this angle; pixels grow downwards.
Vec2 direction(double degrees) {
  const double angle = degrees * std::numbers::pi / 180.0;
  return {std::cos(angle), -std::sin(angle)};
}
double dot(Vec2 a, Vec2 b) { return a.x * b.x + a.y * b.y; }
Vec2 operator+(Vec2 a, Vec2 b) { return {a.x + b.x, a.y + b.y}; }
Vec2 operator-(Vec2 a, Vec2 b) { return {a.x - b.x, a.y - b.y}; }
Vec2 operator*(double factor, Vec2 a) { return {factor * a.x, factor * a.y}; }

/// True where the two boxes do not touch along `axis` (separating axis theorem).
bool apart(std::span<const Vec2> a, std::span<const Vec2> b, Vec2 axis) {
  const auto extent = [axis](std::span<const Vec2> points) {
    std::array<double, 2> range = {std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()};
    for (const Vec2& point : points)
      range = {std::min(range[0], dot(point, axis)), std::max(range[1], dot(point, axis))};
    return range;
  };
  const auto first = extent(a), second = extent(b);
  return first[1] <= second[0] || second[1] <= first[0];
}

}  // namespace

std::array<Vec2, 4> corners(const TurnedBox& box) {
  const Vec2 right = box.width / 2 * direction(box.degrees), up = box.height / 2 * direction(box.degrees + 90);
  return {box.centre - right - up, box.centre + right - up, box.centre + right + up, box.centre - right + up};
}

bool overlap(const TurnedBox& a, const TurnedBox& b) {
  // Most are nowhere near each other, which needs no angles.
  const double reach = (std::hypot(a.width, a.height) + std::hypot(b.width, b.height)) / 2;
  if (std::abs(a.centre.x - b.centre.x) > reach || std::abs(a.centre.y - b.centre.y) > reach) return false;
  const auto first = corners(a), second = corners(b);
  for (const double degrees : {a.degrees, a.degrees + 90, b.degrees, b.degrees + 90}) {
    if (apart(first, second, direction(degrees))) return false;
  }
  return true;
}

bool crosses(const TurnedBox& box, Vec2 from, Vec2 to) {
  const Vec2 along = to - from;
  const double length = std::hypot(along.x, along.y);
  const std::array<Vec2, 2> line = {from, to};
  const auto area = corners(box);
  std::array<Vec2, 3> axes = {direction(box.degrees), direction(box.degrees + 90), {1, 0}};
  if (length > 0) axes[2] = {-along.y / length, along.x / length};
  return std::none_of(axes.begin(), axes.end(), [&](Vec2 axis) { return apart(line, area, axis); });
}

bool LabelPlacer::is_free(const TurnedBox& box, bool over_lines) const {
  for (const Vec2& corner : corners(box)) {
    if (corner.x < area_.x || corner.x > area_.x + area_.width || corner.y < area_.y ||
        corner.y > area_.y + area_.height)
      return false;
  }
  return (over_lines || std::none_of(lines_.begin(), lines_.end(),
                                     [&](const Segment& line) { return crosses(box, line.from, line.to); })) &&
         std::none_of(boxes_.begin(), boxes_.end(), [&](const TurnedBox& other) { return overlap(box, other); });
}

bool LabelPlacer::crosses_label(Vec2 from, Vec2 to) const {
  return std::any_of(labels_.begin(), labels_.end(), [&](const TurnedBox& label) { return crosses(label, from, to); });
}

std::optional<TurnedBox> LabelPlacer::along(const Segment& line, Vec2 size, double gap, double preferred) {
  const Vec2 delta = line.to - line.from;
  const double length = std::hypot(delta.x, delta.y);
  if (length <= 0) return std::nullopt;
  const double degrees = std::atan2(-delta.y, delta.x) * 180.0 / std::numbers::pi;
  const Vec2 up = direction(degrees + 90);
  constexpr int kSteps = 50;
  for (int step = 0; step <= 2 * kSteps; ++step) {
    const int away = (step + 1) / 2;
    const double share = preferred + (step % 2 == 0 ? 1 : -1) * away / static_cast<double>(kSteps);
    if (share < 0 || share > 1) continue;
    for (const double side : {1.0, -1.0}) {
      const TurnedBox box{line.from + share * delta + side * (gap + size.y / 2) * up, size.x, size.y, degrees};
      if (!is_free(box, false)) continue;
      boxes_.push_back(box);
      labels_.push_back(box);
      return box;
    }
  }
  return std::nullopt;
}

std::optional<TurnedBox> LabelPlacer::near(Vec2 point, Vec2 size, double gap, double reach, bool over_lines) {
  constexpr double kStep = 6;
  for (int step = 0; gap + step * kStep <= reach; ++step) {
    const double distance = gap + step * kStep;
    for (const double degrees : {0.0, -20.0, 20.0, -40.0, 40.0, -60.0, 60.0, 180.0, 160.0, -160.0, 140.0, -140.0, 120.0,
                                 -120.0, 90.0, -90.0}) {
      const Vec2 way = direction(degrees);
      const Vec2 offset = {way.x * (distance + size.x / 2), way.y * (distance + size.y / 2)};
      const TurnedBox box{point + offset, size.x, size.y, 0};
      const Vec2 nearest{std::clamp(point.x, box.centre.x - size.x / 2, box.centre.x + size.x / 2),
                         std::clamp(point.y, box.centre.y - size.y / 2, box.centre.y + size.y / 2)};
      if (!is_free(box, over_lines) || crosses_label(point, nearest)) continue;
      boxes_.push_back(box);
      labels_.push_back(box);
      return box;
    }
  }
  return std::nullopt;
}

}  // namespace fuseline::tuner
