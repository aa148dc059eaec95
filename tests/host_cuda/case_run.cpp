#include "case_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "profiler/host/plan_run.hpp"

namespace fuseline::host_cuda {
namespace {

using tuner::Dtype;

Element element_of(Dtype dtype) { return element_from_string(tuner::to_string(dtype)).value(); }

char kind_of_argument(tuner::ArgumentKind kind) {
  using Kind = tuner::ArgumentKind;
  if (kind == Kind::buffer) return 'p';
  if (kind == Kind::f32 || kind == Kind::f64) return kind == Kind::f32 ? 'f' : 'd';
  return tuner::argument_bytes(kind) == 4 ? 'i' : 'l';
}

dim3 extent(const std::int64_t (&values)[3]) {
  return {static_cast<unsigned>(values[0]), static_cast<unsigned>(values[1]), static_cast<unsigned>(values[2])};
}

/// A case as the runtime takes it; its buffers are the tensors in their order, then the workspaces.
Plan plan_of(const CaseRun& run) {
  Plan plan;
  std::map<std::string, std::size_t> places;
  const auto add = [&](PlanBuffer buffer) {
    places[buffer.name] = plan.buffers.size();
    plan.buffers.push_back(std::move(buffer));
  };
  for (const tuner::Tensor& tensor : run.one.instance->tensors) {
    const bool input = tensor.role == tuner::TensorRole::input;
    const Dtype dtype = !input && run.outputs_are_double ? Dtype::f64 : tensor.dtype;
    add({tensor.name, input ? Role::input : Role::output, element_of(dtype),
         static_cast<std::size_t>(tensor.elements)});
  }
  for (const tuner::ResolvedWorkspace& space : run.one.resolved.workspace)
    add({space.name, Role::workspace, Element::u8, static_cast<std::size_t>(space.bytes),
         space.zero != tuner::WorkspaceZero::never});
  for (const tuner::ResolvedLaunch& what : run.one.resolved.launches) {
    PlanLaunch& launch = plan.launches.emplace_back();
    launch.kernel = what.kernel;
    launch.geometry = {extent(what.launch.grid), extent(what.launch.block),
                       static_cast<std::size_t>(what.launch.shared_bytes)};
    for (const tuner::ResolvedArgument& argument : what.args) {
      const bool buffer = argument.kind == tuner::ArgumentKind::buffer;
      launch.args.push_back(
          {kind_of_argument(argument.kind), buffer ? places.at(argument.name) : 0, argument.integer, argument.real});
    }
  }
  return plan;
}

std::map<std::string, std::int64_t> all_dims(const tuner::ProblemInstance& instance) {
  std::map<std::string, std::int64_t> dims;
  for (const auto* list : {&instance.dims, &instance.derived}) {
    for (const tuner::Dimension& dimension : *list) dims[dimension.name] = dimension.value;
  }
  return dims;
}

/// The most roundings between a row and its mean: a thread's running sum, the sum over threads, and the division by the
/// width, which is a product with a rounded factor. Each adds at most half an epsilon to the relative error of a sum of
/// equal signs (Higham, Accuracy and Stability of Numerical Algorithms, 4.2).
double mean_roundings(const Case& one) {
  const auto width = one.instance->scope.find("W");
  std::map<std::string, double> values;
  for (const tuner::NamedValue& value : one.resolved.configuration.values) {
    if (const auto number = value.value.number()) values[value.name] = *number;
  }
  // Who share a row: the groups of a plane whose lanes lie along the channels, or lanes, or a block.
  const bool planes = values.count("groups") > 0 && values.count("lanes") > 0;
  const std::string team = planes ? "groups" : values.count("lanes") > 0 ? "lanes" : "block";
  if (width == one.instance->scope.end() || values.count(team) == 0) return kRoundings;
  const double threads = values.at(team);
  const double in_warp = std::max(1.0, planes ? 32.0 / values.at("lanes") : 32.0);
  constexpr double widest_vector =
      8.0;  // Shares end where vectors end, so one may be longer than the others by up to a vector.
  const double running = std::ceil(width->second / threads) + widest_vector;
  const double over_threads = std::log2(std::min(threads, in_warp)) + (threads > in_warp ? threads / in_warp : 0.0);
  return std::max(kRoundings, running + over_threads + 2.0);
}

bool is_close(double got, double expected, double tolerance) {
  if (std::isnan(expected)) return std::isnan(got);
  if (std::isinf(expected)) return got == expected;
  return std::abs(got - expected) <= tolerance;
}

std::string compare_one(const std::vector<double>& got, const ExpectedOutput& expected, const Allowance& allowance) {
  if (got.size() != expected.values.size())
    return fmt::format("has {} elements, expected {}", got.size(), expected.values.size());
  std::size_t wrong = 0;
  std::string first;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double value = expected.values[i];
    const double tolerance = allowance.absolute + allowance.relative * std::abs(value) + expected.extra_tolerance[i] +
                             (allowance.roundings - kRoundings) * expected.per_rounding[i];
    if (is_close(got[i], value, tolerance)) continue;
    if (wrong++ == 0) first = fmt::format("element {} is {}, expected {} within {}", i, got[i], value, tolerance);
  }
  return wrong == 0 ? std::string() : fmt::format("{} of {} elements are off; {}", wrong, got.size(), first);
}

}  // namespace

