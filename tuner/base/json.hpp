// Reading and writing JSON files with bounds, and typed access that knows file and JSON path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// Keeps members in file order, which is the order of parameters and derived dimensions.
using OrderedJson = nlohmann::ordered_json;

/// Bounds on what a file may ask of us.
struct JsonLimits {
  std::size_t bytes = std::size_t{64} << 20;
  int depth = 64;
  std::size_t values =
      std::size_t{16} << 20;  ///< Numbers, strings, arrays, objects, ...: each costs more memory than its text.
  std::size_t members = std::size_t{1} << 14;  ///< Of one object: whoever asks for one by name walks them all.
};

/// Parses UTF-8 `text`. A member given twice in one object is an error. Errors name `file` and line and column. Never
/// throws.
[[nodiscard]] Result<OrderedJson> parse_json(std::string_view text, const std::string& file, JsonLimits limits = {});

/// Reads and parses a file, plain or gzip. Errors: missing, unreadable, too large, not JSON.
[[nodiscard]] Result<OrderedJson> read_json_file(const std::filesystem::path& file, JsonLimits limits = {});

/// As a file: indented by two, with a line end. Bytes that are not UTF-8 become U+FFFD. Never throws.
[[nodiscard]] std::string json_text(const OrderedJson& json);

/// One step of a JSON pointer (RFC 6901), safe to show.
[[nodiscard]] std::string json_step(const std::string& member);

/// A place in a JSON document; every accessor's error names file, path and what was expected there.
class JsonView {
 public:
  JsonView(const OrderedJson& json, std::string file, std::string path = "")
      : json_(&json), file_(std::move(file)), path_(std::move(path)) {}

  [[nodiscard]] const OrderedJson& json() const { return *json_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool has(const std::string& member) const;

  [[nodiscard]] Result<JsonView> at(const std::string& member) const;  ///< Fails where the member is missing.
  [[nodiscard]] Result<JsonView> at(std::size_t index) const;
  [[nodiscard]] Result<std::size_t> array_size() const;  ///< Fails where this is no array.

  [[nodiscard]] Result<std::string> string() const;
  [[nodiscard]] Result<std::int64_t> integer() const;
  [[nodiscard]] Result<double> number() const;
  [[nodiscard]] Result<bool> boolean() const;

  /// The member's value, or `fallback` where the member is missing.
  [[nodiscard]] Result<std::string> string_or(const std::string& member, std::string fallback) const;
  [[nodiscard]] Result<std::int64_t> integer_or(const std::string& member, std::int64_t fallback) const;
  [[nodiscard]] Result<double> number_or(const std::string& member, double fallback) const;
  [[nodiscard]] Result<bool> boolean_or(const std::string& member, bool fallback) const;

  /// A bad_input failure at this place.
  [[nodiscard]] tl::unexpected<Error> fail(std::string reason) const {
    return bad_input(file_, path_.empty() ? "/" : path_, std::move(reason));
  }

 private:
  const OrderedJson* json_;
  std::string file_;
  std::string path_;
};

/// Validates against <data_folder()>/assets/schemas/<schema_name>.schema.json (JSON Schema draft 7; a "$ref" may name
/// another file of that folder). The error names the deepest offending path, the reason and what was found there.
/// `maxLength` above 2048 bytes and patterns over longer strings are not checked. Thread-safe; parsed schemas are
/// cached.
[[nodiscard]] Result<void> validate_schema(const OrderedJson& json, const std::string& schema_name,
                                           const std::string& file);

}  // namespace fuseline::tuner
