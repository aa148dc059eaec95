#include "tuner/base/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/environment_variable.hpp"
#include "tests/support/gzip.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

TEST(ReadFile, GivesTheBytesAsTheyAre) {
  const TemporaryFolder scratch;
  const std::string bytes("a\0\xff\n", 4);
  EXPECT_EQ(read_file(scratch.write("a.bin", bytes)).value(), bytes);
  EXPECT_EQ(read_file(scratch.write("empty", "")).value(), "");
}

TEST(ReadFile, UnpacksGzipOfOneOrMoreMembers) {
  const TemporaryFolder scratch;
  EXPECT_EQ(read_file(scratch.write("a.gz", gzip("one"))).value(), "one");
  EXPECT_EQ(read_file(scratch.write("b.gz", gzip("one") + gzip("two"))).value(), "onetwo");
  const std::string large(3000000, 'x');
  EXPECT_EQ(read_file(scratch.write("c.gz", gzip(large))).value(), large);
}

TEST(ReadFile, RefusesAGzipBombAtTheLimit) {
  const TemporaryFolder scratch;
  const fs::path bomb = scratch.write("bomb.gz", gzip(std::string(64 << 20, '\0')));
  ASSERT_LT(fs::file_size(bomb), 100000u);
  EXPECT_THAT(read_file(bomb, 1 << 20).error().message(),
              HasSubstr("bomb.gz: unpacks to something larger than the limit of 1048576 bytes"));
}

TEST(ReadFile, RefusesDamagedAndTruncatedGzip) {
  const TemporaryFolder scratch;
  const std::string packed = gzip("some text that is long enough to be cut");
  std::string flipped = packed;
  flipped[packed.size() - 6] = static_cast<char>(flipped[packed.size() - 6] ^ 1);  // in the checksum
  for (const std::string& bytes :
       {packed.substr(0, packed.size() - 5), packed.substr(0, 3), flipped, packed + "rubbish"}) {
    EXPECT_THAT(read_file(scratch.write("a.gz", bytes)).error().message(),
                HasSubstr("a.gz: is damaged or cut short (gzip)"));
  }
}

TEST(ReadFile, NamesWhatIsWrong) {
  const TemporaryFolder scratch;
  EXPECT_THAT(read_file(scratch.path() / "none").error().message(), HasSubstr("none: no such file"));
  EXPECT_THAT(read_file(scratch.path()).error().message(), HasSubstr("is a folder, not a file"));
  EXPECT_THAT(read_file(scratch.write("large", std::string(11, 'x')), 10).error().message(),
              HasSubstr("larger than the limit of 10 bytes"));
  EXPECT_EQ(read_file(scratch.write("fits", std::string(10, 'x')), 10).value().size(), 10u);
}

TEST(ReadFile, EscapesTheNameInItsError) {
  EXPECT_EQ(read_file("/nowhere/\x1b[31m").error().message(), "/nowhere/\\x1B[31m: no such file");
}

TEST(ReadFile, StopsOnAnEndlessDevice) {
  EXPECT_THAT(read_file("/dev/zero", 1000).error().message(), HasSubstr("larger than the limit"));
}

TEST(WriteFile, ReplacesTheContentAndLeavesNothingElse) {
  const TemporaryFolder scratch;
  const fs::path file = scratch.write("a.json", "old and longer");
  ASSERT_TRUE(write_file(file, "new"));
  EXPECT_EQ(read_file(file).value(), "new");
  EXPECT_EQ(entries(scratch.path()), 1u);
}

TEST(WriteFile, ReaderWithTheFileOpenKeepsTheOldContent) {
  const TemporaryFolder scratch;
  const fs::path file = scratch.write("a.json", "old");
  std::ifstream reader(file);
  ASSERT_TRUE(write_file(file, "new"));
  std::string content;
  reader >> content;
  EXPECT_EQ(content, "old");
}

