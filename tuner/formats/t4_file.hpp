// A T4 file taken apart: its head, and its results, each parsed when it is asked for.
#pragma once

#include <string>
#include <string_view>

#include "tuner/base/json.hpp"
#include "tuner/formats/entry_scan.hpp"

namespace fuseline::tuner {

/// `text` outlives it.
class T4File {
 public:
  /// Errors: not JSON outside the results, no object, no list of objects in "results".
  [[nodiscard]] static Result<T4File> scan(std::string_view text, const std::string& file);

  [[nodiscard]] JsonView root() const { return JsonView(rest_, file_); }  ///< Its results are empty objects.
  [[nodiscard]] JsonView results() const;
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Gives the result at `index` to `take`, whose error it returns. Error: not JSON.
  template <class Take>
  [[nodiscard]] Result<void> visit(std::size_t index, const Take& take) const {
    const JsonView place(results().json()[index], file_, results().path() + "/" + std::to_string(index));
    if (!scanned_.found) return take(place);
    FUSELINE_TRY(parsed, parse(index, place));
    return take(JsonView(parsed, file_, place.path()));
  }

 private:
  T4File(std::string_view text, const std::string& file)
      : text_(text), file_(file), scanned_(scan_entries(text, "results", EntryHolder::array)) {}

  [[nodiscard]] Result<OrderedJson> parse(std::size_t index, const JsonView& place) const;
  /// A part does not know its line: the whole is parsed for it, where that is not too much.
  [[nodiscard]] tl::unexpected<Error> located(Error error) const;

  std::string_view text_;
  std::string file_;
  ScannedEntries scanned_;
  OrderedJson rest_;
  std::size_t size_ = 0;
};

}  // namespace fuseline::tuner
