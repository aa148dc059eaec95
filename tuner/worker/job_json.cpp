#include "tuner/worker/job_json.hpp"

#include "tuner/base/json_fields.hpp"
#include "tuner/problem/npy_values.hpp"
#include "tuner/run/measurement_json.hpp"

namespace fuseline::tuner {
namespace {

nlohmann::json to_json(const Fill& fill) {
  switch (fill.kind) {
    case Fill::Kind::normal:
      return {{"kind", "normal"}, {"mean", real_json(fill.mean)}, {"stddev", real_json(fill.stddev)}};
    case Fill::Kind::uniform:
      return {{"kind", "uniform"}, {"low", real_json(fill.low)}, {"high", real_json(fill.high)}};
    case Fill::Kind::constant:
      return {{"kind", "constant"}, {"value", real_json(fill.value)}};
  }
  return {};
}

nlohmann::json to_json(const Tensor& tensor) {
  nlohmann::json json = {{"name", tensor.name},
                         {"role", tensor.role == TensorRole::output ? "output" : "input"},
                         {"dtype", to_string(tensor.dtype)},
                         {"elements", tensor.elements},
                         {"fill", to_json(tensor.fill)}};
  if (tensor.stored) json["stored"] = to_string(*tensor.stored);
  if (tensor.absolute_of_largest > 0) json["absolute_of_largest"] = real_json(tensor.absolute_of_largest);
  return json;
}

nlohmann::json to_json(const ResolvedArgument& argument) {
  nlohmann::json json = {{"kind", to_string(argument.kind)}, {"name", argument.name}};
  if (is_integer(argument.kind)) {
    json["value"] = argument.integer;
  } else if (argument.kind != ArgumentKind::buffer) {
    json["value"] = real_json(argument.real);
  }
  return json;
}

nlohmann::json to_json(const ResolvedWorkspace& workspace) {
  return {{"name", workspace.name}, {"bytes", workspace.bytes}, {"zero", to_string(workspace.zero)}};
}

nlohmann::json to_json(const ResolvedLaunch& launch);

template <class T>
nlohmann::json list_json(const std::vector<T>& items) {
  auto json = nlohmann::json::array();
  for (const auto& item : items) json.push_back(to_json(item));
  return json;
}

nlohmann::json to_json(const ResolvedLaunch& launch) {
  return {{"kernel", launch.kernel},
          {"launch", to_json(launch.launch)},
          {"args", list_json(launch.args)},
          {"cooperative", launch.cooperative}};
}

nlohmann::json to_json(const ResolvedConfiguration& resolved) {
  nlohmann::json json = {{"configuration", to_json(resolved.configuration)},
                         {"form", to_string(resolved.form)},
                         {"source_name", resolved.source_name},
                         {"defines", resolved.defines},
                         {"compile_options", resolved.compile_options},
                         {"launches", list_json(resolved.launches)},
                         {"workspace", list_json(resolved.workspace)}};
  if (resolved.shown_launch) json["shown_launch"] = *resolved.shown_launch;
  return json;
}

nlohmann::json to_json(const TimingPolicy& timing) {
  return {{"minimum_samples", timing.rule.minimum_samples},
          {"maximum_samples", timing.rule.maximum_samples},
          {"relative_error", real_json(timing.rule.relative_error)},
          {"maximum_ms", real_json(timing.rule.maximum_ms)},
          {"after", to_string(timing.after)},
          {"abandon_factor", real_json(timing.abandon_factor)},
          {"race_margin", real_json(timing.race_margin)}};
}

nlohmann::json to_json(const Deadlines& deadlines) {
  return {{"compile_s", real_json(deadlines.compile_s)},
          {"verify_s", real_json(deadlines.verify_s)},
          {"run_s", real_json(deadlines.run_s)},
          {"prepare_s", real_json(deadlines.prepare_s)},
          {"counters_s", real_json(deadlines.counters_s)}};
}

nlohmann::json to_json(const CounterPolicy& counters) {
  return {{"metrics", counters.metrics}, {"batch", counters.batch}};
}

std::optional<TensorRole> role_from_string(const std::string& text) {
  if (text == "input") return TensorRole::input;
  if (text == "output") return TensorRole::output;
  return std::nullopt;
}

std::optional<Fill::Kind> fill_kind_from_string(const std::string& text) {
  if (text == "normal") return Fill::Kind::normal;
  if (text == "uniform") return Fill::Kind::uniform;
  if (text == "constant") return Fill::Kind::constant;
  return std::nullopt;
}

}  // namespace

Result<void> read_value(const JsonView& view, Fill& out) {
  return FieldReader(view)
      .named("kind", out.kind, fill_kind_from_string)
      .optional("mean", out.mean)
      .optional("stddev", out.stddev)
      .optional("low", out.low)
      .optional("high", out.high)
      .optional("value", out.value)
      .result();
}

/// How a tensor's values are sent, where they are: what does not serve it is refused.
static Result<void> read_stored(const JsonView& view, Tensor& out) {
  std::string text;
  FUSELINE_CHECK(FieldReader(view).optional("stored", text).result());
  if (text.empty()) return {};
  out.stored = npy_type_from_string(text);
  const bool serves =
      out.stored && (out.role == TensorRole::input ? fills(*out.stored, out.dtype) : refers_to(*out.stored, out.dtype));
  if (!serves) return member(view, "stored").fail("is no type of such a tensor's elements");
  return {};
}

Result<void> read_value(const JsonView& view, Tensor& out) {
  FUSELINE_CHECK(FieldReader(view)
                     .required("name", out.name)
                     .named("role", out.role, role_from_string)
                     .named("dtype", out.dtype, dtype_from_string)
                     .required("elements", out.elements)
                     .optional("fill", out.fill)
                     .optional("absolute_of_largest", out.absolute_of_largest)
                     .result());
  if (out.elements < 0 || out.elements > (std::int64_t{1} << 50)) return view.fail("number of elements out of range");
  return read_stored(view, out);
}

Result<void> read_value(const JsonView& view, ResolvedArgument& out) {
  FUSELINE_CHECK(
      FieldReader(view).named("kind", out.kind, argument_kind_from_string).required("name", out.name).result());
  if (out.kind == ArgumentKind::buffer) return {};
  if (!is_integer(out.kind)) return FieldReader(view).required("value", out.real).result();
  FUSELINE_CHECK(FieldReader(view).required("value", out.integer).result());
  const IntegerRange range = integer_range(out.kind);
  if (out.integer < range.lowest || out.integer > range.highest) return member(view, "value").fail("out of range");
  return {};
}

Result<void> read_value(const JsonView& view, ResolvedLaunch& out) {
  return FieldReader(view)
      .required("kernel", out.kernel)
      .required("launch", out.launch)
      .optional("args", out.args)
      .optional("cooperative", out.cooperative)
      .result();
}

Result<void> read_value(const JsonView& view, ResolvedWorkspace& out) {
  FUSELINE_CHECK(FieldReader(view)
                     .required("name", out.name)
                     .required("bytes", out.bytes)
                     .named("zero", out.zero, workspace_zero_from_string)
                     .result());
  if (out.bytes < 0) return view.fail("size out of range");
  return {};
}

Result<void> read_value(const JsonView& view, ResolvedConfiguration& out) {
  return FieldReader(view)
      .required("configuration", out.configuration)
      .named("form", out.form, kernel_form_from_string)
      .optional("source_name", out.source_name)
      .optional("defines", out.defines)
      .optional("compile_options", out.compile_options)
      .required("launches", out.launches)
      .optional("workspace", out.workspace)
      .optional("shown_launch", out.shown_launch)
      .result();
}

Result<void> read_value(const JsonView& view, TimingPolicy& out) {
  return FieldReader(view)
      .optional("minimum_samples", out.rule.minimum_samples)
      .optional("maximum_samples", out.rule.maximum_samples)
      .optional("relative_error", out.rule.relative_error)
      .optional("maximum_ms", out.rule.maximum_ms)
      .named("after", out.after, predecessor_from_string)
      .optional("abandon_factor", out.abandon_factor)
      .optional("race_margin", out.race_margin)
      .result();
}

Result<void> read_value(const JsonView& view, Deadlines& out) {
  return FieldReader(view)
      .optional("compile_s", out.compile_s)
      .optional("verify_s", out.verify_s)
      .optional("run_s", out.run_s)
      .optional("prepare_s", out.prepare_s)
      .optional("counters_s", out.counters_s)
      .result();
}

Result<void> read_value(const JsonView& view, CounterPolicy& out) {
  FUSELINE_CHECK(FieldReader(view).optional("metrics", out.metrics).optional("batch", out.batch).result());
  if (out.batch < 1 || out.batch > 4096) return view.fail("batch out of range");
  return {};
}

/// ["eps", 1e-5]
nlohmann::json to_json(const Job& job) {
  return {{"problem", job.problem},
          {"dtype", to_string(job.dtype)},
          {"tensors", list_json(job.tensors)},
          {"scalars", named_reals_json(job.scalars)},
          {"defines", job.defines},
          {"headers", job.headers},
          {"reference_source", job.reference_source},
          {"reference_launches", list_json(job.reference_launches)},
          {"absolute", real_json(job.tolerance.absolute)},
          {"relative", real_json(job.tolerance.relative)},
          {"seed", job.seed},
          {"timing", to_json(job.timing)},
          {"deadlines", to_json(job.deadlines)},
          {"counters", to_json(job.counters)},
          {"spans", job.spans},
          {"cache_folder", job.cache_folder}};
}

nlohmann::json to_json(const EvaluateRequest& request) {
  return {{"id", request.id}, {"resolved", to_json(request.resolved)}};
}

/// Every output is stored, or every one is written by the reference's launches.
static Result<void> check_outputs(const JsonView& view, const Job& job) {
  const bool stored = job.reference_launches.empty();
  for (const Tensor& tensor : job.tensors) {
    if (tensor.role == TensorRole::output && tensor.stored.has_value() != stored)
      return member(view, "tensors").fail("an output without a reference, or with two");
  }
  return {};
}

Result<void> read_value(const JsonView& view, Job& out) {
  FUSELINE_CHECK(FieldReader(view)
                     .required("problem", out.problem)
                     .named("dtype", out.dtype, dtype_from_string)
                     .required("tensors", out.tensors)
                     .optional("scalars", out.scalars)
                     .optional("defines", out.defines)
                     .optional("headers", out.headers)
                     .required("reference_source", out.reference_source)
                     .required("reference_launches", out.reference_launches)
                     .required("absolute", out.tolerance.absolute)
                     .required("relative", out.tolerance.relative)
                     .optional("seed", out.seed)
                     .optional("timing", out.timing)
                     .optional("deadlines", out.deadlines)
                     .optional("counters", out.counters)
                     .optional("spans", out.spans)
                     .optional("cache_folder", out.cache_folder)
                     .result());
  return check_outputs(view, out);
}

Result<void> read_value(const JsonView& view, EvaluateRequest& out) {
  return FieldReader(view).required("id", out.id).required("resolved", out.resolved).result();
}

}  // namespace fuseline::tuner
