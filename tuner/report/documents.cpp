#include "tuner/report/documents.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tuner/formats/formats.hpp"
#include "tuner/report/brief.hpp"

namespace fuseline::tuner {

const std::vector<Document>& documents() {
  static const std::vector<Document> list = {
      {"brief", "Brief for a kernel's writer: code, bounds, what was tried; Markdown", ".md", brief},
  };
  return list;
}

const Document* document_named(const std::string& id) {
  for (const Document& document : documents()) {
    if (document.id == id) return &document;
  }
  return nullptr;
}

Result<std::string> file_text(const std::string& id, const DocumentRequest& request) {
  if (const Document* document = document_named(id); document != nullptr) return document->write(request);
  FUSELINE_TRY(format, format_named(id, document_ids()));
  return format->write(*request.run);
}

std::vector<std::string> document_ids() {
  std::vector<std::string> ids;
  for (const Document& document : documents()) ids.push_back(document.id);
  return ids;
}

std::string documents_help() {
  std::vector<std::string> words;
  for (const Document& document : documents()) words.push_back(fmt::format("{} ({})", document.id, document.title));
  return fmt::format("{}", fmt::join(words, "; "));
}

}  // namespace fuseline::tuner
