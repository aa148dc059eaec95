#include "tests/fake_driver/record.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <sstream>

namespace fake {
namespace {

const char* file() { return std::getenv("FUSELINE_FAKE_RECORD"); }

void write(const std::string& line) {
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  std::ofstream(file(), std::ios::app) << line << '\n';
}

}  // namespace

bool record_launch(const std::string& kernel, const Launch& launch) {
  if (file() == nullptr || kernel.rfind("fuseline_", 0) == 0) return false;
  std::ostringstream line;
  line << "launch " << kernel << " grid";
  for (const unsigned extent : launch.grid) line << ' ' << extent;
  line << " block";
  for (const unsigned extent : launch.block) line << ' ' << extent;
  line << " shared " << launch.shared_bytes << " cooperative " << launch.cooperative << " stream "
       << reinterpret_cast<std::uintptr_t>(launch.stream) << " arguments";
  for (void** each = launch.arguments; *each != nullptr; ++each) {
    std::uint64_t word = 0;
    std::memcpy(&word, *each, sizeof word);
    line << ' ' << word;
  }
  write(line.str());
  return true;
}

bool record_memset(CUdeviceptr to, unsigned char value, std::size_t bytes) {
  if (file() == nullptr) return false;
  write("memset " + std::to_string(to) + ' ' + std::to_string(value) + ' ' + std::to_string(bytes));
  return true;
}

void record_attribute(const std::string& kernel, CUfunction_attribute attribute, int value) {
  if (file() != nullptr) write("attribute " + kernel + ' ' + std::to_string(attribute) + ' ' + std::to_string(value));
}

void record_module(const std::string& image) {
  if (file() != nullptr) write("module " + std::to_string(checksum_of(image)));
}

void record_compile(std::uint64_t checksum, const std::string& name, const std::vector<std::string>& options) {
  if (file() == nullptr) return;
  std::string line = "compile\t" + std::to_string(checksum) + '\t' + name;
  for (const std::string& each : options) line += '\t' + each;
  write(line);
}

std::uint64_t checksum_of(const std::string& bytes) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char each : bytes) hash = (hash ^ static_cast<unsigned char>(each)) * 1099511628211ULL;
  return hash;
}

}  // namespace fake
