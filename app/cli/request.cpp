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

void add_number_options(CLI::App& command, Choices& choices) {
  command.add_option("--dim", choices.dims, "Set one dimension, as in N=32 (repeatable)")
      ->type_name("N=32")
      ->allow_extra_args(false);
  command
      .add_option("--scalar", choices.scalars,
                  "Set one scalar, as in eps=1e-6 (repeatable; default: the problem's, see fuseline problems NAME)")
      ->type_name("S=1.0")
      ->allow_extra_args(false);
}

Result<void> add_choices(const Choices& choices, tuner::SweepRequest& request) {
  for (const std::string& text : choices.dims) {
    FUSELINE_TRY(dimension, parse_dimension(text));
    request.dims.push_back(std::move(dimension));
  }
  for (const std::string& text : choices.scalars) {
    auto scalar = tuner::scalar_from_text(text);
    if (!scalar) return tuner::bad_input("--scalar", "", scalar.error().reason);
    request.scalars.push_back(std::move(*scalar));
  }
  for (const std::string& text : choices.parameters) FUSELINE_CHECK(add_parameter(text, request));
  return {};
}

}  // namespace fuseline::app
