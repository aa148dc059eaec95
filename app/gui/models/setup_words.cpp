#include "app/gui/models/setup_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "tuner/base/text.hpp"

namespace fuseline::app::gui {

using tuner::Result;

namespace {

constexpr std::size_t kLeastOfProblem = 3, kLeastOfOther = 2, kOffered = 4;

/// The name or a part of it, between underscores, begins so.
bool begins_part(std::string_view name, std::string_view word) {
  for (std::size_t at = name.find(word); at != std::string_view::npos; at = name.find(word, at + 1)) {
    if (at == 0 || name[at - 1] == '_') return true;
  }
  return false;
}

/// The one called `word`, else the first whose name or part begins so; null where there is none.
template <class Named>
const Named* named(const std::vector<Named>& all, const std::string& word) {
  const auto whole = std::find_if(all.begin(), all.end(), [&](const Named& each) { return each.name == word; });
  if (whole != all.end()) return &*whole;
  if (word.size() < kLeastOfOther) return nullptr;
  const auto part =
      std::find_if(all.begin(), all.end(), [&](const Named& each) { return begins_part(each.name, word); });
  return part == all.end() ? nullptr : &*part;
}

bool has_value(const ParameterToggle& parameter, const std::string& text) {
  return std::any_of(parameter.values.begin(), parameter.values.end(),
                     [&](const ValueToggle& value) { return value.text == text; });
}

/// Takes words for one problem, one after the other.
class WordReader {
 public:
  WordReader(const tuner::CatalogEntry& entry, const SpaceModel& space, tuner::SweepRequest& request)
      : entry_(entry), space_(space), request_(request) {}

  /// `next`: the word after it, or empty. False where it means nothing.
  [[nodiscard]] bool take(const std::string& word, const std::string& next) {
    in_problem_ = in_problem_ && word.size() >= kLeastOfProblem && begins_part(entry_.problem.name, word);
    named_ = named_ || in_problem_;
    if (in_problem_ || !named_) return named_;
    return value(word) || assignment(word) || dtype(word) || shape(word) || variant(word) || parameter(word, next);
  }
  /// A parameter without values says nothing.
  [[nodiscard]] bool whole() const { return named_ && (open_ == nullptr || !values_of(*open_).empty()); }

 private:
  [[nodiscard]] const std::vector<std::string>& values_of(const ParameterToggle& parameter) const {
    static const std::vector<std::string> none;
    const auto found = request_.parameters.find(parameter.name);
    return found == request_.parameters.end() ? none : found->second;
  }
  void add(const ParameterToggle& parameter, const std::string& text) {
    auto& values = request_.parameters[parameter.name];
    if (std::find(values.begin(), values.end(), text) == values.end()) values.push_back(text);
  }
  /// Some variant that was named has it.
  [[nodiscard]] bool of_variants(const ParameterToggle& parameter) const {
    const auto& chosen = request_.variants;
    return chosen.empty() || std::any_of(chosen.begin(), chosen.end(), [&](const std::string& variant) {
             return std::find(parameter.variants.begin(), parameter.variants.end(), variant) !=
                    parameter.variants.end();
           });
  }
  /// By its name or a beginning of it, with all of these values.
  [[nodiscard]] const ParameterToggle* with_values(const std::string& name,
                                                   const std::vector<std::string>& values) const {
    const ParameterToggle* found = nullptr;
    for (const ParameterToggle& each : space_.parameters()) {
      const bool fits =
          each.name.rfind(name, 0) == 0 && of_variants(each) &&
          std::all_of(values.begin(), values.end(), [&](const std::string& text) { return has_value(each, text); });
      if (fits && (found == nullptr || each.name == name)) found = &each;
    }
    return found;
  }

