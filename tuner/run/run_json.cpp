// What was asked and where it ran, to and from JSON: the form in which the store keeps a run.
#include "tuner/base/json_fields.hpp"
#include "tuner/device/device_json.hpp"
#include "tuner/run/measurement_json.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {
namespace {

/// [["N", 32], ["C", 64]]: in the problem's order.
nlohmann::json dims_json(const std::vector<Dimension>& dims) {
  auto json = nlohmann::json::array();
  for (const auto& dim : dims) json.push_back(nlohmann::json::array({dim.name, dim.value}));
  return json;
}

nlohmann::json to_json(const Parameter& parameter) {
  auto values = nlohmann::json::array();
  for (const auto& value : parameter.values) values.push_back(value.to_json());
  return {{"name", parameter.name}, {"values", std::move(values)}, {"ordered", parameter.ordered}};
}

template <class T>
nlohmann::json list_json(const std::vector<T>& items);

nlohmann::json to_json(const SubSpace& subspace) {
  return {{"variant", subspace.variant},
          {"parameters", list_json(subspace.parameters)},
          {"first_index", subspace.first_index},
          {"size", subspace.size},
          {"raw_size", real_json(subspace.raw_size)}};
}

nlohmann::json to_json(const FinalTiming& timing) {
  return {{"sequence", timing.sequence},
          {"samples_ms", reals_json(timing.samples_ms)},
          {"time_ms", to_json(timing.time_ms)},
          {"ratio", real_json(timing.ratio)},
          {"ratio_low", real_json(timing.ratio_interval.low)},
          {"ratio_high", real_json(timing.ratio_interval.high)},
          {"tied", timing.tied}};
}

nlohmann::json to_json(const std::map<std::string, CounterCost>& costs) {
  auto json = nlohmann::json::object();
  for (const auto& [set, cost] : costs) {
    json[set] = {{"configurations", cost.configurations},
                 {"passes", cost.passes},
                 {"seconds", real_json(cost.seconds)},
                 {"kernel_s", real_json(cost.kernel_s)}};
  }
  return json;
}

nlohmann::json to_json(const GivenReading& given) {
  return {{"kernel", given.kernel},
          {"device", given.device},
          {"dtype", given.dtype},
          {"counters", reals_json(given.counters)}};
}

nlohmann::json to_json(const Card& card) {
  return {{"name", card.name}, {"uuid", card.uuid}, {"where", card.where}, {"copy_gbps", real_json(card.copy_gbps)}};
}

template <class T>
nlohmann::json list_json(const std::vector<T>& items) {
  auto json = nlohmann::json::array();
  for (const auto& item : items) json.push_back(to_json(item));
  return json;
}

}  // namespace

Result<void> read_value(const JsonView& view, Dimension& out) {
  FUSELINE_CHECK(check_array(view, 2));
  if (view.json().size() != 2) return view.fail("expected a name and an integer");
  FUSELINE_CHECK(read_value(element(view, 0), out.name));
  return read_value(element(view, 1), out.value);
}

Result<void> read_value(const JsonView& view, Parameter& out) {
  return FieldReader(view)
      .required("name", out.name)
      .required("values", out.values)
      .optional("ordered", out.ordered)
      .result();
}

nlohmann::json to_json(const Objective& objective) {
  return {{"name", objective.name}, {"higher_is_better", objective.higher_is_better}};
}

Result<void> read_value(const JsonView& view, Objective& out) {
  return FieldReader(view).required("name", out.name).optional("higher_is_better", out.higher_is_better).result();
}

Result<void> read_value(const JsonView& view, SubSpace& out) {
  return FieldReader(view)
      .required("variant", out.variant)
      .required("parameters", out.parameters)
      .optional("first_index", out.first_index)
      .optional("size", out.size)
      .optional("raw_size", out.raw_size)
      .result();
}

Result<void> read_value(const JsonView& view, FinalTiming& out) {
  return FieldReader(view)
      .required("sequence", out.sequence)
      .optional("samples_ms", out.samples_ms)
      .optional("time_ms", out.time_ms)
      .optional("ratio", out.ratio)
      .optional("ratio_low", out.ratio_interval.low)
      .optional("ratio_high", out.ratio_interval.high)
      .optional("tied", out.tied)
      .result();
}

Result<void> read_value(const JsonView& view, GivenReading& out) {
  return FieldReader(view)
      .required("kernel", out.kernel)
      .optional("device", out.device)
      .optional("dtype", out.dtype)
      .optional("counters", out.counters)
      .result();
}

