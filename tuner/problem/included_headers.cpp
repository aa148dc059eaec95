#include "tuner/problem/included_headers.hpp"

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace fuseline::tuner {
namespace {

constexpr std::string_view kBlank = " \t\r\v\f";

std::string_view without_blank(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

/// What follows the word on the line of a directive; empty where the line is none of that word.
std::string_view after_directive(std::string_view line, std::string_view word) {
  line = without_blank(line);
  if (!line.starts_with('#')) return {};
  line = without_blank(line.substr(1));
  return line.starts_with(word) ? without_blank(line.substr(word.size())) : std::string_view{};
}

struct Includes {
  std::vector<std::string> names = {};
  bool any = false;  ///< One of them is named by a macro.
};

Includes includes_of(std::string_view text) {
  Includes found;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view what = after_directive(text.substr(0, end), "include");
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (what.empty()) continue;
    const char close = what.front() == '<' ? '>' : '"';
    const std::size_t last = what.find(close, 1);
    if ((what.front() == '<' || what.front() == '"') && last != std::string_view::npos)
      found.names.emplace_back(what.substr(1, last - 1));
    else
      found.any = true;
  }
  return found;
}

}  // namespace

std::map<std::string, std::string> included_headers(const std::string& source,
                                                    const std::map<std::string, std::string>& headers) {
  std::map<std::string, std::string> included;
  std::vector<std::pair<std::string_view, std::string_view>> open = {{{}, source}};  // Folder with "/", text.
  while (!open.empty()) {
    const auto [folder, text] = open.back();
    open.pop_back();
    const Includes includes = includes_of(text);
    if (includes.any) return headers;
    for (const std::string& name : includes.names) {
      // Beside the file that includes it, or by the name that the compiler knows it by.
      for (const std::string& candidate : {std::string(folder) + name, name}) {
        const auto header = headers.find(candidate);
        if (header == headers.end() || !included.emplace(header->first, header->second).second) continue;
        const std::string_view path = header->first;
        open.emplace_back(path.substr(0, path.rfind('/') + 1), header->second);
      }
    }
  }
  return included;
}

}  // namespace fuseline::tuner
