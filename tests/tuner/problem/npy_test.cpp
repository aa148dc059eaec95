// Headers of .npy files, good and bad.
#include "tuner/problem/npy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/npy.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;

/// The message for a file of that content.
std::string refused(const std::string& content) {
  const auto header = parse_npy_header(content, content.size(), "x.npy");
  return header ? "taken: " + header->shape_text() : header.error().message();
}
std::string refused_header(const std::string& dictionary) { return refused(npy_header(dictionary)); }

TEST(Npy, EveryVersionOfTheFormatIsRead) {
  for (const int major : {1, 2, 3}) {
    const std::string content = npy_header(npy_dictionary("<f4", "(3, 4)"), major) + std::string(48, '\0');
    const auto header = parse_npy_header(content, content.size(), "x.npy");
    ASSERT_TRUE(header) << header.error().message();
    EXPECT_EQ(header->type, NpyType::f4);
    EXPECT_EQ(header->shape, (std::vector<std::int64_t>{3, 4}));
    EXPECT_EQ(header->elements, 12);
    EXPECT_EQ(header->bytes(), 48);
    EXPECT_EQ(header->data_offset + header->bytes(), static_cast<std::int64_t>(content.size()));
  }
}

TEST(Npy, EveryTypeHasItsSize) {
  for (const char* type : {"<f2", "<f4", "<f8", "<i4", "<i8", "|u1"}) {
    const auto known = npy_type_from_string(type);
    ASSERT_TRUE(known) << type;
    EXPECT_EQ(to_string(*known), type);
    const std::string content =
        npy_header(npy_dictionary(type, "(2,)")) + std::string(static_cast<std::size_t>(2 * (type[2] - '0')), '\0');
    const auto header = parse_npy_header(content, content.size(), "x.npy");
    ASSERT_TRUE(header) << header.error().message();
    EXPECT_EQ(header->type, *known);
    EXPECT_EQ(header->shape_text(), "(2,)");
  }
}

TEST(Npy, WhatPythonMayWriteIsRead) {
  const std::string four(4, '\0');
  for (const char* dictionary : {"{'descr':'<f4','fortran_order':False,'shape':()}",
                                 "{\"shape\": ( 1 , ) , \"fortran_order\": False, \"descr\": \"<f4\"}",
                                 "{ 'fortran_order': False , 'descr': '<f4', 'shape': (1, 1, 1,), }",
                                 "{'descr': '<f4', 'fortran_order': False, 'shape': (1L, 1L), }"}) {
    const std::string content = npy_header(dictionary) + four;
    EXPECT_TRUE(parse_npy_header(content, content.size(), "x.npy")) << refused(content);
  }
}

TEST(Npy, ATypeThatIsNotReadSaysWhatToWrite) {
  EXPECT_EQ(
      refused_header(npy_dictionary("<u2", "(1,)")),
      "x.npy: /: its type \"<u2\" is not read: bfloat16 is written as \"<f4\" (x.float().numpy() in PyTorch), and "
      "rounded to the tensor's dtype");
  EXPECT_EQ(refused_header(npy_dictionary(">f4", "(1,)")),
            "x.npy: /: its type \">f4\" is big-endian: write it as \"<f4\"");
  EXPECT_THAT(refused_header(npy_dictionary("|b1", "(1,)")), HasSubstr("known: <f2, <f4, <f8, <i4, <i8, |u1"));
  EXPECT_THAT(refused_header(npy_dictionary("|O", "(1,)")), HasSubstr("is not read"));
  EXPECT_THAT(refused_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"),
              HasSubstr("records of several fields"));
  EXPECT_THAT(refused_header(npy_dictionary("<f4\x1b[2J", "(1,)")), HasSubstr("\\x1B[2J"));
}

TEST(Npy, FortransOrderIsRefused) {
  EXPECT_EQ(refused_header(npy_dictionary("<f4", "(2, 2)", true)),
            "x.npy: /: it is in Fortran's order: write np.ascontiguousarray(x)");
}

