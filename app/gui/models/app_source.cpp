// The source on show: whose it is, compiling it, and opening it in an editor.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "app/gui/models/app.hpp"
#include "tuner/base/text.hpp"
#include "tuner/run/neighbours.hpp"
#include "tuner/session/images.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

std::string run_mark(const tuner::RunInfo& info) { return fmt::format("{} {}", info.id, info.started_at); }

const tuner::Variant* variant_named(const tuner::CatalogEntry& entry, const std::string& name) {
  return tuner::find_variant(entry.variants, name).value_or(nullptr);
}

std::vector<std::string> variants_on(const SpaceModel& space) {
  std::vector<std::string> names;
  for (const VariantToggle& variant : space.variants()) {
    if (variant.on) names.push_back(variant.name);
  }
  return names;
}

/// The first value of each parameter that is on: enough to find the source by.
tuner::Configuration first_values(const SpaceModel& space, const tuner::Variant& variant) {
  tuner::Configuration configuration{variant.name, {}};
  for (const tuner::ParameterSpec& spec : variant.parameters) {
    const auto& toggles = space.parameters();
    const auto toggle =
        std::find_if(toggles.begin(), toggles.end(), [&](const auto& each) { return each.name == spec.name; });
    const auto& values = space.full() ? spec.full_values : spec.values;
    for (const tuner::Value& value : values) {
      const bool on = toggle == toggles.end() ||
                      std::any_of(toggle->values.begin(), toggle->values.end(),
                                  [&](const ValueToggle& each) { return each.on && each.text == value.to_string(); });
      if (!on) continue;
      configuration.values.push_back({spec.name, value});
      break;
    }
  }
  return configuration;
}

/// A data sheet for the device that a recording was made on.
const tuner::Target* sheet_of(const DevicesModel& devices, const std::string& device) {
  for (const tuner::Target& target : devices.targets()) {
    if (std::find(target.device_names.begin(), target.device_names.end(), device) != target.device_names.end())
      return &target;
  }
  return nullptr;
}

}  // namespace

const Row* App::row_on_show() const {
  if (const auto primary = selection.primary()) return data.by_sequence(*primary);
  return data.best_row();
}

void App::choose_source_of() {
  const std::string problem = setup.choice.entry() ? setup.choice.entry()->problem.name : "";
  if (std::exchange(source_seen_.problem, problem) != problem) source_of = SourceOf::setup;
  const std::string run = data.empty() ? "" : run_mark(data.info());
  if (std::exchange(source_seen_.run, run) != run && !run.empty()) source_of = SourceOf::run;
  if (std::exchange(source_seen_.selection, selection.revision()) != selection.revision() && !selection.empty())
    source_of = SourceOf::run;
}

void App::follow_source() {
  choose_source_of();
  const Row* row = source_of == SourceOf::run ? row_on_show() : nullptr;
  const std::string run =
      row == nullptr ? "" : fmt::format("run {} {}", run_mark(data.info()), row->evaluation->sequence);
  std::string key = fmt::format("{} ", static_cast<const void*>(catalog.get()));
  key += row != nullptr
             ? run
             : fmt::format("set-up {} {} {}", setup.choice.revision(), setup.space.revision(), source_variant);
  if (std::exchange(source_seen_.key, key) != key)
    source.show(row != nullptr ? run_subject(data.info(), *row->evaluation) : setup_subject());
  follow_source_diff(row_on_show());
}

bool App::can_compare_sources() const {
  const Row* row = row_on_show();
  if (row == nullptr) return false;
  return pins.baseline() != nullptr ? !data.is_baseline(*row) : row != data.best_row() && data.best_row() != nullptr;
}

void App::follow_source_diff(const Row* row) {
  if (!source_against || !can_compare_sources()) {
    source_diff_.reset();
    source_diff_key_.clear();
    return;
  }
  const Pin* pin = pins.baseline();
  const tuner::RunInfo& info = pin == nullptr ? data.info() : *pin->info;
  const tuner::Evaluation& base = pin == nullptr ? *data.best_row()->evaluation : *pin->evaluation;
  std::string key = fmt::format("{} {} {} {} {}", static_cast<const void*>(catalog.get()), run_mark(info),
                                base.sequence, run_mark(data.info()), row->evaluation->sequence);
  if (std::exchange(source_diff_key_, key) == key) return;
  SourceSubject before = run_subject(info, base);
  if (!tuner::same_run(info, data.info())) before.title = short_run_name(info) + " " + before.title;
  source_diff_ = std::make_unique<const SourceDiff>(source_diff(before, run_subject(data.info(), *row->evaluation)));
}

