#include "tuner/package/folder.hpp"

#include <fmt/format.h>

#include <sstream>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kHexDigits = 64;

std::string shown(const std::filesystem::path& file) { return printable(file.string()); }

tl::unexpected<Error> damaged(const std::filesystem::path& file, const std::string& reason) {
  return bad_input(shown(file), "", reason + "; export into a new folder");
}

Result<std::string> read_listed(const std::filesystem::path& folder, const std::string& name,
                                const std::string& checksum) {
  const std::filesystem::path file = folder / name;
  if (std::error_code code; !std::filesystem::exists(file, code)) return damaged(file, "the package lacks this file");
  FUSELINE_TRY(content, read_file(file));
  if (sha256_hex(content) != checksum)
    return damaged(file, fmt::format("it was changed since the package was written ({})", kChecksums));
  return content;
}

}  // namespace

Result<FileContents> read_package(const std::filesystem::path& folder) {
  std::error_code code;
  if (!std::filesystem::exists(folder, code)) return FileContents{};
  if (!std::filesystem::is_directory(folder, code)) return bad_input(shown(folder), "", "this is no folder");
  const std::filesystem::path list = folder / kChecksums;
  if (!std::filesystem::exists(list, code)) {
    if (std::filesystem::is_empty(folder, code)) return FileContents{};
    return bad_input(shown(folder), "", fmt::format("the folder has files, but no {} of a package", kChecksums));
  }
  FUSELINE_TRY(text, read_file(list));
  FileContents files;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.size() < kHexDigits + 3 || line.substr(kHexDigits, 2) != "  ")
      return damaged(list, fmt::format("'{}' is no line of checksums", printable(line.substr(0, 80))));
    const std::string name = line.substr(kHexDigits + 2);
    FUSELINE_CHECK(path_within(folder, name));
    FUSELINE_TRY(content, read_listed(folder, name, line.substr(0, kHexDigits)));
    files[name] = std::move(content);
  }
  return files;
}

Result<void> write_package(const std::filesystem::path& folder, const FileContents& files, const FileContents& before) {
  std::string list;
  for (const auto& [name, content] : files) {
    list += fmt::format("{}  {}\n", sha256_hex(content), name);
    const auto old = before.find(name);
    if (old != before.end() && old->second == content) continue;
    const std::filesystem::path file = folder / name;
    FUSELINE_CHECK(make_folder(file.parent_path()));
    FUSELINE_CHECK(write_file(file, content));
  }
  FUSELINE_CHECK(write_file(folder / kChecksums, list));
  for (const auto& [name, content] : before) {
    if (files.contains(name)) continue;
    std::error_code code;
    std::filesystem::remove(folder / name, code);
    if (code) return bad_input(shown(folder / name), "", "the file cannot be removed: " + code.message());
  }
  return {};
}

}  // namespace fuseline::tuner
