#include "tuner/problem/block_index.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "tuner/problem/characters.hpp"

namespace fuseline::tuner {
namespace {

constexpr auto npos = std::string_view::npos;

bool in_word(char c) { return starts_name(c) || is_digit(c); }

/// The name or number that starts at `at`, members too: "blockDim.x".
std::string_view word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && (in_word(text[end]) || text[end] == '.')) ++end;
  return text.substr(at, end - at);
}
/// The same, ending before `end`.
std::string_view word_before(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && (in_word(text[begin - 1]) || text[begin - 1] == '.')) --begin;
  return text.substr(begin, end - begin);
}

/// What the word that ends before `end` and starts at `begin` is multiplied with: on either side, past parentheses.
std::string multiplied_with(std::string_view statement, std::size_t begin, std::size_t end) {
  while (end < statement.size() && statement[end] == ')') ++end;
  if (end < statement.size() && statement[end] == '*') {
    ++end;
    while (end < statement.size() && statement[end] == '(') ++end;
    return std::string(word_at(statement, end));
  }
  while (begin > 0 && statement[begin - 1] == '(') --begin;
  if (begin > 0 && statement[begin - 1] == '*') return std::string(word_before(statement, begin - 1));
  return {};
}

bool is_threads(std::string_view word, char axis) {
  if (word.empty() || word == std::string("blockDim.") + axis) return !word.empty();
  return std::all_of(word.begin(), word.end(), in_word);
}

/// The comparison's other side, or nothing where it is no plain arithmetic.
std::string bound_at(std::string_view text, std::size_t at) {
  int depth = 0;
  std::size_t end = at;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    if (c == '(') ++depth;
    if (c == ')' && --depth < 0) break;
    if (c == ';' || c == '&' || c == '|' || c == '?' || c == '{' || c == ',') break;
    if (!in_word(c) && std::string_view("()*/+-").find(c) == npos) return {};
  }
  return depth > 0 ? std::string() : std::string(text.substr(at, end - at));
}

std::string bound_of(std::string_view body, std::string_view variable) {
  for (std::size_t at = body.find(variable); at != npos; at = body.find(variable, at + 1)) {
    const std::size_t after = at + variable.size();
    if (at > 0 && (in_word(body[at - 1]) || body[at - 1] == '.')) continue;
    if (body.substr(after, 2) == ">=") return bound_at(body, after + 2);
    if (after + 1 < body.size() && body[after] == '<' && body[after + 1] != '=' && body[after + 1] != '<')
      return bound_at(body, after + 1);
  }
  return {};
}

/// Of "(...)*4" the 4.
std::string factor_of(std::string_view expression) {
  const std::size_t at = expression.rfind(")*");
  if (at == npos || expression.front() != '(') return {};
  const std::string_view word = word_at(expression, at + 2);
  return at + 2 + word.size() == expression.size() ? std::string(word) : std::string();
}

bool ends_statement(char c) { return c == ';' || c == '{' || c == '}'; }

/// Of several declarators in one statement the one round `at`: commas within parentheses part nothing.
std::size_t declarator_begin(std::string_view text, std::size_t at) {
  for (int depth = 0; at > 0; --at) {
    const char c = text[at - 1];
    depth += c == ')' ? 1 : c == '(' ? -1 : 0;
    if (ends_statement(c) || (c == ',' && depth <= 0)) return at;
  }
  return 0;
}
std::size_t declarator_end(std::string_view text, std::size_t at) {
  for (int depth = 0; at < text.size(); ++at) {
    const char c = text[at];
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (ends_statement(c) || (c == ',' && depth <= 0)) return at;
  }
  return at;
}

}  // namespace

BlockIndex read_block_index(const std::string& body, char axis) {
  const std::string_view text = body;
  const std::string wanted = std::string("blockIdx.") + axis;
  const std::size_t at = text.find(wanted);
  if (at == npos) return {};
  const std::size_t begins = declarator_begin(text, at), ends = declarator_end(text, at);
  const std::string_view statement = text.substr(begins, ends - begins);
  BlockIndex index;
  index.kind = BlockIndex::Kind::block;
  index.threads = multiplied_with(statement, at - begins, at - begins + wanted.size());
  if (is_threads(index.threads, axis) && statement.find(std::string("threadIdx.") + axis) != npos)
    index.kind = BlockIndex::Kind::thread;
  const std::size_t equals = statement.find('=');
  if (equals == npos || equals > at - begins) return index;
  const std::string_view value = statement.substr(equals + 1);
  if (index.kind == BlockIndex::Kind::thread) {
    index.factor = factor_of(value);
    index.warps = value.ends_with("/32") || value.ends_with(">>5") || value.ends_with("/warpSize");
  } else if (value != wanted) {
    return index;  // What is compared is another number.
  }
  const std::string_view variable = word_before(statement, equals);
  if (!variable.empty()) index.bound = bound_of(text.substr(ends), variable);
  return index;
}

}  // namespace fuseline::tuner
