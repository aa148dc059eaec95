#include "profiler/host/faults.hpp"

#include <fmt/format.h>

#include <cctype>

namespace fuseline::host_cuda {
namespace {

/// The element of a buffer whose memory or guard bands hold the address; empty where they do not.
std::string element_text(std::uintptr_t address, const PlanBuffer& buffer, const GuardedBuffer& memory) {
  const auto start = reinterpret_cast<std::uintptr_t>(memory.data());
  if (address < start - GuardedBuffer::kBefore || address >= start + buffer.bytes() + GuardedBuffer::kAfter) return {};
  const auto size = static_cast<std::int64_t>(element_bytes(buffer.element));
  const auto offset = static_cast<std::int64_t>(address - start);
  const std::int64_t at = offset >= 0 ? offset / size : -((-offset + size - 1) / size);
  return fmt::format("{}[{}], of {} elements", buffer.name, at, buffer.elements);
}

std::string bytes_text(std::size_t bytes) { return fmt::format("{} byte{}", bytes, bytes == 1 ? "" : "s"); }

bool is_ours(std::string_view file) {
  for (const std::string_view part : {"/profiler/host/", "profiler/host/", "libsanitizer", "/boost/", "/c++/"}) {
    if (file.find(part) != std::string_view::npos) return true;
  }
  return false;
}

/// "FILE:LINE" at the end of a frame, without a column; empty where it names no file.
std::string_view place_of_frame(std::string_view frame) {
  const std::size_t in = frame.find(" in ");
  const std::size_t slash = in == std::string_view::npos ? in : frame.find(" /", in);
  if (slash == std::string_view::npos) return {};
  std::string_view place = frame.substr(slash + 1);
  const auto digits_behind = [&](std::size_t colon) {
    if (colon == std::string_view::npos || colon + 1 == place.size()) return false;
    for (const char letter : place.substr(colon + 1)) {
      if (std::isdigit(static_cast<unsigned char>(letter)) == 0) return false;
    }
    return true;
  };
  const std::size_t last = place.rfind(':');
  if (!digits_behind(last)) return {};
  const std::string_view all = place;
  place = place.substr(0, last);
  return digits_behind(place.rfind(':')) ? place : all;
}

}  // namespace

std::string in_words(const BadAccess& access, const Plan& plan, const PlanMemory& memory, const SharedRange& statics) {
  const char* const does = access.write ? "writes" : "reads";
  for (std::size_t place = 0; place < plan.buffers.size(); ++place) {
    const std::string text = element_text(access.address, plan.buffers[place], memory[place]);
    if (!text.empty()) return fmt::format("{} {}", does, text);
  }
  const auto shared = current_dynamic_shared();
  const auto start = reinterpret_cast<std::uintptr_t>(shared.data());
  if (access.address >= start && access.address < start + (std::size_t{1} << 18))
    return fmt::format("{} {} at byte {} of dynamic shared memory, of which the launch has {}", does,
                       bytes_text(access.bytes), access.address - start, shared.size());
  if (access.address >= reinterpret_cast<std::uintptr_t>(statics.begin) &&
      access.address < reinterpret_cast<std::uintptr_t>(statics.end))
    return fmt::format("{} {} outside an array in shared memory", does, bytes_text(access.bytes));
  return fmt::format("{} {} where there is nothing of the launch's ({})", does, bytes_text(access.bytes),
                     access.description);
}

std::string place_in_report(std::string_view report) {
  std::string in_common;
  while (!report.empty()) {
    const std::size_t end = report.find('\n');
    std::string_view line = report.substr(0, end);
    report.remove_prefix(end == std::string_view::npos ? report.size() : end + 1);
    const std::size_t first = line.find_first_not_of(' ');
    if (first == std::string_view::npos || line[first] != '#') continue;
    const std::string_view place = place_of_frame(line);
    if (place.empty() || is_ours(place)) continue;
    // Who calls a common header's function with what it refuses is to blame.
    if (place.find("/kernels/common/") == std::string_view::npos) return std::string(place);
    if (in_common.empty()) in_common = place;
  }
  return in_common;
}

}  // namespace fuseline::host_cuda
