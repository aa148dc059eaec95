// Takes the entries out of a file that is nearly all entries, so that each is parsed alone and the file is never built
// in memory.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/json.hpp"

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
  std::vector<std::string> names = {};  ///< Of the entries, where an object holds them.
  bool found = false;                   ///< Whether there is such a member; where not, `rest` is the whole text.
  bool finished = false;                ///< Whether the text ends with the closing brackets.
};

/// Takes out what the member `name` of the top object holds.
[[nodiscard]] ScannedEntries scan_entries(std::string_view text, std::string_view name, EntryHolder holder);

/// Tells the names of the top object's members in their order until `more` answers false or the text ends; passes over
/// a byte-order mark. Nothing where the text is no object.
void visit_top_members(std::string_view text, const std::function<bool(std::string_view)>& more);

/// parse_json() of text that Python may have written: NaN, Infinity and -Infinity are read as null.
[[nodiscard]] Result<OrderedJson> parse_python_json(std::string_view text, const std::string& file,
                                                    JsonLimits limits = {});

/// `json` with the tokens NaN, Infinity and -Infinity outside of strings replaced by null.
[[nodiscard]] std::string without_python_numbers(std::string_view json);

}  // namespace fuseline::tuner
