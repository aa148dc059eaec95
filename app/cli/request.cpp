#include "app/cli/request.hpp"

#include <charconv>

#include "tuner/base/text.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

Result<tuner::Dimension> parse_dimension(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return tuner::bad_input("--dim", "", "'" + text + "' is no dimension: write N=32");
  tuner::Dimension dimension{text.substr(0, equals), 0};
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data() + equals + 1, end, dimension.value);
  if (error != std::errc() || at != end)
    return tuner::bad_input("--dim", "", "'" + text.substr(equals + 1) + "' is no integer, in " + text);
  return dimension;
}

Result<void> add_parameter(const std::string& text, tuner::SweepRequest& request) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    return tuner::bad_input("--param", "", "'" + text + "' names no parameter with values: write P=v1,v2");
  }
  auto& values = request.parameters[text.substr(0, equals)];
  for (std::string& value : tuner::split(text.substr(equals + 1), ',')) values.push_back(std::move(value));
  return {};
}

}  // namespace

Result<void> add_choices(const std::vector<std::string>& dims, const std::vector<std::string>& parameters,
                         tuner::SweepRequest& request) {
  for (const std::string& text : dims) {
    FUSELINE_TRY(dimension, parse_dimension(text));
    request.dims.push_back(std::move(dimension));
  }
  for (const std::string& text : parameters) FUSELINE_CHECK(add_parameter(text, request));
  return {};
}

}  // namespace fuseline::app
