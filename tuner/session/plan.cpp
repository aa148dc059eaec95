#include "tuner/session/plan.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "tuner/base/text.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/problem/included_headers.hpp"
#include "tuner/problem/tensor_files.hpp"
#include "tuner/session/device_ceilings.hpp"
#include "tuner/session/device_choice.hpp"
#include "tuner/session/finals.hpp"
#include "tuner/session/instances.hpp"
#include "tuner/session/replay_backend.hpp"
#include "tuner/store/store.hpp"
#include "tuner/worker/device_memory.hpp"

namespace fuseline::tuner {
namespace {

/// A recording of a problem that is not here brings its own, as a file of another tool does.
bool is_recorded_elsewhere(const SweepRequest& request, const SessionEnvironment& environment) {
  const auto device = parse_device(request.device);
  if (!device || device->kind != DeviceChoice::Kind::replay) return false;
  const bool changed = !request.dims.empty() || !request.scalars.empty();
  return !changed && recording_of(environment.data, device->recording, request).has_value();
}

/// The problem at the shape and dtype asked for; nothing where no problem is named, or a recording brings it.
Result<void> find_instance(const SweepRequest& request, const SessionEnvironment& environment, SweepPlan& plan) {
  if (request.problem.empty()) {
    if (!request.scalars.empty())
      return bad_input("--scalar", "", "name the problem whose scalars are set: a recording's file brings its own");
    return {};
  }
  auto found = environment.catalog->find(request.problem);
  if (!found && is_recorded_elsewhere(request, environment)) return {};
  if (!found) return tl::unexpected(std::move(found).error());
  const auto entry = std::move(*found);
  FUSELINE_TRY(dtype, requested_dtype(entry->problem, request.dtype));
  FUSELINE_TRY(instance, instantiate(entry->problem, request.shape, request.dims, dtype, request.scalars));
  // Before a device is looked for. A recording has names of its own.
  FUSELINE_TRY(device, parse_device(request.device));
  if (device.kind != DeviceChoice::Kind::replay)
    FUSELINE_CHECK(check_names(*entry, {request.variants, request.parameters, request.full}));
  plan.entry = entry;
  plan.instance = std::move(instance);
  return {};
}

Result<void> check_strategy(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& info : strategies()) names.push_back(info.name);
  if (std::find(names.begin(), names.end(), name) != names.end()) return {};
  return bad_input("--strategy", "",
                   fmt::format("unknown strategy '{}': there are {}", printable(name), fmt::join(names, ", ")));
}

/// What every timed launch follows: as asked for, else as the problem asks, else clean.
Result<Predecessor> find_predecessor(const SweepRequest& request, const SweepPlan& plan) {
  const auto asked = predecessor_from_string(request.after);
  if (!request.after.empty() && (!asked || asked == Predecessor::unsettled)) {
    return bad_input("--after", "",
                     fmt::format("'{}' is nothing that launches can follow: write clean, producer or itself",
                                 printable(request.after)));
  }
  if (plan.recording) {
    const Predecessor recorded = plan.recording->run.info.after;
    if (!asked || asked == recorded) return recorded;
    const std::string then = recorded == Predecessor::unsettled ? "behind whatever ran before"
                                                                : fmt::format("after '{}'", to_string(recorded));
    return bad_input("--after", "", fmt::format("the recording was timed {}, not after '{}'", then, to_string(*asked)));
  }
  if (asked) return *asked;
  return plan.entry->problem.after.value_or(Predecessor::clean);
}

/// What of the problem goes into the run: from the instance, or from a recording that brings its own.
void describe_problem(SweepPlan& plan) {
  auto& info = plan.info;
  if (!plan.instance) {
    const auto& recorded = plan.recording->run.info;
    info.problem = recorded.problem;
    info.problem_title = recorded.problem_title;
    info.shape = recorded.shape;
    info.dims = recorded.dims;
    info.scalars = recorded.scalars;
    info.set_scalars = recorded.set_scalars;
    info.dtype = recorded.dtype;
    info.compulsory_bytes = recorded.compulsory_bytes;
    info.input_bytes = recorded.input_bytes;
    info.output_bytes = recorded.output_bytes;
    info.flops = recorded.flops;
    info.flops_counted = recorded.flops_counted;
    info.given = recorded.given;
    info.objective = recorded.objective;
    info.times_are = recorded.times_are;
    info.declared = recorded.declared;
    info.units = recorded.units;
    return;
  }
  info.problem = plan.entry->problem.name;
  info.problem_title = plan.entry->problem.title;
  info.shape = plan.instance->shape;
  info.dims = plan.instance->dims;
  info.scalars = plan.instance->scalars;
  for (const auto& scalar : changed_scalars(plan.entry->problem, info.scalars))
    info.set_scalars.push_back(scalar.first);
  info.dtype = plan.instance->dtype;
  info.compulsory_bytes = plan.instance->compulsory_bytes;
  info.input_bytes = plan.instance->input_bytes;
  info.output_bytes = plan.instance->output_bytes;
  info.flops = plan.instance->flops;
  info.given = plan.entry->problem.given;
}

void describe_device(SweepPlan& plan, const ChosenDevice& chosen, const std::vector<Target>& targets) {
  auto& info = plan.info;
  if (chosen.recording) {
    const auto& recorded = chosen.recording->run.info;
    info.backend = Backend::replay;
    info.recording = chosen.recording->name;
    info.recorded_at = recorded.recorded_at.empty() ? recorded.started_at : recorded.recorded_at;
    info.device = recorded.device;
    info.copy_gbps = recorded.copy_gbps;
    info.cards = recorded.cards;
    info.reference_card = recorded.reference_card;
  } else {
    info.backend = Backend::cuda;
    info.device = chosen.cuda->device();
  }
  if (info.device.dram_peak_gbps > 0) return;
  if (const auto sheet = data_sheet_of(targets, info.device.name)) info.device.dram_peak_gbps = sheet->dram_gbps;
}

Result<std::shared_ptr<const Space>> make_space(const SweepPlan& plan, const SweepRequest& request) {
  const SpaceSelection selection{request.variants, request.parameters, request.full};
  if (plan.recording) return recorded_space(*plan.recording, selection);
  return variant_space(*plan.entry, *plan.instance, plan.info.device.limits, selection);
}

void describe_space(SweepPlan& plan) {
  plan.info.subspaces = plan.space->subspaces();
  plan.info.space_size = plan.space->size();
  plan.info.raw_space_size = 0;
  for (const auto& subspace : plan.info.subspaces) plan.info.raw_space_size += subspace.raw_size;
}

Result<std::unique_ptr<Strategy>> make_search(const SweepPlan& plan, const SweepRequest& request) {
  StrategyContext context;
  context.space = plan.space;
  context.seed = request.seed;
  if (plan.budget.kind == Budget::Kind::evaluations)
    context.budget.evaluations = static_cast<std::uint64_t>(plan.budget.amount);
  if (plan.budget.kind == Budget::Kind::seconds) context.budget.seconds = plan.budget.amount;
  context.budget.until_satisfied = plan.budget.kind == Budget::Kind::automatic;
  return make_strategy(request.strategy, std::move(context));
}

/// Names the files that the job's stored tensors lie in.
void add_files(Job& job, std::vector<TensorFile> files) {
  for (const TensorFile& file : files) {
    const auto tensor = std::find_if(job.tensors.begin(), job.tensors.end(),
                                     [&](const Tensor& each) { return each.name == file.tensor; });
    tensor->stored = file.header.type;
  }
  job.files = std::move(files);
}

Result<Job> make_job(const SweepPlan& plan, const SweepRequest& request, const SessionEnvironment& environment) {
  const auto& problem = plan.entry->problem;
  Job job;
  job.problem = problem.name;
  job.dtype = plan.instance->dtype;
  job.tensors = plan.instance->tensors;
  FUSELINE_TRY(files, tensor_files(*plan.instance));
  FUSELINE_CHECK(digest_files(files));
  add_files(job, std::move(files));
  job.scalars = plan.instance->scalars;
  job.defines = instance_defines(*plan.instance);
  job.headers = environment.catalog->headers_for(*plan.entry);
  job.reference_source = problem.reference_source;
  FUSELINE_TRY(launches, resolve_reference(*plan.instance, plan.info.device.limits));
  job.reference_launches = std::move(launches);
  job.tolerance = plan.instance->tolerance;
  job.seed = request.seed;
  job.timing.after = plan.info.after;
  job.timing.abandon_factor = request.abandon_factor;
  // As far again as what takes part in the finals may be behind: places and noise are worth less.
  if (request.abandon_factor > 0) job.timing.race_margin = 2 * FinalsPolicy{}.within;
  job.deadlines = environment.deadlines;
  job.cache_folder = environment.cache_folder;
  job.spans = environment.timeline != nullptr;
  if (request.counters == CounterMode::all) {
    FUSELINE_TRY(metrics, metric_set("fast"));
    job.counters.metrics = std::move(metrics);
    job.counters.batch = environment.counter_batch;
  }
  return job;
}

/// Files of other shapes that have the same dimensions: other draws of the same tensors.
std::vector<std::vector<TensorFile>> files_of_other_draws(SweepPlan& plan, std::size_t most) {
  const ProblemInstance& instance = *plan.instance;
  std::vector<std::vector<TensorFile>> draws;
  for (const ShapePreset& shape : plan.entry->problem.shapes) {
    if (draws.size() >= most) break;
    if (shape.name == instance.shape) continue;
    const auto other = instantiate(plan.entry->problem, shape.name, {}, instance.dtype, instance.scalars);
    if (!other || other->dims != instance.dims) continue;
    auto files = tensor_files(*other);
    if (files) {
      draws.push_back(std::move(*files));
    } else {  // The shape that is swept has its own.
      plan.messages.push_back(
          fmt::format("nothing is verified on the draw {}: {}", shape.name, files.error().message()));
    }
  }
  return draws;
}

/// Where values are made, their seed differs; what lies in files has as many draws as there are files of.
std::vector<Job> make_further_draws(SweepPlan& plan, int draws) {
  constexpr std::uint64_t kBetweenSeeds = 1000;
  const auto further = static_cast<std::size_t>(std::max(draws, 1) - 1);
  Job job = *plan.job;
  job.counters = {};
  job.timing.rule.minimum_samples = job.timing.rule.maximum_samples = 0;  // They are timed on the first draw.
  std::vector<Job> jobs;
  const auto add = [&] {
    jobs.push_back(job);
    jobs.back().seed += kBetweenSeeds * jobs.size();
  };
  if (job.files.empty()) {
    while (jobs.size() < further) add();
    return jobs;
  }
  for (auto& files : files_of_other_draws(plan, further)) {
    add_files(job, std::move(files));
    add();
  }
  return jobs;
}

/// One digest of everything that is compiled or read as data, or of the recording.
std::string sources_digest(const SweepPlan& plan, const SessionEnvironment& environment) {
  if (plan.recording) return plan.recording->sha256;
  std::string text = plan.entry->problem.reference_source;
  const auto add = [&](const std::string& part) { text += fmt::format("\n{}:{}", part.size(), part); };
  const auto headers = environment.catalog->headers_for(*plan.entry);
  std::map<std::string, std::string> included = included_headers(text, headers);
  std::set<std::string> used;
  for (const auto& subspace : plan.info.subspaces) used.insert(subspace.variant);
  for (const auto& variant : plan.entry->variants) {
    if (!used.contains(variant.name)) continue;
    add(variant.name);
    add(std::string(to_string(variant.form)));
    for (const auto& [name, bytes] : variant.sources) {
      add(name), add(*bytes);
      if (variant.form == KernelForm::cuda) included.merge(included_headers(*bytes, headers));
    }
    for (const auto& option : variant.compile_options) add(option);
  }
  for (const auto& [name, header] : included) add(name), add(header);
  for (const TensorFile& file : plan.job->files) add(file.tensor), add(file.sha256);
  return sha256_hex(text);
}

/// Goes on with a run that was interrupted.
Result<void> take_over(SweepPlan& plan, Store& store, Run run) {
  plan.info.id = run.info.id;
  plan.info.started_at = run.info.started_at;
  plan.info.campaign = run.info.campaign;
  plan.info.note = run.info.note;
  plan.info.first_outcome_s = run.info.first_outcome_s;
  plan.info.counter_cost = run.info.counter_cost;
  plan.info.cards = run.info.cards;
  plan.info.reference_card = run.info.reference_card;
  for (auto& evaluation : run.evaluations)
    plan.earlier.push_back(std::make_shared<const Evaluation>(std::move(evaluation)));
  return store.update_run(plan.info);
}

Result<void> resume_run(SweepPlan& plan, Store& store, const std::string& key) {
  FUSELINE_TRY(found, store.resumable(key));
  if (!found) return bad_input("--resume", "", "there is no interrupted run of this sweep to resume");
  FUSELINE_CHECK(store.claim(*found));
  FUSELINE_TRY(run, store.load(*found));
  return take_over(plan, store, std::move(run));
}

Result<void> begin_run(SweepPlan& plan, Store& store, const std::string& key) {
  FUSELINE_CHECK(store.create_run(plan.info, key));
  return store.claim(plan.info.id);
}

/// An instance of a campaign: done, gone on with, or begun. What was done with another budget is begun again.
Result<void> resume_in_campaign(SweepPlan& plan, Store& store, const std::string& key) {
  FUSELINE_TRY(found, store.newest_of_campaign(plan.info.campaign, key));
  if (!found) return begin_run(plan, store, key);
  FUSELINE_CHECK(store.claim(*found));
  FUSELINE_TRY(run, store.load(*found));
  const bool ended = run.info.state == RunState::finished || run.info.state == RunState::failed;
  if (!ended) return take_over(plan, store, std::move(run));
  store.release(*found);
  if (run.info.state == RunState::failed || run.info.request.budget != plan.info.request.budget)
    return begin_run(plan, store, key);
  plan.finished = std::move(run);
  return {};
}

Result<void> open_run(SweepPlan& plan, const SessionEnvironment& environment) {
  if (environment.store == nullptr) {
    if (environment.resume) return bad_input("--resume", "", "nothing is kept, so there is nothing to resume");
    return {};
  }
  const auto key = resume_key(plan.info, sources_digest(plan, environment));
  if (environment.resume && !environment.campaign.empty()) return resume_in_campaign(plan, *environment.store, key);
  if (environment.resume) return resume_run(plan, *environment.store, key);
  return begin_run(plan, *environment.store, key);
}

/// Before anything is sent to a worker. The driver takes some more for itself, which the worker will say.
Result<void> check_memory(SweepPlan& plan) {
  const DeviceInfo& device = plan.info.device;
  if (!plan.job || device.memory_bytes <= 0) return {};
  const int places = plan.info.after == Predecessor::itself ? 1 : kPlaces;
  const MemoryQuestion question{plan.job->tensors, places, device.limits.l2_bytes};
  const auto fits = memory_within(question, device.memory_bytes);
  const double gib = static_cast<double>(device.memory_bytes) / (1 << 30);
  if (!fits)
    return bad_input(fmt::format("{} {} needs at least {}; {} has {:.1f} GiB", to_string(plan.info.dtype),
                                 plan.info.shape, memory_text(memory_least(question)), printable(device.name), gib));
  if (fits->sets < places)
    plan.messages.push_back(fmt::format("of the {:.1f} GiB of {}, measuring takes {}; {} sets would be {:.1f} GiB", gib,
                                        printable(device.name), memory_text(*fits), places,
                                        static_cast<double>(memory_wanted(question).total()) / (1 << 30)));
  return {};
}

/// Ceilings that were kept, or the wish to measure them.
Result<void> find_ceilings(SweepPlan& plan, const SessionEnvironment& environment) {
  if (plan.recording || environment.store == nullptr || plan.info.device.ceilings) return {};
  FUSELINE_TRY(kept, environment.store->ceilings(ceilings_key(plan.info.device)));
  plan.info.device.ceilings = kept;
  plan.needs_ceilings = !kept || !complete(*kept);
  return {};
}

}  // namespace

