#include "tuner/formats/trace.hpp"

#include "tuner/formats/parts.hpp"

namespace fuseline::tuner {

OrderedJson trace_json(const Evaluation& evaluation) {
  const Measurement& measurement = evaluation.measurement;
  OrderedJson json;
  json["sequence"] = evaluation.sequence;
  json["variant"] = evaluation.configuration.variant;
  json["configuration"] = config_json(evaluation.configuration);
  json["outcome"] = to_string(measurement.outcome);
  json["time_ms"] =
      measurement.outcome == Outcome::ok ? finite_or_null(measurement.time_ms.median) : OrderedJson(nullptr);
  json["elapsed_s"] = finite_or_null(evaluation.elapsed_s);
  if (measurement.card != 0) json["card"] = measurement.card;
  if (!measurement.reason.empty()) json["reason"] = measurement.reason;
  return json;
}

}  // namespace fuseline::tuner
