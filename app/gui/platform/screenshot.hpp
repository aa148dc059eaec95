// The window's pixels as a PNG file.
#pragma once

#include <string>

#include "tuner/base/error.hpp"

namespace fuseline::app::gui {

/// Reads the picture that is bound for reading (within FrameSteps::drawn, the window's) and writes it. Errors: no
/// pixels, a file that cannot be written.
[[nodiscard]] tuner::Result<void> save_screenshot(const std::string& file, int width, int height);

}  // namespace fuseline::app::gui
