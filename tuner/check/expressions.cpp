#include "tuner/check/expressions.hpp"

#include <fmt/format.h>

#include <functional>
#include <set>

#include "tuner/base/text.hpp"
#include "tuner/problem/arguments.hpp"

namespace fuseline::tuner {

/// An expression with where it stands and what its value must be.
struct ExpressionCheck::Place {
  std::string path;
  Expression expression;
  std::function<Result<void>(const Scope&)> judge;
  std::set<std::vector<double>> judged;  ///< Numbers used.
};

namespace {

Result<void> whole(const std::string& text, const Scope& scope, std::int64_t minimum) {
  FUSELINE_CHECK(evaluate_integer(text, scope, minimum));
  return {};
}

std::string block_product(const LaunchSpec& launch) {
  std::string product;
  for (const std::string& text : launch.block) product += fmt::format("{}({})", product.empty() ? "" : "*", text);
  return product;
}

Result<void> threads_fit(const LaunchSpec& launch, std::int64_t most, const Scope& scope) {
  const Result<std::int64_t> threads = evaluate_integer(block_product(launch), scope, 1);
  // What is no number of threads is said of the extent.
  if (!threads || most == 0 || *threads <= most) return {};
  return bad_input(
      fmt::format("{} threads a block are over the {} of the device, and no constraint says so", *threads, most));
}

double number_in(const ParameterSpec& parameter, const Value& value) {
  for (std::size_t i = 0; i < parameter.full_values.size(); ++i) {
    if (value.is_string() && parameter.full_values[i] == value) return static_cast<double>(i);
  }
  return value.number().value_or(0);
}

}  // namespace

ExpressionCheck::ExpressionCheck(const Variant& variant, const CheckCase& looked_at, FindingList& findings)
    : variant_(variant),
      case_(looked_at),
      findings_(findings),
      file_(printable(variant.file.string())),
      constants_(variant_scope(looked_at.instance, looked_at.device)) {
  for (const ParameterSpec& parameter : variant.parameters) {
    variables_.push_back(parameter.name);
    for (std::size_t i = 0; i < parameter.full_values.size(); ++i) {
      const Value& value = parameter.full_values[i];
      if (value.is_string()) constants_[parameter.name + "." + value.to_string()] = static_cast<double>(i);
    }
  }
  add_places();
}

ExpressionCheck::~ExpressionCheck() = default;

void ExpressionCheck::add_place(std::vector<Place>& places, const std::string& path, const std::string& text,
                                std::function<Result<void>(const Scope&)> judge) {
  // What does not parse was said when the manifest was read.
  if (auto expression = Expression::parse(text, variables_, constants_))
    places.push_back({path, std::move(*expression), std::move(judge), {}});
}

void ExpressionCheck::add_places() {
  for (const NamedExpression& derived : variant_.derived) {
    if (auto expression = Expression::parse(derived.text, variables_, constants_))
      derived_.push_back(std::move(*expression));
    variables_.push_back(derived.name);
  }
  values_.resize(variables_.size());
  for (std::size_t l = 0; l < variant_.launches.size(); ++l) {
    const LaunchSpec& launch = variant_.launches[l];
    const std::string path = fmt::format("/launches/{}", l);
    const auto extents = [&](const std::vector<std::string>& texts, const char* member) {
      for (std::size_t i = 0; i < texts.size(); ++i)
        add_place(places_, fmt::format("{}/{}/{}", path, member, i), texts[i],
                  [text = texts[i]](const Scope& scope) { return whole(text, scope, 1); });
    };
    extents(launch.grid, "grid");
    extents(launch.block, "block");
    add_place(places_, path + "/shared_bytes", launch.shared_bytes,
              [text = launch.shared_bytes](const Scope& scope) { return whole(text, scope, 0); });
    for (std::size_t i = 0; i < launch.args.size(); ++i) {
      if (launch.args[i].kind == ArgumentKind::buffer) continue;
      add_place(places_, fmt::format("{}/args/{}", path, i), launch.args[i].text,
                [spec = launch.args[i]](const Scope& scope) -> Result<void> {
                  FUSELINE_CHECK(resolve_arguments({spec}, scope, "", ""));
                  return {};
                });
    }
    add_place(blocks_, path + "/block", block_product(launch),
              [&launch, most = case_.device.max_threads_per_block](const Scope& scope) {
                return threads_fit(launch, most, scope);
              });
  }
  if (!variant_.bytes_in_flight.empty()) {
    add_place(places_, "/bytes_in_flight", variant_.bytes_in_flight,
              [text = variant_.bytes_in_flight](const Scope& scope) -> Result<void> {
                FUSELINE_TRY(bytes, evaluate(text, scope));
                if (bytes < 0) return bad_input(fmt::format("{} bytes are less than none", bytes));
                return {};
              });
  }
  for (std::size_t i = 0; i < variant_.workspace.size(); ++i) {
    add_place(places_, fmt::format("/workspace/{}/elements", i), variant_.workspace[i].elements,
              [text = variant_.workspace[i].elements](const Scope& scope) { return whole(text, scope, 0); });
  }
}

/// False where a derived value cannot be worked out, which is said.
bool ExpressionCheck::take(const Configuration& configuration) {
  const std::size_t parameters = variant_.parameters.size();
  for (std::size_t p = 0; p < parameters; ++p)
    values_[p] = number_in(variant_.parameters[p], configuration.values.at(p).value);
  for (std::size_t i = 0; i < derived_.size(); ++i) {
    const Result<double> value = derived_[i].evaluate(values_);
    if (!value) {
      report(fmt::format("/derived/{}/value", i), value.error().reason, configuration);
      return false;
    }
    values_[parameters + i] = *value;
  }
  return derived_.size() == variant_.derived.size();
}

void ExpressionCheck::judge(std::vector<Place>& places, const Configuration& configuration) {
  if (!take(configuration)) return;
  Scope scope;
  for (Place& place : places) {
    std::vector<double> used;
    for (const std::size_t variable : place.expression.used()) used.push_back(values_[variable]);
    if (!place.judged.insert(std::move(used)).second) continue;
    if (scope.empty()) {
      scope = constants_;
      for (std::size_t i = 0; i < variables_.size(); ++i) scope[variables_[i]] = values_[i];
    }
    if (const auto good = place.judge(scope); !good) report(place.path, good.error().reason, configuration);
  }
}

void ExpressionCheck::look_at(const Configuration& configuration) { judge(places_, configuration); }
void ExpressionCheck::look_at_blocks(const Configuration& configuration) { judge(blocks_, configuration); }

void ExpressionCheck::report(const std::string& path, const std::string& reason, const Configuration& configuration) {
  findings_.add({FindingKind::expression, file_, 0, path, reason},
                fmt::format("{} ({})", printable(configuration.key()), case_.text()));
}

}  // namespace fuseline::tuner
