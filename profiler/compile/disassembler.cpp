#include "profiler/compile/disassembler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <vector>

#include "profiler/cuda/toolkit.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/scratch_folder.hpp"
#include "tuner/base/text.hpp"
#include "tuner/worker/process.hpp"

namespace fuseline::profiler {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t kLongestListing = std::size_t{64} << 20;

/// What a program writes to its standard output.
tuner::Result<std::string> output_of(const std::vector<std::string>& argv, Deadline deadline) {
  FUSELINE_TRY(child, tuner::ChildProcess::start(argv));
  child.close_input();
  std::string output;
  while (true) {
    auto read = child.read_output();
    child.read_errors();
    output += read.bytes;
    if (output.size() > kLongestListing)
      return tuner::worker_error(fmt::format("{} writes more than {} bytes", argv.front(), kLongestListing));
    if (read.closed) break;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return tuner::worker_error(argv.front() + " took longer than it may");
    if (read.bytes.empty()) tuner::wait_for_children({{&child, false}}, std::min(left, std::chrono::milliseconds(200)));
  }
  const std::string how = child.wait_exit(std::chrono::seconds(1));
  child.read_errors();
  if (how == "exited with status 0") return output;
  const std::string said = tuner::printable(child.stderr_tail());
  return tuner::worker_error(fmt::format("{} {}{}{}", argv.front(), how, said.empty() ? "" : ": ", said));
}

tuner::Result<std::string> nvdisasm() {
  if (const char* chosen = std::getenv("FUSELINE_NVDISASM"); chosen != nullptr && *chosen != '\0') return chosen;
  std::string looked_for;
  const auto found = toolkit_program("nvdisasm", looked_for);
  if (!found.empty()) return found.string();
  return tuner::worker_error(
      "nvdisasm was not found: install it (cuda-nvdisasm of the CUDA toolkit, or nvidia-cuda-nvdisasm by pip) or set "
      "CUDA_HOME; looked for " +
      looked_for);
}

/// "release 13.0, V13.0.85" of its own words to "nvdisasm 13.0.85".
std::string version_in(std::string_view words) {
  const std::size_t at = words.rfind(", V");
  if (at == std::string_view::npos) return "nvdisasm";
  words.remove_prefix(at + 3);
  return fmt::format("nvdisasm {}", words.substr(0, words.find_first_not_of("0123456789.")));
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r;") + 1 - begin);
}

struct Instruction {
  std::uint32_t offset = 0;
  std::string_view text;
};

/// "/*0010*/ LDC R1, c[0x0][0x28] ;": an offset of four digits or more, and what stands behind it. Encodings stand in
/// comments too, but begin with 0x.
std::optional<Instruction> instruction_in(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with("/*")) return std::nullopt;
  const std::size_t end = line.find("*/");
  if (end == std::string_view::npos) return std::nullopt;
  Instruction found;
  const char* last = line.data() + end;
  const auto [stopped, error] = std::from_chars(line.data() + 2, last, found.offset, 16);
  if (error != std::errc{} || stopped != last) return std::nullopt;
  found.text = line.substr(end + 2);
  // The encoding, where it is printed.
  if (const std::size_t comment = found.text.find("/*"); comment != std::string_view::npos)
    found.text = found.text.substr(0, comment);
  found.text = trimmed(found.text);
  return found;
}

}  // namespace

std::map<std::uint32_t, std::string> parse_disassembly(std::string_view listing, const std::string& kernel) {
  std::map<std::uint32_t, std::string> found;
  const std::string wanted = ".text." + kernel + ":";
  bool inside = false;
  while (!listing.empty()) {
    const std::size_t end = std::min(listing.find('\n'), listing.size());
    const std::string_view line = trimmed(listing.substr(0, end));
    listing.remove_prefix(std::min(end + 1, listing.size()));
    if (line.starts_with(".text.") && line.ends_with(":")) inside = line == wanted;
    if (line.starts_with(".section")) inside = false;
    if (!inside) continue;
    if (const auto instruction = instruction_in(line); instruction && !instruction->text.empty())
      found.emplace(instruction->offset, instruction->text);
  }
  return found;
}

tuner::Result<Disassembly> disassemble(const std::string& cubin, const std::string& kernel, double deadline_s) {
  const Deadline deadline =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(deadline_s * 1000));
  FUSELINE_TRY(program, nvdisasm());
  FUSELINE_TRY(words, output_of({program, "--version"}, deadline));
  FUSELINE_TRY(folder, tuner::ScratchFolder::make("disassembly"));  // nvdisasm reads no pipe.
  const auto file = folder.path() / "kernel.cubin";
  FUSELINE_CHECK(tuner::write_file(file, cubin));
  FUSELINE_TRY(listing, output_of({program, "-c", file.string()}, deadline));
  Disassembly disassembly{version_in(words), parse_disassembly(listing, kernel)};
  if (disassembly.text.empty())
    return tuner::worker_error(fmt::format("{} wrote no instruction of {}", program, tuner::printable(kernel)));
  return disassembly;
}

}  // namespace fuseline::profiler
