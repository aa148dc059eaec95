// Cubins: sections, symbols and the attributes of .nv.info. Numbers of attributes and the reserve of shared memory were
// found by assembling known kernels for sm_75 to sm_120 with ptxas 13.0.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "tuner/base/text.hpp"
#include "tuner/problem/kernel_image.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::uint64_t kMostSections = 1 << 16;
constexpr std::uint64_t kMostParameters = 4096;
constexpr std::int64_t kReservedSharedBytes = 1024;  ///< Of every block from sm_90 on, counted into .nv.shared.

constexpr std::uint32_t kSymbolTable = 2;
constexpr std::uint32_t kNoBits = 8;
constexpr std::uint8_t kEntryMark = 0x10;  ///< In st_other of a kernel's symbol.

enum Attribute : std::uint8_t {
  kFrameSize = 0x11,
  kParameter = 0x17,
  kRegisterCount = 0x2f,
  kLargeParameter = 0x45,
};

struct Section {
  std::string_view name;
  std::uint32_t type = 0, link = 0, info = 0;
  std::uint64_t size = 0;
  std::string_view bytes;  ///< Empty where the file holds none.
};

struct AttributeRecord {
  std::uint8_t id = 0;
  std::string_view value;
};

class CubinReader {
 public:
  CubinReader(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  Result<KernelImage> read() {
    FUSELINE_CHECK(read_header());
    FUSELINE_CHECK(read_sections());
    FUSELINE_CHECK(read_symbols());
    if (image_.entries.empty()) return fail("holds no kernel");
    FUSELINE_CHECK(read_common_attributes());
    for (KernelEntry& entry : image_.entries) FUSELINE_CHECK(read_kernel(entry));
    return std::move(image_);
  }

  Result<std::string> code(const std::string& kernel) {
    FUSELINE_CHECK(read_header());
    FUSELINE_CHECK(read_sections());
    const Section* found = section(".text." + kernel);
    if (found == nullptr) return fail(fmt::format("holds no code of {}", printable(kernel)));
    return std::string(found->bytes);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> fail(const std::string& reason) const {
    return bad_input(file_, "", "is no cubin that can be read: it " + reason);
  }

  /// A little-endian number; nothing where it is not wholly within `bytes`.
  template <class Number>
  [[nodiscard]] static std::optional<Number> number(std::string_view bytes, std::uint64_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof(Number)) return std::nullopt;
    Number value{};
    for (std::size_t i = 0; i < sizeof(Number); ++i)
      value = static_cast<Number>(
          value | static_cast<Number>(Number{static_cast<unsigned char>(bytes[offset + i])} << (8 * i)));
    return value;
  }

  /// Nothing where the string does not end within `bytes`.
  [[nodiscard]] static std::optional<std::string_view> text(std::string_view bytes, std::uint64_t offset) {
    if (offset >= bytes.size()) return std::nullopt;
    const std::size_t end = bytes.find('\0', offset);
    if (end == std::string_view::npos) return std::nullopt;
    return bytes.substr(offset, end - offset);
  }

  Result<void> read_header() {
    constexpr std::size_t kHeaderBytes = 64;
    constexpr std::uint16_t kCuda = 190;
    constexpr std::string_view kElf64Little(
        "\x7f"
        "ELF\x02\x01",
        6);
    if (bytes_.size() < kHeaderBytes || !bytes_.starts_with(kElf64Little)) return fail("is no 64-bit ELF");
    if (number<std::uint16_t>(bytes_, 18) != kCuda) return fail("is an ELF for another machine than a CUDA device");
    // The second version of this ABI, of CUDA 13, keeps the architecture one byte further.
    constexpr unsigned char kSecondAbi = 8;
    const std::uint32_t flags = number<std::uint32_t>(bytes_, 48).value_or(0);
    image_.sm = static_cast<int>((static_cast<unsigned char>(bytes_[8]) >= kSecondAbi ? flags >> 8 : flags) & 0xffU);
    return {};
  }

  Result<void> read_sections() {
    constexpr std::uint64_t kEntryBytes = 64;
    const std::uint64_t table = number<std::uint64_t>(bytes_, 40).value_or(0);
    const std::uint64_t count = number<std::uint16_t>(bytes_, 60).value_or(0);
    const std::uint64_t names_at = number<std::uint16_t>(bytes_, 62).value_or(0);
    if (number<std::uint16_t>(bytes_, 58) != kEntryBytes || count > kMostSections || names_at >= count)
      return fail("has a table of sections that makes no sense");
    if (table > bytes_.size() || (bytes_.size() - table) / kEntryBytes < count)
      return fail("has a table of sections beyond its end");
    std::vector<std::uint32_t> names;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string_view header = bytes_.substr(table + i * kEntryBytes, kEntryBytes);
      Section section;
      names.push_back(*number<std::uint32_t>(header, 0));
      section.type = *number<std::uint32_t>(header, 4);
      const std::uint64_t offset = *number<std::uint64_t>(header, 24);
      section.size = *number<std::uint64_t>(header, 32);
      section.link = *number<std::uint32_t>(header, 40);
      section.info = *number<std::uint32_t>(header, 44);
      if (section.type != kNoBits && section.type != 0) {
        if (offset > bytes_.size() || bytes_.size() - offset < section.size)
          return fail("has a section beyond its end");
        section.bytes = bytes_.substr(offset, section.size);
      }
      sections_.push_back(section);
    }
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      const auto name = text(sections_[names_at].bytes, names[i]);
      if (!name && sections_[i].type != 0) return fail("has a section without a name");
      sections_[i].name = name.value_or("");
      by_name_.emplace(sections_[i].name, &sections_[i]);
    }
    return {};
  }

  [[nodiscard]] const Section* section(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

  Result<void> read_symbols() {
    constexpr std::size_t kSymbolBytes = 24;
    for (const Section& table : sections_) {
      if (table.type != kSymbolTable) continue;
      if (table.link >= sections_.size()) return fail("has symbols without names");
      for (std::size_t i = 0; i < table.bytes.size() / kSymbolBytes; ++i) {
        const std::string_view symbol = table.bytes.substr(i * kSymbolBytes, kSymbolBytes);
        constexpr unsigned kFunction = 2;
        const bool function = (static_cast<unsigned char>(symbol[4]) & 0xfU) == kFunction;
        if (!function || (static_cast<unsigned char>(symbol[5]) & kEntryMark) == 0) continue;
        const auto name = text(sections_[table.link].bytes, *number<std::uint32_t>(symbol, 0));
        if (!name || name->empty()) return fail("has a kernel without a name");
        const auto [known, added] = symbols_.emplace(static_cast<std::uint32_t>(i), image_.entries.size());
        if (!added) return fail("has more than one table of symbols");
        image_.entries.push_back({std::string(*name), {}, 0, -1, -1});
      }
    }
    return {};
  }

  Result<std::vector<AttributeRecord>> attributes(const Section& section) const {
    constexpr std::uint8_t kWithSize = 4;
    constexpr std::size_t kPrefix = 4;
    std::vector<AttributeRecord> records;
    const std::string_view bytes = section.bytes;
    for (std::size_t at = 0; at < bytes.size();) {
      const auto value = number<std::uint16_t>(bytes, at + 2);
      if (!value) return fail("has attributes that end early");
      const auto format = static_cast<std::uint8_t>(bytes[at]);
      const std::size_t size = format == kWithSize ? *value : 0;
      if (bytes.size() - at - kPrefix < size) return fail("has an attribute beyond its section's end");
      records.push_back({static_cast<std::uint8_t>(bytes[at + 1]), bytes.substr(at + kPrefix, size)});
      at += kPrefix + size;
    }
    return records;
  }

  /// What .nv.info says of kernels by their symbols.
  Result<void> read_common_attributes() {
    const Section* info = section(".nv.info");
    if (info == nullptr) return {};
    FUSELINE_TRY(records, attributes(*info));
    for (const AttributeRecord& record : records) {
      if (record.id != kRegisterCount && record.id != kFrameSize) continue;
      const auto symbol = number<std::uint32_t>(record.value, 0);
      const auto amount = number<std::uint32_t>(record.value, 4);
      if (!symbol || !amount || *amount > (std::uint32_t{1} << 30)) return fail("has an attribute that makes no sense");
      const auto kernel = symbols_.find(*symbol);
      if (kernel == symbols_.end()) continue;  // Of a function that is no kernel.
      KernelEntry& entry = image_.entries[kernel->second];
      if (record.id == kRegisterCount) entry.registers = static_cast<int>(*amount);
      if (record.id == kFrameSize) entry.local_bytes = *amount;
    }
    return {};
  }

  Result<void> read_kernel(KernelEntry& entry) const {
    if (const Section* code = section(".text." + entry.name);
        code != nullptr && entry.registers < 0 && code->info >> 24)
      entry.registers = static_cast<int>(code->info >> 24);
    if (const Section* shared = section(".nv.shared." + entry.name)) {
      if (shared->size > (std::uint64_t{1} << 40)) return fail("asks for shared memory that no device has");
      const bool reserves = section(".nv.shared.reserved.0") != nullptr;
      const auto bytes = static_cast<std::int64_t>(shared->size);
      entry.static_shared_bytes = reserves ? std::max<std::int64_t>(0, bytes - kReservedSharedBytes) : bytes;
    }
    const Section* info = section(".nv.info." + entry.name);
    if (info == nullptr) return {};
    FUSELINE_TRY(records, attributes(*info));
    std::map<std::uint16_t, std::int64_t> sizes;
    for (const AttributeRecord& record : records) {
      if (record.id != kParameter && record.id != kLargeParameter) continue;
      const auto ordinal = number<std::uint16_t>(record.value, 4);
      const auto packed = number<std::uint32_t>(record.value, 8);
      if (!ordinal || !packed || *ordinal >= kMostParameters) return fail("has a parameter that makes no sense");
      sizes[*ordinal] = record.id == kParameter ? *packed >> 18 : *packed;
    }
    for (const auto& [ordinal, size] : sizes) {
      if (ordinal != entry.parameter_bytes.size()) return fail("leaves out a parameter of " + printable(entry.name));
      entry.parameter_bytes.push_back(size);
    }
    return {};
  }

  std::string_view bytes_;
  const std::string& file_;
  KernelImage image_;
  std::vector<Section> sections_;
  std::map<std::string_view, const Section*, std::less<>> by_name_;
  std::map<std::uint32_t, std::size_t> symbols_;  ///< Of kernels: index of the symbol to that of the entry.
};

}  // namespace

Result<KernelImage> read_cubin(std::string_view bytes, const std::string& file) {
  return CubinReader(bytes, file).read();
}

Result<std::string> read_code(std::string_view bytes, const std::string& kernel, const std::string& file) {
  return CubinReader(bytes, file).code(kernel);
}

}  // namespace fuseline::tuner
