#include "profiler/compile/cubin_cache.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "profiler/compile/compile_codec.hpp"
#include "tests/profiler/support.hpp"

namespace fuseline::profiler {
namespace {

using testing::request;

CompileResult some_result() {
  CompileResult result;
  result.status = CompileResult::Status::ok;
  result.image = std::string(
      "\x7f"
      "ELF\0\xff",
      6);
  result.log = "ptxas info \xff not UTF-8";
  result.kernels = {{"k", 32, 8, 4, 2, 1024}};
  result.lowered_names = {{"k<float>", "_Z1kIfEvPf"}};
  result.compile_ms = 50;
  return result;
}

TEST(CubinCache, KeepsEverything) {
  const testing::TemporaryFolder folder;
  const CubinCache cache(folder.path() / "made" / "as" / "needed");
  EXPECT_FALSE(cache.find("key").has_value());
  cache.store("key", some_result());
  const auto found = cache.find("key");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->image, some_result().image);
  EXPECT_EQ(found->log, some_result().log);
  EXPECT_EQ(found->kernels, some_result().kernels);
  EXPECT_EQ(found->symbol("k<float>"), "_Z1kIfEvPf");
  EXPECT_TRUE(found->cached);
}

TEST(CubinCache, DoesNotKeepFailures) {
  const testing::TemporaryFolder folder;
  const CubinCache cache(folder.path());
  CompileResult failed = some_result();
  failed.status = CompileResult::Status::timeout;
  cache.store("key", failed);
  EXPECT_FALSE(cache.find("key").has_value());
}

TEST(CubinCache, ADamagedEntryIsMissing) {
  const testing::TemporaryFolder folder;
  const CubinCache cache(folder.path());
  const auto file = folder.path() / "key.cubin";
  cache.store("key", some_result());
  const auto size = std::filesystem::file_size(file);
  {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(size / 2 + 20));
    stream.put('!');
  }
  EXPECT_FALSE(cache.find("key").has_value());
  cache.store("key", some_result());
  EXPECT_TRUE(cache.find("key").has_value());
  std::filesystem::resize_file(file, size - 1);
  EXPECT_FALSE(cache.find("key").has_value());
  std::filesystem::resize_file(file, 0);
  EXPECT_FALSE(cache.find("key").has_value());
}

TEST(CubinCache, AFolderThatCannotBeWrittenIsNoError) {
  const CubinCache cache("/proc/none");
  cache.store("key", some_result());
  EXPECT_FALSE(cache.find("key").has_value());
}

TEST(CubinCache, TheKeyCoversAllThatMatters) {
  CompileRequest base = request(testing::kGoodSource);
  base.headers["common/a.cuh"] = "a";
  base.options = {"-DA=1"};
  std::set<std::string> keys{CubinCache::key(base, "13.0"), CubinCache::key(base, "12.9")};
  CompileRequest changed = base;
  changed.source += " ";
  keys.insert(CubinCache::key(changed, "13.0"));
  changed = base;
  changed.headers["common/a.cuh"] = "b";
  keys.insert(CubinCache::key(changed, "13.0"));
  changed = base;
  changed.headers = {{"common/b.cuh", "a"}};
  keys.insert(CubinCache::key(changed, "13.0"));
  changed = base;
  changed.options = {"-DA=2"};
  keys.insert(CubinCache::key(changed, "13.0"));
  changed = base;
  changed.architecture = "sm_89";
  keys.insert(CubinCache::key(changed, "13.0"));
  changed = base;
  changed.name_expressions = {"rows<float>"};
  keys.insert(CubinCache::key(changed, "13.0"));
  changed.name_expressions = {"rows<float>", "rows<int>"};
  keys.insert(CubinCache::key(changed, "13.0"));
  changed = base;
  changed.form = tuner::KernelForm::ptx;
  keys.insert(CubinCache::key(changed, "13.0"));
  EXPECT_EQ(keys.size(), 10U);
  EXPECT_EQ(CubinCache::key(base, "13.0"), CubinCache::key(CompileRequest(base), "13.0"));
}

TEST(CubinCache, ShrinkingRemovesWhatWasUsedLongestAgo) {
  const testing::TemporaryFolder folder;
  const CubinCache cache(folder.path());
  for (const char* key : {"old", "middle", "new"}) cache.store(key, some_result());
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(folder.path() / "old.cubin", now - std::chrono::hours(2));
  std::filesystem::last_write_time(folder.path() / "middle.cubin", now - std::chrono::hours(1));
  const auto size = std::filesystem::file_size(folder.path() / "new.cubin");
  EXPECT_TRUE(cache.find("old").has_value());  // Used: now it is the newest.
  cache.shrink(2 * size);
  EXPECT_TRUE(cache.find("old").has_value());
  EXPECT_FALSE(cache.find("middle").has_value());
  EXPECT_TRUE(cache.find("new").has_value());
}

TEST(CompileCodec, RefusesWhatItDidNotWrite) {
  EXPECT_FALSE(decode_compile_result("").has_value());
  EXPECT_FALSE(decode_compile_result("abcd").has_value());
  EXPECT_FALSE(decode_compile_request(encode(some_result())).has_value());
  const std::string whole = encode(some_result());
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(decode_compile_result(whole.substr(0, length)).has_value());
}

TEST(CompileCodec, RequestsSurviveTheWay) {
  CompileRequest made = request("source \xff");
  made.headers["common/a.cuh"] = "text";
  made.options = {"-DA=1", "--use_fast_math"};
  made.name_expressions = {"k<float>"};
  made.form = tuner::KernelForm::ptx;
  const auto back = decode_compile_request(encode(made));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->source, made.source);
  EXPECT_EQ(back->headers, made.headers);
  EXPECT_EQ(back->options, made.options);
  EXPECT_EQ(back->name_expressions, made.name_expressions);
  EXPECT_EQ(back->form, made.form);
  EXPECT_EQ(back->architecture, made.architecture);
}

}  // namespace
}  // namespace fuseline::profiler
