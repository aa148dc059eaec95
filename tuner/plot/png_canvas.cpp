// PNG through cairo. The font is opened by path, so that no font configuration of the machine changes a picture.
#include <cairo-ft.h>
#include <cairo.h>
#include <fmt/format.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#include <cmath>
#include <filesystem>
#include <mutex>
#include <numbers>
#include <vector>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/plot/canvas.hpp"
#include "tuner/plot/text_metrics.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;

constexpr double kMaximumPixels = 64e6;

struct SurfaceDeleter {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct ContextDeleter {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
struct FontDeleter {
  void operator()(cairo_font_face_t* font) const { cairo_font_face_destroy(font); }
};
using Surface = std::unique_ptr<cairo_surface_t, SurfaceDeleter>;
using Context = std::unique_ptr<cairo_t, ContextDeleter>;
using Font = std::unique_ptr<cairo_font_face_t, FontDeleter>;

/// FreeType for the whole process: cairo keeps faces in its cache for as long as it likes, so the library is never
/// closed.
FT_Library free_type() {
  static FT_Library library = [] {
    FT_Library opened = nullptr;
    return FT_Init_FreeType(&opened) == 0 ? opened : nullptr;
  }();
  return library;
}
std::mutex& free_type_mutex() {
  static std::mutex mutex;
  return mutex;
}

void close_face(void* face) { FT_Done_Face(static_cast<FT_Face>(face)); }

Font open_font(const fs::path& file) {
  static const cairo_user_data_key_t key{};
  const std::lock_guard lock(free_type_mutex());
  FT_Face face = nullptr;
  if (free_type() == nullptr || FT_New_Face(free_type(), file.c_str(), 0, &face) != 0) return nullptr;
  Font font(cairo_ft_font_face_create_for_ft_face(face, 0));
  if (cairo_font_face_set_user_data(font.get(), &key, face, close_face) != CAIRO_STATUS_SUCCESS) {
    font.reset();
    close_face(face);
  }
  return font;
}

Result<Font> find_font(const std::string& name, const std::string& built_with) {
  std::vector<fs::path> places;
  if (const fs::path data = data_folder(); !data.empty()) places.push_back(data / "fonts" / name);
  places.emplace_back(built_with);
  for (const char* folder : {"/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/TTF", "/usr/share/fonts/dejavu"})
    places.push_back(fs::path(folder) / name);
  std::string tried;
  for (const fs::path& place : places) {
    std::error_code ignored;
    if (fs::is_regular_file(place, ignored)) {
      if (Font font = open_font(place)) return font;
    }
    tried += (tried.empty() ? "" : ", ") + place.string();
  }
  return io_error(name, "no font to draw text with; looked for " + tried);
}

cairo_status_t append_bytes(void* closure, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

class PngCanvas final : public FileCanvas {
 public:
  PngCanvas(Vec2 size, double scale, Font regular, Font bold)
      : size_(size),
        surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(std::ceil(size.x * scale)),
                                            static_cast<int>(std::ceil(size.y * scale)))),
        context_(cairo_create(surface_.get())),
        regular_(std::move(regular)),
        bold_(std::move(bold)) {
    cairo_scale(context_.get(), scale, scale);
    cairo_set_line_join(context_.get(), CAIRO_LINE_JOIN_ROUND);
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(context_.get(), options);
    cairo_font_options_destroy(options);
  }

  [[nodiscard]] Vec2 size() const override { return size_; }

  void fill_rect(const Rect& rect, Colour colour) override {
    cairo_rectangle(context_.get(), rect.x, rect.y, rect.width, rect.height);
    fill(colour);
  }
  void stroke_rect(const Rect& rect, const Stroke& style) override {
    cairo_rectangle(context_.get(), rect.x, rect.y, rect.width, rect.height);
    stroke(style);
  }
  void polyline(std::span<const Vec2> points, const Stroke& style) override {
    trace(points);
    stroke(style);
  }
  void fill_polygon(std::span<const Vec2> points, Colour colour) override {
    trace(points);
    fill(colour);
  }
  void fill_circle(Vec2 centre, double radius, Colour colour) override {
    circle(centre, radius);
    fill(colour);
  }
  void stroke_circle(Vec2 centre, double radius, const Stroke& style) override {
    circle(centre, radius);
    stroke(style);
  }

