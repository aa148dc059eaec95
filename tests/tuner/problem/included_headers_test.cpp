#include "tuner/problem/included_headers.hpp"

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "tuner/problem/catalog.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Headers = std::map<std::string, std::string>;

std::vector<std::string> names(const std::string& source, const Headers& headers) {
  std::vector<std::string> found;
  for (const auto& [name, text] : included_headers(source, headers)) {
    EXPECT_EQ(text, headers.at(name));
    found.push_back(name);
  }
  return found;
}

const Headers kHeaders = {
    {"common/dtype.cuh", "#pragma once\n#include <cuda_fp16.h>\n"},
    {"common/vector.cuh", "#include \"common/dtype.cuh\"\n"},
    {"common/rows.cuh", "#  include \"vector.cuh\"  // Beside it.\r\n"},
    {"own.cuh", "#include \"common/own.cuh\"\n"},
    {"common/own.cuh", "#include \"own.cuh\"\n"},
};

TEST(IncludedHeaders, AreThoseOfASourceAndTheirOwn) {
  EXPECT_THAT(names("int main;", kHeaders), IsEmpty());
  EXPECT_THAT(names("#include \"common/dtype.cuh\"", kHeaders), ElementsAre("common/dtype.cuh"));
  EXPECT_THAT(names("\t# include <common/rows.cuh>\nint a;\n", kHeaders),
              ElementsAre("common/dtype.cuh", "common/rows.cuh", "common/vector.cuh"));
  EXPECT_THAT(names("#include \"other.cuh\"\n#include \"vector.cuh\"\n", kHeaders), IsEmpty());
}

TEST(IncludedHeaders, InARingOrUnderAConditionCountOnce) {
  EXPECT_THAT(names("#if 0\n#include \"own.cuh\"\n#endif\n", kHeaders), ElementsAre("common/own.cuh", "own.cuh"));
}

TEST(IncludedHeaders, NamedByAMacroMayBeAny) {
  EXPECT_EQ(included_headers("#include CHOSEN\n", kHeaders), kHeaders);
  EXPECT_EQ(included_headers("#include \"unclosed\n", kHeaders), kHeaders);
}

TEST(IncludedHeaders, OfABuiltInKernelAreNotAllThatThereAre) {
  const auto catalog = Catalog::load(FUSELINE_SOURCE_DIR, {});
  ASSERT_TRUE(catalog) << catalog.error().message();
  const auto entry = catalog->find("bias_gelu");
  ASSERT_TRUE(entry) << entry.error().message();
  const auto all = catalog->headers_for(**entry);
  for (const auto& variant : (*entry)->variants) {
    for (const auto& [name, text] : variant.sources) {
      const auto used = included_headers(*text, all);
      EXPECT_TRUE(used.contains("common/dtype.cuh")) << name;
      EXPECT_FALSE(used.contains("common/channel_softmax.cuh")) << name;
    }
  }
}

}  // namespace
}  // namespace fuseline::tuner
