// PTX: of its text only declarations are read, never instructions.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "tuner/base/text.hpp"
#include "tuner/problem/kernel_image.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{1} << 40;  ///< Of one variable: beyond what any device has.

/// Words, one sign at a time; comments, white space and quoted text are left out.
class PtxTokens {
 public:
  explicit PtxTokens(std::string_view text) : text_(text) { advance(); }

  [[nodiscard]] std::string_view now() const { return token_; }   ///< Empty at the end.
  [[nodiscard]] std::size_t line() const { return taken_line_; }  ///< Of what was taken last.
  [[nodiscard]] bool done() const { return token_.empty(); }
  [[nodiscard]] bool at(std::string_view token) const { return token_ == token; }
  std::string_view take() {
    const std::string_view taken = token_;
    taken_line_ = line_;
    advance();
    return taken;
  }
  bool take_if(std::string_view token) {
    if (!at(token)) return false;
    static_cast<void>(take());
    return true;
  }

 private:
  static bool in_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           c == '%' || c == '.';
  }

  void skip_to(std::size_t end) {
    end = std::min(end, text_.size());
    line_ += static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(position_),
                                                 text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    position_ = end;
  }

  /// Where what stands between two marks ends; the text's end where the second one is missing.
  [[nodiscard]] std::size_t after(std::string_view mark, std::size_t from) const {
    const std::size_t found = text_.find(mark, from);
    return found == std::string_view::npos ? text_.size() : found + mark.size();
  }

  void advance() {
    while (position_ < text_.size()) {
      const std::string_view rest = text_.substr(position_);
      if (rest.starts_with("//")) {
        skip_to(after("\n", position_));
      } else if (rest.starts_with("/*")) {
        skip_to(after("*/", position_ + 2));
      } else if (rest.front() == '"') {
        skip_to(after("\"", position_ + 1));
      } else if (rest.front() == ' ' || (rest.front() >= '\t' && rest.front() <= '\r') || rest.front() == '\0') {
        skip_to(position_ + 1);
      } else {
        std::size_t end = position_;
        while (end < text_.size() && in_word(text_[end])) ++end;
        end = std::max(end, position_ + 1);
        token_ = text_.substr(position_, end - position_);
        position_ = end;
        return;
      }
    }
    token_ = {};
  }

  std::string_view text_;
  std::string_view token_;
  std::size_t position_ = 0;
  std::size_t line_ = 1, taken_line_ = 1;
};

struct PtxVariable {
  std::string_view name;
  std::int64_t bytes = 0;
  std::int64_t alignment = 1;
};

class PtxReader {
 public:
  PtxReader(std::string_view text, const std::string& file) : tokens_(text), file_(file) {}

