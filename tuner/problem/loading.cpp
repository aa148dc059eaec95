#include "tuner/problem/loading.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/problem/arguments.hpp"
#include "tuner/problem/name_pattern.hpp"

namespace fuseline::tuner {

Result<void> NameTable::add(const JsonView& where, const std::string& name, const std::string& what) {
  const auto [taken, added] = names_.emplace(name, what);
  if (!added) return where.fail(fmt::format("the name \"{}\" is taken by a {}", printable(name), taken->second));
  return {};
}

std::vector<std::string> NameTable::names() const {
  std::vector<std::string> all;
  for (const auto& [name, what] : names_) all.push_back(name);
  return all;
}

NameTable reserved_expression_names() {
  NameTable table;
  const OrderedJson nothing;
  const JsonView nowhere(nothing, "");
  for (const std::string& function : expression_functions())
    static_cast<void>(table.add(nowhere, function, "function of expressions"));
  static_cast<void>(table.add(nowhere, "dtype_bytes", "number that every expression sees"));
  static_cast<void>(table.add(nowhere, "dtype", "name that every expression sees"));
  static_cast<void>(table.add(nowhere, "device", "group of numbers that every expression sees"));
  return table;
}

Result<std::string> read_expression(const JsonView& view) {
  if (view.json().is_number()) return view.json().dump();
  return view.string();
}

Result<void> check_expression(const JsonView& view, const std::vector<std::string>& known) {
  FUSELINE_TRY(text, read_expression(view));
  const Result<Expression> expression = Expression::parse(text, known);
  if (!expression) return view.fail(expression.error().reason);
  return {};
}

Result<std::vector<NamedExpression>> read_derived(const JsonView& parent, std::vector<std::string>& known,
                                                  NameTable& names) {
  std::vector<NamedExpression> derived;
  if (!parent.has("derived")) return derived;
  FUSELINE_TRY(list, parent.at("derived"));
  FUSELINE_TRY(count, list.array_size());
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(item, list.at(i));
    FUSELINE_TRY(name_view, item.at("name"));
    FUSELINE_TRY(name, name_view.string());
    FUSELINE_TRY(value_view, item.at("value"));
    FUSELINE_CHECK(check_expression(value_view, known));
    FUSELINE_TRY(value, read_expression(value_view));
    FUSELINE_CHECK(names.add(name_view, name, "derived value"));
    known.push_back(name);
    derived.push_back({name, value});
  }
  return derived;
}

namespace {

Result<std::vector<std::string>> read_extents(const JsonView& launch, const std::string& member,
                                              const std::vector<std::string>& known) {
  FUSELINE_TRY(list, launch.at(member));
  FUSELINE_TRY(count, list.array_size());
  std::vector<std::string> extents;
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(item, list.at(i));
    FUSELINE_CHECK(check_expression(item, known));
    FUSELINE_TRY(text, read_expression(item));
    extents.push_back(std::move(text));
  }
  if (extents.empty() || extents.size() > 3) return list.fail("expected 1 to 3 extents");
  return extents;
}

/// Whether every angle bracket and parenthesis has its other one.
bool is_balanced(const std::string& text) {
  std::string open;
  for (const char c : text) {
    if (c == '<' || c == '(') open += c;
    if (c != '>' && c != ')') continue;
    if (open.empty() || open.back() != (c == '>' ? '<' : '(')) return false;
    open.pop_back();
  }
  return open.empty();
}

/// A name in the image; of CUDA text a name expression too. What stands in braces was checked.
bool is_kernel_name(const std::string& name, KernelForm form) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  constexpr std::string_view kDigits = "0123456789{}";
  const std::string_view signs = form == KernelForm::cuda ? "<>:, *&()-+." : "$";
  const std::string allowed = std::string(kLetters) + std::string(kDigits) + std::string(signs);
  if (name.empty() || name.find_first_not_of(allowed) != std::string::npos) return false;
  const bool starts = kLetters.find(name.front()) != std::string_view::npos || name.front() == '{' ||
                      name.front() == (form == KernelForm::cuda ? ':' : '$');
  return starts && is_balanced(name);
}

Result<std::string> read_kernel_name(const JsonView& view, const LaunchNames& names) {
  FUSELINE_TRY(name, view.string());
  if (!is_kernel_name(name, names.form)) {
    return view.fail(names.form == KernelForm::cuda
                         ? "a kernel's name is an identifier or names a template's instance, such as rows<float, 256>"
                         : "a kernel's name is an identifier");
  }
  FUSELINE_TRY(pattern, located(NamePattern::parse(name, names.placeholders), view));
  static_cast<void>(pattern);
  return name;
}

