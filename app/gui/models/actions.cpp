#include "app/gui/models/actions.hpp"

#include <algorithm>
#include <cctype>

#include "tuner/base/text.hpp"

namespace fuseline::app::gui {

using tuner::Result;

namespace {
constexpr std::string_view kOr = " or ";
}

Result<Shortcut> Shortcut::parse(std::string_view text) {
  Shortcut shortcut;
  for (const std::string& part : tuner::split(text, '+')) {
    if (!shortcut.key.empty()) return tuner::bad_input("shortcut '" + std::string(text) + "': the key comes last");
    if (part == "Ctrl") {
      shortcut.ctrl = true;
    } else if (part == "Shift") {
      shortcut.shift = true;
    } else if (part == "Alt") {
      shortcut.alt = true;
    } else {
      shortcut.key = part;
    }
  }
  if (shortcut.key.empty()) return tuner::bad_input("shortcut '" + std::string(text) + "' has no key");
  return shortcut;
}

std::string Shortcut::text() const {
  return std::string(ctrl ? "Ctrl+" : "") + (shift ? "Shift+" : "") + (alt ? "Alt+" : "") + key;
}

bool ActionRegistry::add(Action action) {
  std::vector<Shortcut> shortcuts;
  for (std::size_t at = 0; at < action.shortcut.size();) {
    const std::size_t end = std::min(action.shortcut.find(kOr, at), action.shortcut.size());
    auto parsed = Shortcut::parse(std::string_view(action.shortcut).substr(at, end - at));
    if (!parsed || for_shortcut(*parsed) != nullptr) return false;
    shortcuts.push_back(std::move(*parsed));
    at = end + kOr.size();
  }
  if (find(action.id) != nullptr || !action.run) return false;
  actions_.push_back(std::move(action));
  shortcuts_.push_back(std::move(shortcuts));
  return true;
}

const Action* ActionRegistry::find(const std::string& id) const {
  const auto found =
      std::find_if(actions_.begin(), actions_.end(), [&](const Action& action) { return action.id == id; });
  return found == actions_.end() ? nullptr : &*found;
}

const Action* ActionRegistry::for_shortcut(const Shortcut& shortcut) const {
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    if (std::find(shortcuts_[i].begin(), shortcuts_[i].end(), shortcut) != shortcuts_[i].end()) return &actions_[i];
  }
  return nullptr;
}

Result<void> ActionRegistry::run(const std::string& id, const std::string& argument) const {
  const Action* action = find(id);
  if (action == nullptr) {
    std::vector<std::string> ids;
    for (const Action& known : actions_) ids.push_back(known.id);
    std::string hint;
    for (const std::string& close : tuner::closest(id, ids))
      hint += (hint.empty() ? "; did you mean " : " or ") + close;
    return tuner::bad_input("unknown action '" + id + "'" + hint);
  }
  if (action->argument.empty() && !argument.empty())
    return tuner::bad_input("action '" + id + "' takes no value, and was given '" + argument + "'");
  if (!enabled(*action)) return tuner::bad_input("action '" + id + "' (" + action->title + ") is not possible now");
  return action->run(argument);
}

std::optional<int> fuzzy_score(std::string_view query, std::string_view text) {
  const auto low = [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); };
  int score = 0;
  std::size_t at = 0;
  bool adjacent = false;
  for (const char wanted : query) {
    if (wanted == ' ') {
      adjacent = false;
      continue;
    }
    std::size_t found = at;
    while (found < text.size() && low(text[found]) != low(wanted)) ++found;
    if (found == text.size()) return std::nullopt;
    const bool word_start = found == 0 || !std::isalnum(static_cast<unsigned char>(text[found - 1]));
    score += (adjacent && found == at ? 8 : 0) + (word_start ? 6 : 0) -
             static_cast<int>(std::min<std::size_t>(found - at, 6));
    at = found + 1;
    adjacent = true;
  }
  return score;
}

std::string_view action_group(std::string_view id) {
  static constexpr std::array kGroups = {
      std::pair("run.", kActionGroups[0]),     std::pair("queue.", kActionGroups[0]),
      std::pair("space.", kActionGroups[0]),   std::pair("target.", kActionGroups[0]),
      std::pair("file.", kActionGroups[1]),    std::pair("history.", kActionGroups[1]),
      std::pair("export.", kActionGroups[1]),  std::pair("session.", kActionGroups[1]),
      std::pair("select.", kActionGroups[2]),  std::pair("copy.", kActionGroups[2]),
      std::pair("compare.", kActionGroups[2]), std::pair("pin.", kActionGroups[2]),
      std::pair("results.", kActionGroups[2]), std::pair("source.", kActionGroups[3]),
      std::pair("view.", kActionGroups[4]),    std::pair("roofline.", kActionGroups[4]),
      std::pair("panel.", kActionGroups[4]),   std::pair("layout.", kActionGroups[4])};
  for (const auto& [beginning, group] : kGroups) {
    if (id.starts_with(beginning)) return group;
  }
  return kActionGroups.back();
}

void ActionRegistry::remember(const PaletteEntry& entry) {
  constexpr std::size_t kRemembered = 5;
  std::erase(recent_, entry.text);
  recent_.insert(recent_.begin(), entry.text);
  recent_.resize(std::min(recent_.size(), kRemembered));
}

int ActionRegistry::standing_without_query(const PaletteEntry& entry) const {
  const auto recent = std::find(recent_.begin(), recent_.end(), entry.text);
  if (recent != recent_.end()) return 2 + static_cast<int>(recent_.end() - recent);
  return entry.enabled && entry.action->argument.empty() ? 1 : 0;
}

std::vector<PaletteEntry> ActionRegistry::search(const std::string& query) const {
  std::vector<std::pair<int, PaletteEntry>> scored;
  const auto consider = [&](const Action& action, const std::string& argument) {
    PaletteEntry entry{&action, argument, argument.empty() ? action.title : action.title + ": " + argument,
                       enabled(action)};
    if (const auto score = fuzzy_score(query, entry.text))
      scored.emplace_back(*score - static_cast<int>(entry.text.size()) / 12 - (entry.enabled ? 0 : 20),
                          std::move(entry));
  };
  for (const Action& action : actions_) {
    const auto choices = action.choices ? action.choices() : std::vector<std::string>();
    if (choices.empty()) consider(action, "");
    for (const std::string& choice : choices) consider(action, choice);
  }
  if (query.find_first_not_of(' ') == std::string::npos) {
    for (auto& [score, entry] : scored) score = standing_without_query(entry);
  }
  std::stable_sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<PaletteEntry> entries;
  for (const Action& action : actions_) {
    if (!action.means) continue;
    for (const std::string& argument : action.means(query))
      entries.push_back({&action, argument, action.title + ": " + argument, enabled(action)});
  }
  entries.reserve(entries.size() + scored.size());
  for (auto& [score, entry] : scored) entries.push_back(std::move(entry));
  return entries;
}

}  // namespace fuseline::app::gui
