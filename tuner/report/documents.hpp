// Every document that is written of a run with its problem at hand. A format (tuner/formats) knows the run alone; a
// document brings sources and tensors as well. A new one is a file of its own and a line in documents.cpp.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// What a document is written of; everything outlives the call.
struct DocumentRequest {
  const Run* run = nullptr;
  const Catalog* catalog = nullptr;
};

struct Document {
  std::string id;      ///< Of --format: "brief".
  std::string title;   ///< "Brief for a kernel's writer: ..., Markdown"
  std::string ending;  ///< Of a suggested file's name, as a format's.
  /// The file's text. Errors: nothing worked, the run's problem is not in the catalog.
  Result<std::string> (*write)(const DocumentRequest& request) = nullptr;
};
[[nodiscard]] const std::vector<Document>& documents();
/// The text of a file of a run, by the id of a document or of a format (tuner/formats), which needs no catalog. Errors:
/// none is called so; what it says itself.
[[nodiscard]] Result<std::string> file_text(const std::string& id, const DocumentRequest& request);
/// Null where no document is called so.
[[nodiscard]] const Document* document_named(const std::string& id);
[[nodiscard]] std::vector<std::string> document_ids();
/// "brief (Brief for ...)": for a help text.
[[nodiscard]] std::string documents_help();

}  // namespace fuseline::tuner
