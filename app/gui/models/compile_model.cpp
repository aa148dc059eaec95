#include "app/gui/models/compile_model.hpp"

#include <fmt/format.h>

#include <utility>

#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

std::string count_text(const std::optional<std::int64_t>& count) {
  return count ? tuner::grouped(static_cast<double>(*count)) : "not known";
}

int change_of(double before, double now) { return now > before ? 1 : now < before ? -1 : 0; }

CompiledLine count_line(const char* what, const std::optional<std::int64_t>& before,
                        const std::optional<std::int64_t>& now, bool beside) {
  CompiledLine line{what, beside ? count_text(before) : "", count_text(now), 0};
  if (before && now) line.change = change_of(static_cast<double>(*before), static_cast<double>(*now));
  return line;
}

std::string share_text(const std::optional<double>& share) {
  return share ? fmt::format("{:.1f} %", *share * 100) : "not known";
}

std::optional<std::int64_t> wide(const std::optional<int>& value) {
  return value ? std::optional<std::int64_t>(*value) : std::nullopt;
}

std::string registers_text(const CompiledFigures& now, const std::optional<CompiledFigures>& before) {
  if (!now.registers) return "registers not known";
  if (before && before->registers && *before->registers != *now.registers)
    return fmt::format("{} -> {} registers", *before->registers, *now.registers);
  return fmt::format("{} registers", *now.registers);
}

std::string spills_text(const CompiledFigures& now) {
  if (!now.spill_bytes) return "spills not known";
  return *now.spill_bytes == 0 ? "no spills" : fmt::format("{} bytes spilled", count_text(now.spill_bytes));
}

}  // namespace

CompiledFigures compiled_figures(const tuner::StaticEntry& entry) {
  CompiledFigures figures;
  figures.spill_bytes = entry.spill_bytes;
  const tuner::StaticLaunch* launch = entry.shown_launch();
  if (launch == nullptr) return figures;
  figures.registers = launch->registers;
  if (launch->static_shared_bytes) figures.shared_bytes = *launch->static_shared_bytes + launch->launch.shared_bytes;
  if (launch->residency) figures.occupancy = launch->residency->occupancy;
  return figures;
}

std::optional<CompiledFigures> measured_figures(const tuner::Measurement& measurement) {
  if (!measurement.facts) return std::nullopt;
  CompiledFigures figures;
  figures.registers = measurement.facts->registers;
  figures.spill_bytes = measurement.facts->spill_bytes;
  if (measurement.launches.size() == 1)
    figures.shared_bytes = measurement.facts->static_shared_bytes + measurement.launches.front().shared_bytes;
  figures.occupancy = measurement.facts->occupancy;
  return figures;
}

std::vector<CompiledLine> compiled_lines(const std::optional<CompiledFigures>& before, const CompiledFigures& now) {
  const CompiledFigures old = before.value_or(CompiledFigures{});
  const bool beside = before.has_value();
  std::vector<CompiledLine> lines = {count_line("registers a thread", wide(old.registers), wide(now.registers), beside),
                                     count_line("bytes spilled", old.spill_bytes, now.spill_bytes, beside),
                                     count_line("shared bytes a block", old.shared_bytes, now.shared_bytes, beside)};
  CompiledLine occupancy{"occupancy", beside ? share_text(old.occupancy) : "", share_text(now.occupancy), 0};
  if (old.occupancy && now.occupancy) occupancy.change = change_of(*now.occupancy, *old.occupancy);
  lines.push_back(occupancy);
  return lines;
}

std::string compiled_text(const Compiled& compiled, const std::optional<CompiledFigures>& before) {
  const tuner::CompileLook& look = compiled.look;
  if (!compiled.good()) return fmt::format("{}: does not compile: {}", look.architecture, look.entry.reason);
  std::string text = fmt::format("{}: {}, {}", look.architecture, registers_text(compiled.figures, before),
                                 spills_text(compiled.figures));
  if (look.entry.state == tuner::StaticState::misfit) text += "; " + look.entry.reason;
  if (const std::size_t said = look.messages.size(); said > 0)
    text += fmt::format("; {} message{}", said, said == 1 ? "" : "s");
  return text;
}

Result<Compiled> compile_now(const CompileTask& task, const tuner::ImageStream& build,
                             const std::string& cache_folder) {
  const SourceSubject& subject = task.subject;
  if (subject.variant == nullptr || !subject.instance)
    return tuner::bad_input("there is no kernel to compile: choose a problem with sizes that it takes");
  tuner::StaticGround ground;
  ground.entry = subject.entry.get();
  ground.headers =
      std::make_shared<const std::map<std::string, std::string>>(subject.catalog->headers_for(*subject.entry));
  ground.instance = &*subject.instance;
  ground.chip = task.chip;
  ground.build = build;
  ground.cache_folder = cache_folder;
  Compiled compiled;
  compiled.configuration = subject.configuration;
  if (!subject.settled) {
    FUSELINE_TRY(first, tuner::first_configuration(ground, task.selection));
    compiled.configuration = std::move(first);
  }
  FUSELINE_TRY(look, tuner::look_at_configuration(ground, compiled.configuration));
  compiled.problem = subject.entry->problem.name;
  compiled.chip_name = task.chip_name;
  compiled.figures = compiled_figures(look.entry);
  compiled.look = std::move(look);
  return compiled;
}

void CompileModel::start(Background& background, CompileTask task, tuner::ImageStream build,
                         std::optional<CompiledFigures> measured, std::function<void(const Result<Compiled>&)> then) {
  Waiting next{std::move(task), std::move(build), measured, std::move(then)};
  if (busy_) {
    waiting_ = std::move(next);
    return;
  }
  run(background, std::move(next));
}

void CompileModel::run(Background& background, Waiting next) {
  busy_ = true;
  background.run([this, &background, alive = std::weak_ptr<int>(alive_), next = std::move(next)]() -> Background::Then {
    auto compiled = std::make_shared<Result<Compiled>>(compile_now(next.task, next.build));
    return [this, &background, alive, compiled, measured = next.measured, then = next.then] {
      if (alive.expired()) return;
      busy_ = false;
      if (*compiled) take(**compiled, measured);
      if (then) then(*compiled);
      if (auto waiting = std::exchange(waiting_, std::nullopt); waiting && !busy_) run(background, std::move(*waiting));
    };
  });
}

void CompileModel::take(const Compiled& compiled, const std::optional<CompiledFigures>& measured) {
  before_ = measured;
  before_is_ = measured ? "in the run" : "";
  if (good_ && good_->like(compiled)) {
    before_ = good_->figures;
    before_is_ = "before";
  }
  now_ = std::make_shared<const Compiled>(compiled);
  if (now_->good()) good_ = now_;
}

}  // namespace fuseline::app::gui
