// A text that very many objects have alike, such as a parameter's name: kept once, eight bytes for each that has it.
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace fuseline::tuner {

/// Immutable. Equal texts are one in the whole process, and go when the last that has them does; any thread.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string_view text);                                           // NOLINT(google-explicit-constructor)
  SharedText(const std::string& text) : SharedText(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  SharedText(const char* text) : SharedText(std::string_view(text)) {}         // NOLINT(google-explicit-constructor)
  SharedText(const SharedText& other) noexcept;
  SharedText(SharedText&& other) noexcept : kept_(other.kept_) { other.kept_ = nullptr; }
  SharedText& operator=(SharedText other) noexcept {
    std::swap(kept_, other.kept_);
    return *this;
  }
  ~SharedText();

  [[nodiscard]] const std::string& str() const;
  operator const std::string&() const { return str(); }  // NOLINT(google-explicit-constructor)
  operator std::string_view() const { return str(); }    // NOLINT(google-explicit-constructor)
  [[nodiscard]] bool empty() const { return kept_ == nullptr; }

  friend bool operator==(const SharedText& a, const SharedText& b) { return a.kept_ == b.kept_; }
  friend bool operator==(const SharedText& a, const std::string& b) { return a.str() == b; }
  friend bool operator==(const SharedText& a, std::string_view b) { return a.str() == b; }
  friend bool operator==(const SharedText& a, const char* b) { return a.str() == b; }
  friend std::strong_ordering operator<=>(const SharedText& a, const SharedText& b) { return a.str() <=> b.str(); }
  friend std::string operator+(const SharedText& a, std::string_view b) { return std::string(a.str()).append(b); }
  friend std::string operator+(std::string_view a, const SharedText& b) { return std::string(a).append(b.str()); }

 private:
  friend class TextPool;
  struct Kept;
  Kept* kept_ = nullptr;  ///< Null: the empty text.
};

}  // namespace fuseline::tuner
