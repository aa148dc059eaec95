#include "tuner/base/schema_reason.hpp"

#include <cctype>
#include <nlohmann/json.hpp>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

using Json = nlohmann::json;

const Json* member(const Json* node, const std::string& name) {
  if (node == nullptr || !node->is_object()) return nullptr;
  const auto found = node->find(name);
  return found == node->end() ? nullptr : &*found;
}

/// The node that a "$ref" into the same file stands for; null for another file.
const Json* dereferenced(const Json& schema, const Json* node) {
  for (int hops = 0; hops < 16; ++hops) {
    const Json* reference = member(node, "$ref");
    if (reference == nullptr) return node;
    if (!reference->is_string() || !reference->get<std::string>().starts_with('#')) return nullptr;
    try {
      node = &schema.at(Json::json_pointer(reference->get<std::string>().substr(1)));
    } catch (const Json::exception&) {
      return nullptr;
    }
  }
  return nullptr;
}

/// The part of the schema that describes the place, found through properties, items and additionalProperties alone.
const Json* node_for(const Json& schema, const std::vector<std::string>& steps) {
  const Json* node = dereferenced(schema, &schema);
  for (const std::string& step : steps) {
    const Json* next = member(member(node, "properties"), step);
    if (next == nullptr && (next = member(node, "items")) == nullptr) next = member(node, "additionalProperties");
    node = dereferenced(schema, next);
  }
  return node;
}

std::string shown(const Json& value) {
  const std::string text = printable(value.dump(-1, ' ', false, Json::error_handler_t::replace));
  return text.size() > 60 ? text.substr(0, 57) + "..." : text;
}

std::string listed(const Json& values) {
  std::string text;
  std::size_t count = 0;
  for (const Json& value : values) {
    if (++count > 12) return text + ", ...";
    text += (text.empty() ? "" : ", ") + shown(value);
  }
  return text;
}

void add_types(const Json& schema, const Json* node, std::string& text) {
  const Json* type = member(node, "type");
  if (type == nullptr) {
    for (const char* choice : {"oneOf", "anyOf"}) {
      const Json* alternatives = member(node, choice);
      if (alternatives == nullptr || !alternatives->is_array()) continue;
      for (const Json& alternative : *alternatives) {
        if (member(dereferenced(schema, &alternative), "type") != nullptr)
          add_types(schema, dereferenced(schema, &alternative), text);
      }
    }
    return;
  }
  for (const Json& name : type->is_array() ? *type : Json::array({*type})) {
    if (name.is_string()) text += (text.empty() ? "" : " or ") + name.get<std::string>();
  }
}

/// Every number in the validator's sentences is printed with six decimals; "1.000000" reads "1".
std::string without_trailing_zeros(std::string text) {
  for (std::size_t at = 0; (at = text.find(".000000", at)) != std::string::npos;) text.erase(at, 7);
  return text;
}

std::string quoted_name(const std::string& complaint) {
  const std::size_t end = complaint.rfind('\''),
                    start = end == std::string::npos || end == 0 ? end : complaint.find(": '");
  return start == std::string::npos ? "" : complaint.substr(start + 3, end - start - 3);
}

std::string unknown_member(const Json* node, const std::string& name) {
  std::vector<std::string> known;
  if (const Json* properties = member(node, "properties"); properties != nullptr && properties->is_object()) {
    for (const auto& [property, ignored] : properties->items()) known.push_back(property);
  }
  const std::vector<std::string> close = closest(name, known);
  return "the member \"" + printable(name) + "\" is unknown" +
         (close.empty() ? "" : "; did you mean \"" + close.front() + "\"?");
}

const Json* value_at(const Json& document, const std::vector<std::string>& steps) {
  try {
    return &document.at(Json::json_pointer(json_pointer(steps)));
  } catch (const Json::exception&) {
    return nullptr;
  }
}

std::string found_text(const Json* value) {
  if (value == nullptr) return "";
  return value->is_structured() ? std::string(", found ") + value->type_name() : ", found " + shown(*value);
}

std::string clause(std::string complaint) {
  if (!complaint.empty() && complaint.back() == '.') complaint.pop_back();
  if (!complaint.empty())
    complaint.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(complaint.front())));
  return printable(without_trailing_zeros(std::move(complaint)));
}

}  // namespace

std::string json_pointer(const std::vector<std::string>& steps) {
  std::string pointer;
  for (std::string step : steps) {
    for (std::size_t at = 0; (at = step.find_first_of("~/", at)) != std::string::npos; at += 2)
      step.replace(at, 1, step[at] == '~' ? "~0" : "~1");
    pointer += "/" + step;
  }
  return pointer;
}

std::string schema_reason(const Json& schema, const std::vector<std::string>& steps, const Json& document,
                          std::string complaint) {
  const Json* node = node_for(schema, steps);
  const std::string found = found_text(value_at(document, steps));
  const auto says = [&complaint](const char* text) { return complaint.find(text) != std::string::npos; };

  if (says("'type' constraint")) {
    std::string types;
    add_types(schema, node, types);
    return (types.empty() ? "has the wrong type" : "expected " + types) + found;
  }
  if (const Json* values = member(node, "enum"); says("enum values") && values != nullptr)
    return "expected one of " + listed(*values) + found;
  if (const Json* value = member(node, "const"); says("'const' constraint") && value != nullptr)
    return "expected " + shown(*value) + found;
  if (const Json* pattern = member(node, "pattern"); says("'pattern' constraint") && pattern != nullptr) {
    return "expected text of the form " + printable(pattern->get<std::string>()) + found;
  }
  if (says("could not be validated using 'properties'")) return unknown_member(node, quoted_name(complaint));
  if (complaint.starts_with("Missing required property '")) {
    return "the member \"" + printable(complaint.substr(27, complaint.rfind('\'') - 27)) + "\" is missing";
  }
  return clause(std::move(complaint)) + found;
}

}  // namespace fuseline::tuner
