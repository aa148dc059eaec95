// What a compiler's log tells: its first error, and what ptxas reports about each kernel when it is asked with -v:
//   ptxas info    : Compiling entry function 'name' for 'sm_90'
//   ptxas info    : Function properties for name
//       8 bytes stack frame, 4 bytes spill stores, 4 bytes spill loads
//   ptxas info    : Used 32 registers, used 1 barriers, 128 bytes smem, 400 bytes cmem[0]
#include <algorithm>
#include <charconv>
#include <string_view>

#include "profiler/compile/compiler.hpp"

namespace fuseline::profiler {
namespace {

/// The whole number that ends just before `phrase`, such as 8 for " bytes stack frame"; 0 where the phrase is missing.
std::int64_t number_before(std::string_view line, std::string_view phrase) {
  const std::size_t end = line.find(phrase);
  if (end == std::string_view::npos) return 0;
  std::size_t begin = end;
  while (begin > 0 && line[begin - 1] >= '0' && line[begin - 1] <= '9') --begin;
  std::int64_t value = 0;
  std::from_chars(line.data() + begin, line.data() + end, value);
  return value;
}

std::string_view quoted(std::string_view line) {
  const std::size_t begin = line.find('\'');
  const std::size_t end = begin == std::string_view::npos ? begin : line.find('\'', begin + 1);
  return end == std::string_view::npos ? std::string_view{} : line.substr(begin + 1, end - begin - 1);
}

constexpr std::size_t kMaximumReasonBytes = 500;  // A template's name alone can fill megabytes.

}  // namespace

std::string first_error(const std::string& log) {
  std::size_t begin = 0;
  while (begin < log.size()) {
    const std::size_t end = std::min(log.find('\n', begin), log.size());
    const std::string_view line = std::string_view(log).substr(begin, end - begin);
    if (line.find("error") != std::string_view::npos || line.find("fatal") != std::string_view::npos)
      return line.size() <= kMaximumReasonBytes ? std::string(line)
                                                : std::string(line.substr(0, kMaximumReasonBytes)) + "...";
    begin = end + 1;
  }
  return {};
}

std::vector<KernelResources> parse_assembler_log(const std::string& log) {
  std::vector<KernelResources> kernels;
  // Functions that were not inlined report properties of their own; only those of the entry point count.
  bool of_entry = false;
  std::string_view rest = log;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.find("Compiling entry function") != std::string_view::npos) {
      kernels.push_back({std::string(quoted(line)), 0, 0, 0, 0, 0});
      of_entry = true;
    } else if (const std::size_t at = line.find("Function properties for "); at != std::string_view::npos) {
      of_entry = !kernels.empty() && line.substr(at + 24).substr(0, kernels.back().name.size()) == kernels.back().name;
    } else if (!kernels.empty() && of_entry && line.find("bytes stack frame") != std::string_view::npos) {
      kernels.back().stack_bytes = number_before(line, " bytes stack frame");
      kernels.back().spill_store_bytes = number_before(line, " bytes spill stores");
      kernels.back().spill_load_bytes = number_before(line, " bytes spill loads");
    } else if (!kernels.empty() && line.find(" registers") != std::string_view::npos &&
               line.find("Used ") != std::string_view::npos) {
      kernels.back().registers = static_cast<int>(number_before(line, " registers"));
      kernels.back().static_shared_bytes = number_before(line, " bytes smem");
    }
  }
  return kernels;
}

std::string trim_log(std::string log, std::size_t limit) {
  if (log.size() <= limit) return log;
  static constexpr std::string_view gap = "\n...\n";
  const std::size_t kept = limit - gap.size();
  const std::size_t head = kept * 3 / 4;
  return log.substr(0, head) + std::string(gap) + log.substr(log.size() - (kept - head));
}

}  // namespace fuseline::profiler
