#include "app/gui/platform/picture.hpp"

#include <GL/gl.h>
#include <GL/glext.h>
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_opengl3.h>

#include <cstddef>
#include <utility>

#include "app/gui/platform/imgui_compat.hpp"

namespace fuseline::app::gui {
namespace {

static_assert(sizeof(ImDrawVert) == kVertexBytes && offsetof(ImDrawVert, pos) == 0 && offsetof(ImDrawVert, uv) == 8 &&
              offsetof(ImDrawVert, col) == 16);

/// Of OpenGL 3.0, which a library need not have under these names.
struct FramebufferCalls {
  template <class Call>
  static Call find(const char* name) {
    return reinterpret_cast<Call>(glfwGetProcAddress(name));
  }
  PFNGLGENFRAMEBUFFERSPROC generate = find<PFNGLGENFRAMEBUFFERSPROC>("glGenFramebuffers");
  PFNGLDELETEFRAMEBUFFERSPROC remove = find<PFNGLDELETEFRAMEBUFFERSPROC>("glDeleteFramebuffers");
  PFNGLBINDFRAMEBUFFERPROC bind = find<PFNGLBINDFRAMEBUFFERPROC>("glBindFramebuffer");
  PFNGLFRAMEBUFFERTEXTURE2DPROC attach = find<PFNGLFRAMEBUFFERTEXTURE2DPROC>("glFramebufferTexture2D");
  PFNGLCHECKFRAMEBUFFERSTATUSPROC status = find<PFNGLCHECKFRAMEBUFFERSTATUSPROC>("glCheckFramebufferStatus");
  PFNGLBLITFRAMEBUFFERPROC blit = find<PFNGLBLITFRAMEBUFFERPROC>("glBlitFramebuffer");

  [[nodiscard]] bool complete() const {
    return generate != nullptr && remove != nullptr && bind != nullptr && attach != nullptr && status != nullptr &&
           blit != nullptr;
  }
};

/// The same for all windows: their contexts are alike.
const FramebufferCalls& calls() {
  static const FramebufferCalls found;
  return found;
}

/// The pixels that the renderer's scissor leaves of a clip rectangle, by its own rounding, which counts from the
/// bottom.
PixelBox scissor_of(const ImVec4& clip, const ImVec2& origin, int width, int height) {
  const float left = clip.x - origin.x, top = clip.y - origin.y, right = clip.z - origin.x, bottom = clip.w - origin.y;
  const int low = static_cast<int>(static_cast<float>(height) - bottom), lowest = static_cast<int>(left);
  const int across = static_cast<int>(right - left), up = static_cast<int>(bottom - top);
  return PixelBox{lowest, height - low - up, lowest + across, height - low}.common({0, 0, width, height});
}

ImVec4 clip_of(const PixelBox& box, const ImVec2& origin) {
  return {static_cast<float>(box.left) + origin.x, static_cast<float>(box.top) + origin.y,
          static_cast<float>(box.right) + origin.x, static_cast<float>(box.bottom) + origin.y};
}

std::int64_t pixels_in(const std::vector<PixelBox>& boxes) {
  std::int64_t sum = 0;
  for (const PixelBox& box : boxes) sum += box.area();
  return sum;
}

/// The smallest box round the pixels that differ, of pictures whose first row is the lowest.
std::optional<PixelBox> differing(const std::vector<unsigned char>& a, const std::vector<unsigned char>& b, int width,
                                  int height) {
  PixelBox box;
  for (int y = 0; y < height; ++y) {
    const auto row = static_cast<std::ptrdiff_t>(y) * width * 4;
    if (std::equal(a.begin() + row, a.begin() + row + std::ptrdiff_t{width} * 4, b.begin() + row)) continue;
    for (int x = 0; x < width; ++x) {
      const std::ptrdiff_t at = row + std::ptrdiff_t{x} * 4;
      if (!std::equal(a.begin() + at, a.begin() + at + 4, b.begin() + at))
        box = box.around({x, height - 1 - y, x + 1, height - y});
    }
  }
  return box.empty() ? std::nullopt : std::optional(box);
}

}  // namespace

bool PictureTarget::make(int width, int height) {
  release();
  if (!calls().complete() || width <= 0 || height <= 0) return false;
  GLint bound = 0;
  glGetIntegerv(GL_TEXTURE_BINDING_2D, &bound);
  glGenTextures(1, &texture_);
  glBindTexture(GL_TEXTURE_2D, texture_);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  // In the order of bytes that screens have: to show it is a copy then.
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_BGRA, GL_UNSIGNED_INT_8_8_8_8_REV, nullptr);
  glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(bound));
  calls().generate(1, &frame_);
  calls().bind(GL_FRAMEBUFFER, frame_);
  calls().attach(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture_, 0);
  const bool complete = calls().status(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
  calls().bind(GL_FRAMEBUFFER, 0);
  if (!complete) {
    release();
    return false;
  }
  width_ = width;
  height_ = height;
  return true;
}

void PictureTarget::release() {
  if (frame_ != 0) calls().remove(1, &frame_);
  if (texture_ != 0) glDeleteTextures(1, &texture_);
  frame_ = texture_ = 0;
  width_ = height_ = 0;
}

void PictureTarget::bind() const { calls().bind(GL_FRAMEBUFFER, frame_); }