std::string now_utc() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

Result<EvaluateRequest> SweepPlan::request(std::uint64_t id, const Configuration& configuration) const {
  EvaluateRequest request;
  request.id = id;
  request.resolved.configuration = configuration;
  if (recording) return request;
  FUSELINE_TRY(variant, find_variant(entry->variants, configuration.variant));
  FUSELINE_TRY(resolved, resolve(*variant, configuration, *instance, info.device.limits));
  request.resolved = std::move(resolved);
  request.source = variant->sources.at(request.resolved.source_name);
  return request;
}

Result<void> check_choices(const SweepRequest& request, const SessionEnvironment& environment) {
  FUSELINE_CHECK(Budget::parse(request.budget));
  FUSELINE_CHECK(check_measures(request.device));
  FUSELINE_CHECK(check_strategy(request.strategy));
  if (request.draws < 1 || request.draws > kMostDraws)
    return bad_input("--draws", "", fmt::format("{} is no number of draws: write 1 to {}", request.draws, kMostDraws));
  // Under 1 it would drop the best.
  if (const double factor = request.abandon_factor; factor != 0 && !(std::isfinite(factor) && factor >= 1))
    return bad_input("--abandon", "", fmt::format("{} is no factor: write 0 or a number from 1", factor));
  if (!request.target.empty()) FUSELINE_CHECK(find_target(environment.data, request.target));
  return {};
}

