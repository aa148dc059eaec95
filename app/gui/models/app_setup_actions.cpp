// What sets a sweep up.
#include <algorithm>
#include <charconv>

#include "app/gui/models/app.hpp"
#include "app/gui/models/setup_words.hpp"
#include "tuner/base/text.hpp"
#include "tuner/search/strategy.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Result;

template <class T>
Result<T> number_of(const std::string& text, const std::string& what) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end) return tuner::bad_input("'" + text + "' is no " + what);
  return value;
}

Result<void> set_dimension(App& app, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return tuner::bad_input("'" + text + "' sets no dimension: write N=32");
  FUSELINE_TRY(value, number_of<std::int64_t>(text.substr(equals + 1), "integer"));
  return app.setup.choice.set_dimension(text.substr(0, equals), value);
}

Result<void> set_scalar(App& app, const std::string& text) {
  FUSELINE_TRY(scalar, tuner::scalar_from_text(text));
  return app.setup.choice.set_scalar(scalar.first, scalar.second);
}

/// "problem": what the problem asks for.
Result<void> set_after(App& app, const std::string& text) {
  const auto after = tuner::predecessor_from_string(text);
  if (text != "problem" && (!after || after == tuner::Predecessor::unsettled))
    return tuner::bad_input("launches follow problem, clean, producer or itself");
  app.setup.how.after = text == "problem" ? "" : text;
  return {};
}

Result<void> set_counters(App& app, const std::string& text) {
  const auto mode = tuner::counter_mode_from_string(text);
  if (!mode) return tuner::bad_input("counters are none, best or all, not '" + text + "'");
  app.setup.how.counters = *mode;
  return {};
}

Result<void> set_strategy(App& app, const std::string& text) {
  for (const tuner::StrategyInfo& strategy : tuner::strategies()) {
    if (strategy.name == text) {
      app.setup.how.strategy = text;
      return {};
    }
  }
  return tuner::bad_input("unknown strategy '" + text + "'");
}

/// "block=128" and so on, of parameters that can be listed.
std::vector<std::string> values_of(const SpaceModel& space) {
  constexpr std::size_t kListed = 24;
  std::vector<std::string> texts;
  for (const ParameterToggle& parameter : space.parameters()) {
    if (!parameter.in_use || parameter.values.size() > kListed) continue;
    for (const ValueToggle& value : parameter.values) texts.push_back(parameter.name + "=" + value.text);
  }
  return texts;
}

void add_problem_actions(App& app) {
  app.actions.add({"problem.choose",
                   "Choose the problem",
                   "",
                   [&app](const std::string& name) { return app.setup.choose_problem(name); },
                   {},
                   "PROBLEM",
                   [&app] {
                     std::vector<std::string> names;
                     for (const auto& entry : app.setup.choice.problems()) names.push_back(entry->problem.name);
                     return names;
                   }});
  app.actions.add({"problem.shape",
                   "Choose the shape",
                   "",
                   [&app](const std::string& name) { return app.setup.choice.choose_shape(name); },
                   {},
                   "SHAPE",
                   [&app] {
                     std::vector<std::string> names;
                     if (app.setup.choice.entry()) {
                       for (const auto& shape : app.setup.choice.entry()->problem.shapes) names.push_back(shape.name);
                     }
                     return names;
                   }});
  app.actions.add({"problem.dtype",
                   "Choose the dtype",
                   "",
                   [&app](const std::string& name) { return app.setup.choice.choose_dtype(name); },
                   {},
                   "DTYPE",
                   [&app] {
                     std::vector<std::string> names;
                     if (app.setup.choice.entry()) {
                       for (const auto dtype : app.setup.choice.entry()->problem.dtypes)
                         names.emplace_back(tuner::to_string(dtype));
                     }
                     return names;
                   }});
  app.actions.add({"problem.dimension",
                   "Set a dimension",
                   "",
                   [&app](const std::string& text) { return set_dimension(app, text); },
                   {},
                   "N=32"});
  app.actions.add({"problem.scalar",
                   "Set a scalar",
                   "",
                   [&app](const std::string& text) { return set_scalar(app, text); },
                   {},
                   "S=1.0"});
}

void add_space_actions(App& app) {
  const auto variants = [&app] {
    std::vector<std::string> names;
    for (const VariantToggle& variant : app.setup.space.variants()) names.push_back(variant.name);
    return names;
  };
  app.actions.add({"space.only_variant",
                   "Only this variant",
                   "",
                   [&app](const std::string& name) { return app.setup.space.only_variant(name); },
                   {},
                   "VARIANT",
                   variants});
  app.actions.add({"space.narrow",
                   "Only these values of a parameter",
                   "",
                   [&app](const std::string& text) { return app.setup.space.narrow(text); },
                   {},
                   "block=128,256",
                   [&app] { return values_of(app.setup.space); }});
  app.actions.add({"space.reset", "All variants and values", "",
                   [&app](const std::string&) -> Result<void> {
                     app.setup.space.reset();
                     return {};
                   },
                   [&app] { return app.setup.space.narrowed(); }});
  app.actions.add({"space.full",
                   "Full space instead of the staged one",
                   "",
                   [&app](const std::string&) -> Result<void> {
                     app.setup.space.set_full(!app.setup.space.full());
                     return {};
                   },
                   {},
                   "",
                   {},
                   [&app] { return app.setup.space.full(); }});
}

