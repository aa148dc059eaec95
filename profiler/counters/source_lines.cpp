#include "profiler/counters/source_lines.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>

namespace fuseline::profiler {
namespace {

struct Freed {
  void operator()(char* text) const { std::free(text); }  // NOLINT(cppcoreguidelines-no-malloc): CUPTI's
};
using OwnedText = std::unique_ptr<char, Freed>;

/// The longest of `names` that the path ends with, else the path itself.
std::string known_name(const std::string& path, const std::vector<std::string>& names) {
  const std::string* best = nullptr;
  for (const std::string& name : names) {
    const bool fits = path == name || path.ends_with("/" + name);
    if (fits && (best == nullptr || name.size() > best->size())) best = &name;
  }
  return best == nullptr ? path : *best;
}

std::string whole_path(const char* folder, const char* file) {
  if (file == nullptr || *file == '\0') return {};
  if (folder == nullptr || *folder == '\0' || *file == '/') return file;
  return fmt::format("{}/{}", folder, file);
}

}  // namespace

tuner::Result<std::vector<SourceLine>> source_lines(const CuptiLibrary& cupti, const std::string& cubin,
                                                    const std::string& kernel,
                                                    const std::vector<std::uint32_t>& offsets,
                                                    const std::vector<std::string>& names) {
  if (!cupti.without_lines.empty())
    return tuner::worker_error(
        fmt::format("{} does not tell lines of instructions: it has no {}", cupti.file, cupti.without_lines));
  std::vector<SourceLine> lines;
  lines.reserve(offsets.size());
  for (const std::uint32_t offset : offsets) {
    CUpti_GetSassToSourceCorrelationParams parameters{};
    parameters.size = CUpti_GetSassToSourceCorrelationParamsSize;
    parameters.cubin = cubin.data();
    parameters.cubinSize = cubin.size();
    parameters.functionName = kernel.c_str();
    parameters.pcOffset = offset;
    FUSELINE_CUPTI(cupti, cuptiGetSassToSourceCorrelation, &parameters);
    const OwnedText file(parameters.fileName);
    const OwnedText folder(parameters.dirName);
    SourceLine line;
    if (parameters.lineNumber > 0) {
      line.file = known_name(whole_path(folder.get(), file.get()), names);
      line.line = static_cast<int>(parameters.lineNumber);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace fuseline::profiler
