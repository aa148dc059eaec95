#include "tuner/session/host_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tuner/base/files.hpp"
#include "tuner/base/scratch_folder.hpp"
#include "tuner/base/text.hpp"
#include "tuner/check/compiling.hpp"
#include "tuner/check/host_job.hpp"
#include "tuner/check/host_source.hpp"
#include "tuner/check/sample.hpp"
#include "tuner/session/host_compiler.hpp"
#include "tuner/session/host_programs.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;

/// A problem with a shape and dtype, its numbers in files.
struct HostInstance {
  std::shared_ptr<const ProblemInstance> instance;
  std::string data;
  bool has_reference = false;  ///< Its outputs are in files.
};

/// A configuration, or the reference, on an instance.
struct HostRun {
  ResolvedConfiguration resolved;
  std::size_t instance = 0;
};

/// What is compiled once: configurations whose source and macros are the same.
struct HostUnit {
  std::size_t problem = 0;
  const Variant* variant = nullptr;  ///< Null: the reference.
  fs::path source;
  std::vector<HostRun> runs;
};

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", grouped(static_cast<double>(count)), what, count == 1 ? "" : "s");
}

DeviceLimits host_device(const std::vector<Target>& devices) {
  const auto highest = std::max_element(devices.begin(), devices.end(), [](const Target& a, const Target& b) {
    return std::pair(a.limits.compute_major, a.limits.compute_minor) <
           std::pair(b.limits.compute_major, b.limits.compute_minor);
  });
  DeviceLimits limits = highest->limits;
  limits.sm_count = 2;
  return limits;
}

class HostCheck {
 public:
  HostCheck(const CheckedProblems& problems, const HostCheckOptions& options, CheckReport& report,
            HostCompiler compiler, ScratchFolder folder)
      : problems_(problems),
        options_(options),
        report_(report),
        compiler_(std::move(compiler)),
        folder_(std::move(folder)),
        device_(host_device(options.devices)) {}

  Result<void> run() {
    times_.end = std::chrono::steady_clock::now() + options_.time;
    for (std::size_t p = 0; p < problems_.entries.size(); ++p) FUSELINE_CHECK(plan(p));
    FUSELINE_CHECK(run_all(references_, 0));
    // Without a reference there is nothing to compare with.
    for (HostUnit& unit : variants_)
      std::erase_if(unit.runs, [&](const HostRun& run) { return !instances_[run.instance].has_reference; });
    std::erase_if(variants_, [](const HostUnit& unit) { return unit.runs.empty(); });
    FUSELINE_CHECK(run_all(variants_, references_.size()));
    sum_up();
    return {};
  }

 private:
  // Planning.

  Result<void> plan(std::size_t p) {
    const CatalogEntry& entry = *problems_.entries[p];
    const auto headers =
        std::make_shared<const std::map<std::string, std::string>>(problems_.catalog.headers_for(entry));
    FUSELINE_CHECK(copy_sources(p, entry));
    std::vector<Finding> ignored;  // They are the report's already.
    FUSELINE_TRY(cases, check_cases(entry.problem, options_.selection, {options_.devices.front()}, ignored));
    std::map<Dtype, std::vector<std::size_t>> by_dtype;
    for (CheckCase& each : cases) {
      const std::int64_t elements = host_elements(each.instance);
      if (elements > kMostHostElements) {
        add_remark(
            problem_check(p).remarks,
            fmt::format("shape {} has {} elements, more than the {} that are run on the CPU: choose others by --shape",
                        printable(each.instance.shape), grouped(static_cast<double>(elements)),
                        grouped(static_cast<double>(kMostHostElements))));
        continue;
      }
      const auto files = host_files(each.instance, data_name(instances_.size()), 1);
      if (!files) {
        add_remark(problem_check(p).remarks, fmt::format("shape {} is not run on the CPU: {}",
                                                         printable(each.instance.shape), files.error().message()));
        continue;
      }
      for (const HostFile& file : *files) FUSELINE_CHECK(write_file(folder_.path() / file.name, file.bytes));
      by_dtype[each.instance.dtype].push_back(instances_.size());
      instances_.push_back({std::make_shared<const ProblemInstance>(std::move(each.instance)),
                            data_name(instances_.size()), entry.problem.reference_from_files()});
      if (!entry.problem.reference_from_files()) plan_reference(p, instances_.size() - 1);
    }
    for (const auto& [dtype, places] : by_dtype) {
      for (std::size_t v = 0; v < entry.variants.size(); ++v) plan_variant(p, v, dtype, places, headers);
    }
    return {};
  }

