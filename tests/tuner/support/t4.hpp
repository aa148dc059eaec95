// T4 files that tests make as JSON.
#pragma once

#include <string>
#include <string_view>

#include "tuner/formats/t4.hpp"

namespace fuseline::tuner {

inline Result<Run> run_from_t4(const OrderedJson& json, const std::string& file) {
  const std::string text = json.dump();
  return run_from_t4(std::string_view(text), file);
}

}  // namespace fuseline::tuner
