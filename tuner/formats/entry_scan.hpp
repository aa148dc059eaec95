// Takes the entries out of a file that is nearly all entries, so that each is parsed alone and the file is never built
// in memory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fuseline::tuner {

/// What holds the entries: {"name": {...}, ...} or [{...}, ...].
enum class EntryHolder { object, array };

/// A file taken apart; views into the text that was scanned.
struct ScannedEntries {
  /// The text without its entries, JSON of a few KiB: a holder that is an object is left empty; one that is an array
  /// has {} in the place of each entry. It is well formed exactly where the text is so outside its entries; where an
  /// object's text ends too early, the braces that are missing are added.
  std::string rest;
  std::vector<std::string_view> entries;
  bool found = false;     ///< Whether there is such a member; where not, `rest` is the whole text.
  bool finished = false;  ///< Whether the text ends with the closing brackets.
};

/// Takes out what the member `name` of the top object holds.
[[nodiscard]] ScannedEntries scan_entries(std::string_view text, std::string_view name, EntryHolder holder);

/// `json` with the tokens NaN, Infinity and -Infinity outside of strings replaced by null.
[[nodiscard]] std::string without_python_numbers(std::string_view json);

}  // namespace fuseline::tuner
