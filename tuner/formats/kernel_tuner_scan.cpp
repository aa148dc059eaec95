#include "tuner/formats/kernel_tuner_scan.hpp"

#include <array>

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

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Result<ScannedCache> scan(const std::string& file) {
    for (std::size_t i = 0; i < text_.size();) {
      const char c = text_[i];
      if (c == '"') {
        const std::size_t end = after_string(text_, i);
        if (depth_ == 1) last_string_ = text_.substr(i, end - i);
        i = end;
        continue;
      }
      if (c == '{' || c == '[') open(i);
      if (c == '}' || c == ']') close(i);
      ++i;
    }
    if (cache_start_ == none) return bad_input(file, "/cache", "is missing");
    result_.finished = depth_ == 0 && cache_end_ != none;
    result_.header = std::string(text_.substr(0, cache_start_ + 1)) + "}";
    result_.header += result_.finished ? std::string(text_.substr(cache_end_ + 1)) : "}";
    return std::move(result_);
  }

 private:
  static constexpr std::size_t none = std::string_view::npos;

  void open(std::size_t at) {
    if (depth_ == 1 && cache_start_ == none && text_[at] == '{' && last_string_ == "\"cache\"") cache_start_ = at;
    if (depth_ == 2 && in_cache()) entry_start_ = at;
    ++depth_;
  }

  void close(std::size_t at) {
    --depth_;
    if (depth_ == 2 && in_cache() && entry_start_ != none) {
      result_.entries.push_back(text_.substr(entry_start_, at + 1 - entry_start_));
      entry_start_ = none;
    }
    if (depth_ == 1 && in_cache()) cache_end_ = at;
  }

  [[nodiscard]] bool in_cache() const { return cache_start_ != none && cache_end_ == none; }

  std::string_view text_;
  std::string_view last_string_;  ///< At the top level: the latest member's name (or a value before it).
  ScannedCache result_;
  long depth_ = 0;
  std::size_t cache_start_ = none, cache_end_ = none, entry_start_ = none;
};

}  // namespace

Result<ScannedCache> scan_kernel_tuner_cache(std::string_view text, const std::string& file) {
  return Scanner(text).scan(file);
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
