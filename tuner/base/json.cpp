#include "tuner/base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

/// Walks the text and remembers how far the parser has read, for errors that the parser does not place itself.
struct TrackingIterator {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at = nullptr;
  const char** furthest = nullptr;

  reference operator*() const { return *at; }
  TrackingIterator& operator++() {
    ++at;
    *furthest = at;
    return *this;
  }
  TrackingIterator operator++(int) {
    TrackingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const TrackingIterator& a, const TrackingIterator& b) { return a.at == b.at; }
  friend bool operator!=(const TrackingIterator& a, const TrackingIterator& b) { return a.at != b.at; }
};

/// Builds a document and stops at the first breach of a limit, before memory or stack is spent on the rest.
class Builder : public nlohmann::json_sax<OrderedJson> {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return refuse("holds binary data"); }

  bool start_object(std::size_t) override { return open(OrderedJson::object()); }
  bool start_array(std::size_t) override { return open(OrderedJson::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    Level& level = levels_.back();
    if (level.names.size() >= limits_.members)
      return refuse(fmt::format("holds an object of more than {} members", limits_.members));
    if (!level.names.insert(name).second) return refuse("the member \"" + printable(name) + "\" is given twice");
    level.name = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& problem) override {
    position_ = position;
    placed_ = true;
    return refuse(readable(problem.what()));
  }

  [[nodiscard]] const std::string& reason() const { return reason_; }
  /// Bytes read up to the problem, where the parser gave that number.
  [[nodiscard]] bool placed() const { return placed_; }
  [[nodiscard]] std::size_t position() const { return position_; }
  OrderedJson take() { return std::move(root_); }

 private:
  struct Level {
    OrderedJson* container;
    std::string name;  ///< Of the member that comes next.
    std::unordered_set<std::string>
        names;  ///< A set, as members of an ordered object are found by walking all of them.
  };

  /// Without the library's prefix and position: "[json.exception.parse_error.101] parse error at line 1, column 2:
  /// syntax error ...".
  static std::string readable(std::string text) {
    for (const char* mark : {"] ", "parse error at "}) {
      if (const std::size_t found = text.find(mark); found != std::string::npos && found < 48)
        text.erase(0, found + std::string(mark).size());
    }
    if (const std::size_t colon = text.find(": "); text.starts_with("line ") && colon != std::string::npos)
      text.erase(0, colon + 2);
    return printable(text.substr(0, 400));
  }

  bool refuse(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }

  OrderedJson* place(OrderedJson value) {
    if (levels_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Level& level = levels_.back();
    if (level.container->is_array()) {
      auto& items = level.container->get_ref<OrderedJson::array_t&>();
      items.push_back(std::move(value));
      return &items.back();
    }
    // The base class appends without looking for the name, which key() has done.
    OrderedJson::object_t::Container& members = level.container->get_ref<OrderedJson::object_t&>();
    return &members.emplace_back(std::move(level.name), std::move(value)).second;
  }

  template <class T>
  bool add(T&& value) {
    if (++values_ > limits_.values) return refuse(fmt::format("holds more than {} values", limits_.values));
    place(OrderedJson(std::forward<T>(value)));
    return true;
  }

  bool open(OrderedJson container) {
    if (++values_ > limits_.values) return refuse(fmt::format("holds more than {} values", limits_.values));
    if (static_cast<int>(levels_.size()) >= limits_.depth)
      return refuse(fmt::format("is nested deeper than {} levels", limits_.depth));
    OrderedJson* placed = place(std::move(container));
    levels_.push_back({placed, {}, {}});
    return true;
  }

  bool close() {
    levels_.pop_back();
    return true;
  }

  JsonLimits limits_;
  OrderedJson root_;
  std::vector<Level> levels_;
  std::size_t values_ = 0;
  std::string reason_;
  bool placed_ = false;
  std::size_t position_ = 0;
};

/// "line 3, column 7" of the last of the first `bytes` bytes.
std::string place_in(std::string_view text, std::size_t bytes) {
  const std::string_view before = text.substr(0, bytes > 0 ? bytes - 1 : 0);
  const std::size_t line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t start = before.rfind('\n');
  return fmt::format("line {}, column {}", line,
                     start == std::string_view::npos ? before.size() + 1 : before.size() - start);
}

/// Whether the byte that the parser stumbled over, the last of those read, begins a comment as other languages have it.
bool starts_comment(std::string_view text, std::size_t read) {
  if (read == 0 || read > text.size()) return false;
  const std::string_view rest = text.substr(read - 1);
  return rest.starts_with('#') || rest.starts_with("//") || rest.starts_with("/*");
}

std::string described(const OrderedJson& json) { return std::string("found ") + json.type_name(); }

}  // namespace

