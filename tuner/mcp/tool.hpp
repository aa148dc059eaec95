// A tool as the server offers it: a name, arguments, and what it does.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "tuner/mcp/arguments.hpp"

namespace fuseline::tuner::mcp {

/// What a call can do beside answering.
struct CallContext {
  /// How far it is; `total` is 0 where that is not known. Sent where the client asked for it and `done` has grown.
  std::function<void(double done, double total, const std::string& message)> progress;
  /// The client wants no answer any more: end soon.
  const std::atomic<bool>* cancelled = nullptr;
};

/// An answer: `summary` is what the client gets, cut to the server's bound; `full` is everything, kept in a file.
struct Answer {
  OrderedJson summary;
  std::string full = {};              ///< Text of the file; empty: the summary is all there is.
  std::string full_ending = ".json";  ///< Of the file's name.
};

struct Tool {
  std::string name, title, description;
  std::vector<ArgumentSpec> arguments;
  bool read_only = false;  ///< Leaves everything as it was, but for files of answers.
  /// Errors become results that are marked as such: the client's model reads them.
  std::function<Result<Answer>(const Arguments& arguments, const CallContext& context)> call;
};

}  // namespace fuseline::tuner::mcp
