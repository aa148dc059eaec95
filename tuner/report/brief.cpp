#include "tuner/report/brief.hpp"

#include <fmt/format.h>

#include "tuner/base/text.hpp"
#include "tuner/device/roofline.hpp"
#include "tuner/formats/counters_json.hpp"
#include "tuner/formats/ncu.hpp"
#include "tuner/report/brief_parts.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/explanation.hpp"
#include "tuner/report/table.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {
namespace {

std::string heading(const RunInfo& info, const Problem& problem) {
  return fmt::format("# {}: {}\n\n{}. {}.\n", info.problem, problem.title, printable(instance_text(info)),
                     printable(origin_text(info)));
}

std::string tensor_table(const Problem& problem, const ProblemInstance& instance) {
  std::string text =
      "| tensor | how often DRAM moves it | dtype | shape | elements | bytes |\n|---|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < instance.tensors.size(); ++i) {
    const Tensor& tensor = instance.tensors[i];
    text += fmt::format("| `{}` | {} once | {} | {} | {} | {} |\n", tensor.name,
                        tensor.role == TensorRole::input ? "read" : "written", to_string(tensor.dtype),
                        problem.tensors[i].shape_text, grouped(static_cast<double>(tensor.elements)),
                        grouped(static_cast<double>(tensor.bytes())));
  }
  return text;
}

/// Where the bytes alone would be the time.
std::string floor_lines(const RunInfo& info, const ProblemInstance& instance) {
  const double bytes = static_cast<double>(instance.compulsory_bytes);
  std::string text = fmt::format(
      "- Compulsory bytes, each input read once and each output written once: {} ({} read, "
      "{} written).\n",
      grouped(bytes), grouped(static_cast<double>(instance.input_bytes)),
      grouped(static_cast<double>(instance.output_bytes)));
  if (const double copy = copy_gbps(info); copy > 0)
    text += fmt::format("- Floor on {}, measured: {} at its copy bandwidth of {}.\n", printable(info.device.name),
                        time_text(floor_ms(0, bytes, copy, 0)), bandwidth_text(copy));
  if (!info.target) return text;
  const StreamingRate streaming = streaming_rate(*info.target);
  if (streaming.gbps > 0)
    text += fmt::format("- Floor on {}, not measured here: {} at {}, which copies {} there.\n",
                        printable(info.target->label()), time_text(floor_ms(0, bytes, streaming.gbps, 0)),
                        bandwidth_text(streaming.gbps), streaming.measured ? "reach" : "are taken to reach");
  return text + fmt::format("- Operations of the definition: {} ({:.3g} a byte).\n", grouped(instance.flops),
                            instance.intensity());
}

std::string rules_section(const RunInfo& info, const Problem& problem, const ProblemInstance& instance) {
  const Tolerance& tolerance = instance.tolerance;
  std::string text = fmt::format("\n## What the kernel must do\n\n{}\n\n{}\n\n", fenced(problem.formula, "text"),
                                 printable(problem.description));
  text += tensor_table(problem, instance);
  text += "\nRules of the fusion:\n\n";
  text +=
      "- One launch does all of it. Where an output sums over the whole grid, a second one may add partial sums up.\n"
      "- Nothing between input and output goes to DRAM: intermediates live in registers or shared memory. A counter of "
      "bytes written checks this.\n"
      "- Each input is read from DRAM once, and each output is written once.\n"
      "- Tensors are contiguous and start at addresses aligned to 16 bytes, unless the formula says otherwise.\n"
      "- 16-bit elements are computed in float.\n";
  text += fmt::format(
      "- Correct is |got - ref| <= {:g} + {:g} * |ref| in every element, against the reference in fp64 "
      "on the rounded inputs.\n",
      tolerance.absolute, tolerance.relative);
  for (const Tensor& tensor : instance.tensors) {
    if (tensor.absolute_of_largest > 0)
      text += fmt::format("- Of {} every element may be off by {:g} of the largest one besides, as terms may cancel.\n",
                          tensor.name, tensor.absolute_of_largest);
  }
  return text + floor_lines(info, instance);
}

std::string given_lines(const RunInfo& info) {
  std::string text;
  for (const GivenReading& given : info.given) {
    text += fmt::format("\nReadings of another kernel, given and not measured here: {} on {}, {}.\n\n{}\n",
                        printable(given.kernel), printable(given.device), printable(given.dtype),
                        fenced(counters_json(given.counters).dump(2), "json"));
  }
  return text;
}

Result<std::string> metrics_section(const Run& run, const Evaluation& best) {
  FUSELINE_TRY(json, ncu_json(run));
  std::string text =
      fmt::format("\n## Nsight Compute metrics of this kernel on {}\n\n", printable(run.info.device.name));
  if (best.measurement.counters.empty())
    text += "Hardware counters were not read: what follows is the launch, the compiler's figures and the time.\n\n";
  text += fenced(OrderedJson{{best.configuration.variant, json.front()}}.dump(2, ' ', false,
                                                                              OrderedJson::error_handler_t::replace),
                 "json");
  return text + "\n" + given_lines(run.info);
}

std::string projection_section(const RunInfo& info, const Explanation& explanation) {
  if (!info.target) return "";
  std::string text = fmt::format("\n## On {}\n\n", printable(info.target->label()));
  if (!explanation.projection)
    return text + "There is no projection of this configuration: it does not fit there, or too little is known.\n";
  return text + projection_text(*explanation.projection, printable(info.target->label())) + "\n";
}

}  // namespace

Result<std::string> brief(const DocumentRequest& request) {
  const Run& run = *request.run;
  FUSELINE_CHECK(ncu_json(run));  // Nothing worked: its words.
  FUSELINE_TRY(problem, request.catalog->find(run.info.problem));
  // A shape's name may mean other sizes in another version; the sizes are what was measured.
  FUSELINE_TRY(instance, instantiate(problem->problem, "", run.info.dims, run.info.dtype, run.info.scalars));
  const Evaluation& best = *run.ranked().front();
  const Explanation explanation = explain(run, best);
  FUSELINE_TRY(code, code_section(run, best, *request.catalog, *problem, instance));
  FUSELINE_TRY(metrics, metrics_section(run, best));
  std::string text = heading(run.info, problem->problem);
  text += target_section(run.info);
  text += rules_section(run.info, problem->problem, instance);
  text += code;
  text += metrics;
  text += "\n## What bounds it\n\n" + explanation_text(explanation);
  text += projection_section(run.info, explanation);
  return text + tried_section(run);
}

}  // namespace fuseline::tuner
