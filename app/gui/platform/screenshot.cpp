#include "app/gui/platform/screenshot.hpp"

#include <GL/gl.h>

#include <vector>

#include "tuner/base/files.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>
#pragma GCC diagnostic pop

namespace fuseline::app::gui {

tuner::Result<void> save_screenshot(const std::string& file, int width, int height) {
  if (width <= 0 || height <= 0) return tuner::io_error(file, "the window has no pixels");
  const auto row = static_cast<std::size_t>(width) * 3;
  std::vector<unsigned char> pixels(row * static_cast<std::size_t>(height)), flipped(pixels.size());
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE, pixels.data());
  // OpenGL counts rows from the bottom.
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
    const auto from = pixels.begin() + static_cast<std::ptrdiff_t>((static_cast<std::size_t>(height) - 1 - y) * row);
    std::copy(from, from + static_cast<std::ptrdiff_t>(row), flipped.begin() + static_cast<std::ptrdiff_t>(y * row));
  }
  std::string bytes;
  const auto append = [](void* context, void* data, int size) {
    static_cast<std::string*>(context)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
  };
  if (stbi_write_png_to_func(append, &bytes, width, height, 3, flipped.data(), static_cast<int>(row)) == 0)
    return tuner::io_error(file, "the picture could not be packed");
  return tuner::write_file(file, bytes);
}

}  // namespace fuseline::app::gui
