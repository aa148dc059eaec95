// A T4 file taken apart: its head, and its results, each parsed when it is asked for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/formats/entry_scan.hpp"

namespace fuseline::tuner {

/// `text` outlives it.
class T4File {
 public:
  /// Errors: not JSON outside the results, no object, no list in "results".
  [[nodiscard]] static Result<T4File> scan(std::string_view text, const std::string& file);

  [[nodiscard]] JsonView root() const { return JsonView(rest_, file_); }  ///< Its results are empty.
  /// Where the text of a result ends, in bytes from its start; 0 where that is not known.
  [[nodiscard]] std::size_t end_of(std::size_t index) const;
  /// The text is looked at again where something is wrong in it, to say where.
  [[nodiscard]] bool looks_back() const { return text_.size() <= JsonLimits{}.bytes; }
  [[nodiscard]] JsonView results() const;
  [[nodiscard]] std::size_t size() const { return places_.size(); }
  /// The result at `index`, which need not be an object. Error: not JSON.
  [[nodiscard]] Result<OrderedJson> result(std::size_t index) const;
  /// Gives it to `take` with its place, whose error it returns. Error: not JSON.
  template <class Take>
  [[nodiscard]] Result<void> visit(std::size_t index, const Take& take) const {
    FUSELINE_TRY(json, result(index));
    return take(JsonView(json, file_, path_of(index)));
  }

 private:
  T4File(std::string_view text, const std::string& file)
      : text_(text), file_(file), scanned_(scan_entries(text, "results", EntryHolder::array)) {}

  [[nodiscard]] std::string path_of(std::size_t index) const { return results().path() + "/" + std::to_string(index); }
  /// A part does not know its line: the whole is parsed for it, where that is not too much.
  [[nodiscard]] tl::unexpected<Error> located(Error error) const;

  std::string_view text_;
  std::string file_;
  ScannedEntries scanned_;
  OrderedJson rest_;
  static constexpr std::size_t kNoObject = std::string_view::npos;
  std::vector<std::size_t> places_;  ///< Of each result among the entries.
};

}  // namespace fuseline::tuner
