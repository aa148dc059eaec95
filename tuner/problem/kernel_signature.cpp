#include "tuner/problem/kernel_signature.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/problem/characters.hpp"

namespace fuseline::tuner {
namespace {

struct Token {
  std::string text;  ///< A name, a number, "::" or one other sign; a literal is "".
  int line = 0;
};
using Tokens = std::vector<Token>;

/// Splits a source, leaving out what holds no signature.
class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  Tokens tokens() {
    while (at_ < text_.size()) step();
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  void skip(std::size_t count) {
    for (const char c : text_.substr(at_, count)) line_ += c == '\n' ? 1 : 0;
    at_ = std::min(at_ + count, text_.size());
  }
  /// Past `end`, or to the end of the text.
  void skip_past(std::string_view end, std::size_t from) {
    const std::size_t found = text_.find(end, at_ + from);
    skip(found == std::string_view::npos ? text_.size() - at_ : found + end.size() - at_);
  }

  void step() {
    const char c = text_[at_];
    if (c == '\n' || c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
      starts_line_ = starts_line_ || c == '\n';
      return skip(1);
    }
    if (rest().starts_with("//")) return skip_past("\n", 0), void(starts_line_ = true);
    if (rest().starts_with("/*")) return skip_past("*/", 2);
    if (c == '#' && std::exchange(starts_line_, false)) return directive();
    starts_line_ = false;
    if (c == '"' || c == '\'') return literal(c);
    if (starts_name(c)) return word();
    if (is_digit(c)) return number();
    if (rest().starts_with("::")) return take(2);
    take(1);
  }

