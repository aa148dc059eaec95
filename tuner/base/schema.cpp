// JSON Schema validation of a document against a schema of ours.
#include <fmt/format.h>

#include <cctype>
#include <exception>
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

Plain plain_copy(const OrderedJson& json) {
  if (json.is_object()) {
    Plain copy = Plain::object();
    for (const auto& [name, value] : json.items()) copy[shortened(name)] = plain_copy(value);
    return copy;
  }
  if (json.is_array()) {
    Plain copy = Plain::array();
    for (const OrderedJson& item : json) copy.push_back(plain_copy(item));
    return copy;
  }
  if (json.is_string()) return shortened(json.get_ref<const std::string&>());
  return Plain(json);
}

Result<Plain> read_schema(const fs::path& file) {
  FUSELINE_TRY(json, read_json_file(file));
  return Plain(json);
}

Result<std::shared_ptr<const valijson::Schema>> parse_schema(const fs::path& file) {
  FUSELINE_TRY(document, read_schema(file));
  const fs::path folder = file.parent_path();
  // A reference such as "device.schema.json#/definitions/limits", with or without a base URI before it, is a file beside this one.
  const auto fetch = [&folder](const std::string& uri) -> const Plain* {
    const std::string name = uri.substr(uri.rfind('/') + 1);
    Result<Plain> other = read_schema(folder / name.substr(0, name.find('#')));
    return other ? new Plain(std::move(*other)) : nullptr;
  };
  const auto release = [](const Plain* other) { delete other; };
  try {
    auto schema = std::make_shared<valijson::Schema>();
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(Adapter(document), *schema, fetch, release);
    return std::shared_ptr<const valijson::Schema>(std::move(schema));
  } catch (const std::exception& problem) {
    return bad_input(printable(file.string()), "", std::string("is no usable JSON Schema: ") + printable(problem.what()));
  }
}

Result<std::shared_ptr<const valijson::Schema>> cached_schema(const fs::path& file) {
  static std::mutex mutex;
  static std::map<fs::path, std::shared_ptr<const valijson::Schema>> schemas;
  const std::scoped_lock lock(mutex);
  if (const auto found = schemas.find(file); found != schemas.end()) return found->second;
  FUSELINE_TRY(schema, parse_schema(file));
  schemas.emplace(file, schema);
  return schema;
}

/// valijson's context ("<root>", "[name]", "[2]") as keys and indices.
std::string step_name(const std::string& context) {
  if (context.size() >= 2 && context.front() == '[' && context.back() == ']') return context.substr(1, context.size() - 2);
  return context;
}

std::string pointer_of(const std::vector<std::string>& context) {
  std::string pointer;
  for (std::size_t i = 1; i < context.size(); ++i) {
    std::string name = step_name(context[i]);
    for (std::size_t at = 0; (at = name.find_first_of("~/", at)) != std::string::npos; at += 2) {
      name.replace(at, 1, name[at] == '~' ? "~0" : "~1");
    }
    pointer += "/" + name;
  }
  return pointer;
}

std::string found_at(const Plain& document, const std::string& pointer) {
  try {
    const Plain& value = document.at(Plain::json_pointer(pointer));
    if (value.is_structured()) return "";
    std::string text = value.dump(-1, ' ', false, Plain::error_handler_t::replace);
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    return " (found " + text + ")";
  } catch (const std::exception&) {
    return "";
  }
}

/// The library's sentence as a clause.
std::string clause(std::string description) {
  if (!description.empty() && description.back() == '.') description.pop_back();
  if (!description.empty()) description.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(description.front())));
  return description;
}

Error deepest(const valijson::ValidationResults& results, const Plain& document, const std::string& file) {
  const valijson::ValidationResults::Error* worst = nullptr;
  for (const auto& error : results) {
    if (worst == nullptr || error.context.size() > worst->context.size()) worst = &error;
  }
  if (worst == nullptr) return {ErrorKind::bad_input, file, "/", "does not fit its schema"};
  const std::string pointer = pointer_of(worst->context);
  return {ErrorKind::bad_input, file, pointer.empty() ? "/" : printable(pointer), printable(clause(worst->description) + found_at(document, pointer))};
}

}  // namespace

Result<void> validate_schema(const OrderedJson& json, const std::string& schema_name, const std::string& file) {
  FUSELINE_TRY(schema, cached_schema(data_folder() / "assets" / "schemas" / (schema_name + ".schema.json")));
  try {
    const Plain document = plain_copy(json);
    // Without results the first failure ends the work, so a valid document costs one cheap pass.
    if (valijson::Validator().validate(*schema, Adapter(document), nullptr)) return {};
    valijson::ValidationResults results;
    valijson::Validator().validate(*schema, Adapter(document), &results);
    return tl::unexpected(deepest(results, document, file));
  } catch (const std::exception& problem) {
    return bad_input(file, "/", "cannot be checked against the schema \"" + schema_name + "\": " + printable(problem.what()));
  }
}

}  // namespace fuseline::tuner