  static std::string data_name(std::size_t instance) { return fmt::format("i{}", instance); }
  ProblemCheck& problem_check(std::size_t p) { return report_.problems[p]; }
  [[nodiscard]] fs::path source_folder(std::size_t p) const { return folder_.path() / fmt::format("{}", p); }

  /// A copy of the reference and of each source and header that may hold what g++ does not take as it stands.
  Result<void> copy_sources(std::size_t p, const CatalogEntry& entry) {
    const fs::path folder = source_folder(p);
    const auto copy = [&](const std::string& name, const std::string& text, const fs::path& original) -> Result<void> {
      const fs::path file = folder / name;
      FUSELINE_CHECK(make_folder(file.parent_path()));
      return write_file(file, host_source(text, original.string()));
    };
    const Problem& problem = entry.problem;
    for (const auto& [name, text] : entry.headers) FUSELINE_CHECK(copy(name, text, problem.kernel_folder / name));
    if (!problem.reference_from_files())
      FUSELINE_CHECK(
          copy(reference_name(problem), problem.reference_source, problem.kernel_folder / reference_name(problem)));
    for (const Variant& variant : entry.variants) {
      if (variant.form != KernelForm::cuda) continue;
      for (const auto& [name, text] : variant.sources)
        FUSELINE_CHECK(copy(name, *text, variant.file.parent_path() / name));
    }
    return {};
  }

  void plan_reference(std::size_t p, std::size_t place) {
    const ProblemInstance& instance = *instances_[place].instance;
    auto launches = resolve_reference(instance, device_);
    if (!launches) {
      add_remark(problem_check(p).remarks, "the reference does not run on the CPU: " + launches.error().message());
      return;
    }
    HostRun run;
    run.instance = place;
    run.resolved.configuration.variant = "reference";
    run.resolved.source_name = reference_name(*instance.problem);
    run.resolved.defines = instance_defines(instance);
    run.resolved.launches = std::move(*launches);
    references_.push_back({p, nullptr, instance.problem->kernel_folder / run.resolved.source_name, {std::move(run)}});
  }

  void plan_variant(std::size_t p, std::size_t v, Dtype dtype, const std::vector<std::size_t>& places,
                    const std::shared_ptr<const std::map<std::string, std::string>>& headers) {
    const CatalogEntry& entry = *problems_.entries[p];
    const Variant& variant = entry.variants[v];
    VariantCheck& check = problem_check(p).variants[v];
    if (variant.form != KernelForm::cuda) {
      add_remark(check.remarks, fmt::format("is {}, which no CPU runs", to_string(variant.form)));
      return;
    }
    std::vector<std::shared_ptr<const ProblemInstance>> instances;
    instances.reserve(places.size());
    for (const std::size_t place : places) instances.push_back(instances_[place].instance);
    const Sample sample = sample_configurations(entry, variant, instances, device_, {options_.at_most, false});
    for (const Error& error : sample.failed)
      add_remark(check.remarks, "a configuration does not run on the CPU: " + error.message());
    if (sample.taken.empty()) {
      add_remark(check.remarks,
                 fmt::format("not run on the CPU: it has no configuration in {} in these shapes", to_string(dtype)));
      return;
    }
    DistinctImages distinct(headers);
    std::map<std::string, std::size_t> by_image;
    for (const Sampled& each : sample.taken) {
      if (!can_run(each.resolved, check)) continue;
      ++check.host.chosen;
      const auto& source = variant.sources.at(each.resolved.source_name);
      const auto [at, added] = by_image.emplace(distinct.key(each.resolved, source, 0), variants_.size());
      if (added) variants_.push_back({p, &variant, variant.file.parent_path() / each.resolved.source_name, {}});
      const auto instance = std::find(instances.begin(), instances.end(), each.instance);
      variants_[at->second].runs.push_back(
          {each.resolved, places[static_cast<std::size_t>(instance - instances.begin())]});
    }
  }