TEST(Npy, TheFileHasExactlyTheElementsOfItsHeader) {
  const std::string header = npy_header(npy_dictionary("<f4", "(3, 4)"));
  EXPECT_EQ(refused(header + std::string(47, '\0')),
            "x.npy: /: is cut short: shape (3, 4) of <f4 takes 176 bytes, it has 175");
  EXPECT_EQ(refused(header + std::string(49, '\0')), "x.npy: /: has 1 bytes behind its last element");
  EXPECT_EQ(refused_header(npy_dictionary("<f4", "(3, 0)")), "x.npy: /: shape (3, 0) has no elements");
  // Bounds are looked at before anything is multiplied or allocated.
  EXPECT_THAT(refused_header(npy_dictionary("<f8", "(4294967296, 4294967296)")), HasSubstr("more elements than 2^44"));
  EXPECT_THAT(refused_header(npy_dictionary("<f8", "(99999999999999999999,)")), HasSubstr("more elements than 2^44"));
  EXPECT_THAT(refused_header(npy_dictionary("<f8", "(17592186044416,)")), HasSubstr("takes 140737488355"));
}

TEST(Npy, WhatIsNoHeaderIsRefused) {
  EXPECT_EQ(refused(""), "x.npy: /: is no .npy file");
  EXPECT_EQ(refused("PK\3\4, an .npz is an archive"), "x.npy: /: is no .npy file");
  EXPECT_EQ(refused("\x93NUMPY"), "x.npy: /: is cut short within its header");
  EXPECT_THAT(refused(npy_header("{}", 4)), HasSubstr("version 4.0"));
  std::string absurd = npy_header(npy_dictionary("<f4", "(1,)"), 2);
  absurd[11] = '\x7f';
  EXPECT_THAT(refused(absurd), HasSubstr("more than the 65536 that are read"));
  const std::string whole = npy_header(npy_dictionary("<f4", "(1,)"));
  for (std::size_t length = 6; length < whole.size(); ++length)
    EXPECT_EQ(refused(whole.substr(0, length)), "x.npy: /: is cut short within its header") << length;
  for (const auto& [dictionary, reason] :
       {std::pair{"[]", "is no dictionary"},
        {"{'descr': '<f4', 'fortran_order': False}", "lacks 'shape'"},
        {"{'descr': '<f4', 'descr': '<f4'}", "has 'descr' twice"},
        {"{'descr' '<f4'}", "has no ':' behind 'descr'"},
        {"{'descr': '<f4' 'shape': ()}", "has no ',' between two members"},
        {"{'descr': '<f4", "has a string without an end"},
        {"{'descr': '\\x3cf4'}", "a backslash"},
        {"{'descr': f()}", "something other than a string"},
        {"{'fortran_order': None}", "neither True nor False"},
        {"{'shape': 3}", "no tuple as 'shape'"},
        {"{'shape': (3)}", "no tuple as 'shape'"},
        {"{'shape': (-3,)}", "no whole number in 'shape'"},
        {"{'shape': (3.5,)}", "no tuple as 'shape'"},
        {"{'shape': (3LL,)}", "no tuple as 'shape'"},
        {"{'shape': (L,)}", "no whole number in 'shape'"},
        {"{'more': 1}", "an unknown member 'more'"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': ()} + 1", "goes on behind the dictionary"}}) {
    EXPECT_THAT(refused_header(dictionary), HasSubstr(reason)) << dictionary;
  }
  std::string many = "(";
  for (int i = 0; i < 65; ++i) many += "1, ";
  EXPECT_THAT(refused_header(npy_dictionary("<f4", many + ")")), HasSubstr("more than 64 dimensions"));
}

TEST(Npy, AFileIsReadNoFurtherThanItsHeader) {
  const TemporaryFolder folder;
  folder.write("x.npy", npy_file<float>("<f4", "(2,)", {1, 2}));
  const auto header = read_npy_header(folder.path() / "x.npy", "x.npy");
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->elements, 2);
  EXPECT_EQ(read_npy_header(folder.path() / "y.npy", "y.npy").error().message(), "y.npy: there is no such file");
  EXPECT_EQ(read_npy_header(folder.path(), "a folder").error().message(), "a folder: is no file");
}

}  // namespace
}  // namespace fuseline::tuner