TEST(WriteFile, NewFileHasOrdinaryPermissionsAndAnOldOneKeepsIts) {
  const TemporaryFolder scratch;
  const mode_t mask = ::umask(022);
  ASSERT_TRUE(write_file(scratch.path() / "new", "x"));
  ::umask(mask);
  EXPECT_EQ(fs::status(scratch.path() / "new").permissions(), fs::perms{0644});
  fs::permissions(scratch.path() / "new", fs::perms{0600});
  ASSERT_TRUE(write_file(scratch.path() / "new", "y"));
  EXPECT_EQ(fs::status(scratch.path() / "new").permissions(), fs::perms{0600});
}

TEST(WriteFile, WritesThroughALink) {
  const TemporaryFolder scratch;
  const fs::path file = scratch.write("real", "old");
  fs::create_symlink(file, scratch.path() / "link");
  ASSERT_TRUE(write_file(scratch.path() / "link", "new"));
  EXPECT_TRUE(fs::is_symlink(scratch.path() / "link"));
  EXPECT_EQ(read_file(file).value(), "new");
}

TEST(WriteFile, WritesDevicesInPlace) {
  ASSERT_TRUE(write_file("/dev/null", "x"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(WriteFile, DashIsStandardOutput) {
  ::testing::internal::CaptureStdout();
  const Result<void> written = write_file("-", "to stdout\n");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "to stdout\n");
  EXPECT_TRUE(written);
}

TEST(WriteFile, NamesWhatIsWrong) {
  const TemporaryFolder scratch;
  EXPECT_THAT(write_file(scratch.path(), "x").error().message(), HasSubstr("is a folder"));
  EXPECT_THAT(write_file(scratch.path() / "none" / "a", "x").error().message(),
              HasSubstr("none/a: cannot be written: No such file or directory"));
  EXPECT_FALSE(write_file("", "x"));
}

TEST(MakeFolder, MakesThoseAboveItAndTakesOneThatIsThere) {
  const TemporaryFolder folder;
  EXPECT_TRUE(make_folder(folder.path() / "a" / "b"));
  EXPECT_TRUE(make_folder(folder.path() / "a" / "b"));
  EXPECT_TRUE(fs::is_directory(folder.path() / "a" / "b"));
  EXPECT_TRUE(make_folder(fs::path("a-bare-name").parent_path())) << "it is the current folder";
  ASSERT_TRUE(write_file(folder.path() / "file", ""));
  const auto beneath = make_folder(folder.path() / "file" / "c");
  ASSERT_FALSE(beneath);
  EXPECT_THAT(beneath.error().message(), HasSubstr((folder.path() / "file" / "c").string()));
}

TEST(CheckWritable, LeavesNoFileBehind) {
  const TemporaryFolder scratch;
  EXPECT_TRUE(check_writable(scratch.path() / "a.json"));
  EXPECT_EQ(entries(scratch.path()), 0u);
  EXPECT_TRUE(check_writable(scratch.write("b.json", "kept")));
  EXPECT_EQ(read_file(scratch.path() / "b.json").value(), "kept");
  EXPECT_TRUE(check_writable("-"));
  EXPECT_TRUE(check_writable("/dev/null"));
}

TEST(CheckWritable, RefusesFoldersAndFilesInMissingFolders) {
  const TemporaryFolder scratch;
  const Result<void> missing = check_writable(scratch.path() / "none" / "a.json");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(missing.error().message(), HasSubstr("there is no folder"));
  EXPECT_THAT(check_writable(scratch.path()).error().message(), HasSubstr("is a folder"));
  EXPECT_FALSE(check_writable("/proc/fuseline.json"));
}

TEST(DataFolder, EnvironmentComesFirst) {
  const EnvironmentVariable variable("FUSELINE_DATA", "/some/where");
  EXPECT_EQ(data_folder(), "/some/where");
}

TEST(DataFolder, ProgramInItsBuildTreeReadsTheSourceTree) {
  const EnvironmentVariable variable("FUSELINE_DATA", std::nullopt);
  EXPECT_EQ(data_folder(), FUSELINE_SOURCE_DIR);
}

TEST(ExecutableFolder, IsThatOfThisTest) { EXPECT_TRUE(fs::exists(executable_folder() / "tuner_base_tests")); }

TEST(UserFolders, FollowTheXdgVariablesWhereTheyAreAbsolute) {
  const EnvironmentVariable home("HOME", "/home/someone");
  {
    const EnvironmentVariable data("XDG_DATA_HOME", "/data"), cache("XDG_CACHE_HOME", "/cache");
    EXPECT_EQ(user_data_folder(), "/data/fuseline");
    EXPECT_EQ(user_cache_folder(), "/cache/fuseline");
  }
  const EnvironmentVariable data("XDG_DATA_HOME", "relative"), cache("XDG_CACHE_HOME", std::nullopt);
  EXPECT_EQ(user_data_folder(), "/home/someone/.local/share/fuseline");
  EXPECT_EQ(user_cache_folder(), "/home/someone/.cache/fuseline");
}

TEST(PathWithin, ResolvesFilesOfTheFolder) {
  const TemporaryFolder scratch;
  const fs::path file = scratch.write("kernels/a.cu", "");
  EXPECT_EQ(path_within(scratch.path(), "kernels/a.cu").value(), file);
  EXPECT_EQ(path_within(scratch.path(), "kernels/../kernels/./a.cu").value(), file);
  EXPECT_EQ(path_within(scratch.path(), "not/there/yet.cu").value(), scratch.path() / "not/there/yet.cu");
}

TEST(PathWithin, RefusesToLeaveTheFolder) {
  const TemporaryFolder scratch;
  scratch.write("inside/a.cu", "");
  scratch.write("inside-too/b.cu", "");
  for (const char* name :
       {"../inside-too/b.cu", "..", "x/../../inside-too/b.cu", "/etc/passwd", "../../../../../../../../etc/passwd"}) {
    const Result<fs::path> path = path_within(scratch.path() / "inside", name);
    ASSERT_FALSE(path) << name;
    EXPECT_EQ(path.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(path.error().message(), HasSubstr(name));
  }
}

TEST(PathWithin, RefusesLinksThatLeaveTheFolder) {
  const TemporaryFolder scratch;
  scratch.write("secret.cu", "");
  scratch.write("inside/a.cu", "");
  fs::create_symlink("../secret.cu", scratch.path() / "inside/file_link.cu");
  fs::create_symlink("..", scratch.path() / "inside/folder_link");
  fs::create_symlink("a.cu", scratch.path() / "inside/good_link.cu");
  const fs::path inside = scratch.path() / "inside";
  EXPECT_FALSE(path_within(inside, "file_link.cu"));
  EXPECT_FALSE(path_within(inside, "folder_link/secret.cu"));
  EXPECT_EQ(path_within(inside, "good_link.cu").value(), inside / "a.cu");
}

TEST(PathWithin, FollowsAFolderThatIsItselfALink) {
  const TemporaryFolder scratch;
  scratch.write("real/a.cu", "");
  fs::create_directory_symlink("real", scratch.path() / "link");
  EXPECT_EQ(path_within(scratch.path() / "link", "a.cu").value(), scratch.path() / "real/a.cu");
}

TEST(PathWithin, RefusesLinkLoopsNulsAndMissingFolders) {
  const TemporaryFolder scratch;
  fs::create_symlink("loop", scratch.path() / "loop");
  EXPECT_FALSE(path_within(scratch.path(), "loop/a"));
  EXPECT_THAT(path_within(scratch.path(), std::string("a\0b", 3)).error().message(), HasSubstr("a\\x00b"));
  EXPECT_FALSE(path_within(scratch.path(), ""));
  EXPECT_FALSE(path_within(scratch.path() / "none", "a"));
}

}  // namespace
}  // namespace fuseline::tuner
