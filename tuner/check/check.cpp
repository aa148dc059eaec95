#include "tuner/check/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/check/launch_arguments.hpp"
#include "tuner/check/macros.hpp"
#include "tuner/check/source_scan.hpp"
#include "tuner/check/spaces.hpp"

namespace fuseline::tuner {
namespace {

using Headers = std::shared_ptr<const std::map<std::string, std::string>>;

/// What holds for every configuration: expressions were looked at one by one, and this is the rest of resolve().
void check_first_configurations(const Variant& variant, const std::vector<CaseSpace>& spaces, FindingList& findings) {
  for (const CaseSpace& each : spaces) {
    if (!each.space) continue;
    const Configuration configuration = each.space->configuration(0);
    const auto resolved = resolve(variant, configuration, each.looked_at->instance, each.looked_at->device);
    if (resolved) continue;
    const Error& error = resolved.error();
    findings.add({FindingKind::expression, error.file, 0, error.path, error.reason},
                 fmt::format("{} ({})", printable(configuration.key()), each.looked_at->text()));
  }
}

class ProblemsCheck {
 public:
  ProblemsCheck(const CheckedProblems& problems, const CheckOptions& options)
      : problems_(problems), options_(options) {}

  Result<CheckReport> run() {
    for (const Target& device : options_.devices)
      report_.devices.push_back({device.limits.compute_major * 10 + device.limits.compute_minor, device.label()});
    report_.findings = problems_.findings;
    report_.compiles = options_.compile;
    cases_.reserve(problems_.entries.size());
    // Images point into what is reserved here.
    report_.problems.reserve(problems_.entries.size());
    for (const auto& entry : problems_.entries) FUSELINE_CHECK(look_at(*entry));
    if (options_.compile) images_.run(options_.images, report_, findings_);
    auto found = findings_.take();
    std::move(found.begin(), found.end(), std::back_inserter(report_.findings));
    return std::move(report_);
  }

 private:
  Result<void> look_at(const CatalogEntry& entry) {
    const Problem& problem = entry.problem;
    std::vector<Finding> of_cases;
    FUSELINE_TRY(cases, check_cases(problem, options_.selection, options_.devices, of_cases));
    for (Finding& finding : of_cases) findings_.add(std::move(finding));
    cases_.push_back(std::move(cases));
    const auto headers =
        std::make_shared<const std::map<std::string, std::string>>(problems_.catalog.headers_for(entry));
    ProblemCheck& check = report_.problems.emplace_back();
    check.name = problem.name;
    check.variants.resize(entry.variants.size());
    look_at_reference(problem, headers, check.reference);
    for (std::size_t v = 0; v < entry.variants.size(); ++v)
      look_at_variant(problem, entry.variants[v], headers, check.variants[v]);
    return {};
  }

  void look_at_reference(const Problem& problem, const Headers& headers, CompileSummary& summary) {
    if (problem.reference_launches.empty()) return;
    const std::string name = reference_name(problem);
    check_reference_macros(problem.reference_source, *headers, printable((problem.kernel_folder / name).string()),
                           findings_);
    check_arguments(problem.reference_launches, problem.tensors, code_with_headers(problem.reference_source, *headers),
                    {printable(problem.file.string()), "/reference/launches"}, findings_);
    images_.add_reference(problem, name, headers, cases_.back(), summary, findings_);
  }

  void look_at_variant(const Problem& problem, const Variant& variant, const Headers& headers, VariantCheck& check) {
    check.name = variant.name;
    check_macros(variant, *headers, findings_);
    if (variant.form == KernelForm::cuda) {
      for (const auto& [name, text] : variant.sources) {
        check_arguments(variant.launches, problem.tensors, code_with_headers(*text, *headers),
                        {printable(variant.file.string()), "/launches"}, findings_);
      }
    }
    const auto spaces = check_spaces(problem, variant, cases_.back(), check, findings_);
    if (options_.compile) {
      images_.add(variant, headers, spaces, check.images, findings_);
    } else {
      check_first_configurations(variant, spaces, findings_);
    }
  }

  const CheckedProblems& problems_;
  const CheckOptions& options_;
  CheckReport report_;
  FindingList findings_;
  ImageCheck images_;
  std::vector<std::vector<CheckCase>> cases_;
};

}  // namespace

Result<CheckReport> check_problems(const CheckedProblems& problems, CheckOptions options) {
  options.images.capabilities.clear();
  for (const Target& device : options.devices)
    options.images.capabilities.push_back(device.limits.compute_major * 10 + device.limits.compute_minor);
  return ProblemsCheck(problems, options).run();
}

}  // namespace fuseline::tuner
