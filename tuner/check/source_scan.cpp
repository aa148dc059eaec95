#include "tuner/check/source_scan.hpp"

#include <algorithm>
#include <cctype>

#include "tuner/base/text.hpp"
#include "tuner/problem/included_headers.hpp"

namespace fuseline::tuner {
namespace {

bool starts_word(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool continues_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

bool has_word(std::string_view text, std::string_view word) { return find_word(text, word) != std::string_view::npos; }

/// Pieces between commas outside every kind of bracket.
std::vector<std::string_view> split_parameters(std::string_view list) {
  std::vector<std::string_view> pieces;
  int depth = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (std::string_view("(<[{").find(list[i]) != std::string_view::npos) ++depth;
    if (std::string_view(")>]}").find(list[i]) != std::string_view::npos) --depth;
    if (list[i] != ',' || depth != 0) continue;
    pieces.push_back(trimmed(list.substr(first, i - first)));
    first = i + 1;
  }
  pieces.push_back(trimmed(list.substr(first)));
  return pieces;
}

SourceParameter parameter_of(std::string_view text) {
  text = trimmed(text.substr(0, text.find('=')));
  const std::size_t bracket = text.find('[');
  const std::size_t star = std::min(text.find('*'), bracket);
  SourceParameter parameter;
  parameter.pointer = star != std::string_view::npos;
  parameter.constant = parameter.pointer && has_word(text.substr(0, star), "const");
  text = trimmed(text.substr(0, bracket));
  std::size_t begin = text.size();
  while (begin > 0 && continues_word(text[begin - 1])) --begin;
  const std::string_view name = text.substr(begin);
  const std::string_view before = trimmed(text.substr(0, begin));
  static constexpr std::string_view kQualifiers[] = {"const", "__restrict__", "restrict", "volatile"};
  const bool qualifier = std::find(std::begin(kQualifiers), std::end(kQualifiers), name) != std::end(kQualifiers);
  // A word alone is a type.
  if (!name.empty() && !before.empty() && !qualifier) parameter.name = name;
  return parameter;
}

/// The parameters between the parenthesis at `open` and its other; empty where that is not to be read.
std::optional<std::vector<SourceParameter>> parameters_at(std::string_view code, std::size_t open) {
  int depth = 0;
  std::size_t close = open;
  for (; close < code.size(); ++close) {
    if (code[close] == '(') ++depth;
    if (code[close] == ')' && --depth == 0) break;
  }
  if (close == code.size()) return std::nullopt;
  const std::string_view list = trimmed(code.substr(open + 1, close - open - 1));
  if (list.find('#') != std::string_view::npos) return std::nullopt;
  std::vector<SourceParameter> parameters;
  if (list.empty() || list == "void") return parameters;
  for (const std::string_view piece : split_parameters(list)) {
    // A macro may stand for any number of parameters.
    if (is_identifier(piece) && std::none_of(piece.begin(), piece.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
      return std::nullopt;
    parameters.push_back(parameter_of(piece));
  }
  return parameters;
}

/// "rows" of "fused::rows<float, 256>".
std::string_view plain_name(std::string_view kernel) {
  kernel = trimmed(kernel.substr(0, kernel.find('<')));
  const std::size_t colons = kernel.rfind("::");
  return colons == std::string_view::npos ? kernel : kernel.substr(colons + 2);
}

}  // namespace

std::size_t find_word(std::string_view text, std::string_view word, std::size_t from) {
  for (std::size_t at = text.find(word, from); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !continues_word(text[at - 1]);
    const std::size_t end = at + word.size();
    if (begins && (end == text.size() || !continues_word(text[end]))) return at;
  }
  return std::string_view::npos;
}

std::string code_of(std::string_view text) {
  std::string code(text);
  const auto blank = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to && i < code.size(); ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
  };
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("//")) {
      const std::size_t end = std::min(text.find('\n', i), text.size());
      blank(i, end);
      i = end;
    } else if (rest.starts_with("/*")) {
      const std::size_t close = text.find("*/", i + 2);
      const std::size_t end = close == std::string_view::npos ? text.size() : close + 2;
      blank(i, end);
      i = end;
    } else if (rest[0] == '"' || (rest[0] == '\'' && (i == 0 || !continues_word(text[i - 1])))) {
      std::size_t end = i + 1;
      while (end < text.size() && text[end] != rest[0] && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
      blank(i + 1, end);
      i = std::min(end + 1, text.size());
    } else {
      ++i;
    }
  }
  return code;
}

std::vector<std::string> code_with_headers(const std::string& source,
                                           const std::map<std::string, std::string>& headers) {
  std::vector<std::string> codes = {code_of(source)};
  for (const auto& [name, text] : included_headers(source, headers)) codes.push_back(code_of(text));
  return codes;
}

void CodeNames::add(const std::string& code) {
  int line = 1;
  std::string_view directive;  // The last word before this one, on a line that begins with #.
  for (std::size_t i = 0; i < code.size();) {
    if (code[i] == '\n') {
      ++line;
      directive = {};
    }
    if (!starts_word(code[i])) {
      // What belongs to a number is no name.
      if (std::isdigit(static_cast<unsigned char>(code[i])) != 0) {
        while (i < code.size() && continues_word(code[i])) ++i;
      } else {
        ++i;
      }
      continue;
    }
    const std::size_t begin = i;
    while (i < code.size() && continues_word(code[i])) ++i;
    const std::string_view word = std::string_view(code).substr(begin, i - begin);
    lines_.emplace(word, line);
    if (directive == "define" || directive == "ifdef" || directive == "ifndef" || directive == "defined")
      settled_.emplace(word);
    directive = word;
    std::size_t next = i;
    while (next < code.size() && is_blank(code[next])) ++next;
    if (std::string_view(code).substr(next).starts_with("##")) pasted_.emplace(word);
  }
}

bool CodeNames::mentions(std::string_view name) const {
  if (lines_.contains(name)) return true;
  return std::any_of(pasted_.begin(), pasted_.end(),
                     [&](const std::string& beginning) { return name.starts_with(beginning); });
}

std::optional<std::vector<SourceParameter>> kernel_parameters(const std::vector<std::string>& codes,
                                                              std::string_view kernel) {
  const std::string_view name = plain_name(kernel);
  std::optional<std::vector<SourceParameter>> found;
  if (!is_identifier(name)) return found;
  for (const std::string& code : codes) {
    for (std::size_t at = find_word(code, name); at != std::string::npos; at = find_word(code, name, at + 1)) {
      std::size_t open = at + name.size();
      while (open < code.size() && is_blank(code[open])) ++open;
      if (open == code.size() || code[open] != '(') continue;
      const std::size_t before = at == 0 ? std::string::npos : code.find_last_of(";{}", at - 1);
      const std::size_t begin = before == std::string::npos ? 0 : before + 1;
      if (!has_word(std::string_view(code).substr(begin, at - begin), "__global__")) continue;
      auto parameters = parameters_at(code, open);
      if (!parameters || (found && *found != *parameters)) return std::nullopt;
      found = std::move(parameters);
    }
  }
  return found;
}

}  // namespace fuseline::tuner
