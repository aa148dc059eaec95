// What reading a problem file and reading a manifest share.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/problem/kernel_source.hpp"
#include "tuner/problem/problem.hpp"

namespace fuseline::tuner {

/// `result`, its error placed at `view`.
template <class T>
[[nodiscard]] Result<T> located(Result<T> result, const JsonView& view) {
  if (result) return result;
  return view.fail(std::move(result).error().reason);
}

/// Names taken so far, with what took them; a name taken twice is an error at the second place.
class NameTable {
 public:
  /// `what` such as "dimension".
  [[nodiscard]] Result<void> add(const JsonView& where, const std::string& name, const std::string& what);
  [[nodiscard]] bool has(const std::string& name) const { return names_.count(name) > 0; }
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::map<std::string, std::string> names_;
};

/// A table in which every name is one that expressions use for themselves.
[[nodiscard]] NameTable reserved_expression_names();

/// Text of an expression, which a file may also write as a number.
[[nodiscard]] Result<std::string> read_expression(const JsonView& view);
/// Fails where the text does not parse or uses a name that is not in `known`.
[[nodiscard]] Result<void> check_expression(const JsonView& view, const std::vector<std::string>& known);
/// Reads [{"name", "value"}, ...]; each may use `known` and those before it. Adds the names to `known` and to `names`.
[[nodiscard]] Result<std::vector<NamedExpression>> read_derived(const JsonView& parent, std::vector<std::string>& known,
                                                                NameTable& names);

/// What launches may name.
struct LaunchNames {
  std::vector<std::string> expressions;  ///< Seen by grid, block, shared_bytes and numbers among the arguments.
  std::vector<std::string> buffers;      ///< Tensors and workspace.
  std::vector<std::string> scalars;
  std::vector<std::string> outputs;  ///< Tensors that some launch must take.
  KernelForm form = KernelForm::cuda;
  std::vector<std::string> placeholders = {};  ///< That a kernel's name may hold.
};
/// Reads and checks [{"kernel", "grid", "block", "shared_bytes", "args", "cooperative"}, ...].
[[nodiscard]] Result<std::vector<LaunchSpec>> read_launches(const JsonView& view, const LaunchNames& names);

/// The file `name`, which must lie in `folder` and hold something, at most `limit` bytes. Errors are placed at `view`,
/// which names it.
[[nodiscard]] Result<std::string> read_source(const JsonView& view, const std::filesystem::path& folder,
                                              const std::string& name, std::size_t limit);

/// "; did you mean a or b?" and "; known: a, b": help for an unknown name.
[[nodiscard]] std::string known_names_hint(const std::string& name, const std::vector<std::string>& known);

/// Geometry of each launch in numbers. `launches_path` is their place in `file`, for errors.
[[nodiscard]] Result<std::vector<Launch>> resolve_geometry(const std::vector<LaunchSpec>& launches, const Scope& scope,
                                                           const std::string& file, const std::string& launches_path);

}  // namespace fuseline::tuner
