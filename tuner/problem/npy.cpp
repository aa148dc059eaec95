#include "tuner/problem/npy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <set>
#include <system_error>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;

struct TypeInfo {
  NpyType type;
  std::string_view text;
  std::int64_t bytes;
};
constexpr std::array<TypeInfo, 6> kTypes = {{{NpyType::f2, "<f2", 2},
                                             {NpyType::f4, "<f4", 4},
                                             {NpyType::f8, "<f8", 8},
                                             {NpyType::i4, "<i4", 4},
                                             {NpyType::i8, "<i8", 8},
                                             {NpyType::u1, "|u1", 1}}};

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::int64_t kMostElements = std::int64_t{1} << 44;  // As of a tensor.
constexpr std::size_t kMaximumDimensions = 64;                 // NumPy's own limit since 2.0.

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

/// The header is a literal of a Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }. Read by
/// its grammar, never evaluated. Errors have neither file nor path.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : rest_(text) {}

  Result<NpyHeader> read() {
    if (!take('{')) return broken("is no dictionary");
    while (!take('}')) {
      FUSELINE_TRY(key, string());
      if (!take(':')) return broken(fmt::format("has no ':' behind '{}'", printable(key)));
      if (!seen_.insert(key).second) return broken(fmt::format("has '{}' twice", printable(key)));
      FUSELINE_CHECK(value_of(key));
      if (!take(',') && next() != '}') return broken("has no ',' between two members");
    }
    skip_space();
    if (!rest_.empty()) return broken("goes on behind the dictionary");
    for (const char* key : {"descr", "fortran_order", "shape"}) {
      if (!seen_.contains(key)) return broken(fmt::format("lacks '{}'", key));
    }
    FUSELINE_CHECK(count_elements());
    return header_;
  }

 private:
  static tl::unexpected<Error> broken(const std::string& what) { return bad_input("its header " + what); }

  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  char next() {
    skip_space();
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool take(char wanted) {
    if (next() != wanted || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) {
    skip_space();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  Result<std::string> string() {
    const char quote = next();
    if (quote != '\'' && quote != '"') return broken("has something other than a string where one belongs");
    rest_.remove_prefix(1);
    const std::size_t end = rest_.find(quote);
    if (end == std::string_view::npos) return broken("has a string without an end");
    std::string text(rest_.substr(0, end));
    if (text.find('\\') != std::string::npos) return broken("has a string with a backslash");
    rest_.remove_prefix(end + 1);
    return text;
  }

  Result<void> value_of(const std::string& key) {
    if (key == "descr") return read_type();
    if (key == "fortran_order") return read_order();
    if (key == "shape") return read_shape();
    return broken(fmt::format("has an unknown member '{}'", printable(key)));
  }

  Result<void> read_type() {
    if (next() == '[') return bad_input("it holds records of several fields; write one array of numbers a file");
    FUSELINE_TRY(text, string());
    if (const auto type = npy_type_from_string(text)) {
      header_.type = *type;
      return {};
    }
    if (text == "<u2") {
      return bad_input(
          "its type \"<u2\" is not read: bfloat16 is written as \"<f4\" (x.float().numpy() in PyTorch), and rounded to "
          "the tensor's dtype");
    }
    if (text.starts_with('>'))
      return bad_input(fmt::format("its type \"{}\" is big-endian: write it as \"<{}\"", printable(text),
                                   printable(text.substr(1))));
    return bad_input(fmt::format("its type \"{}\" is not read; known: <f2, <f4, <f8, <i4, <i8, |u1", printable(text)));
  }

  Result<void> read_order() {
    if (take_word("False")) return {};
    if (!take_word("True")) return broken("has neither True nor False as 'fortran_order'");
    return bad_input("it is in Fortran's order: write np.ascontiguousarray(x)");
  }

  Result<void> read_shape() {
    if (!take('(')) return broken("has no tuple as 'shape'");
    while (!take(')')) {
      FUSELINE_TRY(extent, integer());
      if (header_.shape.size() >= kMaximumDimensions)
        return bad_input(fmt::format("it has more than {} dimensions", kMaximumDimensions));
      header_.shape.push_back(extent);
      if (!take(',') && (next() != ')' || header_.shape.size() == 1)) return broken("has no tuple as 'shape'");
    }
    return {};
  }

  Result<std::int64_t> integer() {
    skip_space();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error == std::errc::result_out_of_range) return bad_input("its shape has more elements than 2^44");
    if (error != std::errc() || value < 0) return broken("has no whole number in 'shape'");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    if (rest_.starts_with('L')) rest_.remove_prefix(1);  // As Python 2 wrote long integers; NumPy reads them.
    return value;
  }

  Result<void> count_elements() {
    header_.elements = 1;
    if (std::find(header_.shape.begin(), header_.shape.end(), 0) != header_.shape.end())
      return bad_input(fmt::format("shape {} has no elements", header_.shape_text()));
    for (const std::int64_t extent : header_.shape) {
      if (extent > kMostElements / header_.elements)
        return bad_input(fmt::format("shape {} has more elements than 2^44", header_.shape_text()));
      header_.elements *= extent;
    }
    return {};
  }

  std::string_view rest_;
  std::set<std::string> seen_;
  NpyHeader header_;
};

/// Errors have neither file nor path.
Result<NpyHeader> parse(std::string_view beginning, std::uint64_t file_bytes) {
  if (!beginning.starts_with(kMagic)) return bad_input("is no .npy file");
  constexpr std::size_t kVersion = 6, kLength = 8;
  if (beginning.size() < kLength) return bad_input("is cut short within its header");
  const int major = static_cast<unsigned char>(beginning[kVersion]);
  const int minor = static_cast<unsigned char>(beginning[kVersion + 1]);
  if (major < 1 || major > 3 || minor != 0)
    return bad_input(fmt::format("has version {}.{} of the format; read are 1.0, 2.0 and 3.0", major, minor));
  const std::size_t text_begin = kLength + (major == 1 ? 2 : 4);
  if (beginning.size() < text_begin) return bad_input("is cut short within its header");
  const std::uint64_t length = little_endian(beginning.substr(kLength, text_begin - kLength));
  if (length > kMaximumNpyHeader - text_begin)
    return bad_input(
        fmt::format("has a header of {} bytes, more than the {} that are read", length, kMaximumNpyHeader));
  if (beginning.size() - text_begin < length) return bad_input("is cut short within its header");
  FUSELINE_TRY(header, HeaderReader(beginning.substr(text_begin, static_cast<std::size_t>(length))).read());
  header.data_offset = static_cast<std::int64_t>(text_begin + length);
  const std::uint64_t wanted = static_cast<std::uint64_t>(header.data_offset + header.bytes());
  if (file_bytes < wanted) {
    return bad_input(fmt::format("is cut short: shape {} of {} takes {} bytes, it has {}", header.shape_text(),
                                 to_string(header.type), wanted, file_bytes));
  }
  if (file_bytes > wanted) return bad_input(fmt::format("has {} bytes behind its last element", file_bytes - wanted));
  return header;
}

}  // namespace

