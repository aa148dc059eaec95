#include "app/gui/models/pins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "tuner/formats/read_run.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/neighbours.hpp"

namespace fuseline::app::gui {

using tuner::Result;

std::string short_run_name(const tuner::RunInfo& info) {
  if (info.id > 0) return fmt::format("run {}", info.id);
  return info.recording.empty() ? "a run that is not kept" : std::filesystem::path(info.recording).filename().string();
}

std::string Pin::run_name() const { return short_run_name(*info); }

std::string Pin::name() const { return whole ? run_name() : fmt::format("{} #{}", run_name(), evaluation->sequence); }

Pin pin_of(const tuner::RunInfo& info, const tuner::Evaluation& evaluation) {
  return {
      std::make_shared<const tuner::RunInfo>(info), std::make_shared<const tuner::Evaluation>(evaluation), false, {}};
}

namespace {

/// Closer than any screen tells apart, so that a run of any size is some thousand marks at most.
constexpr double kCloser = 1.005;

std::vector<double> told_apart(std::vector<double> values) {
  std::sort(values.begin(), values.end(), std::greater<>());
  std::vector<double> kept;
  for (const double value : values) {
    if (value > 0 && (kept.empty() || kept.back() > value * kCloser)) kept.push_back(value);
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

}  // namespace

Pin pin_of_run(const RunData::Frozen& run, const tuner::Evaluation& best) {
  Pin pin = pin_of(run.info, best);
  pin.whole = true;
  std::vector<double> gflops;
  gflops.reserve(run.evaluations.size());
  for (const auto& evaluation : run.evaluations) gflops.push_back(tuner::figures_of(run.info, *evaluation).gflops);
  pin.gflops = told_apart(std::move(gflops));
  return pin;
}

Result<Pin> pin_of_run(const RunData::Frozen& run) {
  const auto order = tuner::rank_order(run.info, run.evaluations.size(),
                                       [&](std::size_t i) -> const tuner::Evaluation& { return *run.evaluations[i]; });
  if (order.empty())
    return tuner::bad_input("nothing of " + tuner::printable(short_run_name(run.info)) +
                            " worked, so that there is nothing to compare with");
  return pin_of_run(run, *run.evaluations[order.front()]);
}

tuner::OverlaidRun overlaid(const Pin& pin, const tuner::RunInfo& shown) {
  return tuner::overlaid_run(*pin.info, *pin.evaluation, pin.gflops, pin.run_name(), shown);
}

const Pin* PinsModel::find(const std::string& name) const {
  const auto found = std::find_if(pins_.begin(), pins_.end(), [&](const Pin& pin) { return pin.name() == name; });
  return found == pins_.end() ? nullptr : &*found;
}

bool PinsModel::has(const tuner::RunInfo& info, std::uint64_t sequence) const {
  return std::any_of(pins_.begin(), pins_.end(), [&](const Pin& pin) {
    return !pin.whole && pin.evaluation->sequence == sequence && tuner::same_run(*pin.info, info);
  });
}

bool PinsModel::has_run(const tuner::RunInfo& info) const {
  return std::any_of(pins_.begin(), pins_.end(),
                     [&](const Pin& pin) { return pin.whole && tuner::same_run(*pin.info, info); });
}

bool PinsModel::has_run(std::int64_t id) const {
  return std::any_of(pins_.begin(), pins_.end(), [&](const Pin& pin) { return pin.whole && pin.info->id == id; });
}

std::vector<Pin> PinsModel::ordered() const {
  std::vector<Pin> pins = pins_;
  if (!pins.empty())
    std::rotate(pins.begin(), pins.begin() + static_cast<std::ptrdiff_t>(baseline_),
                pins.begin() + static_cast<std::ptrdiff_t>(baseline_) + 1);
  return pins;
}

void PinsModel::add(Pin pin) {
  ++revision_;
  const std::string name = pin.name();
  const auto there = std::find_if(pins_.begin(), pins_.end(), [&](const Pin& each) { return each.name() == name; });
  if (there != pins_.end()) {
    *there = std::move(pin);
  } else {
    pins_.push_back(std::move(pin));
  }
}

Result<void> PinsModel::remove(const std::string& name) {
  const Pin* pin = find(name);
  if (pin == nullptr) return tuner::bad_input("nothing is pinned that is called '" + tuner::printable(name) + "'");
  const auto place = static_cast<std::size_t>(pin - pins_.data());
  pins_.erase(pins_.begin() + static_cast<std::ptrdiff_t>(place));
  if (place == baseline_) baseline_ = 0;
  if (place < baseline_) --baseline_;
  ++revision_;
  return {};
}

Result<void> PinsModel::make_baseline(const std::string& name) {
  const Pin* pin = find(name);
  if (pin == nullptr) return tuner::bad_input("nothing is pinned that is called '" + tuner::printable(name) + "'");
  baseline_ = static_cast<std::size_t>(pin - pins_.data());
  ++revision_;
  return {};
}

void PinsModel::clear() { replace({}, 0); }

void PinsModel::replace(std::vector<Pin> pins, std::size_t baseline) {
  pins_ = std::move(pins);
  baseline_ = baseline < pins_.size() ? baseline : 0;
  ++revision_;
}

std::vector<PinReference> PinsModel::references(const std::string& store) const {
  std::vector<PinReference> references;
  for (std::size_t i = 0; i < pins_.size(); ++i) {
    const Pin& pin = pins_[i];
    const bool kept = pin.info->id > 0;
    if (kept ? store == ":memory:" : pin.info->recording.empty()) continue;
    references.push_back({kept ? store : "", pin.info->id, kept ? "" : pin.info->recording,
                          pin.whole ? std::nullopt : std::optional(pin.evaluation->sequence), i == baseline_});
  }
  references.insert(references.end(), elsewhere_.begin(), elsewhere_.end());
  return references;
}

namespace {

Result<Pin> load_pin(const PinReference& reference, tuner::Store& store) {
  auto loaded = reference.store.empty() ? tuner::read_run(reference.file) : store.load(reference.run);
  if (!loaded) return tl::unexpected(loaded.error());
  auto run = std::make_shared<tuner::Run>(std::move(*loaded));
  if (reference.store.empty()) be_of_file(run->info, reference.file);
  RunData::Frozen frozen{run->info, {}};
  for (const tuner::Evaluation& evaluation : run->evaluations) {
    if (reference.sequence == evaluation.sequence) return pin_of(run->info, evaluation);
    frozen.evaluations.emplace_back(run, &evaluation);
  }
  if (!reference.sequence) return pin_of_run(frozen);
  return tuner::bad_input(fmt::format("{} has no configuration #{} any more",
                                      tuner::printable(short_run_name(run->info)), *reference.sequence));
}

}  // namespace

void PinsModel::restore(const std::vector<PinReference>& references, const std::shared_ptr<tuner::Store>& store,
                        const std::string& file, Background& background, Messages& messages) {
  std::vector<PinReference> here;
  elsewhere_ = references;
  for (const PinReference& each : references) {
    if (each.store.empty() || each.store == file) here.push_back(each);
  }
  if (here.empty()) return;
  background.run([this, here, store, &messages]() -> Background::Then {
    auto loaded = std::make_shared<std::vector<Result<Pin>>>();
    for (const PinReference& each : here) loaded->push_back(load_pin(each, *store));
    return [this, here, loaded, &messages] {
      for (std::size_t i = 0; i < here.size(); ++i) {
        std::erase(elsewhere_, here[i]);
        Result<Pin>& pin = (*loaded)[i];
        if (!pin) {
          messages.log(Severity::note, "Not pinned any more: " + pin.error().message());
          continue;
        }
        const std::string name = pin->name();
        add(std::move(*pin));
        if (here[i].baseline) (void)make_baseline(name);
      }
    };
  });
}

}  // namespace fuseline::app::gui