/// Of the run on show, or of the set-up.
std::string target_on_show(const App& app) {
  return !app.data.empty() && app.data.info().target ? app.data.info().target->name : app.setup.how.target;
}

Result<void> choose_target(App& app, const std::string& name) {
  const tuner::Target* target = app.devices.target(name);
  if (target == nullptr) return tuner::bad_input("unknown target '" + name + "'");
  app.setup.how.target = name;
  app.data.set_target(*target);
  return {};
}

void add_target_actions(App& app) {
  const auto names = [&app] {
    std::vector<std::string> all;
    for (const tuner::Target& target : app.devices.targets()) all.push_back(target.name);
    return all;
  };
  app.actions.add({"target.choose",
                   "Choose the target",
                   "",
                   [&app](const std::string& name) { return choose_target(app, name); },
                   {},
                   "TARGET",
                   names});
  app.actions.add({"target.next", "The next target", "Ctrl+T",
                   [&app, names](const std::string&) {
                     const auto all = names();
                     const auto now = std::find(all.begin(), all.end(), target_on_show(app));
                     const auto next = now == all.end() || now + 1 == all.end() ? all.begin() : now + 1;
                     return choose_target(app, *next);
                   },
                   [&app] { return app.devices.targets().size() > 1; }});
}

void add_search_actions(App& app) {
  app.actions.add({"device.choose",
                   "Choose the device",
                   "",
                   [&app](const std::string& id) -> Result<void> {
                     app.setup.how.device = id;
                     return {};
                   },
                   {},
                   "DEVICE",
                   [&app] {
                     std::vector<std::string> ids;
                     for (const DeviceOption& option : app.devices.options()) ids.push_back(option.id);
                     return ids;
                   }});
  app.actions.add(
      {"device.refresh", "Look for GPUs and recordings again", "", [&app](const std::string&) -> Result<void> {
         app.devices.refresh(app.background);
         return {};
       }});
  app.actions.add({"search.strategy",
                   "Choose the strategy",
                   "",
                   [&app](const std::string& name) { return set_strategy(app, name); },
                   {},
                   "STRATEGY",
                   [] {
                     std::vector<std::string> names;
                     for (const tuner::StrategyInfo& strategy : tuner::strategies()) names.push_back(strategy.name);
                     return names;
                   }});
  app.actions.add({"search.budget",
                   "Set the budget",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     if (text != "whole space") FUSELINE_CHECK(tuner::Budget::parse(text));
                     app.setup.how.budget = text == "whole space" ? "" : text;
                     return {};
                   },
                   {},
                   "200|30s|auto",
                   [] { return std::vector<std::string>{"whole space", "auto", "30", "100", "1000", "30s", "5m"}; }});
  app.actions.add({"search.seed",
                   "Set the seed",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     FUSELINE_TRY(seed, number_of<std::uint64_t>(text, "seed"));
                     app.setup.how.seed = seed;
                     return {};
                   },
                   {},
                   "N"});
  app.actions.add({"search.counters",
                   "Read hardware counters",
                   "",
                   [&app](const std::string& text) { return set_counters(app, text); },
                   {},
                   "none|best|all",
                   [] {
                     return std::vector<std::string>{"none", "best", "all"};
                   }});
  app.actions.add({"search.after",
                   "Choose what timed launches follow",
                   "",
                   [&app](const std::string& text) { return set_after(app, text); },
                   {},
                   "problem|clean|producer|itself",
                   [] {
                     return std::vector<std::string>{"problem", "clean", "producer", "itself"};
                   }});
  app.actions.add({"search.worker",
                   "Set the worker's command",
                   "",
                   [&app](const std::string& text) -> Result<void> {
                     app.setup.how.workers.clear();
                     if (!text.empty()) app.setup.how.workers.push_back(text);
                     return {};
                   },
                   {},
                   "CMD"});
}

void add_word_actions(App& app) {
  const auto meant = [&app](const std::string& query) {
    std::vector<std::string> texts;
    for (const tuner::SweepRequest& request : sweeps_in_words(app.word_spaces, app.setup, query))
      texts.push_back(words_of(request));
    return texts;
  };
  const std::string argument = "softmax f16 channel_split groups=4,8";
  app.actions.add({"run.words",
                   "Sweep in words",
                   "",
                   [&app](const std::string& words) -> Result<void> {
                     FUSELINE_CHECK(set_up_in_words(app.word_spaces, app.setup, words));
                     return app.actions.run("run.start");
                   },
                   {},
                   argument,
                   {},
                   {},
                   meant});
  app.actions.add({"setup.words",
                   "Set up in words",
                   "",
                   [&app](const std::string& words) { return set_up_in_words(app.word_spaces, app.setup, words); },
                   {},
                   argument,
                   {},
                   {},
                   meant});
}

/// The run on show, set up again.
Result<void> use_run(App& app) {
  const tuner::SweepRequest request = app.data.info().request;
  FUSELINE_CHECK(app.catalog->find(request.problem));
  app.setup.apply(request);
  app.messages.add(Severity::note, "Set up as the run on show was");
  return {};
}

}  // namespace

void add_setup_actions(App& app) {
  app.actions.add({"setup.use_run", "Use the set-up of the run on show", "",
                   [&app](const std::string&) { return use_run(app); },
                   [&app] { return !app.data.empty() && !app.data.info().request.problem.empty(); }});
  add_word_actions(app);
  add_problem_actions(app);
  add_space_actions(app);
  add_target_actions(app);
  add_search_actions(app);
}

}  // namespace fuseline::app::gui
