#include "tuner/formats/counters_json.hpp"

#include <algorithm>

#include "tuner/formats/parts.hpp"

namespace fuseline::tuner {
namespace {

OrderedJson bounds_json(const std::vector<Bound>& bounds) {
  OrderedJson list = OrderedJson::array();
  for (const Bound& bound : bounds) {
    OrderedJson item;
    item["by"] = to_string(bound.kind);
    if (bound.rival) item["or"] = to_string(*bound.rival);
    item["share"] = finite_or_null(bound.share);
    item["level"] = to_string(bound.level);
    item["text"] = bound.text;
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace

OrderedJson counters_json(const Counters& counters) {
  OrderedJson object = OrderedJson::object();
  for (const auto& [name, value] : counters) object[name] = finite_or_null(value);
  return object;
}

OrderedJson analysis_json(const CounterAnalysis& analysis) {
  OrderedJson object;
  object["fusion"] = nullptr;
  object["intensities"] = nullptr;
  object["occupancy"] = nullptr;
  if (const auto& fusion = analysis.fusion) {
    object["fusion"] = {
        {"pass", fusion->pass},
        {"read_ratio", fusion->read_ratio > 0 ? finite_or_null(fusion->read_ratio) : OrderedJson(nullptr)},
        {"written_ratio", finite_or_null(fusion->written_ratio)},
        {"excess_bytes", finite_or_null(fusion->excess_bytes)},
        {"allowed_bytes", finite_or_null(fusion->allowed_bytes)},
        {"text", fusion->text}};
  }
  if (const auto& intensity = analysis.intensity) {
    OrderedJson levels = OrderedJson::array();
    for (const MemoryLevel& level : intensity->levels) {
      levels.push_back({{"level", level.name},
                        {"bytes", finite_or_null(level.bytes)},
                        {"intensity", finite_or_null(level.intensity)},
                        {"gbps", finite_or_null(level.gbps)}});
    }
    object["intensities"] = {{"executed_flops", finite_or_null(intensity->flops)},
                             {"gflops", finite_or_null(intensity->gflops)},
                             {"levels", std::move(levels)}};
  }
  if (const auto& occupancy = analysis.occupancy) {
    object["occupancy"] = {
        {"achieved", finite_or_null(occupancy->achieved)},
        {"theoretical", occupancy->theoretical > 0 ? finite_or_null(occupancy->theoretical) : OrderedJson(nullptr)},
        {"limiter", occupancy->limiter},
        {"text", occupancy->text}};
  }
  object["bounds"] = bounds_json(analysis.bounds);
  return object;
}

OrderedJson given_json(const std::vector<GivenReading>& given) {
  OrderedJson list = OrderedJson::array();
  for (const GivenReading& reading : given) {
    list.push_back({{"kernel", reading.kernel},
                    {"device", reading.device},
                    {"dtype", reading.dtype},
                    {"counters", counters_json(reading.counters)}});
  }
  return list;
}

OrderedJson counter_cost_json(const RunInfo& info) {
  OrderedJson object = OrderedJson::object();
  for (const auto& [set, cost] : info.counter_cost) {
    object[set] = {{"configurations", cost.configurations},
                   {"passes", cost.passes},
                   {"seconds", finite_or_null(cost.seconds)},
                   {"kernel_seconds", finite_or_null(cost.kernel_s)},
                   {"overhead_ms", ratio_or_null(1000 * std::max(0.0, cost.seconds - cost.kernel_s),
                                                 static_cast<double>(cost.configurations))}};
  }
  return object;
}

}  // namespace fuseline::tuner