  void text(Vec2 at, std::string_view text, double size, Colour colour, Anchor anchor, double degrees,
            bool bold) override {
    const std::string content = drawable_text(text);
    const double width = text_width(content, size, bold);
    cairo_save(context_.get());
    cairo_translate(context_.get(), at.x, at.y);
    cairo_rotate(context_.get(), -degrees * std::numbers::pi / 180.0);
    cairo_move_to(context_.get(), anchor == Anchor::start ? 0.0 : anchor == Anchor::middle ? -width / 2 : -width, 0.0);
    choose_font(size, bold);
    set_colour(colour);
    cairo_show_text(context_.get(), content.c_str());
    cairo_restore(context_.get());
    cairo_new_path(context_.get());
  }

  [[nodiscard]] double text_width(std::string_view text, double size, bool bold) const override {
    const std::string content = drawable_text(text);
    choose_font(size, bold);
    cairo_text_extents_t extents{};
    cairo_text_extents(context_.get(), content.c_str(), &extents);
    return extents.x_advance;
  }

  void push_clip(const Rect& rect) override {
    cairo_save(context_.get());
    cairo_rectangle(context_.get(), rect.x, rect.y, rect.width, rect.height);
    cairo_clip(context_.get());
  }
  void pop_clip() override { cairo_restore(context_.get()); }

  [[nodiscard]] Result<std::string> finish() override {
    if (const cairo_status_t status = cairo_status(context_.get()); status != CAIRO_STATUS_SUCCESS)
      return failure(status);
    std::string bytes;
    cairo_surface_flush(surface_.get());
    const cairo_status_t status = cairo_surface_write_to_png_stream(surface_.get(), append_bytes, &bytes);
    if (status != CAIRO_STATUS_SUCCESS) return failure(status);
    return bytes;
  }

 private:
  static tl::unexpected<Error> failure(cairo_status_t status) {
    return io_error({}, fmt::format("the picture could not be drawn: {}", cairo_status_to_string(status)));
  }
  void choose_font(double size, bool bold) const {
    cairo_set_font_face(context_.get(), (bold ? bold_ : regular_).get());
    cairo_set_font_size(context_.get(), size);
  }
  void set_colour(Colour colour) {
    cairo_set_source_rgba(context_.get(), colour.r / 255.0, colour.g / 255.0, colour.b / 255.0, colour.a / 255.0);
  }
  void trace(std::span<const Vec2> points) {
    for (const Vec2& point : points) cairo_line_to(context_.get(), point.x, point.y);
  }
  void circle(Vec2 centre, double radius) {
    cairo_new_sub_path(context_.get());
    cairo_arc(context_.get(), centre.x, centre.y, radius, 0, 2 * std::numbers::pi);
  }
  void fill(Colour colour) {
    set_colour(colour);
    cairo_close_path(context_.get());
    cairo_fill(context_.get());
  }
  void stroke(const Stroke& style) {
    set_colour(style.colour);
    cairo_set_line_width(context_.get(), style.width);
    const double dashes[2] = {4 + style.width, 2 + 1.5 * style.width};
    cairo_set_dash(context_.get(), dashes, style.dashed ? 2 : 0, 0);
    cairo_stroke(context_.get());
  }

  Vec2 size_;
  Surface surface_;
  Context context_;
  Font regular_, bold_;
};

}  // namespace

Result<std::unique_ptr<FileCanvas>> make_png_canvas(double width, double height, double scale) {
  const double pixels = width * scale * height * scale;
  if (!(width > 0 && height > 0 && scale > 0 && pixels <= kMaximumPixels)) {
    return bad_input(fmt::format("a picture of {:g} x {:g} at scale {:g} cannot be drawn", width, height, scale));
  }
  FUSELINE_TRY(regular, find_font("DejaVuSans.ttf", FUSELINE_FONT));
  FUSELINE_TRY(bold, find_font("DejaVuSans-Bold.ttf", FUSELINE_FONT_BOLD));
  return std::make_unique<PngCanvas>(Vec2{width, height}, scale, std::move(regular), std::move(bold));
}

}  // namespace fuseline::tuner