  bool value(const std::string& word) {
    if (open_ == nullptr || !has_value(*open_, word)) return false;
    add(*open_, word);
    return true;
  }
  bool assignment(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) return false;
    const std::string name = word.substr(0, equals), text = word.substr(equals + 1);
    const auto values = tuner::split(text, ',');
    if (dimension(name, text)) return true;
    const ParameterToggle* parameter = with_values(name, values);
    if (parameter == nullptr) return false;
    for (const std::string& each : values) add(*parameter, each);
    return true;
  }
  bool dimension(const std::string& name, const std::string& text) {
    std::int64_t number = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto& dims = entry_.problem.dims;
    if (error != std::errc() || at != text.data() + text.size()) return false;
    if (std::none_of(dims.begin(), dims.end(), [&](const tuner::DimensionSpec& each) { return each.name == name; }))
      return false;
    request_.dims.push_back({name, number});
    return true;
  }
  bool dtype(const std::string& word) {
    for (const tuner::Dtype each : entry_.problem.dtypes) {
      if (tuner::to_string(each) != word) continue;
      request_.dtype = word;
      return true;
    }
    return false;
  }
  bool shape(const std::string& word) {
    const auto& shapes = entry_.problem.shapes;
    const auto found =
        std::find_if(shapes.begin(), shapes.end(), [&](const tuner::ShapePreset& each) { return each.name == word; });
    if (found == shapes.end()) return false;
    request_.shape = word;
    return true;
  }
  bool variant(const std::string& word) {
    const bool is_parameter = std::any_of(space_.parameters().begin(), space_.parameters().end(),
                                          [&](const ParameterToggle& each) { return each.name == word; });
    const tuner::Variant* found = is_parameter ? nullptr : named(entry_.variants, word);
    if (found == nullptr) return false;
    auto& chosen = request_.variants;
    if (std::find(chosen.begin(), chosen.end(), found->name) == chosen.end()) chosen.push_back(found->name);
    open_ = nullptr;
    return true;
  }
  bool parameter(const std::string& word, const std::string& next) {
    if (word.size() < kLeastOfOther || next.empty()) return false;
    open_ = with_values(word, {next});
    return open_ != nullptr;
  }

  const tuner::CatalogEntry& entry_;
  const SpaceModel& space_;
  tuner::SweepRequest& request_;
  const ParameterToggle* open_ = nullptr;  ///< Its values may follow.
  bool in_problem_ = true;                 ///< Words so far are of its name.
  bool named_ = false;
};

std::vector<std::string> words_in(const std::string& text) {
  auto words = tuner::split(text, ' ');
  std::erase(words, std::string());
  return words;
}

/// Of one problem; empty where a word means nothing.
std::optional<tuner::SweepRequest> meant(WordSpaces& spaces, const Setup& setup,
                                         const std::shared_ptr<const tuner::CatalogEntry>& entry,
                                         const std::vector<std::string>& words) {
  tuner::SweepRequest request = setup.how;
  request.problem = entry->problem.name;
  request.dims.clear();
  request.scalars.clear();
  request.variants.clear();
  request.parameters.clear();
  request.full = setup.space.full();
  WordReader reader(*entry, spaces.of(entry, request.full), request);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!reader.take(words[i], i + 1 < words.size() ? words[i + 1] : "")) return std::nullopt;
  }
  return reader.whole() ? std::optional(std::move(request)) : std::nullopt;
}

}  // namespace

const SpaceModel& WordSpaces::of(const std::shared_ptr<const tuner::CatalogEntry>& entry, bool full) {
  Kept& kept = kept_[entry->problem.name];
  if (kept.entry != entry || kept.space.full() != full) {
    kept = {entry, {}};
    kept.space.set_problem(entry, full);
    ++made_;
  }
  return kept.space;
}

std::vector<tuner::SweepRequest> sweeps_in_words(WordSpaces& spaces, const Setup& setup, const std::string& text) {
  const auto words = words_in(text);
  std::vector<tuner::SweepRequest> found;
  if (words.size() < 2) return found;
  for (const auto& entry : setup.choice.problems()) {
    if (!begins_part(entry->problem.name, words.front())) continue;
    if (auto request = meant(spaces, setup, entry, words)) found.push_back(std::move(*request));
  }
  // The plainest of those that have the words in their names.
  std::stable_sort(found.begin(), found.end(), [](const tuner::SweepRequest& a, const tuner::SweepRequest& b) {
    return a.problem.size() < b.problem.size();
  });
  found.resize(std::min(found.size(), kOffered));
  return found;
}

std::string words_of(const tuner::SweepRequest& request) {
  std::string text = request.problem;
  for (const std::string& word : {request.shape, request.dtype}) text += word.empty() ? "" : " " + word;
  for (const tuner::Dimension& dimension : request.dims) text += fmt::format(" {}={}", dimension.name, dimension.value);
  for (const std::string& variant : request.variants) text += " " + variant;
  for (const auto& [name, values] : request.parameters) text += fmt::format(" {}={}", name, fmt::join(values, ","));
  return text;
}

Result<void> set_up_in_words(WordSpaces& spaces, Setup& setup, const std::string& text) {
  const auto found = sweeps_in_words(spaces, setup, text);
  if (found.empty())
    return tuner::bad_input("'" + tuner::printable(text) +
                            "' sets no sweep up: name a problem, then what is to be other than usual, such as softmax "
                            "f16 channel_split groups=4,8");
  setup.apply(found.front());
  return {};
}

}  // namespace fuseline::app::gui
