#include "tuner/formats/distil_json.hpp"

#include <utility>

#include "tuner/formats/parts.hpp"

namespace fuseline::tuner {
namespace {

OrderedJson configuration_json(const Configuration& configuration) {
  OrderedJson object;
  object["variant"] = configuration.variant;
  object["config"] = config_json(configuration);
  return object;
}

OrderedJson shape_json(const DistilledShape& shape) {
  const RunInfo& info = shape.run->info;
  OrderedJson object;
  object["shape"] = info.shape;
  object["dims"] = OrderedJson::object();
  for (const Dimension& dim : info.dims) object["dims"][dim.name] = dim.value;
  object["scalars"] = scalars_object(info.scalars);
  object["backend"] = to_string(info.backend);
  object["run"] = info.id > 0 ? OrderedJson(info.id) : OrderedJson(nullptr);
  object["best"] = configuration_json(shape.best->configuration);
  object["best"]["time_ms"] = finite_or_null(shape.best_ms);
  object["chosen"] = nullptr;
  object["time_ms"] = nullptr;
  object["loss"] = nullptr;
  object["tied"] = shape.tied;
  if (!shape.chosen) return object;
  object["chosen"] = *shape.chosen;
  object["time_ms"] = finite_or_null(shape.taken_ms);
  object["loss"] = finite_or_null(shape.loss);
  return object;
}

OrderedJson group_json(const Distilled& group) {
  OrderedJson object;
  object["problem"] = group.problem;
  object["dtype"] = to_string(group.dtype);
  object["device"] = group.device;
  object["method"] = group.exact ? "exact" : "greedy and exchange";
  object["candidates"] = group.candidates;
  object["measured_everywhere"] = group.measured_everywhere;
  object["mean_loss"] = finite_or_null(group.size().mean_loss);
  object["worst_loss"] = finite_or_null(group.size().worst_loss);
  object["unserved"] = group.size().unserved;
  object["configurations"] = OrderedJson::array();
  for (const DistilledConfiguration& each : group.configurations) {
    OrderedJson item = configuration_json(each.configuration);
    item["serves"] = each.serves;
    item["measured_in"] = each.measured_in;
    item["tied_in"] = each.tied_in;
    object["configurations"].push_back(std::move(item));
  }
  object["shapes"] = OrderedJson::array();
  for (const DistilledShape& shape : group.shapes) object["shapes"].push_back(shape_json(shape));
  object["sizes"] = OrderedJson::array();
  for (const DistilledSize& size : group.sizes) {
    object["sizes"].push_back({{"configurations", size.configurations},
                               {"mean_loss", finite_or_null(size.mean_loss)},
                               {"worst_loss", finite_or_null(size.worst_loss)},
                               {"unserved", size.unserved}});
  }
  return object;
}

}  // namespace

OrderedJson distil_json(const Distillation& distillation) {
  OrderedJson json;
  json["schema"] = "fuseline/distil/1";
  json["tool"]["name"] = "fuseline";
  json["tool"]["version"] = FUSELINE_VERSION;
  json["groups"] = OrderedJson::array();
  for (const Distilled& group : distillation.groups) json["groups"].push_back(group_json(group));
  return json;
}

}  // namespace fuseline::tuner
