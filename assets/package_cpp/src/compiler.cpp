#include "compiler.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <system_error>

#include "nvrtc.hpp"
#include "sha256.hpp"

namespace fuseline_package {
namespace detail {
namespace {

namespace fs = std::filesystem;

const std::string kMagic = "fuseline/image/c1\n";
constexpr std::size_t kDigits = 64;  // Of a checksum.

/// Where compiled images are kept; empty: nowhere.
fs::path cache_folder() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  const std::string chosen = variable("FUSELINE_PACKAGE_CACHE");
  if (!chosen.empty()) return chosen == "none" ? fs::path() : fs::path(chosen);
  const std::string base = variable("XDG_CACHE_HOME");
  if (!base.empty()) return fs::path(base) / "fuseline" / "packages";
  const std::string home = variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache" / "fuseline" / "packages";
}

bool is_identifier(const std::string& text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
}

/// Everything that the image follows from.
std::string digest_of(const CompileRequest& request, const std::string& version,
                      const std::vector<std::string>& expressions) {
  std::string material = version + '\0' + std::to_string(request.capability);
  const auto add = [&](const std::string& text) { material.append(1, '\0').append(text); };
  add(request.source.name);
  add(request.source.text);
  for (std::size_t i = 0; i < request.header_count; ++i) {
    add(request.headers[i].name);
    add(request.headers[i].text);
  }
  for (const std::string& each : request.options) add(each);
  add("");
  for (const std::string& each : expressions) add(each);
  return sha256_hex(material.data(), material.size());
}

/// A file: kMagic, the checksum of what follows its line end, how many symbols, a line for each and for its name, the
/// image.
bool read_cached(const fs::path& path, Compilation& made) {
  std::ifstream stream(path, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  const std::size_t start = kMagic.size() + kDigits + 1;
  if (content.size() <= start || content.compare(0, kMagic.size(), kMagic) != 0) return false;
  if (content.compare(kMagic.size(), kDigits, sha256_hex(content.data() + start, content.size() - start)) != 0)
    return false;
  std::size_t at = start;
  const auto line = [&] {
    const std::size_t end = std::min(content.find('\n', at), content.size());
    const std::string text = content.substr(at, end - at);
    at = std::min(end + 1, content.size());
    return text;
  };
  const unsigned long count = std::strtoul(line().c_str(), nullptr, 10);
  for (unsigned long i = 0; i < count && at < content.size(); ++i) {
    const std::string name = line();
    made.symbols.emplace_back(name, line());
  }
  made.image = content.substr(at);
  made.cached = true;
  return !made.image.empty();
}

/// Written beside and then renamed, so that nobody reads half of it. A folder that takes nothing is no error.
void write_cached(const fs::path& path, const Compilation& made) {
  std::string rest = std::to_string(made.symbols.size()) + "\n";
  for (const auto& [name, symbol] : made.symbols) rest.append(name).append("\n").append(symbol).append("\n");
  rest += made.image;
  std::error_code code;
  if (!fs::exists(path.parent_path(), code)) {
    fs::create_directories(path.parent_path(), code);
    if (!code) fs::permissions(path.parent_path(), fs::perms::owner_all, code);
  }
  std::random_device random;
  const fs::path temporary = path.string() + "." + std::to_string(random()) + "-" + std::to_string(random());
  std::ofstream stream(temporary, std::ios::binary);
  stream << kMagic << sha256_hex(rest.data(), rest.size()) << '\n' << rest;
  stream.close();
  if (stream) fs::rename(temporary, path, code);
  if (!stream || code) fs::remove(temporary, code);
}

/// The shortest text that is read back as the same number, written as the tuner and Python write it.
std::string real_text(double value) {
  if (!std::isfinite(value)) return "inf";  // Nothing compiles with it.
  char text[400];
  int decimals = 0;  // Of the shortest mantissa.
  do {
    std::snprintf(text, sizeof text, "%.*e", decimals, value);
  } while (std::strtod(text, nullptr) != value && ++decimals < 17);
  const int exponent = static_cast<int>(std::strtol(std::strchr(text, 'e') + 1, nullptr, 10));
  if (exponent >= -4 && exponent < 16)
    std::snprintf(text, sizeof text, "%.*f", std::max(1, decimals - exponent), value);
  std::string shown = text;
  std::replace(shown.begin(), shown.end(), ',', '.');  // Some locales have a decimal comma.
  return shown;
}

}  // namespace

std::string macro_text(const Macro& macro, double value) {
  if (macro.kind == Macro::Kind::word) return macro.words[static_cast<std::size_t>(value)];
  const bool whole = std::fabs(value) <= kLargestWhole && value == std::trunc(value);
  return macro.kind != Macro::Kind::real && whole ? std::to_string(static_cast<std::int64_t>(value)) : real_text(value);
}

bool compile(const CompileRequest& request, Compilation& made, std::string& reason) {
  Nvrtc* const nvrtc = Nvrtc::open(reason);
  if (nvrtc == nullptr) {
    reason = "nothing was compiled for it, and " + reason;
    return false;
  }
  std::vector<std::string> expressions;
  for (const std::string& each : request.kernels) {
    if (!is_identifier(each)) expressions.push_back(each);
  }
  std::sort(expressions.begin(), expressions.end());
  expressions.erase(std::unique(expressions.begin(), expressions.end()), expressions.end());
  const std::string digest = digest_of(request, nvrtc->version(), expressions);
  static std::map<std::string, Compilation> known;  // Of this process: another context needs it too.
  const auto there = known.find(digest);
  if (there != known.end()) {
    made = there->second;
    return true;
  }
  const fs::path folder = cache_folder();
  const fs::path path = folder / (digest + ".image");
  if (folder.empty() || !read_cached(path, made)) {
    made = Compilation();
    if (!nvrtc->compile(request, expressions, made, reason)) return false;
    if (!folder.empty()) write_cached(path, made);
  }
  known[digest] = made;
  return true;
}

}  // namespace detail
}  // namespace fuseline_package
