#include "tests/fuzz/checks.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "tests/support/temporary_folder.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::fuzz {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kLargestSeed = std::size_t{64} << 10;

/// Memory, where there is a folder of it.
fs::path folder_for_scratch() {
  const fs::path memory("/dev/shm");
  return fs::is_directory(memory) ? memory : fs::temp_directory_path();
}

}  // namespace

void require(bool holds, std::string_view what, std::string_view detail) {
  if (holds) return;
  std::cerr << "broken promise: " << what << '\n' << detail.substr(0, 4000) << std::endl;
  std::abort();
}

void require_shown_safely(std::string_view text, bool multiline) {
  require(tuner::printable(text, multiline) == text, "text that steers a terminal", text);
}

void require_shown_safely(const tuner::Error& error) {
  require(!error.reason.empty(), "a failure without a reason", error.message());
  require_shown_safely(error.message());
}

const fs::path& scratch() {
  static const TemporaryFolder folder(folder_for_scratch());
  return folder.path();
}

fs::path place(const std::string& name, std::string_view content) {
  fs::path file = scratch() / name;
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  return file;
}

std::vector<std::string> tree_files(const std::string& folder, const std::string& ending) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(tuner::data_folder() / folder)) {
    if (entry.is_regular_file() && entry.path().string().ends_with(ending)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> texts;
  for (const fs::path& file : files) {
    if (auto text = tuner::read_file(file, kLargestSeed)) texts.push_back(std::move(*text));
  }
  return texts;
}

}  // namespace fuseline::fuzz
