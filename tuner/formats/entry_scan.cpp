#include "tuner/formats/entry_scan.hpp"

#include <algorithm>
#include <array>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {

namespace {

/// Position after the closing quote of the string that starts at `start`, or the end of the text.
std::size_t after_string(std::string_view text, std::size_t start) {
  for (std::size_t i = start + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return text.size();
}

/// The string that stands there with its quotes.
std::string unquoted(std::string_view text) {
  const auto json = parse_json(text, "");
  return json && json->is_string() ? json->get<std::string>() : std::string();
}

class EntryScanner {
 public:
  EntryScanner(std::string_view text, std::string_view name, EntryHolder holder)
      : text_(text), name_("\"" + std::string(name) + "\""), holder_(holder) {}

  ScannedEntries scan() {
    for (std::size_t i = 0; i < text_.size();) {
      const char c = text_[i];
      if (c == '"') {
        const std::size_t end = after_string(text_, i);
        if (depth_ == 1) last_string_ = text_.substr(i, end - i);
        if (depth_ == 2 && inside() && holder_ == EntryHolder::object) entry_name_ = text_.substr(i, end - i);
        i = end;
        continue;
      }
      if (c == '{' || c == '[') open(i);
      if (c == '}' || c == ']') close(i);
      ++i;
    }
    result_.found = start_ != none;
    result_.finished = depth_ == 0 && (end_ != none || !result_.found);
    const bool cut_short = holder_ == EntryHolder::object && result_.found && !result_.finished;
    result_.rest += cut_short ? std::string_view("}}") : text_.substr(std::min(kept_, text_.size()));
    return std::move(result_);
  }

 private:
  static constexpr std::size_t none = std::string_view::npos;

  void open(std::size_t at) {
    const char opening = holder_ == EntryHolder::object ? '{' : '[';
    if (depth_ == 1 && start_ == none && text_[at] == opening && last_string_ == name_) {
      start_ = at;
      if (holder_ == EntryHolder::object) keep_to(at + 1, none);
    } else if (depth_ == 2 && inside() && (holder_ == EntryHolder::object || text_[at] == '{')) {
      entry_ = at;
    }
    ++depth_;
  }

  void close(std::size_t at) {
    --depth_;
    if (depth_ == 2 && inside() && entry_ != none) {
      result_.entries.push_back(text_.substr(entry_, at + 1 - entry_));
      if (holder_ == EntryHolder::object) result_.names.push_back(unquoted(entry_name_));
      if (holder_ == EntryHolder::array) {
        keep_to(entry_, at + 1);
        result_.rest += "{}";
      }
      entry_ = none;
    }
    if (depth_ == 1 && inside()) {
      end_ = at;
      if (holder_ == EntryHolder::object) kept_ = at;
    }
  }

  /// Keeps what comes before `end`, and goes on at `next`.
  void keep_to(std::size_t end, std::size_t next) {
    result_.rest += text_.substr(kept_, end - kept_);
    kept_ = next;
  }

  [[nodiscard]] bool inside() const { return start_ != none && end_ == none; }

  std::string_view text_;
  std::string name_;
  EntryHolder holder_;
  std::string_view last_string_;  ///< At the top level: the latest member's name (or a value before it).
  std::string_view entry_name_;   ///< Within an object that holds entries: the latest of their names.
  ScannedEntries result_;
  std::size_t kept_ = 0;  ///< Where what is still to be kept begins; none within an object that holds entries.
  long depth_ = 0;
  std::size_t start_ = none, end_ = none, entry_ = none;
};

}  // namespace

ScannedEntries scan_entries(std::string_view text, std::string_view name, EntryHolder holder) {
  return EntryScanner(text, name, holder).scan();
}

void visit_top_members(std::string_view text, const std::function<bool(std::string_view)>& more) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || text[start] != '{') return;
  long depth = 0;
  for (std::size_t i = start; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      const std::size_t end = after_string(text, i);
      const std::size_t next = depth == 1 ? text.find_first_not_of(" \t\r\n", end) : std::string_view::npos;
      if (next != std::string_view::npos && text[next] == ':' && !more(text.substr(i + 1, end - i - 2))) return;
      i = end;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return;
    ++i;
  }
}

Result<OrderedJson> parse_python_json(std::string_view text, const std::string& file, JsonLimits limits) {
  auto parsed = parse_json(text, file, limits);
  if (parsed || (text.find("NaN") == std::string_view::npos && text.find("Infinity") == std::string_view::npos))
    return parsed;
  return parse_json(without_python_numbers(text), file, limits);
}

std::string without_python_numbers(std::string_view json) {
  static constexpr std::array<std::string_view, 3> words = {"-Infinity", "Infinity", "NaN"};
  std::string result;
  result.reserve(json.size());
  for (std::size_t i = 0; i < json.size();) {
    if (json[i] == '"') {
      const std::size_t end = after_string(json, i);
      result.append(json.substr(i, end - i));
      i = end;
      continue;
    }
    bool replaced = false;
    for (const auto word : words) {
      if (!json.substr(i).starts_with(word)) continue;
      result.append("null");
      i += word.size();
      replaced = true;
      break;
    }
    if (!replaced) result.push_back(json[i++]);
  }
  return result;
}

}  // namespace fuseline::tuner
