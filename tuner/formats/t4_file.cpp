#include "tuner/formats/t4_file.hpp"

namespace fuseline::tuner {
namespace {

/// A million samples fit; a result is two levels within the file.
constexpr JsonLimits result_limits{std::size_t{64} << 20, 62};

}  // namespace

Result<T4File> T4File::scan(std::string_view text, const std::string& file) {
  T4File scanned(text, file);
  auto rest = parse_python_json(scanned.scanned_.rest, file);
  if (!rest) return scanned.located(std::move(rest).error());
  scanned.rest_ = std::move(*rest);
  const JsonView root = scanned.root();
  if (!root.json().is_object()) return root.fail("is no T4 file: expected an object");
  FUSELINE_TRY(results, root.at("results"));
  FUSELINE_TRY(size, results.array_size());
  std::size_t objects = 0;
  for (std::size_t i = 0; i < size; ++i)
    scanned.places_.push_back(results.json()[i].is_object() ? objects++ : kNoObject);
  // Where each stands for one that was taken out, nobody looks at them any more, and there may be millions.
  if (scanned.scanned_.found && objects == size) scanned.rest_["results"] = OrderedJson::array();
  scanned.scanned_.rest = {};
  return scanned;
}

JsonView T4File::results() const { return JsonView(rest_.at("results"), file_, "/results"); }

Result<OrderedJson> T4File::result(std::size_t index) const {
  if (!scanned_.found || places_[index] == kNoObject) return results().json()[index];
  auto parsed = parse_python_json(scanned_.entries[places_[index]], file_, result_limits);
  if (!parsed) return located({ErrorKind::bad_input, file_, path_of(index), std::move(parsed).error().reason});
  return parsed;
}

std::size_t T4File::end_of(std::size_t index) const {
  if (!scanned_.found || places_[index] == kNoObject) return 0;
  const std::string_view entry = scanned_.entries[places_[index]];
  return static_cast<std::size_t>(entry.data() + entry.size() - text_.data());
}

tl::unexpected<Error> T4File::located(Error error) const {
  if (looks_back()) {
    if (auto whole = parse_python_json(text_, file_); !whole) return tl::unexpected(std::move(whole).error());
  }
  return tl::unexpected(std::move(error));
}

}  // namespace fuseline::tuner