std::string_view to_string(NpyType type) {
  return std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeInfo& info) { return info.type == type; })->text;
}

std::optional<NpyType> npy_type_from_string(std::string_view text) {
  for (const TypeInfo& info : kTypes) {
    if (info.text == text) return info.type;
  }
  return std::nullopt;
}

std::int64_t npy_type_bytes(NpyType type) {
  return std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeInfo& info) { return info.type == type; })->bytes;
}

bool is_integer(NpyType type) { return type == NpyType::i4 || type == NpyType::i8 || type == NpyType::u1; }

std::string NpyHeader::shape_text() const {
  std::string text;
  for (const std::int64_t extent : shape) text += fmt::format("{}{}", text.empty() ? "" : ", ", extent);
  return "(" + text + (shape.size() == 1 ? ",)" : ")");
}

Result<NpyHeader> parse_npy_header(std::string_view beginning, std::uint64_t file_bytes, const std::string& shown) {
  auto header = parse(beginning, file_bytes);
  if (!header) return bad_input(shown, "/", header.error().reason);
  return header;
}

Result<NpyHeader> read_npy_header(const fs::path& file, const std::string& shown) {
  std::error_code failed;
  const auto status = fs::status(file, failed);
  if (!fs::exists(status)) return bad_input(shown, "", "there is no such file");
  if (!fs::is_regular_file(status)) return bad_input(shown, "", "is no file");  // A pipe would keep us waiting.
  const std::uintmax_t bytes = fs::file_size(file, failed);
  if (failed) return bad_input(shown, "", failed.message());
  std::string beginning(static_cast<std::size_t>(std::min<std::uintmax_t>(bytes, kMaximumNpyHeader)), '\0');
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(beginning.data(), static_cast<std::streamsize>(beginning.size())))
    return bad_input(shown, "", "cannot be read");
  return parse_npy_header(beginning, bytes, shown);
}

}  // namespace fuseline::tuner