  /// Remarks why not.
  static bool can_run(const ResolvedConfiguration& resolved, VariantCheck& check) {
    if (std::any_of(resolved.launches.begin(), resolved.launches.end(),
                    [](const ResolvedLaunch& launch) { return launch.cooperative; })) {
      add_remark(check.remarks,
                 "not run on the CPU: it is launched cooperatively, and blocks run one after the other there");
      return false;
    }
    std::int64_t bytes = 0;
    for (const ResolvedWorkspace& space : resolved.workspace) bytes += space.bytes;
    if (bytes <= kMostHostWorkspace) return true;
    add_remark(check.remarks,
               fmt::format("not run on the CPU: {} bytes of workspace, more than {}",
                           grouped(static_cast<double>(bytes)), grouped(static_cast<double>(kMostHostWorkspace))));
    return false;
  }

  /// The same is said once.
  static void add_remark(std::vector<std::string>& remarks, std::string remark) {
    if (std::find(remarks.begin(), remarks.end(), remark) == remarks.end()) remarks.push_back(std::move(remark));
  }

  // Running.

  Result<void> run_all(const std::vector<HostUnit>& units, std::size_t before) {
    std::vector<HostProgram> programs;
    for (std::size_t u = 0; u < units.size(); ++u) {
      FUSELINE_TRY(program, program_of(units[u], before + u));
      programs.push_back(std::move(program));
    }
    const std::size_t total = references_.size() + variants_.size();
    const auto progress = [&](std::size_t done) {
      if (options_.progress) options_.progress(before + done, total);
    };
    FUSELINE_TRY(outcomes, run_host_programs(programs, times_, progress, options_.stop));
    for (std::size_t u = 0; u < units.size(); ++u) take(units[u], outcomes[u]);
    return {};
  }

  Result<HostProgram> program_of(const HostUnit& unit, std::size_t number) const {
    const fs::path folder = source_folder(unit.problem);
    const HostRun& first = unit.runs.front();
    const std::string name = fmt::format("unit{}", number);
    // Beside the source, so that its own headers are found; one in a folder below is included by that name.
    const fs::path file = folder / (name + ".cpp");
    FUSELINE_CHECK(write_file(file, host_unit(first.resolved.source_name, first.resolved.launches)));
    std::vector<HostCase> cases;
    for (std::size_t i = 0; i < unit.runs.size(); ++i) {
      const HostInstance& instance = instances_[unit.runs[i].instance];
      cases.push_back({i, unit.variant == nullptr, instance.instance.get(), &unit.runs[i].resolved, instance.data});
    }
    const fs::path job = folder / (name + ".job"), program = folder / name;
    FUSELINE_CHECK(write_file(job, host_job(folder_.path(), cases)));
    return HostProgram{compiler_.command(file, first.resolved.defines, program), program, job, cases.size()};
  }

  void take(const HostUnit& unit, const HostOutcome& outcome) {
    if (!outcome.complaint.empty()) not_compiled_[{unit.problem, unit.variant, outcome.complaint}] += unit.runs.size();
    if (outcome.out_of_time) out_of_time_ += unit.runs.size();
    for (std::size_t i = 0; i < outcome.ends.size(); ++i) take(unit, unit.runs[i], outcome.ends[i], outcome);
  }

