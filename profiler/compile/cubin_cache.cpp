#include "profiler/compile/cubin_cache.hpp"

#include <algorithm>
#include <system_error>
#include <vector>

#include "profiler/compile/compile_codec.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::profiler {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMagic = "fuseline cubin 2\n";
constexpr std::size_t kDigestCharacters = 64;
constexpr std::size_t kMaximumEntryBytes = std::size_t{256} << 20;

/// Length before content, so that no two lists of texts give the same bytes.
void add(std::string& material, std::string_view text) {
  material += std::to_string(text.size());
  material += ':';
  material += text;
}

}  // namespace

std::string CubinCache::key(const CompileRequest& request, const std::string& compiler_version) {
  std::string material;
  add(material, compiler_version);
  add(material, std::to_string(static_cast<int>(request.form)));
  add(material, request.name);
  add(material, request.source);
  add(material, std::to_string(request.headers.size()));
  for (const auto& [name, text] : request.headers) {
    add(material, name);
    add(material, text);
  }
  add(material, std::to_string(request.name_expressions.size()));
  for (const std::string& expression : request.name_expressions) add(material, expression);
  for (const std::string& option : full_options(request)) add(material, option);
  return tuner::sha256_hex(material);
}

std::optional<CompileResult> CubinCache::find(const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  const fs::path file = folder_ / (key + ".cubin");
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  const auto content = tuner::read_file(file, kMaximumEntryBytes);
  if (!content || content->size() < kMagic.size() + kDigestCharacters || content->rfind(kMagic, 0) != 0)
    return std::nullopt;
  const std::string_view payload = std::string_view(*content).substr(kMagic.size() + kDigestCharacters);
  if (tuner::sha256_hex(payload) != content->substr(kMagic.size(), kDigestCharacters)) return std::nullopt;
  auto result = decode_compile_result(payload);
  if (!result || result->status != CompileResult::Status::ok) return std::nullopt;
  fs::last_write_time(file, fs::file_time_type::clock::now(), error);  // Marks it as used.
  result->cached = true;
  result->compile_ms = 0;
  return result;
}

void CubinCache::store(const std::string& key, const CompileResult& result) const {
  if (folder_.empty() || result.status != CompileResult::Status::ok) return;
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return;
  const std::string payload = encode(result);
  std::string content(kMagic);
  content += tuner::sha256_hex(payload);
  content += payload;
  static_cast<void>(tuner::write_file(folder_ / (key + ".cubin"), content));
}

void CubinCache::shrink(std::uintmax_t limit_bytes) const {
  struct Entry {
    fs::path file;
    std::uintmax_t bytes;
    fs::file_time_type used;
  };
  std::vector<Entry> entries;
  std::uintmax_t total = 0;
  std::error_code error;
  if (folder_.empty()) return;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->path().extension() != ".cubin" || !it->is_regular_file(ignored)) continue;
    entries.push_back({it->path(), it->file_size(ignored), it->last_write_time(ignored)});
    total += entries.back().bytes;
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  for (const Entry& entry : entries) {
    if (total <= limit_bytes) return;
    std::error_code ignored;
    if (fs::remove(entry.file, ignored)) total -= entry.bytes;
  }
}

}  // namespace fuseline::profiler
