#include "app/cli/request.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <utility>

#include "tuner/base/text.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

Result<tuner::DimensionChoices> parse_dimension(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return tuner::bad_input("--dim", "", "'" + text + "' is no dimension: write N=32");
  tuner::DimensionChoices dimension{text.substr(0, equals), {}};
  for (const std::string& value : tuner::split(text.substr(equals + 1), ',')) {
    const char* end = value.data() + value.size();
    std::int64_t number = 0;
    const auto [at, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc() || at != end)
      return tuner::bad_input("--dim", "", fmt::format("'{}' is no integer, in {}", value, text));
    dimension.values.push_back(number);
  }
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

Result<void> add_scalars_and_parameters(const Choices& choices, tuner::SweepRequest& request) {
  for (const std::string& text : choices.scalars) {
    auto scalar = tuner::scalar_from_text(text);
    if (!scalar) return tuner::bad_input("--scalar", "", scalar.error().reason);
    request.scalars.push_back(std::move(*scalar));
  }
  for (const std::string& text : choices.parameters) FUSELINE_CHECK(add_parameter(text, request));
  return {};
}

}  // namespace

void add_number_options(CLI::App& command, Choices& choices, bool lists) {
  command
      .add_option("--dim", choices.dims,
                  lists ? "Set one dimension, as in N=32, or each of a list in turn, N=8,16,32 (repeatable; lists "
                          "multiply)"
                        : "Set one dimension, as in N=32 (repeatable)")
      ->type_name(lists ? "N=32,..." : "N=32")
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
    if (dimension.values.size() > 1) return tuner::bad_input("--dim", "", "one value is wanted, in " + text);
    request.dims.push_back({dimension.name, dimension.values.front()});
  }
  return add_scalars_and_parameters(choices, request);
}

Result<void> add_choices(const Choices& choices, tuner::CampaignRequest& request) {
  if (!choices.shapes.empty()) request.shapes = tuner::split(choices.shapes, ',');
  if (!choices.dtypes.empty()) request.dtypes = tuner::split(choices.dtypes, ',');
  for (const std::string& text : choices.dims) {
    FUSELINE_TRY(dimension, parse_dimension(text));
    request.dims.push_back(std::move(dimension));
  }
  return add_scalars_and_parameters(choices, request.each);
}

}  // namespace fuseline::app