Result<void> read_value(const JsonView& view, Card& out) {
  return FieldReader(view)
      .optional("name", out.name)
      .optional("uuid", out.uuid)
      .optional("where", out.where)
      .optional("copy_gbps", out.copy_gbps)
      .result();
}

Result<void> read_value(const JsonView& view, TargetFit& out) {
  return FieldReader(view)
      .optional("best", out.best)
      .optional("misfit", out.misfit)
      .optional("unfit", out.unfit)
      .optional("compiled", out.compiled)
      .result();
}

Result<void> read_value(const JsonView& view, CounterCost& out) {
  return FieldReader(view)
      .optional("configurations", out.configurations)
      .optional("passes", out.passes)
      .optional("seconds", out.seconds)
      .optional("kernel_s", out.kernel_s)
      .result();
}

Result<void> read_value(const JsonView& view, SweepRequest& out) {
  bool warm = false;  // What requests of before there was a choice say instead.
  FUSELINE_CHECK(FieldReader(view).optional("warm", warm).result());
  if (warm) out.after = to_string(Predecessor::itself);
  return FieldReader(view)
      .optional("problem", out.problem)
      .optional("shape", out.shape)
      .optional("dims", out.dims)
      .optional("scalars", out.scalars)
      .optional("dtype", out.dtype)
      .optional("variants", out.variants)
      .optional("parameters", out.parameters)
      .optional("full", out.full)
      .optional("device", out.device)
      .optional("target", out.target)
      .optional("strategy", out.strategy)
      .optional("budget", out.budget)
      .optional("seed", out.seed)
      .optional("draws", out.draws)
      .named("counters", out.counters, counter_mode_from_string)
      .optional("metrics", out.metrics)
      .optional("source_profile", out.source_profile)
      .optional("workers", out.workers)
      .optional("after", out.after)
      .optional("abandon_factor", out.abandon_factor)
      .result();
}

Result<void> read_value(const JsonView& view, RunInfo& out) {
  // Whoever asks for the final timing of an evaluation walks all of them; a sweep has up to 256.
  FUSELINE_CHECK(FieldReader(view)
                     .optional("id", out.id)
                     .optional("tool_version", out.tool_version)
                     .optional("started_at", out.started_at)
                     .named("state", out.state, run_state_from_string)
                     .optional("stop_reason", out.stop_reason)
                     .optional("request", out.request)
                     .required("problem", out.problem)
                     .optional("problem_title", out.problem_title)
                     .optional("shape", out.shape)
                     .optional("dims", out.dims)
                     .optional("scalars", out.scalars)
                     .optional("set_scalars", out.set_scalars)
                     .named("dtype", out.dtype, dtype_from_string)
                     .optional("compulsory_bytes", out.compulsory_bytes)
                     .optional("input_bytes", out.input_bytes)
                     .optional("output_bytes", out.output_bytes)
                     .optional("flops", out.flops)
                     .optional("flops_counted", out.flops_counted)
                     .optional("given", out.given)
                     .named("backend", out.backend, backend_from_string)
                     .optional("recording", out.recording)
                     .optional("recorded_at", out.recorded_at)
                     .optional("device", out.device)
                     .optional("copy_gbps", out.copy_gbps)
                     .optional("cards", out.cards)
                     .optional("reference_card", out.reference_card)
                     .optional("target", out.target)
                     .optional("subspaces", out.subspaces)
                     .optional("space_size", out.space_size)
                     .optional("raw_space_size", out.raw_space_size)
                     .optional("seconds", out.seconds)
                     .optional("gpu_busy_s", out.gpu_busy_s)
                     .optional("first_outcome_s", out.first_outcome_s)
                     .optional("finals", out.finals)
                     .optional("final_rounds", out.final_rounds)
                     .optional("draws", out.draws)
                     .named("after", out.after, predecessor_from_string)
                     .optional("clocks", out.clocks)
                     .optional("target_fit", out.target_fit)
                     .optional("counter_cost", out.counter_cost)
                     .optional("campaign", out.campaign)
                     .optional("note", out.note)
                     .optional("objective", out.objective)
                     .named("times_are", out.times_are, middle_from_string)
                     .optional("declared", out.declared)
                     .optional("units", out.units)
                     .result());
  // A run of before.
  if (!view.has("after") && out.request.after == to_string(Predecessor::itself)) out.after = Predecessor::itself;
  if (!out.cards.empty()) FUSELINE_CHECK(check_array(member(view, "cards"), kMaximumCards));
  if (!out.finals.empty()) FUSELINE_CHECK(check_array(member(view, "finals"), kMaximumFinals));
  return out.final_rounds.empty() ? Result<void>{} : check_array(member(view, "final_rounds"), kMaximumFinals);
}