SourceSubject App::run_subject(const tuner::RunInfo& info, const tuner::Evaluation& evaluation) const {
  SourceSubject subject;
  subject.catalog = catalog;
  subject.data = options.data;
  subject.configuration = evaluation.configuration;
  subject.settled = true;
  subject.dtype = info.dtype;
  subject.limits = info.device.limits;
  subject.title = fmt::format("#{} {}", evaluation.sequence, evaluation.configuration.variant);
  if (const auto entry = catalog->find(info.problem)) subject.entry = *entry;
  if (!subject.entry) return subject;
  subject.variant = variant_named(*subject.entry, evaluation.configuration.variant);
  if (auto instance = tuner::instantiate(subject.entry->problem, "", info.dims, info.dtype, info.scalars))
    subject.instance = std::move(*instance);
  return subject;
}

SourceSubject App::setup_subject() const {
  SourceSubject subject;
  subject.catalog = catalog;
  subject.data = options.data;
  subject.entry = setup.choice.entry();
  if (!subject.entry) return subject;
  const std::vector<std::string> on = variants_on(setup.space);
  const bool chosen = std::find(on.begin(), on.end(), source_variant) != on.end();
  if (on.empty()) return subject;
  const std::string& name = chosen ? source_variant : on.front();
  subject.variant = variant_named(*subject.entry, name);
  subject.dtype = setup.choice.dtype();
  subject.limits = compile_chip(SourceOf::setup).first;
  subject.title = name + " as set up";
  if (subject.variant != nullptr) subject.configuration = first_values(setup.space, *subject.variant);
  if (setup.choice.instance()) subject.instance = *setup.choice.instance();
  return subject;
}

std::vector<std::string> App::source_variants() const { return variants_on(setup.space); }

std::pair<tuner::DeviceLimits, std::string> App::compile_chip(SourceOf of) const {
  const bool run = of == SourceOf::run;
  const std::string target_name = run && data.info().target ? data.info().target->name : setup.how.target;
  const tuner::Target* target = devices.target(target_name);
  if (!compile_for_target) {
    if (run && data.info().device.limits.compute_major > 0) return {data.info().device.limits, data.info().device.name};
    if (const tuner::DeviceInfo* gpu = devices.gpu(setup.how.device)) return {gpu->limits, gpu->name};
    const std::string recorded = [&] {
      const auto& all = devices.recordings();
      const auto found = std::find_if(all.begin(), all.end(), [&](const tuner::RecordingInfo& each) {
        return "replay:" + each.name == setup.how.device || setup.how.device == "auto";
      });
      return found == all.end() ? std::string() : found->device;
    }();
    if (const tuner::Target* sheet = sheet_of(devices, recorded)) return {sheet->limits, sheet->label()};
  }
  if (target != nullptr) return {target->limits, target->label()};
  return {};
}

Result<void> App::compile_source() {
  follow_source();
  const SourceSubject& subject = source.subject();
  if (subject.variant == nullptr) return tuner::bad_input("there is no kernel on show to compile");
  if (!subject.instance && !subject.settled && !setup.choice.instance())
    return tl::unexpected(setup.choice.instance().error());
  if (!subject.instance) return tuner::bad_input("the sizes of the run are none that its problem takes now");
  const SourceOf of = subject.settled ? SourceOf::run : SourceOf::setup;
  CompileTask task{subject, {}, {}, {}};
  std::tie(task.chip, task.chip_name) = compile_chip(of);
  if (task.chip.compute_major == 0)
    return tuner::bad_input("it is not known what to compile for: choose a target (target.choose)");
  std::optional<CompiledFigures> measured;
  if (subject.settled) {
    const Row* row = row_on_show();
    const bool same = task.chip.sm() == data.info().device.limits.sm();
    if (row != nullptr && same) measured = measured_figures(row->evaluation->measurement);
  } else {
    FUSELINE_TRY(selection_now, setup.space.selection());
    task.selection = std::move(selection_now);
    task.selection.variants = {subject.variant->name};
  }
  compile.start(background, std::move(task), tuner::image_stream("", options.worker_program), measured,
                [this](const Result<Compiled>& compiled) { tell_compiled(compiled); });
  return {};
}

void App::tell_compiled(const Result<Compiled>& compiled) {
  if (!compiled) return messages.add(compiled.error());
  const std::string text = compiled_text(*compiled, compile.before());
  if (compiled->good()) return messages.add(Severity::success, text);
  messages.add(Severity::error, text, "The messages are below the source; a click goes to the line.");
  for (const tuner::CompilerMessage& message : compiled->look.messages) {
    if (message.kind == tuner::MessageKind::error && message.line > 0 &&
        source.go_to(message.file, static_cast<std::size_t>(message.line)))
      return;
  }
}

Result<void> App::edit_source() {
  const SourceFile* file = source.file();
  if (file == nullptr) return tuner::bad_input("there is no file on show to edit");
  FUSELINE_TRY(command,
               editor_command(editor_environment(), file->path.string(), std::max<std::size_t>(source.line(), 1)));
  return editors.start(command, messages);
}

}  // namespace fuseline::app::gui
