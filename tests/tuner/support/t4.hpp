// T4 files that tests make as JSON.
#pragma once

#include <string>

#include "tuner/formats/t4.hpp"

namespace fuseline::tuner {

inline Result<Run> run_from_t4(const OrderedJson& json, const std::string& file) {
  return run_from_t4(json.dump(), file);
}

}  // namespace fuseline::tuner
