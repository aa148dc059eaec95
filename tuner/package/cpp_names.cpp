#include "tuner/package/cpp_names.hpp"

#include <fmt/format.h>

#include <set>

#include "tuner/base/text.hpp"
#include "tuner/package/contents.hpp"

namespace fuseline::tuner {
namespace {

using Names = std::set<std::string, std::less<>>;

const Names kKeywords = {
    "alignas",     "alignof",   "and",       "and_eq",    "asm",      "auto",         "bitand",
    "bitor",       "bool",      "break",     "case",      "catch",    "char",         "char16_t",
    "char32_t",    "char8_t",   "class",     "compl",     "concept",  "const",        "const_cast",
    "consteval",   "constexpr", "constinit", "continue",  "co_await", "co_return",    "co_yield",
    "decltype",    "default",   "delete",    "do",        "double",   "dynamic_cast", "else",
    "enum",        "explicit",  "export",    "extern",    "false",    "float",        "for",
    "friend",      "goto",      "if",        "inline",    "int",      "long",         "mutable",
    "namespace",   "new",       "noexcept",  "not",       "not_eq",   "nullptr",      "operator",
    "or",          "or_eq",     "private",   "protected", "public",   "register",     "reinterpret_cast",
    "requires",    "return",    "short",     "signed",    "sizeof",   "static",       "static_assert",
    "static_cast", "struct",    "switch",    "template",  "this",     "thread_local", "throw",
    "true",        "try",       "typedef",   "typeid",    "typename", "union",        "unsigned",
    "using",       "virtual",   "void",      "volatile",  "wchar_t",  "while",        "xor",
    "xor_eq"};
// Namespaces that are taken, macros of compilers, and targets of CMake.
const Names kTaken = {"std", "posix",   "linux", "unix",  "main",    "detail",     "test",
                      "all", "install", "help",  "clean", "package", "edit_cache", "rebuild_cache"};
// What the header itself declares.
const Names kOwn = {"Stream", "Dtype", "Code", "Status", "Workspace", "Origin", "Chosen", "name_of", "detail"};
// Parameters of every operation's function.
const Names kParameters = {"sizes", "dtype", "stream", "workspace", "scalars"};

/// A name that C++ leaves to programs.
bool is_free(const std::string& name) {
  const bool reserved =
      name.find("__") != std::string::npos || (name.size() > 1 && name[0] == '_' && name[1] >= 'A' && name[1] <= 'Z');
  return is_identifier(name) && !kKeywords.contains(name) && !reserved;
}

tl::unexpected<Error> taken(const std::string& problem, const char* what, const std::string& name) {
  return bad_input(fmt::format("{}: the {} '{}' cannot be a name in C++", printable(problem), what, printable(name)));
}

}  // namespace

Result<std::string> cpp_package_name(const std::filesystem::path& folder) {
  std::string name = package_name(folder);
  if (is_free(name) && !kTaken.contains(name)) return name;
  return bad_input(printable(folder.string()), "",
                   fmt::format("the folder's name is the package's, and '{}' cannot be a namespace and a target of "
                               "CMake",
                               printable(name)));
}

Result<void> check_cpp_names(const OrderedJson& problems) {
  for (const auto& problem : problems.items()) {
    const std::string& name = problem.key();
    if (!is_free(name) || kOwn.contains(name)) return taken(name, "problem", name);
    for (const char* suffix : {"_sizes", "_scalars", "_prepare", "_workspace_bytes"}) {
      if (problems.contains(name + suffix)) return taken(name + suffix, "problem", name + suffix);
    }
    for (const OrderedJson& dim : problem.value().at("dims")) {
      const auto each = dim.at("name").get<std::string>();
      if (!is_free(each)) return taken(name, "dimension", each);
    }
    for (const auto& scalar : problem.value().at("scalars").items()) {
      if (!is_free(scalar.key())) return taken(name, "scalar", scalar.key());
    }
    for (const OrderedJson& tensor : problem.value().at("tensors")) {
      const auto each = tensor.at("name").get<std::string>();
      if (!is_free(each) || kParameters.contains(each)) return taken(name, "tensor", each);
    }
  }
  return {};
}

}  // namespace fuseline::tuner