void PictureTarget::show() const {
  calls().bind(GL_READ_FRAMEBUFFER, frame_);
  calls().bind(GL_DRAW_FRAMEBUFFER, 0);
  calls().blit(0, 0, width_, height_, 0, 0, width_, height_, GL_COLOR_BUFFER_BIT, GL_NEAREST);
  calls().bind(GL_FRAMEBUFFER, 0);
}

/// What this frame draws, into now_. False where that says too little: then everything is drawn.
bool Picture::summarise(const ImDrawData& data) {
  now_.clear();
  if (data.FramebufferScale.x != 1 || data.FramebufferScale.y != 1 || compat::textures_change(data)) return false;
  for (int i = 0; i < data.CmdListsCount; ++i) {
    const ImDrawList& list = *data.CmdLists[i];
    for (const ImDrawCmd& command : list.CmdBuffer) {
      if (command.UserCallback != nullptr) return false;
      const ImVector<ImDrawVert>& vertices = list.VtxBuffer;
      const auto first = static_cast<std::size_t>(command.VtxOffset);
      now_.add(scissor_of(command.ClipRect, data.DisplayPos, width_, height_), compat::texture_of(command),
               std::as_bytes(std::span(vertices.Data + first, static_cast<std::size_t>(vertices.Size) - first)),
               std::span<const ImDrawIdx>(list.IdxBuffer.Data + command.IdxOffset, command.ElemCount));
    }
  }
  return true;
}

void Picture::draw_whole(ImDrawData& data) const {
  glViewport(0, 0, width_, height_);
  glClearColor(background_.x, background_.y, background_.z, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(&data);
}

void Picture::draw_within(ImDrawData& data, const std::vector<PixelBox>& boxes) const {
  glViewport(0, 0, width_, height_);
  glClearColor(background_.x, background_.y, background_.z, 1);
  glEnable(GL_SCISSOR_TEST);
  for (const PixelBox& box : boxes) {
    glScissor(box.left, height_ - box.bottom, box.right - box.left, box.bottom - box.top);
    glClear(GL_COLOR_BUFFER_BIT);
  }
  glDisable(GL_SCISSOR_TEST);
  // Lists are drawn as they are but for their commands, so that vertices are sent once for all boxes.
  std::vector<ImDrawList*> lists;
  std::vector<ImVector<ImDrawCmd>> kept;
  kept.reserve(static_cast<std::size_t>(data.CmdListsCount));
  std::size_t call = 0;
  for (int i = 0; i < data.CmdListsCount; ++i) {
    ImDrawList& list = *data.CmdLists[i];
    ImVector<ImDrawCmd> parts;
    for (const ImDrawCmd& command : list.CmdBuffer) {
      const PixelBox& touched = now_.calls()[call++];
      const PixelBox scissor = scissor_of(command.ClipRect, data.DisplayPos, width_, height_);
      for (const PixelBox& box : boxes) {
        if (touched.common(box).empty()) continue;
        parts.push_back(command);
        parts.back().ClipRect = clip_of(scissor.common(box), data.DisplayPos);
      }
    }
    if (parts.empty()) continue;
    lists.push_back(&list);
    list.CmdBuffer.swap(parts);
    kept.push_back(std::move(parts));
  }
  if (lists.empty()) return;
  ImDrawData part = data;
  compat::set_lists(part, lists);
  ImGui_ImplOpenGL3_RenderDrawData(&part);
  for (std::size_t i = 0; i < lists.size(); ++i) lists[i]->CmdBuffer.swap(kept[i]);
}

double Picture::draw(ImDrawData& data, const ImVec4& background, int width, int height) {
  const bool sized = width != width_ || height != height_;
  width_ = width;
  height_ = height;
  if (sized || direct_) {
    direct_ = !target_.make(width, height);
    known_ = false;
    uncover();
  }
  if (!direct_) target_.bind();
  const bool same_background =
      background.x == background_.x && background.y == background_.y && background.z == background_.z;
  background_ = background;
  const bool told = summarise(data);
  changed_ = true;
  double share = 1;
  if (!known_ || !told || !same_background || direct_) {
    draw_whole(data);
  } else {
    const std::vector<PixelBox> boxes = changed_boxes(before_, now_);
    changed_ = !boxes.empty();
    share = static_cast<double>(pixels_in(boxes)) / (static_cast<double>(width) * height);
    if (changed_) draw_within(data, boxes);
  }
  known_ = told && !direct_;
  std::swap(before_, now_);
  return share;
}

bool Picture::show() {
  if (direct_) return true;
  if (!changed_ && shows_left_ == 0) {
    calls().bind(GL_FRAMEBUFFER, 0);
    return false;
  }
  if (shows_left_ > 0) --shows_left_;
  target_.show();
  return true;
}

std::vector<unsigned char> Picture::pixels() const {
  std::vector<unsigned char> read(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_) * 4);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width_, height_, GL_BGRA, GL_UNSIGNED_BYTE, read.data());
  return read;
}

std::optional<PixelBox> Picture::difference(ImDrawData& data) {
  if (direct_ || width_ <= 0 || height_ <= 0) return std::nullopt;
  const std::vector<unsigned char> kept = pixels();
  if (!whole_.is_of(width_, height_) && !whole_.make(width_, height_)) {
    target_.bind();
    return std::nullopt;
  }
  whole_.bind();
  draw_whole(data);
  const std::vector<unsigned char> anew = pixels();
  target_.bind();
  return differing(kept, anew, width_, height_);
}

}  // namespace fuseline::app::gui
