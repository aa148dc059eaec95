// Everything the program can be told to do, by id: behind menus, shortcuts, the palette and scripts alike.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::app::gui {

/// A key with modifiers. Letters are upper case; others by name: "Enter", "Escape", "F1", "Comma", "Plus", "Minus",
/// "0".
struct Shortcut {
  std::string key;
  bool ctrl = false, shift = false, alt = false;
  friend bool operator==(const Shortcut&, const Shortcut&) = default;

  /// "Ctrl+Shift+P". Error: no key, or a modifier that is none.
  [[nodiscard]] static tuner::Result<Shortcut> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

/// What an action gives that cannot fail.
[[nodiscard]] inline tuner::Result<void> done() { return {}; }

struct Action {
  std::string id;        ///< "run.start"
  std::string title;     ///< "Start the sweep"
  std::string shortcut;  ///< "Ctrl+Enter", "Ctrl+P or Ctrl+Shift+P", or empty.
  /// Does it. `argument` is empty unless the action takes one.
  std::function<tuner::Result<void>(const std::string& argument)> run;
  std::function<bool()> enabled = {};  ///< Always where empty.
  std::string argument = {};           ///< What the argument is, such as "FILE"; empty: it takes none.
  std::function<std::vector<std::string>()> choices =
      {};                              ///< The arguments there are, for the palette; none: it is typed.
  std::function<bool()> checked = {};  ///< For menus: on or off.
  /// Arguments that what was typed in the palette means, which is then no search: these come first.
  std::function<std::vector<std::string>(const std::string& query)> means = {};
};

/// What lists of actions are grouped by, in this order.
inline constexpr std::array<std::string_view, 6> kActionGroups = {"SWEEP",  "FILES AND RUNS", "SELECTION",
                                                                  "SOURCE", "VIEW",           "PROGRAM"};
/// One of kActionGroups, by the beginning of an action's id.
[[nodiscard]] std::string_view action_group(std::string_view id);

/// A line of the palette: an action, with an argument where it takes one of a few.
struct PaletteEntry {
  const Action* action = nullptr;
  std::string argument, text;
  bool enabled = true;
};

class ActionRegistry {
 public:
  /// Ids and shortcuts are unique; a second one is a bug and is refused with false.
  bool add(Action action);
  [[nodiscard]] const std::vector<Action>& all() const { return actions_; }
  [[nodiscard]] const Action* find(const std::string& id) const;
  [[nodiscard]] bool enabled(const Action& action) const { return !action.enabled || action.enabled(); }
  /// Errors: unknown id (with close ones), not possible now, an argument missing or not taken, what the action itself
  /// says.
  [[nodiscard]] tuner::Result<void> run(const std::string& id, const std::string& argument = {}) const;
  /// The action for a shortcut, null where there is none.
  [[nodiscard]] const Action* for_shortcut(const Shortcut& shortcut) const;
  /// What `query` means to an action by itself, then entries whose text has every word of its letters in order, best
  /// first. Of no query: what was chosen last, then what can be done now without an argument, then the rest.
  [[nodiscard]] std::vector<PaletteEntry> search(const std::string& query) const;
  /// An entry was chosen: it comes first where nothing is typed.
  void remember(const PaletteEntry& entry);

 private:
  [[nodiscard]] int standing_without_query(const PaletteEntry& entry) const;

  std::vector<Action> actions_;
  std::vector<std::vector<Shortcut>> shortcuts_;
  std::vector<std::string> recent_;  ///< Texts of entries, the one chosen last first.
};

/// How well `query` matches `text` as a subsequence: higher is better, empty where it does not.
[[nodiscard]] std::optional<int> fuzzy_score(std::string_view query, std::string_view text);

}  // namespace fuseline::app::gui
