// A scan for well-formedness: enough of XML 1.0 for the documents that we write.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace fuseline::tuner {

namespace xml_detail {

inline bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == ':' || c == '.';
}

/// Text or an attribute's value: no markup, only the five entities, no control characters.
inline std::string text_fault(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<') return "'<' in text";
    if (static_cast<unsigned char>(text[i]) < 0x20 && text[i] != '\n' && text[i] != '\t') return "a control character";
    if (text[i] != '&') continue;
    const std::string_view entity = text.substr(i, text.find(';', i) - i + 1);
    if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" && entity != "&quot;" && entity != "&apos;" &&
        entity != "&#39;") {
      return "unknown entity " + std::string(entity.substr(0, 12));
    }
  }
  return "";
}

/// What stands between '<' and '>' of a start tag.
inline std::string tag_fault(std::string_view tag, std::string& name) {
  std::size_t at = 0;
  while (at < tag.size() && is_name_character(tag[at])) ++at;
  name = std::string(tag.substr(0, at));
  if (name.empty()) return "a tag without a name";
  while (at < tag.size() && tag[at] != '/') {
    if (tag[at] != ' ') return "no blank before an attribute of " + name;
    while (at < tag.size() && tag[at] == ' ') ++at;
    const std::size_t start = at;
    while (at < tag.size() && is_name_character(tag[at])) ++at;
    if (at == start) break;
    if (tag.substr(at, 2) != "=\"") return "an attribute of " + name + " without a quoted value";
    const std::size_t end = tag.find('"', at + 2);
    if (end == std::string_view::npos) return "an unclosed value in " + name;
    if (auto fault = text_fault(tag.substr(at + 2, end - at - 2)); !fault.empty()) return fault;
    at = end + 1;
  }
  return "";
}

}  // namespace xml_detail

/// Empty where `xml` is well-formed, else what is wrong.
inline std::string xml_fault(std::string_view xml) {
  std::vector<std::string> open;
  std::size_t at = 0, roots = 0;
  if (xml.substr(0, 5) == "<?xml") at = xml.find("?>") + 2;
  while (at < xml.size()) {
    const std::size_t next = std::min(xml.find('<', at), xml.size());
    const std::string_view text = xml.substr(at, next - at);
    if (open.empty() && text.find_first_not_of(" \n") != std::string_view::npos) return "text outside the root";
    if (auto fault = xml_detail::text_fault(text); !fault.empty()) return fault;
    if (next == xml.size()) break;
    const std::size_t end = xml.find('>', next);
    if (end == std::string_view::npos) return "an unclosed tag";
    const std::string_view tag = xml.substr(next + 1, end - next - 1);
    at = end + 1;
    if (tag.substr(0, 1) == "/") {
      if (open.empty() || open.back() != tag.substr(1)) return "</" + std::string(tag.substr(1)) + "> closes nothing";
      open.pop_back();
      continue;
    }
    std::string name;
    if (auto fault = xml_detail::tag_fault(tag, name); !fault.empty()) return fault;
    if (open.empty() && ++roots > 1) return "two roots";
    if (tag.back() != '/') open.push_back(name);
  }
  return open.empty() ? "" : "<" + open.back() + "> is not closed";
}

}  // namespace fuseline::tuner
