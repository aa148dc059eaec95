// Arguments of tools: declared once, from which come the JSON schema that clients are told and what is held against it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/base/types.hpp"

namespace fuseline::tuner::mcp {

enum class ArgumentType {
  string,
  string_or_integer,  ///< A run: its number or its file.
  integer,
  boolean,
  strings,           ///< An array of them.
  integers,          ///< An array of them.
  integers_by_name,  ///< {"N": 32}
  numbers_by_name,   ///< {"eps": 1e-6}
  values_by_name,    ///< {"block": [128, 256], "gelu": "erf"}: one value or several.
};

struct ArgumentSpec {
  std::string name;
  ArgumentType type = ArgumentType::string;
  std::string description;
  bool required = false;
  std::vector<std::string> choices = {};  ///< Of a string: the only values.
};

/// JSON schema of an object with these members and no others.
[[nodiscard]] OrderedJson input_schema(const std::vector<ArgumentSpec>& specs);

/// Arguments of one call, as their specs allow them.
class Arguments {
 public:
  /// Error: the first argument that is unknown (with close names), of another type, no choice, or missing; it names it.
  [[nodiscard]] static Result<Arguments> read(const OrderedJson& json, const std::vector<ArgumentSpec>& specs);

  [[nodiscard]] bool has(const std::string& name) const { return json_.contains(name); }
  /// An integer where the spec allows one becomes its digits.
  [[nodiscard]] std::string string(const std::string& name, const std::string& fallback = "") const;
  [[nodiscard]] std::int64_t integer(const std::string& name, std::int64_t fallback) const;
  [[nodiscard]] bool boolean(const std::string& name, bool fallback) const;
  [[nodiscard]] std::vector<std::string> strings(const std::string& name) const;
  [[nodiscard]] std::vector<int> integers(const std::string& name) const;
  [[nodiscard]] std::vector<Dimension> dimensions(const std::string& name) const;
  [[nodiscard]] Scalars scalars(const std::string& name) const;
  /// Values as the command line writes them.
  [[nodiscard]] std::map<std::string, std::vector<std::string>> values(const std::string& name) const;

 private:
  OrderedJson json_ = OrderedJson::object();
};

/// A failure that names an argument.
[[nodiscard]] tl::unexpected<Error> argument_error(const std::string& name, std::string reason);
/// An error in the words of the command line ("--param: ...") in those of the tools ("argument 'params': ...").
[[nodiscard]] Error as_argument_error(Error error);

}  // namespace fuseline::tuner::mcp
