#include "tuner/base/error.hpp"

namespace fuseline::tuner {

std::string Error::message() const {
  std::string text;
  for (const std::string* part : {&file, &path, &reason}) {
    if (part->empty()) continue;
    if (!text.empty()) text += ": ";
    text += *part;
  }
  return text;
}

}  // namespace fuseline::tuner
