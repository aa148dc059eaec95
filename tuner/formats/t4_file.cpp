#include "tuner/formats/t4_file.hpp"

namespace fuseline::tuner {
namespace {

/// A million samples fit; a result is two levels within the file.
constexpr JsonLimits result_limits{std::size_t{64} << 20, 62};

}  // namespace

Result<T4File> T4File::scan(std::string_view text, const std::string& file) {
  T4File scanned(text, file);
  auto rest = parse_json(scanned.scanned_.rest, file);
  if (!rest) return scanned.located(std::move(rest).error());
  scanned.rest_ = std::move(*rest);
  const JsonView root = scanned.root();
  if (!root.json().is_object()) return root.fail("is no T4 file: expected an object");
  FUSELINE_TRY(results, root.at("results"));
  FUSELINE_TRY(size, results.array_size());
  for (std::size_t i = 0; i < size; ++i) {
    if (results.json()[i].is_object()) continue;
    FUSELINE_TRY(result, results.at(i));
    return result.fail("expected an object");
  }
  scanned.size_ = size;
  return scanned;
}

JsonView T4File::results() const { return JsonView(rest_.at("results"), file_, "/results"); }

Result<OrderedJson> T4File::parse(std::size_t index, const JsonView& place) const {
  auto parsed = parse_json(scanned_.entries[index], file_, result_limits);
  if (!parsed) return located({ErrorKind::bad_input, file_, place.path(), std::move(parsed).error().reason});
  return parsed;
}

tl::unexpected<Error> T4File::located(Error error) const {
  if (text_.size() <= JsonLimits{}.bytes) {
    if (auto whole = parse_json(text_, file_); !whole) return tl::unexpected(std::move(whole).error());
  }
  return tl::unexpected(std::move(error));
}

}  // namespace fuseline::tuner
