#include "tuner/problem/kernel_image.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "tuner/base/files.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string fixture(const std::string& name) {
  return read_file(std::filesystem::path(FUSELINE_SOURCE_DIR) / "tests/data/image_problem" / name).value();
}
std::string cubin() { return fixture("cubins/scale_add_128.sm_90.cubin"); }

std::string ptx(const std::string& body) { return ".version 8.4\n.target sm_90a, debug\n.address_size 64\n" + body; }
Result<KernelImage> read(const std::string& text) { return read_ptx(text, "k.ptx"); }

TEST(Ptx, OfACompilerIsRead) {
  const auto image = read_ptx(fixture("scale_add.ptx"), "scale_add.ptx");
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->sm, 80);
  EXPECT_FALSE(image->specific);
  ASSERT_EQ(image->entries.size(), 1U);
  EXPECT_EQ(image->entries[0].name, "scale_add");
  EXPECT_THAT(image->entries[0].parameter_bytes, ElementsAre(8, 8, 4, 8, 4, 8));
  EXPECT_EQ(image->entries[0].static_shared_bytes, 16);
  EXPECT_EQ(image->entries[0].registers, -1);
}

TEST(Ptx, ParametersOfEveryShapeAreCounted) {
  const auto image = read(ptx(R"(.visible .entry _Z4rowsPf$a(
      .param .u64 .ptr .global .align 16 a, // .param .u64 not_this
      .param .align 8 .b8 structure[24], /* .param .b8 nor_this */ .param .f16 half, .param .b8 byte,
      .param .align 16 .b8 table[4][0x10], .param .v4 .f32 lanes, .param .f16x2 pair)
    .maxntid 128, 1, 1 .minnctapersm 2 { ret; }
    .entry none { ret; } .entry empty() { ret; })"));
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->sm, 90);
  EXPECT_TRUE(image->specific);
  ASSERT_EQ(image->entries.size(), 3U);
  EXPECT_EQ(image->entries[0].name, "_Z4rowsPf$a");
  EXPECT_THAT(image->entries[0].parameter_bytes, ElementsAre(8, 24, 2, 1, 64, 16, 4));
  EXPECT_THAT(image->entries[1].parameter_bytes, IsEmpty());
  EXPECT_EQ(image->entries[2].name, "empty");
}

TEST(Ptx, SharedMemoryCountsWhereTheKernelNamesIt) {
  const auto image = read(ptx(R"(.shared .align 4 .b8 of_module[100]; .shared .f64 alone;
    .extern .shared .align 16 .b8 dynamic[];
    .func helper { .shared .b32 not_of_a_kernel[999]; ret; }
    .entry uses() { .shared .b8 flag, flags[2]; { .shared .align 128 .b8 tile[4][64]; } ld.shared.f32 %f1, [of_module]; }
    .entry uses_none() { st.shared.u32 [dynamic], %r1; })"));
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->entries[0].static_shared_bytes, 128 + 256 + 100) << "three bytes, then aligned to 128";
  EXPECT_EQ(image->entries[1].static_shared_bytes, 0);
}

TEST(Ptx, WhatCannotBeReadIsAnErrorWithItsLine) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "has no .version"},
      {".version 8.0\n", "has no .target"},
      {".version 8.0\n.target sm_80\n", "has no .entry"},
      {".version 8.0\n\n.target compute_80\n", "line 3 has the target \"compute_80\""},
      {".version 8.0\n.target sm_99999\n.entry a { }", "sm_99999"},
      {ptx(".entry"), "without a name"},
      {ptx(".entry a (.param .u64 x"), "no end"},
      {ptx(".entry a (.reg .u64 x) { }"), "parameters cannot be read"},
      {ptx(".entry a (.param x) { }"), "without a type"},
      {ptx(".entry a (.param .u7 x) { }"), "without a type"},
      {ptx(".entry a (.param .b8 x[-1]) { }"), "for a number"},
      {ptx(".entry a (.param .b8 x[99999999999999999999]) { }"), "for a number"},
      {ptx(".entry a (.param .b8 x[1000000000000][1000000000000]) { }"), "no device"},
      {ptx(".entry a { "), "body has no end"},
      {ptx(".entry a"), "without a body"},
      {ptx(".entry a { .shared .b8 x[4; }"), "array without an end"},
      {ptx(".entry a; /* only announced"), "has no .entry"},
  };
  for (const auto& [text, reason] : cases) {
    const auto image = read(text);
    ASSERT_FALSE(image) << text;
    EXPECT_EQ(image.error().file, "k.ptx");
    EXPECT_THAT(image.error().reason, HasSubstr(reason)) << text;
  }
}

