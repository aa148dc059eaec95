#include "tuner/report/problem_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tuner/formats/parts.hpp"
#include "tuner/problem/expression.hpp"
#include "tuner/problem/instance.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/session/instances.hpp"
#include "tuner/space/variant_space.hpp"

namespace fuseline::tuner {
namespace {

bool is_meant(const Variant& variant, const ProblemInstance& instance, const DeviceLimits& limits) {
  const Scope scope = variant_scope(instance, limits);
  return supports(limits, variant) &&
         std::none_of(variant.constraints.begin(), variant.constraints.end(), [&](const ConstraintSpec& constraint) {
           const auto met = evaluate(constraint.text, scope);  // Of a parameter nothing is known here: an error.
           return met && *met == 0;
         });
}

VariantReport variant_report(const CatalogEntry& entry, const Variant& variant, const ProblemInstance& instance,
                             const DeviceLimits& limits, const ProblemChoice& choice) {
  VariantReport report;
  report.variant = &variant;
  report.meant = is_meant(variant, instance, limits);
  if (choice.counts && supports(limits, variant))
    report.counts = count_constraints(variant, instance, limits, choice.full);
  SpaceSelection selection;
  selection.variants = {variant.name};
  const auto staged = variant_space(entry, instance, limits, selection);
  if (!staged) {
    report.unavailable = staged.error().message();
    return report;
  }
  report.size = (*staged)->size();
  selection.full = true;
  const auto full = variant_space(entry, instance, limits, selection);
  report.full_size = full ? (*full)->size() : report.size;
  return report;
}

Result<ProblemInstance> chosen_instance(const Problem& problem, const ProblemChoice& choice) {
  if (problem.dtypes.empty()) return bad_input(problem.file.string(), "/dtypes", "names no dtype");
  FUSELINE_TRY(dtype, requested_dtype(problem, choice.dtype));
  return instantiate(problem, choice.shape, choice.dims, dtype, choice.scalars);
}

/// By constraint: what those before it left of the space and it removes. Nothing where that could not be counted.
std::vector<std::optional<double>> removals(const VariantCounts& counts) {
  std::vector<std::optional<double>> removed;
  std::optional<double> before = counts.raw_size;
  for (const ConstraintCount& constraint : counts.constraints) {
    const auto left = constraint.left ? std::optional(static_cast<double>(*constraint.left)) : std::nullopt;
    removed.push_back(before && left ? std::optional(*before - *left) : std::nullopt);
    before = left;
  }
  return removed;
}

OrderedJson counts_json(const VariantCounts& counts) {
  const auto removed = removals(counts);
  OrderedJson json = OrderedJson::array();
  for (std::size_t i = 0; i < removed.size(); ++i) {
    OrderedJson one = {{"expression", counts.constraints[i].text}, {"reason", counts.constraints[i].reason}};
    if (removed[i]) one["removes"] = *removed[i];
    if (counts.constraints[i].left) one["left"] = *counts.constraints[i].left;
    json.push_back(std::move(one));
  }
  return json;
}

OrderedJson values_json(const std::vector<Value>& values) {
  OrderedJson list = OrderedJson::array();
  for (const Value& value : values) list.push_back(OrderedJson(value.to_json()));
  return list;
}

OrderedJson variant_json(const VariantReport& report) {
  OrderedJson json;
  json["name"] = report.variant->name;
  json["description"] = report.variant->description;
  json["form"] = to_string(report.variant->form);
  json["configurations"] = report.size;
  json["full_configurations"] = report.full_size;
  if (!report.unavailable.empty()) json["unavailable"] = report.unavailable;
  json["parameters"] = OrderedJson::array();
  for (const ParameterSpec& parameter : report.variant->parameters) {
    json["parameters"].push_back({{"name", parameter.name},
                                  {"description", parameter.description},
                                  {"values", values_json(parameter.values)},
                                  {"full_values", values_json(parameter.full_values)}});
  }
  if (report.counts) {
    json["raw_configurations"] = report.counts->raw_size;
    json["constraints"] = counts_json(*report.counts);
    return json;
  }
  json["constraints"] = OrderedJson::array();
  for (const ConstraintSpec& constraint : report.variant->constraints)
    json["constraints"].push_back({{"expression", constraint.text}, {"reason", constraint.reason}});
  return json;
}

OrderedJson shape_dims_json(const std::vector<Dimension>& dims) {
  OrderedJson json = OrderedJson::object();
  for (const Dimension& dim : dims) json[dim.name] = dim.value;
  return json;
}

std::string dims_text(const std::vector<Dimension>& dims) {
  std::string text;
  for (const Dimension& dim : dims) text += fmt::format("{}{}={}", text.empty() ? "" : " ", dim.name, dim.value);
  return text;
}

std::string dtypes_text(const Problem& problem) {
  std::string text;
  for (const Dtype dtype : problem.dtypes) text += (text.empty() ? "" : " ") + std::string(to_string(dtype));
  return text;
}

std::string values_text(const ParameterSpec& parameter) {
  std::string text;
  for (const Value& value : parameter.values) text += (text.empty() ? "" : " ") + value.to_string();
  std::string more;
  for (const Value& value : parameter.full_values) {
    if (std::find(parameter.values.begin(), parameter.values.end(), value) == parameter.values.end())
      more += " " + value.to_string();
  }
  return more.empty() ? text : text + " (full:" + more + ")";
}

std::string gibibytes(std::int64_t bytes) { return fmt::format("{:.2f} GiB", static_cast<double>(bytes) / (1 << 30)); }

std::string count_text(std::uint64_t count) { return grouped(static_cast<double>(count)); }

std::string bold(const std::string& text, bool colour) { return colour ? "\x1b[1m" + text + "\x1b[0m" : text; }

std::string constraint_text(const ConstraintSpec& constraint) {
  return fmt::format("  where {}{}", constraint.text, constraint.reason.empty() ? "" : "  (" + constraint.reason + ")");
}

/// One line a constraint. What the device cannot launch is worth one where it removes something.
std::string counts_text(const VariantCounts& counts, std::size_t own) {
  const auto removed = removals(counts);
  std::string text = fmt::format("  {} combinations of the values\n", grouped(counts.raw_size));
  for (std::size_t i = 0; i < removed.size(); ++i) {
    if (i >= own && removed[i] == 0.0) continue;
    const ConstraintCount& constraint = counts.constraints[i];
    text += constraint_text({constraint.text, constraint.reason});
    text += removed[i] ? fmt::format(": removes {}, leaves {}\n", grouped(*removed[i]), count_text(*constraint.left))
                       : std::string(": too many to count\n");
  }
  return text;
}

std::string variant_text(const VariantReport& report, bool colour) {
  const Variant& variant = *report.variant;
  const std::string size = report.unavailable.empty() ? count_text(report.size) + " configurations, " +
                                                            count_text(report.full_size) + " with --full"
                                                      : "not available: " + report.unavailable;
  const std::string form = variant.form == KernelForm::cuda ? "" : fmt::format(" ({})", to_string(variant.form));
  std::string text = "\n" + bold(variant.name, colour) + form + ": " + size + "\n";
  if (!variant.description.empty()) text += "  " + variant.description + "\n";
  TextTable table{{"parameter", "values", "meaning"}, {}};
  for (const ParameterSpec& parameter : variant.parameters)
    table.rows.push_back({parameter.name, values_text(parameter), parameter.description});
  if (!table.rows.empty()) text += table.render(colour);
  if (report.counts) return text + counts_text(*report.counts, variant.constraints.size());
  for (const ConstraintSpec& constraint : variant.constraints) text += constraint_text(constraint) + "\n";
  return text;
}

}  // namespace

Result<ProblemReport> problem_report(const CatalogEntry& entry, const DeviceLimits& limits,
                                     const ProblemChoice& choice) {
  FUSELINE_TRY(instance, chosen_instance(entry.problem, choice));
  ProblemReport report;
  report.entry = &entry;
  for (const Variant& variant : entry.variants) {
    report.variants.push_back(variant_report(entry, variant, instance, limits, choice));
    report.size += report.variants.back().size;
    report.full_size += report.variants.back().full_size;
  }
  const MemoryQuestion memory{instance.tensors, kPlaces, limits.l2_bytes};
  report.memory = memory_wanted(memory);
  report.least_memory = memory_least(memory);
  report.instance = std::move(instance);
  return report;
}

Result<void> list_configurations(const CatalogEntry& entry, const DeviceLimits& limits, const ProblemChoice& choice,
                                 std::optional<std::uint64_t> limit, bool json,
                                 const std::function<void(std::string_view)>& write) {
  FUSELINE_TRY(instance, chosen_instance(entry.problem, choice));
  FUSELINE_TRY(space, variant_space(entry, instance, limits, {{}, {}, choice.full}));
  const std::uint64_t count = std::min(space->size(), limit.value_or(space->size()));
  constexpr std::size_t kPiece = std::size_t{1} << 16;
  std::string piece = json ? "[" : "";
  for (std::uint64_t i = 0; i < count; ++i) {
    const Configuration configuration = space->configuration(i);
    if (json) {
      piece += i == 0 ? "\n  " : ",\n  ";
      piece += OrderedJson({{"variant", configuration.variant}, {"config", config_json(configuration)}}).dump();
    } else {
      piece += configuration.key() + "\n";
    }
    if (piece.size() < kPiece) continue;
    write(piece);
    piece.clear();
  }
  write(piece + (json ? "\n]\n" : ""));
  return {};
}

std::string expression_help() {
  std::string functions, device;
  for (const ExpressionFunction& function : expression_function_list())
    functions += fmt::format("  {:<15} {}\n", function.call, function.meaning);
  for (const std::string& name : device_names()) device += "  " + name + "\n";
  return fmt::format(
      "\nExpressions of problems and manifests have + - * / ^ == != < <= > >= && || ?: and parentheses, and these "
      "functions:\n{}They name dimensions, derived values, scalars, parameters (a string value is parameter.value), "
      "and "
      "{}.\nManifests and references name the device's numbers too:\n{}",
      functions, fmt::join(dtype_names(), ", "), device);
}

OrderedJson to_json(const ProblemReport& report) {
  const Problem& problem = report.entry->problem;
  OrderedJson json;
  json["name"] = problem.name;
  json["title"] = problem.title;
  json["formula"] = problem.formula;
  json["description"] = problem.description;
  json["source"] = problem.source;
  json["built_in"] = report.entry->built_in;
  json["file"] = problem.file.string();
  json["dtypes"] = OrderedJson::array();
  for (const Dtype dtype : problem.dtypes) json["dtypes"].push_back(to_string(dtype));
  json["shapes"] = OrderedJson::array();
  for (const ShapePreset& shape : problem.shapes)
    json["shapes"].push_back(
        {{"name", shape.name}, {"description", shape.description}, {"dims", shape_dims_json(shape.dims)}});
  json["scalars"] = scalars_object(problem.scalars);
  json["sized_for"] = {{"shape", report.instance.shape},
                       {"dtype", to_string(report.instance.dtype)},
                       {"compulsory_bytes", report.instance.compulsory_bytes},
                       {"flops", report.instance.flops},
                       {"device_memory_bytes", report.memory.total()},
                       {"least_device_memory_bytes", report.least_memory.total()}};
  json["configurations"] = report.size;
  json["full_configurations"] = report.full_size;
  json["variants"] = OrderedJson::array();
  for (const VariantReport& variant : report.variants) json["variants"].push_back(variant_json(variant));
  return json;
}

std::string problem_text(const ProblemReport& report, bool colour) {
  const Problem& problem = report.entry->problem;
  std::string text = bold(problem.name + (problem.title.empty() ? "" : ": " + problem.title), colour) + "\n";
  if (!problem.formula.empty()) text += problem.formula + "\n";
  if (!problem.description.empty()) text += problem.description + "\n";
  text += fmt::format("dtypes {}; {} compulsory and {:.3g} operations for {}, {}\n", dtypes_text(problem),
                      format_bytes(static_cast<double>(report.instance.compulsory_bytes)), report.instance.flops,
                      report.instance.shape, to_string(report.instance.dtype));
  text += fmt::format("GPU memory {}; {} at least{}\n", memory_text(report.memory),
                      gibibytes(report.least_memory.total()), problem.scalars.empty() ? "\n" : "");
  if (!problem.scalars.empty()) text += "scalars " + scalars_text(problem.scalars) + "\n\n";
  TextTable shapes{{"shape", "dimensions", "description"}, {}};
  for (const ShapePreset& shape : problem.shapes)
    shapes.rows.push_back({shape.name, dims_text(shape.dims), shape.description});
  text += shapes.render(colour);
  for (const VariantReport& variant : report.variants) text += variant_text(variant, colour);
  return text;
}

Result<std::string> memory_table(const std::vector<std::shared_ptr<const CatalogEntry>>& entries,
                                 const DeviceLimits& limits, bool colour) {
  TextTable table{{"problem", "shape", "dtype", "one set", "fp64 reference", "wanted", "at least", "of 22 GiB", "sets"},
                  {}};
  for (const auto& entry : entries) {
    const Problem& problem = entry->problem;
    for (const ShapePreset& shape : problem.shapes) {
      for (const Dtype dtype : problem.dtypes) {
        FUSELINE_TRY(instance, instantiate(problem, shape.name, {}, dtype, {}));
        const MemoryQuestion question{instance.tensors, kPlaces, limits.l2_bytes};
        const DeviceMemoryNeeds wanted = memory_wanted(question);
        const auto within = memory_within(question, kSmallGpuBytes);
        table.rows.push_back(
            {problem.name, shape.name, std::string(to_string(dtype)), gibibytes(wanted.set),
             gibibytes(wanted.reference), gibibytes(wanted.total()), gibibytes(memory_least(question).total()),
             within ? gibibytes(within->total()) : "too much", within ? std::to_string(within->sets) : "-"});
      }
    }
  }
  return table.render(colour);
}

std::string problems_text(const std::vector<ProblemReport>& reports, bool colour) {
  TextTable table{{"problem", "title", "variants", "configurations", "full", "dtypes", "shapes"}, {}};
  for (const ProblemReport& report : reports) {
    std::string shapes;
    for (const ShapePreset& shape : report.entry->problem.shapes) shapes += (shapes.empty() ? "" : " ") + shape.name;
    table.rows.push_back({report.entry->problem.name, report.entry->problem.title,
                          std::to_string(report.variants.size()), count_text(report.size), count_text(report.full_size),
                          dtypes_text(report.entry->problem), shapes});
  }
  return table.render(colour);
}

}  // namespace fuseline::tuner