nlohmann::json to_json(const SweepRequest& request) {
  return {{"problem", request.problem},
          {"shape", request.shape},
          {"dims", dims_json(request.dims)},
          {"scalars", named_reals_json(request.scalars)},
          {"dtype", request.dtype},
          {"variants", request.variants},
          {"parameters", request.parameters},
          {"full", request.full},
          {"device", request.device},
          {"target", request.target},
          {"strategy", request.strategy},
          {"budget", request.budget},
          {"seed", request.seed},
          {"draws", request.draws},
          {"counters", to_string(request.counters)},
          {"metrics", request.metrics},
          {"source_profile", request.source_profile},
          {"workers", request.workers},
          {"after", request.after},
          {"abandon_factor", real_json(request.abandon_factor)}};
}

nlohmann::json to_json(const RunInfo& info) {
  nlohmann::json json = {{"id", info.id},
                         {"tool_version", info.tool_version},
                         {"started_at", info.started_at},
                         {"state", to_string(info.state)},
                         {"stop_reason", info.stop_reason},
                         {"request", to_json(info.request)},
                         {"problem", info.problem},
                         {"problem_title", info.problem_title},
                         {"shape", info.shape},
                         {"dims", dims_json(info.dims)},
                         {"scalars", named_reals_json(info.scalars)},
                         {"set_scalars", info.set_scalars},
                         {"dtype", to_string(info.dtype)},
                         {"compulsory_bytes", info.compulsory_bytes},
                         {"output_bytes", info.output_bytes},
                         {"flops", real_json(info.flops)},
                         {"given", list_json(info.given)},
                         {"backend", to_string(info.backend)},
                         {"recording", info.recording},
                         {"recorded_at", info.recorded_at},
                         {"device", to_json(info.device)},
                         {"copy_gbps", real_json(info.copy_gbps)},
                         {"subspaces", list_json(info.subspaces)},
                         {"space_size", info.space_size},
                         {"raw_space_size", real_json(info.raw_space_size)},
                         {"seconds", real_json(info.seconds)},
                         {"gpu_busy_s", real_json(info.gpu_busy_s)},
                         {"first_outcome_s", real_json(info.first_outcome_s)},
                         {"finals", list_json(info.finals)},
                         {"final_rounds", list_json(info.final_rounds)},
                         {"after", to_string(info.after)},
                         {"counter_cost", to_json(info.counter_cost)},
                         {"note", info.note}};
  if (info.input_bytes > 0) json["input_bytes"] = info.input_bytes;  // A run of before stays as it was.
  if (info.flops_counted) json["flops_counted"] = true;
  if (info.draws > 1) json["draws"] = info.draws;
  if (!info.cards.empty()) {
    json["cards"] = list_json(info.cards);
    json["reference_card"] = info.reference_card;
  }
  if (!info.campaign.empty()) json["campaign"] = info.campaign;
  if (!info.objective.is_time()) json["objective"] = to_json(info.objective);
  if (info.times_are != Middle::median) json["times_are"] = to_string(info.times_are);
  if (!info.declared.empty()) json["declared"] = list_json(info.declared);
  if (!info.units.empty()) json["units"] = info.units;
  if (info.target) json["target"] = to_json(*info.target);
  if (info.clocks) json["clocks"] = to_json(*info.clocks);
  if (info.target_fit) {
    json["target_fit"]["misfit"] = info.target_fit->misfit;
    json["target_fit"]["unfit"] = info.target_fit->unfit;
    json["target_fit"]["compiled"] = info.target_fit->compiled;
    if (info.target_fit->best) json["target_fit"]["best"] = *info.target_fit->best;
  }
  return json;
}

Result<SweepRequest> sweep_request_from_json(const JsonView& view) {
  SweepRequest request;
  FUSELINE_CHECK(read_value(view, request));
  return request;
}

Result<RunInfo> run_info_from_json(const JsonView& view) {
  RunInfo info;
  FUSELINE_CHECK(read_value(view, info));
  return info;
}

}  // namespace fuseline::tuner
