#include "tuner/report/answer.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/parts.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kReasonBytes = 300;
constexpr std::size_t kKeptBytes = 512;

std::size_t size_of(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace).size();
}

/// What is left of an answer at one step of cutting.
struct Measure {
  std::size_t items, members, text;
};
constexpr Measure kMeasures[] = {{50, 200, 1000}, {20, 100, 400}, {10, 60, 300}, {5, 40, 200},
                                 {3, 30, 160},    {2, 20, 120},   {1, 12, 80},   {0, 8, 40}};

/// True where something was cut.
bool cut(OrderedJson& json, const Measure& measure, int depth) {
  bool shorter = false;
  if (json.is_string()) {
    const std::string text = json.get<std::string>();
    if (text.size() <= (depth == 1 ? kKeptBytes : measure.text)) return false;
    json = shortened(text, measure.text);
    return true;
  }
  if (json.is_array() && json.size() > measure.items) {
    json.erase(json.begin() + static_cast<std::ptrdiff_t>(measure.items), json.end());
    shorter = true;
  }
  // Members of the answer itself are known and few.
  while (depth > 0 && json.is_object() && json.size() > measure.members) {
    json.erase(std::prev(json.end()));
    shorter = true;
  }
  if (!json.is_structured()) return shorter;
  for (OrderedJson& each : json) shorter = cut(each, measure, depth + 1) || shorter;
  return shorter;
}

/// The last resort: members go, the largest first.
void drop_largest(OrderedJson& json, std::size_t bytes) {
  while (!json.empty() && size_of(json) > bytes) {
    auto largest = json.begin();
    for (auto each = json.begin(); each != json.end(); ++each) {
      if (size_of(*each) > size_of(*largest)) largest = each;
    }
    json.erase(largest);
  }
}

}  // namespace

OrderedJson problem_answer(const RunInfo& info) {
  OrderedJson dims = OrderedJson::object();
  for (const Dimension& dimension : info.dims) dims[dimension.name] = dimension.value;
  OrderedJson json;
  json["name"] = info.problem;
  json["shape"] = info.shape;
  json["dims"] = std::move(dims);
  json["dtype"] = to_string(info.dtype);
  json["compulsory_bytes"] = info.compulsory_bytes;
  return json;
}

OrderedJson device_answer(const RunInfo& info) {
  OrderedJson json;
  json["backend"] = to_string(info.backend);
  json["name"] = info.device.name;
  json["measured_now"] = info.backend != Backend::replay;
  if (info.backend == Backend::replay)
    json["recording"] = {{"name", info.recording}, {"recorded_at", info.recorded_at}};
  return json;
}

OrderedJson configuration_answer(const Run& run, const Evaluation& evaluation) {
  const Measurement& measurement = evaluation.measurement;
  const Launch* launch = shown_launch(measurement);
  const double of_copy = figures_of(run.info, evaluation).of_copy;
  OrderedJson json;
  json["variant"] = evaluation.configuration.variant;
  json["config"] = config_json(evaluation.configuration);
  json["launch"] = launch == nullptr ? OrderedJson(nullptr) : launch_object(*launch);
  json["time_ms"] = time_object(run.time_of(evaluation));
  json["of_copy"] = of_copy > 0 ? finite_or_null(of_copy) : OrderedJson(nullptr);
  json["registers"] = measurement.facts ? OrderedJson(measurement.facts->registers) : OrderedJson(nullptr);
  json["spill_bytes"] = measurement.facts ? OrderedJson(measurement.facts->spill_bytes) : OrderedJson(nullptr);
  json["occupancy"] = measurement.facts ? finite_or_null(measurement.facts->occupancy) : OrderedJson(nullptr);
  return json;
}

OrderedJson outcomes_answer(const Run& run) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [outcome, count] : run.outcome_counts()) {
    if (count > 0) json[std::string(to_string(outcome))] = count;
  }
  return json;
}

OrderedJson failures_answer(const Run& run) {
  OrderedJson list = OrderedJson::array();
  for (const FailureKind& kind : run.failures()) {
    list.push_back({{"outcome", to_string(kind.outcome)},
                    {"count", kind.count},
                    {"configuration", printable(kind.first->configuration.key())},
                    {"reason", shortened(printable(kind.first->measurement.reason, true), kReasonBytes)}});
  }
  return list;
}

std::string shortened(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  std::size_t end = bytes > 3 ? bytes - 3 : 0;
  // Not within a character.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + (bytes >= 3 ? "..." : "");
}

OrderedJson bounded(OrderedJson json, std::size_t bytes) {
  if (size_of(json) <= bytes) return json;
  constexpr std::size_t kMark = 12;  // ,"cut":true
  const std::size_t room = bytes > kMark ? bytes - kMark : 0;
  for (const Measure& measure : kMeasures) {
    (void)cut(json, measure, 0);
    if (size_of(json) <= room) break;
  }
  drop_largest(json, room);
  json["cut"] = true;
  return json;
}

std::filesystem::path answers_folder() { return user_cache_folder() / "answers"; }

OrderedJson kept_answer(OrderedJson json, const std::filesystem::path& file, std::string_view full, std::size_t bytes) {
  json["full"] = nullptr;
  if (!full.empty()) {
    const auto written = make_folder(file.parent_path()).and_then([&] { return write_file(file, full); });
    if (written) json["full"] = std::filesystem::absolute(file).string();
    if (!written) json["full_lost"] = written.error().message();
  }
  return bounded(std::move(json), bytes);
}

}  // namespace fuseline::tuner