std::string json_text(const OrderedJson& json) {
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

std::string json_step(const std::string& member) {
  std::string escaped;
  for (const char c : member) {
    if (c == '~')
      escaped += "~0";
    else if (c == '/')
      escaped += "~1";
    else
      escaped += c;
  }
  return "/" + printable(escaped);
}

Result<OrderedJson> parse_json(std::string_view text, const std::string& file, JsonLimits limits) {
  if (text.size() > limits.bytes)
    return bad_input(file, "", fmt::format("is larger than the limit of {} bytes", limits.bytes));
  // The library takes a NUL byte for the end of the text and would accept whatever follows it.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return bad_input(file, "", place_in(text, nul + 1) + ": holds a NUL byte");
  }
  const char* furthest = text.data();
  Builder builder(limits);
  try {
    const bool parsed = OrderedJson::sax_parse(TrackingIterator{text.data(), &furthest},
                                               TrackingIterator{text.data() + text.size(), &furthest}, &builder);
    if (parsed) return builder.take();
  } catch (const std::exception& problem) {
    return bad_input(file, "", printable(problem.what()));
  }
  const std::size_t bytes = builder.placed() ? builder.position() : static_cast<std::size_t>(furthest - text.data());
  if (builder.placed() && starts_comment(text, bytes))
    return bad_input(file, "", place_in(text, bytes) + ": JSON has no comments");
  return bad_input(file, "", place_in(text, std::min(bytes, text.size() + 1)) + ": " + builder.reason());
}

Result<OrderedJson> read_json_file(const std::filesystem::path& file, JsonLimits limits) {
  Result<std::string> text = read_file(file, limits.bytes);
  if (!text) {
    // A file that the user named and that cannot be had is wrong input, whatever the system's reason.
    Error error = std::move(text).error();
    error.kind = ErrorKind::bad_input;
    return tl::unexpected(std::move(error));
  }
  return parse_json(*text, printable(file.string()), limits);
}

bool JsonView::has(const std::string& member) const { return json_->is_object() && json_->contains(member); }

Result<JsonView> JsonView::at(const std::string& member) const {
  if (!json_->is_object()) return fail("expected an object, " + described(*json_));
  const auto found = json_->find(member);
  if (found == json_->end()) return fail("the member \"" + printable(member) + "\" is missing");
  return JsonView(*found, file_, path_ + json_step(member));
}

Result<JsonView> JsonView::at(std::size_t index) const {
  FUSELINE_TRY(size, array_size());
  if (index >= size) return fail(fmt::format("item {} is missing (the array has {})", index, size));
  return JsonView((*json_)[index], file_, path_ + "/" + std::to_string(index));
}

Result<std::size_t> JsonView::array_size() const {
  if (!json_->is_array()) return fail("expected an array, " + described(*json_));
  return json_->size();
}

Result<std::string> JsonView::string() const {
  if (!json_->is_string()) return fail("expected a string, " + described(*json_));
  return json_->get<std::string>();
}

Result<std::int64_t> JsonView::integer() const {
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  if (json_->is_number_unsigned() && json_->get<std::uint64_t>() > static_cast<std::uint64_t>(largest))
    return fail("is too large an integer");
  if (json_->is_number_integer()) return json_->get<std::int64_t>();
  if (json_->is_number_float()) {
    // Other programs write 128 as 128.0.
    const double value = json_->get<double>();
    if (std::abs(value) <= 9007199254740992.0 && std::trunc(value) == value) return static_cast<std::int64_t>(value);
    return fail("expected an integer, found " + json_->dump());
  }
  return fail("expected an integer, " + described(*json_));
}

Result<double> JsonView::number() const {
  if (!json_->is_number()) return fail("expected a number, " + described(*json_));
  return json_->get<double>();
}

Result<bool> JsonView::boolean() const {
  if (!json_->is_boolean()) return fail("expected true or false, " + described(*json_));
  return json_->get<bool>();
}

Result<std::string> JsonView::string_or(const std::string& member, std::string fallback) const {
  if (!has(member)) return fallback;
  return at(member).and_then([](const JsonView& view) { return view.string(); });
}

Result<std::int64_t> JsonView::integer_or(const std::string& member, std::int64_t fallback) const {
  if (!has(member)) return fallback;
  return at(member).and_then([](const JsonView& view) { return view.integer(); });
}

Result<double> JsonView::number_or(const std::string& member, double fallback) const {
  if (!has(member)) return fallback;
  return at(member).and_then([](const JsonView& view) { return view.number(); });
}

Result<bool> JsonView::boolean_or(const std::string& member, bool fallback) const {
  if (!has(member)) return fallback;
  return at(member).and_then([](const JsonView& view) { return view.boolean(); });
}

}  // namespace fuseline::tuner
