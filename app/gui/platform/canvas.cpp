#include "app/gui/platform/canvas.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "app/gui/platform/imgui_compat.hpp"
#include "app/gui/platform/theme.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Vec2;

/// Fonts are drawn at the size they were loaded for where that is near enough: scaled glyphs blur.
float drawn_size(const ImFont* font, double wanted) {
  const auto size = static_cast<float>(wanted);
  const float loaded = compat::font_size(*font);
  return std::abs(loaded / size - 1.F) < 0.1F ? loaded : size;
}

}  // namespace

ImGuiCanvas::ImGuiCanvas(ImDrawList& list, const Fonts& fonts, ImVec2 origin, ImVec2 size_pixels, ImVec2 pointer)
    : list_(list),
      fonts_(fonts),
      origin_(origin),
      size_{static_cast<double>(size_pixels.x / fonts.scale), static_cast<double>(size_pixels.y / fonts.scale)},
      scale_(fonts.scale) {
  pointer_ = value(pointer);
}

ImVec2 ImGuiCanvas::pixel(Vec2 at) const {
  return {origin_.x + static_cast<float>(at.x) * scale_, origin_.y + static_cast<float>(at.y) * scale_};
}
Vec2 ImGuiCanvas::value(ImVec2 at) const {
  return {static_cast<double>((at.x - origin_.x) / scale_), static_cast<double>((at.y - origin_.y) / scale_)};
}

void ImGuiCanvas::fill_rect(const tuner::Rect& rect, tuner::Colour colour) {
  if (!item_.empty() && pointer_.x >= rect.x && pointer_.x < rect.x + rect.width && pointer_.y >= rect.y &&
      pointer_.y < rect.y + rect.height)
    tooltip_ = item_;
  if (colour.a == 0) return;
  list_.AddRectFilled(pixel({rect.x, rect.y}), pixel({rect.x + rect.width, rect.y + rect.height}), packed(colour));
}

void ImGuiCanvas::stroke_rect(const tuner::Rect& rect, const tuner::Stroke& stroke) {
  compat::add_rect(list_, pixel({rect.x, rect.y}), pixel({rect.x + rect.width, rect.y + rect.height}),
                   packed(stroke.colour), 0, static_cast<float>(stroke.width) * scale_);
}

void ImGuiCanvas::touch(Vec2 from, Vec2 to, double reach) {
  if (item_.empty()) return;
  const double dx = to.x - from.x, dy = to.y - from.y, length = dx * dx + dy * dy;
  const double along =
      length > 0 ? std::clamp(((pointer_.x - from.x) * dx + (pointer_.y - from.y) * dy) / length, 0.0, 1.0) : 0.0;
  if (std::hypot(pointer_.x - from.x - along * dx, pointer_.y - from.y - along * dy) <= reach) tooltip_ = item_;
}

void ImGuiCanvas::dashed(ImVec2 from, ImVec2 to, ImU32 colour, float width, float& phase) {
  const float dash = 4 * scale_ + width, gap = 2 * scale_ + 1.5F * width, period = dash + gap;
  const float dx = to.x - from.x, dy = to.y - from.y, length = std::hypot(dx, dy);
  if (length <= 0) return;
  const float first = -std::fmod(phase, period);
  for (int i = 0; first + static_cast<float>(i) * period < length; ++i) {
    const float at = first + static_cast<float>(i) * period;
    const float begin = std::max(0.F, at), end = std::min(length, at + dash);
    if (end > begin)
      list_.AddLine({from.x + dx * begin / length, from.y + dy * begin / length},
                    {from.x + dx * end / length, from.y + dy * end / length}, colour, width);
  }
  phase = std::fmod(phase + length, period);
}

void ImGuiCanvas::polyline(std::span<const Vec2> points, const tuner::Stroke& stroke) {
  const float width = static_cast<float>(stroke.width) * scale_;
  const ImU32 colour = packed(stroke.colour);
  for (std::size_t i = 1; i < points.size(); ++i) touch(points[i - 1], points[i], 4);
  if (stroke.dashed) {
    float phase = 0;
    for (std::size_t i = 1; i < points.size(); ++i)
      dashed(pixel(points[i - 1]), pixel(points[i]), colour, width, phase);
    return;
  }
  std::vector<ImVec2> pixels;
  pixels.reserve(points.size());
  for (const Vec2& point : points) pixels.push_back(pixel(point));
  compat::add_polyline(list_, pixels.data(), static_cast<int>(pixels.size()), colour, false, width);
}

