// What the text of a CUDA source says, without a compiler: names it uses, headers it includes, what kernels take.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fuseline::tuner {

/// The text with comments and the insides of strings and characters blanked; every character stays where it is, and
/// so does every line.
[[nodiscard]] std::string code_of(std::string_view text);

/// Where the word `word` begins next, from `from` on; npos where it does not.
[[nodiscard]] std::size_t find_word(std::string_view text, std::string_view word, std::size_t from = 0);

/// Code of a source and of its included_headers(). The source is the first.
[[nodiscard]] std::vector<std::string> code_with_headers(const std::string& source,
                                                         const std::map<std::string, std::string>& headers);

/// Identifiers of code, with the line on which each is met first.
class CodeNames {
 public:
  explicit CodeNames(const std::string& code) { add(code); }
  explicit CodeNames(const std::vector<std::string>& codes) {
    for (const std::string& code : codes) add(code);
  }

  /// Whether `name` occurs, or may be made by token pasting.
  [[nodiscard]] bool mentions(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, int, std::less<>>& lines() const { return lines_; }
  /// Whether the code itself defines the macro, asks whether it is defined, or makes other names of it by pasting.
  [[nodiscard]] bool settles(std::string_view name) const { return settled_.contains(name) || pasted_.contains(name); }

 private:
  void add(const std::string& code);

  std::map<std::string, int, std::less<>> lines_;
  std::set<std::string, std::less<>> pasted_;  ///< In front of a ##.
  std::set<std::string, std::less<>> settled_;
};

struct SourceParameter {
  std::string name;  ///< Empty where it has none.
  bool pointer = false;
  bool constant = false;  ///< What it points to is const.
  friend bool operator==(const SourceParameter&, const SourceParameter&) = default;
};

/// The parameters of the kernel that a launch names, plain ("rows") or as an instance ("fused::rows<float, 256>").
/// Empty where the code has no such __global__ function, has several that differ, or where preprocessing decides what
/// they are.
[[nodiscard]] std::optional<std::vector<SourceParameter>> kernel_parameters(const std::vector<std::string>& codes,
                                                                            std::string_view kernel);

}  // namespace fuseline::tuner