TEST(Ptx, CutAnywhereIsReadOrAnError) {
  const std::string text = fixture("scale_add.ptx");
  for (std::size_t length = 0; length < text.size(); ++length) static_cast<void>(read(text.substr(0, length)));
  EXPECT_FALSE(read(text.substr(0, text.size() / 2)));
}

TEST(Cubin, OfACompilerIsRead) {
  const auto image = read_cubin(cubin(), "k.cubin");
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->sm, 90);
  ASSERT_EQ(image->entries.size(), 1U);
  const KernelEntry& entry = image->entries[0];
  EXPECT_EQ(entry.name, "scale_add");
  EXPECT_THAT(entry.parameter_bytes, ElementsAre(8, 8, 4, 8, 4, 8));
  EXPECT_EQ(entry.static_shared_bytes, 16) << "without the kibibyte that the architecture keeps for itself";
  EXPECT_EQ(entry.registers, 22);
  EXPECT_EQ(entry.local_bytes, 0);
}

TEST(Cubin, OfTheFirstAbiIsRead) {
  std::string bytes = cubin();
  bytes[8] = 7;                                            // The version of the ABI,
  bytes.replace(48, 4, std::string("\x59\x05\x59\0", 4));  // which keeps the architecture in the lowest byte.
  EXPECT_EQ(read_cubin(bytes, "k.cubin")->sm, 89);
}

TEST(Cubin, LargeParametersAreRead) {
  std::string bytes = cubin();
  // The last parameter in the form for those beyond 16 KiB: a whole word for its size.
  const std::size_t at = bytes.find(std::string("\x04\x17\x0c\0\0\0\0\0\x05\0", 10));
  ASSERT_NE(at, std::string::npos);
  bytes[at + 1] = 0x45;
  bytes.replace(at + 12, 4, std::string("\x20\x4e\0\0", 4));
  const auto image = read_cubin(bytes, "k.cubin");
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_THAT(image->entries[0].parameter_bytes, ElementsAre(8, 8, 4, 8, 4, 20000));
}

TEST(Cubin, WhatIsNoneIsAnError) {
  EXPECT_THAT(read_cubin("", "k.cubin").error().message(),
              HasSubstr("k.cubin: is no cubin that can be read: it is no"));
  EXPECT_FALSE(read_cubin(fixture("scale_add.ptx"), "k.cubin"));
  std::string other = cubin();
  other[18] = 62;  // x86-64
  EXPECT_THAT(read_cubin(other, "k.cubin").error().reason, HasSubstr("another machine"));
  std::string nameless = cubin();
  nameless[62] = '\xff';  // Section of the names.
  EXPECT_THAT(read_cubin(nameless, "k.cubin").error().reason, HasSubstr("sections"));
}

TEST(Cubin, CutAnywhereIsAnError) {
  const std::string bytes = cubin();
  const auto table = static_cast<unsigned char>(bytes[40]) | static_cast<unsigned char>(bytes[41]) << 8;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto image = read_cubin(std::string_view(bytes).substr(0, length), "k.cubin");
    if (length < static_cast<std::size_t>(table)) {
      EXPECT_FALSE(image) << length;
    }
  }
}

TEST(Cubin, ChangedAnywhereIsReadOrAnError) {
  const std::string bytes = cubin();
  std::size_t refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string changed = bytes;
      changed[i] = value;
      refused += !read_cubin(changed, "k.cubin").has_value();
    }
  }
  EXPECT_GT(refused, 100U);
}

}  // namespace
}  // namespace fuseline::tuner
