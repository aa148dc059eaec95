#include "tuner/formats/parts.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>

#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::tuner {

OrderedJson finite_or_null(double value) { return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr); }

OrderedJson ratio_or_null(double numerator, double denominator) {
  return denominator > 0 ? finite_or_null(numerator / denominator) : OrderedJson(nullptr);
}

OrderedJson scalars_object(const Scalars& scalars) {
  OrderedJson object = OrderedJson::object();
  for (const auto& [name, value] : scalars) object[name] = finite_or_null(value);
  return object;
}

OrderedJson config_json(const Configuration& configuration) {
  OrderedJson object = OrderedJson::object();
  for (const NamedValue& value : configuration.values) object[value.name] = OrderedJson(value.value.to_json());
  return object;
}

Result<Configuration> read_file_configuration(const JsonView& entry) {
  Configuration configuration;
  FUSELINE_CHECK(FieldReader(entry).required("variant", configuration.variant).result());
  FUSELINE_TRY(config, entry.at("config"));
  FUSELINE_CHECK(check_object(config, kMaximumParameters));
  for (const auto& item : config.json().items()) {
    const auto value = Value::from_json(nlohmann::json(item.value()));
    if (!value) return config.fail("\"" + printable(item.key()) + "\" is no boolean, number or string");
    configuration.values.push_back({item.key(), *value});
  }
  return configuration;
}

OrderedJson launch_object(const Launch& launch) {
  OrderedJson object;
  object["grid"] = launch.grid;
  object["block"] = launch.block;
  object["shared_bytes"] = launch.shared_bytes;
  return object;
}

OrderedJson time_object(const Summary& time) {
  OrderedJson object;
  object["median"] = finite_or_null(time.median);
  object["min"] = finite_or_null(time.minimum);
  object["p25"] = finite_or_null(time.p25);
  object["p75"] = finite_or_null(time.p75);
  object["samples"] = time.samples;
  if (time.middle != Middle::median) object["statistic"] = to_string(time.middle);
  return object;
}

OrderedJson bandwidth_object(const Figures& figures) {
  const auto known = [](double figure) { return figure > 0 ? finite_or_null(figure) : OrderedJson(nullptr); };
  OrderedJson object;
  object["achieved_gbps"] = known(figures.gbps);
  object["of_copy"] = known(figures.of_copy);
  object["of_peak"] = known(figures.of_peak);
  return object;
}

OrderedJson against_best_object(const Figures& figures) {
  if (!figures.finalist) return nullptr;
  OrderedJson object;
  object["ratio"] = finite_or_null(figures.against_best);
  object["interval"] = {finite_or_null(figures.against_best_interval.low),
                        finite_or_null(figures.against_best_interval.high)};
  return object;
}

OrderedJson projected_object(const std::optional<Projection>& projection) {
  if (!projection) return nullptr;
  OrderedJson object;
  object["projected"] = true;
  object["time_ms"] = finite_or_null(projection->time_ms);
  object["low_ms"] = finite_or_null(projection->low_ms);
  object["high_ms"] = finite_or_null(projection->high_ms);
  object["bound"] = to_string(projection->bound);
  object["from"] = to_string(projection->data);
  return object;
}

std::optional<std::string> moved_time(const std::string& iso8601, double seconds) {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0;
  double second = 0;
  if (std::sscanf(iso8601.c_str(), "%4d-%2u-%2u%*1[T ]%2u:%2u:%6lf", &year, &month, &day, &hour, &minute, &second) != 6)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  const double offset = seconds + second;
  if (!date.ok() || hour > 23 || minute > 59 || !std::isfinite(offset) || std::abs(offset) > 1e9) return std::nullopt;
  const auto moved = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                     std::chrono::milliseconds(static_cast<std::int64_t>(std::llround(offset * 1e3)));
  const auto moved_day = std::chrono::floor<std::chrono::days>(moved);
  const std::chrono::year_month_day moved_date(moved_day);
  const std::chrono::hh_mm_ss time(std::chrono::duration_cast<std::chrono::milliseconds>(moved - moved_day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(moved_date.year()),
                     static_cast<unsigned>(moved_date.month()), static_cast<unsigned>(moved_date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

}  // namespace fuseline::tuner