void ImGuiCanvas::fill_circle(Vec2 centre, double radius, tuner::Colour colour) {
  touch(centre, centre, radius + 2);
  if (fonts_.sprites.draw(list_, pixel(centre), static_cast<float>(radius) * scale_, 0, packed(colour))) return;
  list_.AddCircleFilled(pixel(centre), static_cast<float>(radius) * scale_, packed(colour));
}

void ImGuiCanvas::stroke_circle(Vec2 centre, double radius, const tuner::Stroke& stroke) {
  touch(centre, centre, radius + 2);
  if (fonts_.sprites.draw(list_, pixel(centre), static_cast<float>(radius) * scale_,
                          static_cast<float>(stroke.width) * scale_, packed(stroke.colour)))
    return;
  list_.AddCircle(pixel(centre), static_cast<float>(radius) * scale_, packed(stroke.colour), 0,
                  static_cast<float>(stroke.width) * scale_);
}

void ImGuiCanvas::fill_polygon(std::span<const Vec2> points, tuner::Colour colour) {
  // Stars are not convex: a fan round the middle is right for every shape that sees its own middle.
  if (points.size() < 3) return;
  Vec2 middle{0, 0};
  for (const Vec2& point : points)
    middle = {middle.x + point.x / static_cast<double>(points.size()),
              middle.y + point.y / static_cast<double>(points.size())};
  const ImVec2 centre = pixel(middle);
  const ImU32 packed_colour = packed(colour);
  // Without anti-aliasing between the triangles, whose seams would show.
  const ImDrawListFlags flags = list_.Flags;
  list_.Flags &= ~ImDrawListFlags_AntiAliasedFill;
  for (std::size_t i = 0; i < points.size(); ++i)
    list_.AddTriangleFilled(centre, pixel(points[i]), pixel(points[(i + 1) % points.size()]), packed_colour);
  list_.Flags = flags;
  double reach = 0;
  for (const Vec2& point : points) reach = std::max(reach, std::hypot(point.x - middle.x, point.y - middle.y));
  touch(middle, middle, reach);
}

double ImGuiCanvas::text_width(std::string_view text, double size, bool bold) const {
  ImFont* font = fonts_.nearest(size, bold);
  const float wanted = drawn_size(font, size * static_cast<double>(scale_));
  return static_cast<double>(font->CalcTextSizeA(wanted, FLT_MAX, 0, text.data(), text.data() + text.size()).x /
                             scale_);
}

void ImGuiCanvas::text(Vec2 at, std::string_view text, double size, tuner::Colour colour, tuner::Anchor anchor,
                       double degrees, bool bold) {
  if (text.empty()) return;
  ImFont* font = fonts_.nearest(size, bold);
  const float wanted = drawn_size(font, size * static_cast<double>(scale_));
  const float width = font->CalcTextSizeA(wanted, FLT_MAX, 0, text.data(), text.data() + text.size()).x;
  const ImVec2 base = pixel(at);
  const float ascent = compat::font_ascent(*font, wanted);
  ImVec2 from{base.x, base.y - ascent};
  if (anchor == tuner::Anchor::middle) from.x -= width / 2;
  if (anchor == tuner::Anchor::end) from.x -= width;
  if (degrees == 0) from = {std::round(from.x), std::round(from.y)};
  const int first = list_.VtxBuffer.Size;
  if (degrees == 0) return list_.AddText(font, wanted, from, packed(colour), text.data(), text.data() + text.size());
  // Without clipping, which would be by where the glyphs are before they are turned.
  font->RenderText(&list_, wanted, from, packed(colour), ImVec4(-1e6F, -1e6F, 1e6F, 1e6F), text.data(),
                   text.data() + text.size());
  const auto angle = static_cast<float>(-degrees * std::numbers::pi / 180.0);
  const float cosine = std::cos(angle), sine = std::sin(angle);
  for (int i = first; i < list_.VtxBuffer.Size; ++i) {
    ImVec2& vertex = list_.VtxBuffer[i].pos;
    const float x = vertex.x - base.x, y = vertex.y - base.y;
    vertex = {base.x + x * cosine - y * sine, base.y + x * sine + y * cosine};
  }
}

void ImGuiCanvas::push_clip(const tuner::Rect& rect) {
  list_.PushClipRect(pixel({rect.x, rect.y}), pixel({rect.x + rect.width, rect.y + rect.height}), true);
}

}  // namespace fuseline::app::gui
