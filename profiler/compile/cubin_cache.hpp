// Compiled kernels kept on disk, so that a second sweep over the same sources starts at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "profiler/compile/compiler.hpp"

namespace fuseline::profiler {

/// A folder of results, one file each, named by everything the result depends on. Safe to use from many processes at
/// once: entries are written whole and renamed into place. A damaged entry counts as missing.
class CubinCache {
 public:
  /// An empty folder means no cache.
  explicit CubinCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// SHA-256 over form, source, headers, name expressions, options, architecture and the compiler's version.
  [[nodiscard]] static std::string key(const CompileRequest& request, const std::string& compiler_version);

  [[nodiscard]] std::optional<CompileResult> find(const std::string& key) const;
  /// Keeps a successful result; a cache that cannot be written is not an error, only slower.
  void store(const std::string& key, const CompileResult& result) const;
  /// Removes the entries used longest ago until at most `limit_bytes` are left.
  void shrink(std::uintmax_t limit_bytes = std::uintmax_t{1} << 30) const;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace fuseline::profiler
