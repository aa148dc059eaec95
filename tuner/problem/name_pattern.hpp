// Names with placeholders, such as "rows_{block}.cubin".
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

class NamePattern {
 public:
  /// Errors (without file and path; callers add them): a brace without its other, a placeholder that is not in `known`.
  [[nodiscard]] static Result<NamePattern> parse(std::string_view text, const std::vector<std::string>& known);

  [[nodiscard]] bool has_placeholder() const;
  /// `values` holds every name that parse() knew.
  [[nodiscard]] std::string fill(const std::map<std::string, std::string>& values) const;
  /// Whether the pattern can be filled so that it reads `name`. A placeholder without `values` stands for a number of
  /// at most four digits.
  [[nodiscard]] bool matches(std::string_view name,
                             const std::map<std::string, std::vector<std::string>>& values) const;

 private:
  struct Part {
    std::string text;  ///< Of a placeholder, its name.
    bool placeholder = false;
  };
  std::vector<Part> parts_;
};

}  // namespace fuseline::tuner