  void take(std::size_t count) {
    tokens_.push_back({std::string(text_.substr(at_, count)), line_});
    skip(count);
  }
  void word() {
    std::size_t count = 1;
    while (at_ + count < text_.size() && (starts_name(text_[at_ + count]) || is_digit(text_[at_ + count]))) ++count;
    const std::string_view name = text_.substr(at_, count);
    if (name == "R" && at_ + 1 < text_.size() && text_[at_ + 1] == '"') return raw_literal();
    take(count);
  }
  void number() {
    std::size_t count = 1;
    const auto goes_on = [](char c) { return starts_name(c) || is_digit(c) || c == '.' || c == '\''; };
    while (at_ + count < text_.size() && goes_on(text_[at_ + count])) ++count;
    take(count);
  }
  /// To the end of the line, and of those that a backslash joins to it. A comment that it opens is passed over whole.
  void directive() {
    while (at_ < text_.size() && text_[at_] != '\n') {
      if (rest().starts_with("/*")) {
        skip_past("*/", 2);
      } else if (rest().starts_with("//")) {
        return skip_past("\n", 0), void(starts_line_ = true);
      } else {
        skip(rest().starts_with("\\\r\n") ? 3 : text_[at_] == '\\' ? 2 : 1);
      }
    }
  }
  void literal(char quote) {
    tokens_.push_back({"", line_});
    skip(1);
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') skip(text_[at_] == '\\' ? 2 : 1);
    skip(1);
  }
  void raw_literal() {
    tokens_.push_back({"", line_});
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return skip(text_.size() - at_);
    skip_past(")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"", 2);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool starts_line_ = true;
  Tokens tokens_;
};

using Words = std::vector<std::string>;

bool has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The type that specifiers such as "unsigned long long" name. `type_names`: of the template's types.
KernelType type_of(const Words& specifiers, const Words& type_names) {
  static const std::map<std::string, KernelType, std::less<>> simple = {
      {"float", "f32"},        {"double", "f64"},    {"half", "f16"},     {"__half", "f16"},  {"__nv_bfloat16", "bf16"},
      {"nv_bfloat16", "bf16"}, {"int32_t", "i32"},   {"uint32_t", "u32"}, {"int64_t", "i64"}, {"uint64_t", "u64"},
      {"size_t", "u64"},       {"ptrdiff_t", "i64"}, {"uint8_t", "u8"},   {"uint", "u32"}};
  if (specifiers.empty()) return {};
  const auto count = [&](std::string_view word) { return std::count(specifiers.begin(), specifiers.end(), word); };
  if (count("unsigned") + count("signed") + count("int") + count("long") ==
      static_cast<std::ptrdiff_t>(specifiers.size()))
    return std::string(count("unsigned") > 0 ? "u" : "i") + (count("long") > 0 ? "64" : "32");
  if (specifiers == Words{"unsigned", "char"}) return "u8";
  const std::string& last = specifiers.back();  // Before it stand namespaces alone.
  if (!type_names.empty() && specifiers == Words{type_names.front()}) return "T";
  if (has(type_names, last)) return {};
  if (last == "T") return "T";
  const bool qualified = std::all_of(specifiers.begin(), specifiers.end() - 1, [](const std::string& word) {
    return word == "::" || word == "std" || word == "cuda" || word == "fuseline";
  });
  const auto found = simple.find(last);
  return qualified && found != simple.end() ? found->second : KernelType{};
}

std::string joined(const Tokens& tokens, std::size_t first, std::size_t last) {
  std::string text;
  for (std::size_t i = first; i < last; ++i) {
    const std::string& word = tokens[i].text;
    const bool apart = !text.empty() && (starts_name(word[0]) || is_digit(word[0])) && text.back() != ':' &&
                       text.back() != '<' && text.back() != '(' && text.back() != '[';
    text += (apart ? " " : "") + word;
  }
  return text;
}

/// Goes through the tokens and stops at every __global__.
class Reader {
 public:
  Reader(Tokens tokens, const std::string& file) : tokens_(std::move(tokens)), file_(file) {}

  Result<KernelText> read() {
    while (at_ < tokens_.size()) FUSELINE_CHECK(step());
    return std::move(text_);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> fail(int line, const std::string& reason) const {
    return bad_input(file_, "", fmt::format("line {}: {}", line, reason));
  }
  [[nodiscard]] std::string_view peek(std::size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() ? std::string_view(tokens_[at_ + ahead].text) : std::string_view();
  }
  [[nodiscard]] bool is_literal(std::size_t ahead) const {
    return at_ + ahead < tokens_.size() && tokens_[at_ + ahead].text.empty();
  }

  Result<void> step() {
    const std::string_view word = peek();
    if (word == "namespace") return enter_namespace(), Result<void>{};
    if (word == "template") return read_template();
    if (word == "__global__") return read_kernel();
    if (word == "extern" && is_literal(1)) {
      pending_c_ = true;
      at_ += 2;
      if (peek() == "{") open("C");
      return {};
    }
    if (word == "extern" && peek(1) == "__shared__") text_.dynamic_shared = true;
    if (word == "FUSELINE_SHARED") text_.dynamic_shared = true;
    if (word == "blockDim" && peek(1) == "." && !peek(2).empty())
      text_.block_axes = std::max(text_.block_axes, peek(2) == "z" ? 3 : peek(2) == "y" ? 2 : 1);
    note_macro(word);
    if (word == "{") return open(""), Result<void>{};
    if (word == "}" && !scopes_.empty()) scopes_.pop_back();
    if (word == "}" || word == ";") forget();
    ++at_;
    return {};
  }

  void open(const std::string& scope) {
    scopes_.push_back(scope);
    forget();
    ++at_;
  }
  /// What stood before the declaration that is over.
  void forget() {
    pending_c_ = false;
    pending_templates_.clear();
  }

  void enter_namespace() {
    std::string name;
    for (++at_; at_ < tokens_.size() && peek() != "{" && peek() != ";" && peek() != "="; ++at_) name += peek();
    if (peek() == "{") open(name.empty() ? "" : name + "::");
  }

  /// Where the bracket that opens at `at` closes.
  Result<std::size_t> closing(std::size_t at, std::string_view opens, std::string_view closes) const {
    int depth = 0;
    for (std::size_t i = at; i < tokens_.size(); ++i) {
      if (tokens_[i].text == opens) ++depth;
      if (tokens_[i].text == closes && --depth == 0) return i;
      if (opens == "<" && (tokens_[i].text == ";" || tokens_[i].text == "{")) break;
    }
    return fail(tokens_[at].line, fmt::format("\"{}\" is not closed", opens));
  }

  /// Positions of the pieces between commas outside brackets, in [first, last).
  std::vector<std::pair<std::size_t, std::size_t>> pieces(std::size_t first, std::size_t last) const {
    std::vector<std::pair<std::size_t, std::size_t>> found;
    int depth = 0;
    std::size_t from = first;
    for (std::size_t i = first; i < last; ++i) {
      const std::string& text = tokens_[i].text;
      if (text == "(" || text == "[" || text == "<" || text == "{") ++depth;
      if (text == ")" || text == "]" || text == ">" || text == "}") --depth;
      if (text != "," || depth != 0) continue;
      found.emplace_back(from, i);
      from = i + 1;
    }
    if (from < last) found.emplace_back(from, last);
    return found;
  }

  Result<void> read_template() {
    ++at_;
    if (peek() != "<") return {};
    pending_templates_.clear();
    const auto closes = closing(at_, "<", ">");
    if (!closes) return {};  // No kernel's: a comparison within would be needed.
    const std::size_t end = *closes;
    for (const auto& [first, last] : pieces(at_ + 1, end)) {
      std::size_t until = first;
      while (until < last && tokens_[until].text != "=") ++until;
      const std::string& kind = tokens_[first].text;
      const std::string& name = tokens_[until - 1].text;
      pending_templates_.push_back({is_identifier(name) ? name : "", kind == "typename" || kind == "class",
                                    kind == "bool", until + 2 == last ? number_at(until + 1) : std::nullopt});
    }
    at_ = end + 1;
    return {};
  }

  Result<void> read_kernel() {
    KernelSignature kernel;
    kernel.line = tokens_[at_].line;
    kernel.templates = pending_templates_;
    kernel.extern_c = pending_c_ || has(scopes_, "C");
    for (const std::string& scope : scopes_) kernel.scope += scope == "C" ? "" : scope;
    // Up to the parenthesis of the parameters: attributes in parentheses may come before the name.
    std::size_t name = 0;
    for (++at_; at_ < tokens_.size(); ++at_) {
      if (peek() == ";" || peek() == "{") return fail(kernel.line, "__global__ is followed by no function");
      if (peek() != "(") {
        if (is_identifier(peek())) name = at_;
        continue;
      }
      FUSELINE_TRY(end, closing(at_, "(", ")"));
      const std::string& before = tokens_[at_ - 1].text;
      if (before == "__launch_bounds__") {
        kernel.most_threads = number_at(at_ + 1);
      } else if (before != "__attribute__" && before != "__align__" && before != "__declspec") {
        return read_parameters(std::move(kernel), name, end);
      }
      note_macros(at_, end);
      at_ = end;
    }
    return fail(kernel.line, "__global__ is followed by no function");
  }

  void note_macros(std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) note_macro(tokens_[i].text);
  }
  void note_macro(std::string_view word) {
    const auto note = [&](std::string_view prefix, Words& names) {
      if (!word.starts_with(prefix) || word.size() == prefix.size()) return;
      if (const std::string_view name = word.substr(prefix.size()); !has(names, name)) names.emplace_back(name);
    };
    note("PARAM_", text_.macros);
    note("DIM_", text_.dims);
    note("SCALAR_", text_.scalars);
  }

  std::optional<std::int64_t> number_at(std::size_t at) const {
    const std::string& text = tokens_[at].text;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
  }

  Result<void> read_parameters(KernelSignature kernel, std::size_t name, std::size_t end) {
    kernel.name = tokens_[name].text;
    if (name + 1 != at_) {  // A specialization: its template is what can be launched.
      at_ = end + 1;
      return {};
    }
    Words types;
    for (const TemplateParameter& each : kernel.templates) {
      if (each.is_type) types.push_back(each.name);
    }
    for (const auto& [first, last] : pieces(at_ + 1, end)) {
      if (last == first + 1 && tokens_[first].text == "void") continue;
      kernel.parameters.push_back(parameter(first, last, types, kernel.parameters.size()));
    }
    at_ = end + 1;
    if (peek() == "{") {
      const auto closes = closing(at_, "{", "}");
      kernel.body = compact(at_ + 1, closes ? *closes : tokens_.size());
      text_.kernels.push_back(std::move(kernel));
    }
    if (peek() != "{") forget();
    return {};
  }

  std::string compact(std::size_t first, std::size_t last) const {
    const auto is_word = [](char c) { return starts_name(c) || is_digit(c); };
    std::string text;
    for (std::size_t i = first; i < last; ++i) {
      const std::string& word = tokens_[i].text;
      if (!text.empty() && !word.empty() && is_word(text.back()) && is_word(word[0])) text += ' ';
      text += word;
    }
    return text;
  }

  KernelParameter parameter(std::size_t first, std::size_t last, const Words& types, std::size_t position) const {
    KernelParameter made;
    made.text = joined(tokens_, first, last);
    Words specifiers;
    std::size_t stars = 0;
    bool strange = false;
    for (std::size_t i = first; i < last && tokens_[i].text != "="; ++i) {
      const std::string& word = tokens_[i].text;
      if (word == "const" || word == "volatile") {
        made.constant = made.constant || (word == "const" && stars == 0);
      } else if (word == "*" || word == "[") {
        ++stars;
      } else if (word == "]" || word.starts_with("__restrict") || word == "__grid_constant__" || word == "register" ||
                 (is_digit(word[0]) && stars > 0)) {
        continue;
      } else if (is_identifier(word) && stars > 0) {
        made.name = word;
      } else if (is_identifier(word) || word == "::") {
        specifiers.push_back(word);
      } else {
        strange = true;  // A reference, a template's instance, a pointer to a function.
      }
    }
    split_name(made, specifiers);
    made.pointer = stars == 1;
    made.constant = made.constant && made.pointer;
    if (!strange && stars < 2) made.type = type_of(specifiers, types);
    if (made.name.empty()) made.name = fmt::format("arg{}", position);
    return made;
  }

  /// The last of the words is the name, where they are not the type alone.
  static void split_name(KernelParameter& made, Words& specifiers) {
    static const Words kOfTypes = {"int", "long", "unsigned", "signed", "char", "short", "float", "double", "bool"};
    if (!made.name.empty() || specifiers.size() < 2) return;
    if (has(kOfTypes, specifiers.back()) || specifiers[specifiers.size() - 2] == "::") return;
    made.name = specifiers.back();
    specifiers.pop_back();
  }

  Tokens tokens_;
  const std::string& file_;
  std::size_t at_ = 0;
  KernelText text_;
  Words scopes_;  ///< One a brace: "name::", "C" of extern "C", or empty.
  bool pending_c_ = false;
  std::vector<TemplateParameter> pending_templates_;
};

}  // namespace

Result<KernelText> read_kernel_text(const std::string& source, const std::string& file) {
  return Reader(Tokenizer(source).tokens(), file).read();
}

}  // namespace fuseline::tuner
