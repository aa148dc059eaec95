#include "tuner/check/report.hpp"

#include <fmt/format.h>

namespace fuseline::tuner {

std::string_view to_string(FindingKind kind) {
  switch (kind) {
    case FindingKind::load:
      return "load";
    case FindingKind::expression:
      return "expression";
    case FindingKind::space:
      return "space";
    case FindingKind::value:
      return "value";
    case FindingKind::macro:
      return "macro";
    case FindingKind::arguments:
      return "arguments";
    case FindingKind::kernel:
      return "kernel";
    case FindingKind::compile:
      return "compile";
    case FindingKind::run:
      return "run";
  }
  return "";
}

std::string to_string(const Finding& finding) {
  std::string text = finding.file;
  if (finding.line > 0) text += fmt::format(":{}", finding.line);
  for (const std::string* part : {&finding.path, &finding.reason}) {
    if (part->empty()) continue;
    if (!text.empty()) text += ": ";
    text += *part;
  }
  return text;
}

Finding load_finding(const Error& error) { return {FindingKind::load, error.file, 0, error.path, error.reason}; }

}  // namespace fuseline::tuner
