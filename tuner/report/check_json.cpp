#include <cmath>

#include "tuner/report/check_report.hpp"

namespace fuseline::tuner {
namespace {

OrderedJson finding_json(const Finding& finding) {
  OrderedJson json;
  json["kind"] = to_string(finding.kind);
  json["file"] = finding.file;
  if (finding.line > 0) json["line"] = finding.line;
  if (!finding.path.empty()) json["path"] = finding.path;
  json["reason"] = finding.reason;
  return json;
}

/// A count of combinations, which may be more than an integer holds.
OrderedJson count_json(double count) {
  return std::fabs(count) < 9e15 ? OrderedJson(static_cast<std::int64_t>(count)) : OrderedJson(count);
}

OrderedJson images_json(const CompileSummary& images) {
  OrderedJson json;
  json["distinct"] = images.distinct;
  json["compiled"] = images.compiled;
  json["failed"] = images.failed;
  if (images.most_registers > 0) {
    json["fewest_registers"] = images.fewest_registers;
    json["most_registers"] = images.most_registers;
  }
  json["spilling"] = images.spilling;
  json["most_spill_bytes"] = images.most_spill_bytes;
  if (!images.spills_most.empty()) json["spills_most"] = images.spills_most;
  return json;
}

OrderedJson variant_json(const VariantCheck& variant, const CheckReport& report) {
  OrderedJson json;
  json["name"] = variant.name;
  json["spaces"] = OrderedJson::array();
  for (const SpaceCount& space : variant.spaces) {
    json["spaces"].push_back({{"capability", space.capability},
                              {"dtype", to_string(space.dtype)},
                              {"shape", space.shape},
                              {"configurations", space.configurations},
                              {"combinations", count_json(space.combinations)},
                              {"over_the_device", count_json(space.over_the_device)}});
  }
  json["constraints"] = OrderedJson::array();
  for (const ConstraintEffect& effect : variant.constraints) {
    json["constraints"].push_back({{"expression", effect.text},
                                   {"reason", effect.reason},
                                   {"met_by", count_json(effect.met_by)},
                                   {"removed", count_json(effect.removed)}});
  }
  if (report.compiles) json["images"] = images_json(variant.images);
  if (report.runs)
    json["host"] = {{"chosen", variant.host.chosen}, {"run", variant.host.run}, {"wrong", variant.host.wrong}};
  json["remarks"] = variant.remarks;
  return json;
}

}  // namespace

OrderedJson check_json(const CheckReport& report) {
  OrderedJson json;
  json["schema"] = "fuseline/check/1";
  json["tool"] = {{"name", "fuseline"}, {"version", FUSELINE_VERSION}};
  json["clean"] = report.clean();
  json["findings"] = OrderedJson::array();
  for (const Finding& finding : report.findings) json["findings"].push_back(finding_json(finding));
  json["devices"] = OrderedJson::array();
  for (const CheckedDevice& device : report.devices)
    json["devices"].push_back({{"capability", device.capability}, {"title", device.title}});
  json["compiles"] = report.compiles;
  if (!report.not_compiled.empty()) json["not_compiled"] = report.not_compiled;
  if (report.runs) json["runs"] = true;
  if (!report.not_run.empty()) json["not_run"] = report.not_run;
  json["warnings"] = report.warnings;
  json["problems"] = OrderedJson::array();
  for (const ProblemCheck& problem : report.problems) {
    OrderedJson each;
    each["name"] = problem.name;
    if (report.compiles) each["reference"] = images_json(problem.reference);
    if (!problem.remarks.empty()) each["remarks"] = problem.remarks;
    each["variants"] = OrderedJson::array();
    for (const VariantCheck& variant : problem.variants) each["variants"].push_back(variant_json(variant, report));
    json["problems"].push_back(std::move(each));
  }
  return json;
}

}  // namespace fuseline::tuner
