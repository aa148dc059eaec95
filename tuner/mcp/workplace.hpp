// What tools work with: problems, runs, devices, and where things are kept. Everything is read anew for every call, as
// the client edits kernels between calls.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tuner/mcp/tool.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"
#include "tuner/session/reference_program.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::tuner::mcp {

struct Workplace {
  std::filesystem::path data;                       ///< data_folder()
  std::vector<std::filesystem::path> preset_paths;  ///< Folders with problems of the user's.
  std::string db;                                   ///< Database of runs; empty: the default; ":memory:": none.
  std::string device = "auto";                      ///< Where a call names none.
  std::string worker;                               ///< Likewise: a command, or empty.
  std::shared_ptr<ReferenceProgram> references;     ///< For kernels that are held against a model; calls take turns.

  /// Problems; `folders`: more of them, as the call named them.
  [[nodiscard]] Result<Catalog> catalog(const std::vector<std::string>& folders) const;
  /// A run by its number or file, on another target where one is named.
  [[nodiscard]] Result<Run> run(const std::string& name, const std::string& target) const;
};

/// Arguments that say what is measured, and where: of sweep, profile and check.
[[nodiscard]] std::vector<ArgumentSpec> measuring_arguments();
[[nodiscard]] SweepRequest request_of(const Arguments& arguments, const Workplace& workplace);

/// Follows a session to its end with progress; stops it where the call is cancelled. Errors: as of Session::wait();
/// (interrupted) the call was cancelled.
[[nodiscard]] Result<Run> follow(Session& session, const CallContext& context);

}  // namespace fuseline::tuner::mcp
