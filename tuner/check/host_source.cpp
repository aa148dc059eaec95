#include "tuner/check/host_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <set>

#include "tuner/base/text.hpp"
#include "tuner/check/source_scan.hpp"

namespace fuseline::tuner {
namespace {

bool is_word_letter(char letter) { return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_'; }

/// Takes the word out, and with `argument` the parentheses behind it. False: it is not there.
bool take_word(std::string& statement, std::string_view word, bool argument) {
  const std::size_t at = find_word(statement, word);
  if (at == std::string::npos) return false;
  std::size_t end = at + word.size();
  if (argument) {
    int depth = 0;
    do {
      if (end == statement.size()) return false;
      depth += statement[end] == '(' ? 1 : statement[end] == ')' ? -1 : 0;
      ++end;
    } while (depth > 0 || statement[end - 1] != ')');
  }
  statement.replace(at, end - at, " ");
  return true;
}

/// What stands in the place of `statement`, without its semicolon; empty: it declares no dynamic shared memory.
std::string pointer_declaration(std::string statement) {
  std::replace(statement.begin(), statement.end(), '\n', ' ');
  if (!take_word(statement, "extern", false) || !take_word(statement, "__shared__", false)) return {};
  for (const char* alignment : {"__align__", "alignas", "__attribute__"}) {
    while (find_word(statement, alignment) != std::string::npos) {
      if (!take_word(statement, alignment, true)) return {};
    }
  }
  const std::size_t open = statement.find('[');
  const std::size_t close = open == std::string::npos ? open : statement.find(']', open);
  if (close == std::string::npos || !trimmed(std::string_view(statement).substr(open + 1, close - open - 1)).empty())
    return {};
  const std::string rest(trimmed(std::string_view(statement).substr(close + 1)));
  const std::string_view before = trimmed(std::string_view(statement).substr(0, open));
  std::size_t name = before.size();
  while (name > 0 && is_word_letter(before[name - 1])) --name;
  const std::string_view type = trimmed(before.substr(0, name));
  if (type.empty() || name == before.size()) return {};
  return fmt::format("{0} (*const {1}){2} = static_cast<{0} (*){2}>(::fuseline::host_cuda::dynamic_shared())", type,
                     before.substr(name), rest);
}

}  // namespace

std::string host_source(std::string_view text, const std::string& file) {
  std::string source(text);
  drop_byte_order_mark(source);
  const std::string code = code_of(source);
  std::string result = fmt::format("#line 1 \"{}\"\n", file);
  std::size_t copied = 0;
  for (std::size_t at = find_word(code, "extern"); at != std::string::npos; at = find_word(code, "extern", at + 1)) {
    const std::size_t end = code.find_first_of(";{}", at);
    if (end == std::string::npos || code[end] != ';') continue;
    const std::string statement = code.substr(at, end - at);
    const std::string pointer = pointer_declaration(statement);
    if (pointer.empty()) continue;
    result += source.substr(copied, at - copied) + pointer;
    result.append(static_cast<std::size_t>(std::count(statement.begin(), statement.end(), '\n')), '\n');
    copied = end;
  }
  return result + source.substr(copied);
}

std::string host_kernel_name(const std::string& kernel) {
  std::string name = kernel;
  std::erase_if(name, [](char letter) { return std::isspace(static_cast<unsigned char>(letter)) != 0; });
  return name;
}

std::string host_unit(const std::string& source_file, const std::vector<ResolvedLaunch>& launches) {
  std::set<std::string> kernels;
  for (const ResolvedLaunch& launch : launches) kernels.insert(launch.kernel);
  std::string entries;
  for (const std::string& kernel : kernels)
    entries += fmt::format("    {{\"{}\", Entry<&{}>::kinds, &Entry<&{}>::call}},\n", host_kernel_name(kernel), kernel,
                           kernel);
  // The linker gives the section's bounds; there is none where no kernel has static shared memory.
  return fmt::format(R"(#include "{}"
extern "C" {{
extern char __start_fuseline_shared[] __attribute__((weak, visibility("hidden")));
extern char __stop_fuseline_shared[] __attribute__((weak, visibility("hidden")));
}}
using fuseline::host_cuda::Entry;
extern "C" const fuseline::host_cuda::KernelEntry fuseline_entries[];
const fuseline::host_cuda::KernelEntry fuseline_entries[] = {{
{}    {{nullptr, nullptr, nullptr}}}};
extern "C" fuseline::host_cuda::SharedRange fuseline_statics() {{
  return {{__start_fuseline_shared, __stop_fuseline_shared}};
}}
)",
                     source_file, entries);
}

}  // namespace fuseline::tuner