Result<SweepPlan> make_plan(const SweepRequest& request, const SessionEnvironment& environment) {
  SweepPlan plan;
  FUSELINE_CHECK(check_choices(request, environment));
  FUSELINE_TRY(budget, Budget::parse(request.budget));
  plan.budget = budget;
  plan.info.request = request;
  plan.info.tool_version = FUSELINE_VERSION;
  plan.info.started_at = now_utc();
  plan.info.campaign = environment.campaign;
  FUSELINE_TRY(targets, load_targets(environment.data));
  if (!request.target.empty()) {
    FUSELINE_TRY(target, find_target(environment.data, request.target));
    plan.info.target = std::move(target);
  }
  FUSELINE_CHECK(find_instance(request, environment, plan));
  FUSELINE_TRY(chosen, choose_device(request, environment, plan.instance ? &*plan.instance : nullptr));
  plan.recording = chosen.recording;
  plan.messages = chosen.messages;
  if (plan.recording)
    plan.messages.insert(plan.messages.end(), plan.recording->run.remarks.begin(), plan.recording->run.remarks.end());
  describe_problem(plan);
  describe_device(plan, chosen, targets);
  FUSELINE_TRY(after, find_predecessor(request, plan));
  plan.info.after = after;
  FUSELINE_TRY(space, make_space(plan, request));
  plan.space = std::move(space);
  describe_space(plan);
  FUSELINE_TRY(strategy, make_search(plan, request));
  plan.strategy = std::move(strategy);
  if (plan.recording) {
    plan.backend = std::make_unique<ReplayBackend>(plan.recording);
  } else {
    FUSELINE_TRY(job, make_job(plan, request, environment));
    plan.job = std::move(job);
    plan.further_draws = make_further_draws(plan, request.draws);
    plan.backend = std::move(chosen.cuda);
  }
  FUSELINE_CHECK(check_memory(plan));
  FUSELINE_CHECK(find_ceilings(plan, environment));
  FUSELINE_CHECK(open_run(plan, environment));
  return plan;
}

}  // namespace fuseline::tuner
