#include "tuner/session/target_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/check/static_space.hpp"
#include "tuner/problem/instance.hpp"
#include "tuner/run/fitting.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

/// Compiled at once where the first of an order will do: it spills seldom.
constexpr std::size_t kFirstBatch = 2;

std::string misfit_text(const StaticEntry& entry) {
  switch (entry.state) {
    case StaticState::spills:
      return fmt::format("compiled for it, it spills {} bytes of registers", entry.spill_bytes.value_or(0));
    case StaticState::failed:
      return fmt::format("it has no image for it ({})", entry.reason.substr(0, entry.reason.find('\n')));
    case StaticState::misfit:
      return entry.reason;
    case StaticState::fits:
    case StaticState::open:
      break;
  }
  return "";
}

class Fitting {
 public:
  Fitting(const RunInfo& info, const std::vector<const Evaluation*>& ranked, const CatalogEntry& entry,
          const Catalog& catalog, const ProblemInstance& instance, const TargetImages& images,
          std::vector<std::string>& messages)
      : info_(info), ranked_(ranked), entry_(entry), images_(images), messages_(messages) {
    ground_.entry = &entry;
    ground_.instance = &instance;
    ground_.chip = info.target->limits;
    ground_.build = images.build;
    ground_.cache_folder = images.cache_folder;
    ground_.progress = images.progress;
    if (images.build)
      ground_.headers = std::make_shared<const std::map<std::string, std::string>>(catalog.headers_for(entry));
  }

  std::optional<TargetFit> find() {
    std::vector<const Evaluation*> order(
        ranked_.begin(), ranked_.begin() + static_cast<std::ptrdiff_t>(std::min(ranked_.size(), kLookedAtForTarget)));
    TargetFit fit;
    const Evaluation* best = first_of(order);
    if (best != nullptr) fit.best = best->sequence;
    if (failed_) return std::nullopt;
    const auto front = why_.find(order.front());
    if (best != order.front() && front != why_.end()) fit.misfit = front->second;
    look_at_those_first_there();
    if (failed_) return std::nullopt;
    for (const auto& [evaluation, why] : why_) {
      if (!why.empty()) fit.unfit.push_back(evaluation->sequence);
    }
    fit.compiled.assign(compiled_.begin(), compiled_.end());
    std::sort(fit.unfit.begin(), fit.unfit.end());
    return fit;
  }

 private:
  /// In the order of projected times, down to what is clearly behind the first that can run there.
  void look_at_those_first_there() {
    RunInfo info = info_;
    info.target_fit.reset();  // What was thought of before does not count.
    const auto there =
        rank_on_target(info, ranked_.size(), [&](std::size_t i) -> const Evaluation& { return *ranked_[i]; });
    std::vector<const Evaluation*> order;
    for (std::size_t i = 0; i < std::min(there.order.size(), kLookedAtForTarget); ++i)
      order.push_back(ranked_[there.order[i]]);
    const Evaluation* first = first_of(order);
    if (first == nullptr || failed_) return;
    const auto place = static_cast<std::size_t>(std::find(order.begin(), order.end(), first) - order.begin());
    std::size_t end = place + 1;
    while (end < order.size() && there.projections[end].low_ms <= there.projections[place].time_ms) ++end;
    const std::vector<const Evaluation*> together(order.begin() + static_cast<std::ptrdiff_t>(place),
                                                  order.begin() + static_cast<std::ptrdiff_t>(end));
    for (const Evaluation* evaluation : together) (void)in_space(*evaluation);
    if (images_.all && !failed_) compile(together);
  }

  /// The first that can run there as far as is known.
  const Evaluation* first_of(const std::vector<const Evaluation*>& order) {
    std::size_t batch = kFirstBatch;
    for (std::size_t i = 0; i < order.size() && !failed_; ++i) {
      if (!in_space(*order[i])) continue;
      if (compiles() && !looked_at_.contains(order[i])) {
        compile(next_of(order, i, batch));
        batch *= 2;
      }
      if (why_.at(order[i]).empty()) return order[i];
    }
    return nullptr;
  }

  std::vector<const Evaluation*> next_of(const std::vector<const Evaluation*>& order, std::size_t from,
                                         std::size_t most) {
    std::vector<const Evaluation*> next;
    for (std::size_t i = from; i < order.size() && next.size() < most; ++i) {
      if (in_space(*order[i])) next.push_back(order[i]);
    }
    return next;
  }

  /// By constraints and limits, and by what was compiled so far.
  bool in_space(const Evaluation& evaluation) {
    const auto found = why_.find(&evaluation);
    if (found != why_.end()) return found->second.empty();
    auto why = misfit_of(evaluation.configuration, entry_.variants, *ground_.instance, ground_.chip);
    failed_ = failed_ || !why;
    return why_.emplace(&evaluation, why ? std::move(*why) : std::string()).first->second.empty();
  }

  [[nodiscard]] bool compiles() const { return images_.build && !given_up_; }

  void compile(const std::vector<const Evaluation*>& evaluations) {
    std::vector<const Evaluation*> fresh;
    std::vector<Configuration> configurations;
    for (const Evaluation* evaluation : evaluations) {
      if (!compiles() || !why_.at(evaluation).empty() || !looked_at_.insert(evaluation).second) continue;
      fresh.push_back(evaluation);
      configurations.push_back(evaluation->configuration);
    }
    if (fresh.empty()) return;
    const auto found = look_at_configurations(ground_, configurations);
    if (!found) {
      given_up_ = true;
      messages_.push_back(fmt::format("whether configurations spill on {} is not known: {}",
                                      printable(info_.target->label()), printable(found.error().message())));
      return;
    }
    for (std::size_t i = 0; i < fresh.size(); ++i) {
      const StaticEntry& entry = found->entries[i];
      why_.at(fresh[i]) = misfit_text(entry);
      if (entry.state == StaticState::fits) compiled_.insert(fresh[i]->sequence);
    }
  }

  const RunInfo& info_;
  const std::vector<const Evaluation*>& ranked_;
  const CatalogEntry& entry_;
  const TargetImages& images_;
  std::vector<std::string>& messages_;
  StaticGround ground_;
  std::map<const Evaluation*, std::string> why_;  ///< Why it cannot run there; empty: it can, as far as is known.
  std::set<const Evaluation*> looked_at_;         ///< By a compiler.
  std::set<std::uint64_t> compiled_;
  bool failed_ = false, given_up_ = false;
};

}  // namespace

std::optional<TargetFit> find_target_fit(const RunInfo& info, const std::vector<const Evaluation*>& ranked,
                                         const CatalogEntry& entry, const Catalog& catalog,
                                         const ProblemInstance& instance, const TargetImages& images,
                                         std::vector<std::string>& messages) {
  if (!info.target || ranked.empty()) return std::nullopt;
  return Fitting(info, ranked, entry, catalog, instance, images, messages).find();
}

std::vector<std::string> learn_target_fit(Run& run, const Catalog& catalog, const TargetImages& images) {
  std::vector<std::string> messages;
  if (!run.info.target) return messages;
  const auto entry = catalog.find(run.info.problem);
  if (!entry) return messages;
  // A shape's name may mean other sizes in another version; the sizes are what was measured.
  const auto instance = instantiate((*entry)->problem, "", run.info.dims, run.info.dtype, run.info.scalars);
  if (!instance) return messages;
  if (auto fit = find_target_fit(run.info, run.ranked(), **entry, catalog, *instance, images, messages))
    run.info.target_fit = std::move(fit);
  return messages;
}

}  // namespace fuseline::tuner