Result<LaunchSpec> read_launch(const JsonView& view, const LaunchNames& names) {
  LaunchSpec launch;
  FUSELINE_TRY(kernel_view, view.at("kernel"));
  FUSELINE_TRY(kernel, read_kernel_name(kernel_view, names));
  launch.kernel = std::move(kernel);
  FUSELINE_TRY(grid, read_extents(view, "grid", names.expressions));
  launch.grid = std::move(grid);
  FUSELINE_TRY(block, read_extents(view, "block", names.expressions));
  launch.block = std::move(block);
  if (view.has("shared_bytes")) {
    FUSELINE_TRY(shared_view, view.at("shared_bytes"));
    FUSELINE_CHECK(check_expression(shared_view, names.expressions));
    FUSELINE_TRY(shared, read_expression(shared_view));
    launch.shared_bytes = std::move(shared);
  }
  FUSELINE_TRY(arguments_view, view.at("args"));
  FUSELINE_TRY(arguments, read_arguments(arguments_view, names));
  launch.args = std::move(arguments);
  FUSELINE_TRY(cooperative, view.boolean_or("cooperative", false));
  launch.cooperative = cooperative;
  return launch;
}

}  // namespace

Result<std::vector<LaunchSpec>> read_launches(const JsonView& view, const LaunchNames& names) {
  FUSELINE_TRY(count, view.array_size());
  std::vector<LaunchSpec> launches;
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(item, view.at(i));
    FUSELINE_TRY(launch, read_launch(item, names));
    launches.push_back(std::move(launch));
  }
  if (launches.empty()) return view.fail("no launch is given");
  for (const std::string& output : names.outputs) {
    const bool taken = std::any_of(launches.begin(), launches.end(), [&](const LaunchSpec& l) {
      return std::find(l.args.begin(), l.args.end(), ArgumentSpec{ArgumentKind::buffer, output}) != l.args.end();
    });
    if (!taken) return view.fail(fmt::format("no launch takes the output \"{}\"", output));
  }
  return launches;
}

Result<std::string> read_source(const JsonView& view, const std::filesystem::path& folder, const std::string& name,
                                std::size_t limit) {
  FUSELINE_TRY(file, located(path_within(folder, name), view));
  // A pipe in the folder would keep us waiting for ever.
  std::error_code ignored;
  const auto status = std::filesystem::status(file, ignored);
  const bool ordinary = std::filesystem::is_regular_file(status) || std::filesystem::is_directory(status);
  if (std::filesystem::exists(status) && !ordinary) return view.fail(fmt::format("\"{}\" is no file", printable(name)));
  Result<std::string> text = read_file(file, limit);
  if (!text) return view.fail(fmt::format("\"{}\": {}", printable(name), text.error().reason));
  drop_byte_order_mark(*text);
  if (text->empty()) return view.fail(fmt::format("\"{}\" is empty", printable(name)));
  return text;
}

std::string known_names_hint(const std::string& name, const std::vector<std::string>& known) {
  // Almost any two short names are close to each other.
  const std::vector<std::string> close = name.size() > 2 ? closest(name, known) : std::vector<std::string>{};
  std::string hint;
  if (!close.empty()) hint += fmt::format("; did you mean {}?", fmt::join(close, " or "));
  if (known.empty()) return hint + "; there are none";
  if (known.size() > 40) return hint;
  return hint + fmt::format("{} known: {}", close.empty() ? ";" : "", fmt::join(known, ", "));
}

namespace {

/// Sets extents[0..2]; those not given stay 1.
Result<void> resolve_extents(const std::vector<std::string>& texts, const Scope& scope, const JsonView& where,
                             std::int64_t* extents) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Result<std::int64_t> extent = evaluate_integer(texts[i], scope, 1);
    if (!extent) return bad_input(where.file(), fmt::format("{}/{}", where.path(), i), extent.error().reason);
    extents[i] = *extent;
  }
  return {};
}

}  // namespace

Result<std::vector<Launch>> resolve_geometry(const std::vector<LaunchSpec>& launches, const Scope& scope,
                                             const std::string& file, const std::string& launches_path) {
  std::vector<Launch> resolved;
  const OrderedJson nothing;
  for (std::size_t i = 0; i < launches.size(); ++i) {
    const std::string path = fmt::format("{}/{}", launches_path, i);
    Launch launch;
    FUSELINE_CHECK(resolve_extents(launches[i].grid, scope, JsonView(nothing, file, path + "/grid"), launch.grid));
    FUSELINE_CHECK(resolve_extents(launches[i].block, scope, JsonView(nothing, file, path + "/block"), launch.block));
    const Result<std::int64_t> shared = evaluate_integer(launches[i].shared_bytes, scope, 0);
    if (!shared) return bad_input(file, path + "/shared_bytes", shared.error().reason);
    launch.shared_bytes = *shared;
    resolved.push_back(launch);
  }
  return resolved;
}

}  // namespace fuseline::tuner