std::vector<PreparedFill> prepare_fills(const tuner::ProblemInstance& instance) {
  std::map<std::string, Dtype> dtypes;
  for (const tuner::Tensor& tensor : instance.tensors) dtypes[tensor.name] = tensor.dtype;
  const Reference reference = find_reference(instance.problem->name);
  std::vector<PreparedFill> prepared;
  for (const NamedFill& fill : make_fills(instance)) {
    PreparedFill one{fill.name, {}, {}};
    ReferenceInput input{all_dims(instance), {instance.problem->scalars.begin(), instance.problem->scalars.end()}, {}};
    for (const auto& [name, values] : fill.inputs) {
      one.bytes[name] = encode(values, element_of(dtypes.at(name)));
      input.tensors[name] = decode(one.bytes[name], element_of(dtypes.at(name)));
    }
    if (reference != nullptr) one.expected = reference(input);
    prepared.push_back(std::move(one));
  }
  return prepared;
}

CaseOutputs run_case(const CaseRun& run, const PreparedFill& fill, const RunSettings& settings) {
  const Plan plan = plan_of(run);
  std::vector<std::vector<std::byte>> inputs;
  for (const PlanBuffer& buffer : plan.buffers)
    inputs.push_back(buffer.role == Role::input ? fill.bytes.at(buffer.name) : std::vector<std::byte>());
  PlanMemory memory(plan, inputs);
  const auto find = [&](const std::string& kernel) { return run.module.find(run.number, kernel); };
  std::string error = run_plan(plan, memory, find, run.module.statics(), settings);
  if (!error.empty()) return {std::move(error), {}};
  CaseOutputs outputs{memory.damage(), {}};
  for (std::size_t place = 0; place < plan.buffers.size(); ++place) {
    const PlanBuffer& buffer = plan.buffers[place];
    if (buffer.role == Role::output) outputs.tensors[buffer.name] = decode(memory[place].bytes(), buffer.element);
  }
  return outputs;
}

Allowance allowance_of(const Case& one) {
  // Errors of the forms in kernels/common/gelu.cuh, as written there; the forms not listed are exact to rounding.
  static const std::map<std::string, double> gelu_errors{
      {"tanh", 4.8e-4}, {"logistic1", 2.9e-4}, {"unit1", 2.9e-4}, {"logistic4", 3.1e-6}, {"logistic2", 2.0e-5}};
  Allowance allowance{one.instance->tolerance.absolute, one.instance->tolerance.relative, mean_roundings(one)};
  const auto scale = one.instance->scope.find("scale");
  for (const tuner::NamedValue& value : one.resolved.configuration.values) {
    const auto error = gelu_errors.find(value.value.to_string());
    if (value.name == "gelu" && error != gelu_errors.end()) {
      allowance.absolute +=
          error->second * (scale == one.instance->scope.end() ? 1.0 : std::max(1.0, std::abs(scale->second)));
    }
  }
  return allowance;
}

std::string compare(const CaseOutputs& outputs, const ExpectedOutputs& expected, const Allowance& allowance) {
  if (!outputs.error.empty()) return outputs.error;
  for (const auto& [name, output] : expected) {
    const auto got = outputs.tensors.find(name);
    const std::string difference =
        got == outputs.tensors.end() ? "is missing" : compare_one(got->second, output, allowance);
    if (!difference.empty()) return fmt::format("output \"{}\": {}", name, difference);
  }
  return {};
}

}  // namespace fuseline::host_cuda
