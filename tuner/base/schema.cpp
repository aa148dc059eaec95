// JSON Schema validation of a document against a schema of ours.
#include <algorithm>
#include <exception>
#include <limits>
#include <locale>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "tuner/base/files.hpp"
#include "tuner/base/json.hpp"
#include "tuner/base/schema_reason.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

using Plain = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;
namespace fs = std::filesystem;

/// std::regex recurses once or more a character: longer strings are cut before they meet a pattern.
constexpr std::size_t longest_checked = 2048;

std::string shortened(const std::string& text) {
  if (text.size() <= longest_checked) return text;
  std::size_t end = longest_checked;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  return text.substr(0, end) + '\x01';  // Keeps an anchored pattern from accepting the beginning alone.
}

constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();

/// The document as valijson takes it; at most `most` items of an array, and as many members of an object (but 1000 in
/// any case).
Plain plain_copy(const OrderedJson& json, std::size_t most) {
  if (json.is_object()) {
    Plain copy = Plain::object();
    for (const auto& [name, value] : json.items()) {
      if (copy.size() >= std::max<std::size_t>(most, 1000)) break;
      copy[shortened(name)] = plain_copy(value, most);
    }
    return copy;
  }
  if (json.is_array()) {
    Plain copy = Plain::array();
    for (std::size_t i = 0; i < std::min(json.size(), most); ++i) copy.push_back(plain_copy(json[i], most));
    return copy;
  }
  if (json.is_string()) return shortened(json.get_ref<const std::string&>());
  return Plain(json);
}

Result<Plain> read_schema(const fs::path& file) {
  FUSELINE_TRY(json, read_json_file(file));
  return Plain(json);
}

struct ParsedSchema {
  Plain document;
  valijson::Schema rules;
};

Result<std::shared_ptr<const ParsedSchema>> parse_schema(const fs::path& file) {
  FUSELINE_TRY(document, read_schema(file));
  const fs::path folder = file.parent_path();
  // A reference such as "device.schema.json#/definitions/limits", with or without a base URI before it, is a file
  // beside this one.
  const auto fetch = [&folder](const std::string& uri) -> const Plain* {
    const std::string name = uri.substr(uri.rfind('/') + 1);
    Result<Plain> other = read_schema(folder / name.substr(0, name.find('#')));
    return other ? new Plain(std::move(*other)) : nullptr;
  };
  const auto release = [](const Plain* other) { delete other; };
  try {
    auto schema = std::make_shared<ParsedSchema>();
    schema->document = std::move(document);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(Adapter(schema->document), schema->rules, fetch, release);
    return std::shared_ptr<const ParsedSchema>(std::move(schema));
  } catch (const std::exception& problem) {
    return bad_input(printable(file.string()), "",
                     std::string("is no usable JSON Schema: ") + printable(problem.what()));
  }
}

/// std::regex asks the locale's facet for every character of a pattern, and libstdc++ keeps the answers in a table that
/// all threads share, without a lock (ctype<char>::narrow). So it is filled before two of them may.
bool fill_narrow_table() {
  const auto& facet = std::use_facet<std::ctype<char>>(std::locale());
  for (int byte = 0; byte <= std::numeric_limits<unsigned char>::max(); ++byte)
    (void)facet.narrow(static_cast<char>(byte), '\0');
  return true;
}

Result<std::shared_ptr<const ParsedSchema>> cached_schema(const fs::path& file) {
  static std::mutex mutex;
  static std::map<fs::path, std::shared_ptr<const ParsedSchema>> schemas;
  const std::scoped_lock lock(mutex);
  [[maybe_unused]] static const bool filled = fill_narrow_table();
  if (const auto found = schemas.find(file); found != schemas.end()) return found->second;
  FUSELINE_TRY(schema, parse_schema(file));
  schemas.emplace(file, schema);
  return schema;
}

/// valijson's context ("<root>", "[name]", "[2]") as member names and indices.
std::vector<std::string> steps_of(const std::vector<std::string>& context) {
  std::vector<std::string> steps;
  for (std::size_t i = 1; i < context.size(); ++i) {
    const std::string& part = context[i];
    const bool bracketed = part.size() >= 2 && part.front() == '[' && part.back() == ']';
    steps.push_back(bracketed ? part.substr(1, part.size() - 2) : part);
  }
  return steps;
}

bool fits(const valijson::Schema& rules, const Plain& document) {
  return valijson::Validator().validate(rules, Adapter(document), nullptr);
}

/// A part of a refused document that is refused too, cut short just after the first refused item. The validator keeps a
/// complaint for every item: without the cut, a file of ten million wrong numbers would take gigabytes to refuse.
Plain refused_part(const valijson::Schema& rules, const OrderedJson& json) {
  constexpr std::size_t smallest = 64, largest = std::size_t{1} << 26;
  std::size_t good = smallest, refused = smallest;
  while (refused < largest && fits(rules, plain_copy(json, refused))) {
    good = refused;
    refused *= 2;
  }
  if (refused >= largest) return plain_copy(json, everything);
  while (refused - good > 1) {
    const std::size_t middle = good + (refused - good) / 2;
    (fits(rules, plain_copy(json, middle)) ? good : refused) = middle;
  }
  return plain_copy(json, refused);
}

Error deepest(const valijson::ValidationResults& results, const Plain& schema, const Plain& document,
              const std::string& file) {
  const valijson::ValidationResults::Error* worst = nullptr;
  for (const auto& error : results) {
    if (worst == nullptr || error.context.size() > worst->context.size()) worst = &error;
  }
  if (worst == nullptr) return {ErrorKind::bad_input, file, "/", "does not fit its schema"};
  const std::vector<std::string> steps = steps_of(worst->context);
  const std::string pointer = json_pointer(steps);
  return {ErrorKind::bad_input, file, pointer.empty() ? "/" : printable(pointer),
          schema_reason(schema, steps, document, worst->description)};
}

}  // namespace

Result<void> validate_schema(const OrderedJson& json, const std::string& schema_name, const std::string& file) {
  FUSELINE_TRY(schema, cached_schema(data_folder() / "assets" / "schemas" / (schema_name + ".schema.json")));
  try {
    // Without results the first failure ends the work, so a valid document costs one cheap pass.
    if (fits(schema->rules, plain_copy(json, everything))) return {};
    const Plain part = refused_part(schema->rules, json);
    valijson::ValidationResults results;
    valijson::Validator().validate(schema->rules, Adapter(part), &results);
    return tl::unexpected(deepest(results, schema->document, part, file));
  } catch (const std::exception& problem) {
    return bad_input(file, "/",
                     "cannot be checked against the schema \"" + schema_name + "\": " + printable(problem.what()));
  }
}

}  // namespace fuseline::tuner