  Result<KernelImage> read() {
    while (!tokens_.done()) {
      const std::string_view word = tokens_.take();
      if (word == ".target") {
        FUSELINE_CHECK(read_target());
      } else if (word == ".version") {
        versioned_ = true;
      } else if (word == ".entry") {
        FUSELINE_CHECK(read_entry());
      } else if (word == ".shared") {
        FUSELINE_TRY(variables, read_variables());
        module_shared_.insert(module_shared_.end(), variables.begin(), variables.end());
      } else if (word == "{") {
        skip_block();
      }
    }
    if (!versioned_) return fail("has no .version");
    if (image_.sm == 0) return fail("has no .target");
    if (image_.entries.empty()) return fail("has no .entry");
    return std::move(image_);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> fail(const std::string& reason) const {
    return bad_input(file_, "", fmt::format("is no PTX that can be read: line {} {}", tokens_.line(), reason));
  }

  [[nodiscard]] static Result<std::int64_t> number(std::string_view word) {
    if (word.ends_with('U')) word.remove_suffix(1);
    const bool hexadecimal = word.starts_with("0x") || word.starts_with("0X");
    if (hexadecimal) word.remove_prefix(2);
    std::int64_t value = -1;
    const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), value, hexadecimal ? 16 : 10);
    if (status != std::errc() || end != word.data() + word.size() || value < 0 || value > kMostBytes)
      return bad_input("", "", fmt::format("has \"{}\" for a number", printable(word.substr(0, 64))));
    return value;
  }

  Result<void> read_target() {
    const std::string_view word = tokens_.take();
    std::string_view digits = word.starts_with("sm_") ? word.substr(3) : std::string_view();
    bool specific = false;
    if (!digits.empty() && (digits.back() == 'a' || digits.back() == 'f')) {
      specific = digits.back() == 'a';
      digits.remove_suffix(1);
    }
    const Result<std::int64_t> sm = number(digits);
    if (!sm || *sm < 10 || *sm > 9999) return fail(fmt::format("has the target \"{}\"", printable(word.substr(0, 64))));
    image_.sm = static_cast<int>(*sm);
    image_.specific = specific;
    return {};
  }

  /// Of a type such as .u64 or .b8.
  [[nodiscard]] static std::int64_t type_bytes(std::string_view type) {
    if (type == ".pred") return 1;
    if (type == ".texref" || type == ".samplerref" || type == ".surfref") return 8;
    if (type.size() < 3 || std::string_view(".b.u.s.f").find(type.substr(0, 2)) == std::string_view::npos) return 0;
    std::string_view digits = type.substr(2);
    if (digits == "16x2") return 4;
    int bits = 0;
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (status != std::errc() || end != digits.data() + digits.size()) return 0;
    return bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 128 ? bits / 8 : 0;
  }

  /// "[4][256]": how many elements; none for the open "[]".
  Result<std::int64_t> read_extents() {
    std::int64_t elements = 1;
    while (tokens_.take_if("[")) {
      if (tokens_.take_if("]")) {
        elements = 0;
        continue;
      }
      const Result<std::int64_t> extent = number(tokens_.take());
      if (!extent) return fail(extent.error().reason);
      if (!tokens_.take_if("]")) return fail("has an array without an end");
      if (*extent > 0 && elements > kMostBytes / *extent) return fail("has an array that no device can hold");
      elements *= *extent;
    }
    return elements;
  }

  /// What follows .param or .shared: ".align 8 .b8 a[24]", for .shared with further names after commas.
  Result<std::vector<PtxVariable>> read_variables(bool one = false) {
    std::vector<PtxVariable> variables;
    std::int64_t alignment = 0, element = 0, lanes = 1;
    while (tokens_.now().starts_with('.')) {
      const std::string_view word = tokens_.take();
      if (word == ".align") {
        const Result<std::int64_t> given = number(tokens_.take());
        if (!given) return fail(given.error().reason);
        if (element == 0) alignment = *given;  // After the type it is that of what a pointer points to.
      } else if (word == ".v2" || word == ".v4" || word == ".v8") {
        lanes = word.back() - '0';
      } else if (const std::int64_t bytes = type_bytes(word); bytes > 0) {
        element = bytes * lanes;
      }
    }
    if (element == 0) return fail("declares a variable without a type");
    do {
      const std::string_view name = tokens_.take();
      FUSELINE_TRY(elements, read_extents());
      if (elements > kMostBytes / element) return fail("has an array that no device can hold");
      variables.push_back({name, elements * element, std::clamp<std::int64_t>(alignment, element, 1 << 20)});
    } while (!one && tokens_.take_if(","));
    return variables;
  }

  Result<void> read_parameters(KernelEntry& entry) {
    constexpr std::size_t kMostParameters = 4096;
    if (!tokens_.take_if("(")) return {};
    while (!tokens_.take_if(")")) {
      if (tokens_.take() != ".param") return fail("has an .entry whose parameters cannot be read");
      FUSELINE_TRY(variables, read_variables(true));
      entry.parameter_bytes.push_back(variables.front().bytes);
      if (entry.parameter_bytes.size() > kMostParameters) return fail("has an .entry with too many parameters");
      if (!tokens_.take_if(",") && !tokens_.at(")")) return fail("has an .entry whose parameters have no end");
    }
    return {};
  }

  Result<void> read_entry() {
    KernelEntry entry;
    entry.name = std::string(tokens_.take());
    if (entry.name.empty()) return fail("has an .entry without a name");
    FUSELINE_CHECK(read_parameters(entry));
    while (!tokens_.done() && !tokens_.at("{") && !tokens_.at(";")) tokens_.take();  // .maxntid and the like.
    if (tokens_.take_if(";")) return {};                                             // Only announced.
    if (!tokens_.take_if("{")) return fail("has an .entry without a body");
    std::vector<PtxVariable> shared;
    std::set<std::string_view> words;
    for (std::size_t depth = 1; depth > 0;) {
      if (tokens_.done()) return fail("has an .entry whose body has no end");
      const std::string_view word = tokens_.take();
      if (word == ".shared") {
        FUSELINE_TRY(variables, read_variables());
        shared.insert(shared.end(), variables.begin(), variables.end());
      }
      depth += word == "{" ? 1 : 0;
      depth -= word == "}" ? 1 : 0;
      words.insert(word);
    }
    // What no kernel names takes no room in it.
    for (const PtxVariable& variable : module_shared_)
      if (words.contains(variable.name)) shared.push_back(variable);
    for (const PtxVariable& variable : shared) {
      std::int64_t& bytes = entry.static_shared_bytes;
      bytes = (bytes + variable.alignment - 1) / variable.alignment * variable.alignment + variable.bytes;
      if (bytes > kMostBytes) return fail("asks for shared memory that no device has");
    }
    image_.entries.push_back(std::move(entry));
    return {};
  }

  /// The body of a function that is no kernel.
  void skip_block() {
    for (std::size_t depth = 1; depth > 0 && !tokens_.done();) {
      const std::string_view word = tokens_.take();
      depth += word == "{" ? 1 : 0;
      depth -= word == "}" ? 1 : 0;
    }
  }

  PtxTokens tokens_;
  const std::string& file_;
  KernelImage image_;
  std::vector<PtxVariable> module_shared_;
  bool versioned_ = false;
};

}  // namespace

Result<KernelImage> read_ptx(std::string_view text, const std::string& file) { return PtxReader(text, file).read(); }

}  // namespace fuseline::tuner