  void take(const HostUnit& unit, const HostRun& run, const HostCaseEnd& end, const HostOutcome& outcome) {
    HostInstance& instance = instances_[run.instance];
    const std::string where = fmt::format("{} ({}, {}", printable(run.resolved.configuration.key()),
                                          to_string(instance.instance->dtype), printable(instance.instance->shape));
    HostSummary* const summary = unit.variant == nullptr ? nullptr : &summary_of(unit);
    if (end.wrong) {
      findings_.add(host_finding(*end.wrong, end.errors, printable(unit.source.string())),
                    fmt::format("{}; {})", where, end.wrong->run), end.wrong->kind);
      if (summary != nullptr) ++summary->wrong;
    } else if (!end.lost.empty()) {
      lost_.push_back(fmt::format("{} {}): {}", problem_check(unit.problem).name, where, end.lost));
      return;
    } else if (outcome.out_of_time) {
      return;
    } else if (unit.variant == nullptr) {
      instance.has_reference = true;
    }
    if (summary != nullptr) ++summary->run;
  }

  HostSummary& summary_of(const HostUnit& unit) {
    const auto& variants = problems_.entries[unit.problem]->variants;
    return problem_check(unit.problem).variants[static_cast<std::size_t>(unit.variant - variants.data())].host;
  }

  // The report.

  void sum_up() {
    for (const auto& [what, count] : not_compiled_) {
      const auto& [p, variant, complaint] = what;
      if (variant == nullptr) {
        problem_check(p).remarks.push_back(
            fmt::format("the reference does not run on the CPU: {} says: {}", printable(compiler_.name()), complaint));
      } else {
        const auto v = static_cast<std::size_t>(variant - problems_.entries[p]->variants.data());
        problem_check(p).variants[v].remarks.push_back(
            fmt::format("{} not run on the CPU, where only the part of CUDA that profiler/host knows is: {} says: {}",
                        counted(count, "configuration"), printable(compiler_.name()), complaint));
      }
    }
    auto found = findings_.take();
    std::move(found.begin(), found.end(), std::back_inserter(report_.findings));
    report_.runs = true;
    if (out_of_time_ > 0)
      report_.not_run.push_back(fmt::format("the {} s of --host-seconds were over before {} had run",
                                            options_.time.count(), counted(out_of_time_, "configuration")));
    for (std::string& lost : lost_) report_.not_run.push_back(std::move(lost));
    for (std::size_t p = 0; p < report_.problems.size(); ++p) {
      const ProblemCheck& problem = problem_check(p);
      if (std::none_of(problem.variants.begin(), problem.variants.end(),
                       [](const VariantCheck& variant) { return variant.host.run > 0; }))
        report_.not_run.push_back(fmt::format("{}: no variant of it was run{}", problem.name, why_nothing(p)));
    }
  }

  /// As far as it lies with the problem; what lies with a variant is among its remarks.
  std::string why_nothing(std::size_t p) const {
    bool any = false, reference = false;
    for (const HostInstance& each : instances_) {
      if (each.instance->problem != &problems_.entries[p]->problem) continue;
      any = true;
      reference = reference || each.has_reference;
    }
    return !any ? ", in none of these shapes" : reference ? "" : ", for want of its reference's results";
  }

  const CheckedProblems& problems_;
  const HostCheckOptions& options_;
  CheckReport& report_;
  HostCompiler compiler_;
  ScratchFolder folder_;
  DeviceLimits device_;
  HostTimes times_;
  std::vector<HostInstance> instances_;
  std::vector<HostUnit> references_, variants_;
  FindingList findings_;
  std::map<std::tuple<std::size_t, const Variant*, std::string>, std::size_t> not_compiled_;  ///< Configurations.
  std::vector<std::string> lost_;
  std::size_t out_of_time_ = 0;
};

}  // namespace

Result<void> check_on_host(const CheckedProblems& problems, const HostCheckOptions& options, CheckReport& report) {
  FUSELINE_TRY(compiler, HostCompiler::find(options.data));
  FUSELINE_TRY(folder, ScratchFolder::make("host"));
  return HostCheck(problems, options, report, std::move(compiler), std::move(folder)).run();
}

}  // namespace fuseline::tuner
