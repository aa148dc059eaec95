#include "tuner/problem/name_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tuner/base/text.hpp"
#include "tuner/problem/loading.hpp"

namespace fuseline::tuner {

Result<NamePattern> NamePattern::parse(std::string_view text, const std::vector<std::string>& known) {
  NamePattern pattern;
  while (!text.empty()) {
    const std::size_t open = text.find_first_of("{}");
    if (open > 0) pattern.parts_.push_back({std::string(text.substr(0, open)), false});
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find_first_of("{}", open + 1);
    if (text[open] == '}' || close == std::string_view::npos || text[close] == '{')
      return bad_input("", "", "a brace stands without the other one of its pair");
    std::string name(text.substr(open + 1, close - open - 1));
    if (std::find(known.begin(), known.end(), name) == known.end())
      return bad_input("", "",
                       fmt::format("unknown placeholder \"{}\"{}", printable(name), known_names_hint(name, known)));
    pattern.parts_.push_back({std::move(name), true});
    text.remove_prefix(close + 1);
  }
  return pattern;
}

bool NamePattern::has_placeholder() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.placeholder; });
}

std::string NamePattern::fill(const std::map<std::string, std::string>& values) const {
  std::string filled;
  for (const Part& part : parts_) filled += part.placeholder ? values.at(part.text) : part.text;
  return filled;
}

bool NamePattern::matches(std::string_view name, const std::map<std::string, std::vector<std::string>>& values) const {
  constexpr std::size_t kMostDigits = 4;
  std::set<std::size_t> ends{0};  // Where what was matched so far may end.
  for (const Part& part : parts_) {
    std::set<std::size_t> next;
    for (const std::size_t end : ends) {
      const std::string_view rest = name.substr(end);
      const auto alternatives = values.find(part.text);
      if (!part.placeholder) {
        if (rest.starts_with(part.text)) next.insert(end + part.text.size());
      } else if (alternatives != values.end()) {
        for (const std::string& value : alternatives->second)
          if (rest.starts_with(value)) next.insert(end + value.size());
      } else {
        const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
        for (std::size_t taken = 1; taken <= std::min(digits, kMostDigits); ++taken) next.insert(end + taken);
      }
    }
    ends = std::move(next);
  }
  return ends.contains(name.size());
}

}  // namespace fuseline::tuner
