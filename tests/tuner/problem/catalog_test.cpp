#include "tuner/problem/catalog.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/tuner/problem/temporary_problem.hpp"

namespace fuseline::tuner {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;

/// A data folder with one built-in problem, "built_in", made from the example.
class CatalogTest : public ::testing::Test {
 protected:
  CatalogTest() {
    ::unsetenv("FUSELINE_PATH");
    const fs::path kernels = data() / "kernels" / "built_in";
    fs::create_directories(data() / "kernels" / "common");
    fs::copy(fs::path(FUSELINE_SOURCE_DIR) / "tests/data/user_problem", kernels);
    root_.edit("data/kernels/built_in/problem.json", set("/name", "built_in"));
    root_.write("data/kernels/common/math.cuh", "// common\n");
  }
  ~CatalogTest() override { ::unsetenv("FUSELINE_PATH"); }

  fs::path data() const { return root_.folder() / "data"; }
  Result<Catalog> load(const std::vector<fs::path>& paths = {}) const { return Catalog::load(data(), paths); }
  Error error(const std::vector<fs::path>& paths = {}) const {
    const Result<Catalog> catalog = load(paths);
    EXPECT_FALSE(catalog);
    return catalog ? Error{} : catalog.error();
  }

  /// Why the user's folder was left out, which costs nothing else.
  Error left_out(const std::string& name = "scale_add") const {
    const Result<Catalog> catalog = load({user_.folder()});
    EXPECT_TRUE(catalog);
    if (!catalog || catalog->unloaded().size() != 1) return {};
    EXPECT_TRUE(catalog->find("built_in"));
    const UnloadedFolder& folder = catalog->unloaded().front();
    EXPECT_EQ(folder.name, name);
    EXPECT_EQ(folder.folder, user_.folder());
    if (name == "built_in") return folder.error;
    EXPECT_EQ(catalog->find(name).error().message(), folder.error.message());
    return folder.error;
  }

  TemporaryProblem root_;  ///< Only its folder is used; "data" lies in it.
  TemporaryProblem user_;
};

std::vector<std::string> names(const Catalog& catalog) {
  std::vector<std::string> all;
  for (const auto& entry : catalog.entries()) all.push_back(entry->problem.name);
  return all;
}

TEST_F(CatalogTest, BuiltInProblemsWithTheirHeaders) {
  const Result<Catalog> catalog = load();
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_THAT(names(*catalog), ElementsAre("built_in"));
  EXPECT_THAT(catalog->common_headers(), ElementsAre(Key("math.cuh")));
  const auto entry = catalog->find("built_in").value();
  EXPECT_TRUE(entry->built_in);
  ASSERT_EQ(entry->variants.size(), 1u);
  EXPECT_EQ(entry->variants[0].name, "strided");
  EXPECT_THAT(entry->headers, ElementsAre(Key("element.cuh")));
}

/// Compilers do not take what some editors write before UTF-8.
TEST_F(CatalogTest, AByteOrderMarkIsTakenOffSources) {
  const auto marked = [&](const std::string& name) {
    const fs::path file = root_.folder() / name;
    std::ifstream stream(file);
    std::string text(std::istreambuf_iterator<char>(stream), {});
    root_.write(name, "\xEF\xBB\xBF" + text);
    return text;
  };
  const std::string source = marked("data/kernels/built_in/strided.cu");
  const std::string reference = marked("data/kernels/built_in/reference.cu");
  const std::string header = marked("data/kernels/common/math.cuh");
  const std::string own = marked("data/kernels/built_in/element.cuh");
  const Result<Catalog> catalog = load();
  ASSERT_TRUE(catalog) << catalog.error().message();
  const auto entry = catalog->find("built_in").value();
  EXPECT_EQ(*entry->variants[0].sources.begin()->second, source);
  EXPECT_EQ(entry->problem.reference_source, reference);
  EXPECT_EQ(catalog->common_headers().at("math.cuh"), header);
  EXPECT_EQ(entry->headers.at("element.cuh"), own);
}

TEST_F(CatalogTest, AUsersFolder) {
  const Result<Catalog> catalog = load({user_.folder()});
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_THAT(names(*catalog), ElementsAre("built_in", "scale_add"));
  const auto entry = catalog->find("scale_add").value();
  EXPECT_FALSE(entry->built_in);
  EXPECT_THAT(entry->headers.at("element.cuh"), HasSubstr("Element"));
  EXPECT_THAT(entry->problem.reference_source, HasSubstr("scale_add_reference"));
}

TEST_F(CatalogTest, AFolderOfFolders) {
  fs::create_directories(root_.folder() / "mine" / "not_a_problem");
  fs::copy(user_.folder(), root_.folder() / "mine" / "one");
  fs::copy(user_.folder(), root_.folder() / "mine" / "two");
  root_.edit("mine/two/problem.json", set("/name", "another"));
  const Result<Catalog> catalog = load({root_.folder() / "mine"});
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_THAT(names(*catalog), ElementsAre("another", "built_in", "scale_add"));
}

TEST_F(CatalogTest, TheEnvironmentNamesFoldersToo) {
  ::setenv("FUSELINE_PATH", (":" + user_.folder().string()).c_str(), 1);
  EXPECT_THAT(names(load().value()), ElementsAre("built_in", "scale_add"));
  // Named in both places: once.
  EXPECT_THAT(names(load({user_.folder()}).value()), ElementsAre("built_in", "scale_add"));
}

TEST_F(CatalogTest, UnknownProblemsGiveCloseNamesAndTheList) {
  const Catalog catalog = load({user_.folder()}).value();
  EXPECT_EQ(catalog.find("scale_ad").error().message(),
            "unknown problem \"scale_ad\"; did you mean scale_add? known: built_in, scale_add");
}

TEST_F(CatalogTest, ABuiltInNameIsTaken) {
  user_.edit("problem.json", set("/name", "built_in"));
  const Error taken = left_out("built_in");
  EXPECT_EQ(taken.file, user_.problem_file().string());
  EXPECT_EQ(taken.path, "/name");
  EXPECT_THAT(taken.reason, HasSubstr("taken by the built-in problem"));
}

TEST_F(CatalogTest, TwoVariantsOfOneName) {
  fs::copy(user_.manifest(), user_.folder() / "zweite.json");
  const Error twice = left_out();
  EXPECT_EQ(twice.file, (user_.folder() / "zweite.json").string());
  EXPECT_EQ(twice.path, "/name");
  EXPECT_THAT(twice.reason, HasSubstr("already defined by " + user_.manifest().string()));
}

TEST_F(CatalogTest, AManifestThatNamesAFileOutside) {
  user_.edit("strided.json", set("/source", "../x.cu"));
  const Error outside = left_out();
  EXPECT_EQ(outside.kind, ErrorKind::bad_input);
  EXPECT_EQ(outside.file, user_.manifest().string());
  EXPECT_EQ(outside.path, "/source");
  EXPECT_THAT(outside.reason, HasSubstr("outside"));
}

TEST_F(CatalogTest, AHeaderThatIsALinkToOutside) {
  fs::create_symlink("/etc/hostname", user_.folder() / "leak.cuh");
  const Error outside = left_out();
  EXPECT_EQ(outside.file, (user_.folder() / "leak.cuh").string());
  EXPECT_THAT(outside.reason, HasSubstr("outside"));
}

TEST_F(CatalogTest, AManifestOrProblemThatIsALinkToOutside) {
  fs::rename(user_.manifest(), root_.folder() / "elsewhere.json");
  fs::create_symlink(root_.folder() / "elsewhere.json", user_.manifest());
  EXPECT_THAT(left_out().message(), AllOf(HasSubstr("strided.json"), HasSubstr("outside")));
  fs::remove(user_.manifest());
  fs::rename(root_.folder() / "elsewhere.json", user_.manifest());
  fs::rename(user_.problem_file(), root_.folder() / "elsewhere.json");
  fs::create_symlink(root_.folder() / "elsewhere.json", user_.problem_file());
  EXPECT_THAT(left_out().message(), AllOf(HasSubstr("problem.json"), HasSubstr("outside")));
}

TEST_F(CatalogTest, APipeInPlaceOfASourceKeepsNobodyWaiting) {
  fs::remove(user_.folder() / "strided.cu");
  ASSERT_EQ(::mkfifo((user_.folder() / "strided.cu").c_str(), 0600), 0);
  EXPECT_THAT(left_out().message(), HasSubstr("is no file"));
}

TEST_F(CatalogTest, FoldersThatHoldNoProblem) {
  EXPECT_EQ(error({root_.folder() / "nowhere"}).file, (root_.folder() / "nowhere").string());
  fs::create_directories(root_.folder() / "empty");
  EXPECT_THAT(error({root_.folder() / "empty"}).reason, HasSubstr("no problem.json"));
  fs::remove(user_.manifest());
  EXPECT_THAT(left_out().reason, HasSubstr("holds no variant of problem \"scale_add\""));
}

TEST_F(CatalogTest, AStrayJsonIsTakenForAManifestAndTheMessageSaysSo) {
  user_.write("notes.json", R"({"a": 1})");
  const Error stray = left_out();
  EXPECT_EQ(stray.file, (user_.folder() / "notes.json").string());
  EXPECT_THAT(stray.reason, HasSubstr("every .json of the folder but problem.json is taken for a variant's manifest"));
  user_.write("notes.json", "{\"schema\": 3,");
  EXPECT_THAT(left_out().reason, AllOf(HasSubstr("line 1"), HasSubstr("every .json")));
}

TEST_F(CatalogTest, AManifestThatSaysWhatItIsGetsItsOwnFaultAlone) {
  user_.edit("strided.json", set("/parameters/0/desciption", "x"));
  EXPECT_THAT(left_out().reason, AllOf(HasSubstr("did you mean"), Not(HasSubstr("every .json"))));
}

TEST_F(CatalogTest, AProblemThatCannotBeReadIsNamedForItsFolder) {
  user_.write("problem.json", "{");
  const std::string folder = user_.folder().filename().string();
  EXPECT_THAT(left_out(folder).message(), HasSubstr("problem.json"));
}

TEST_F(CatalogTest, APathOfTheEnvironmentThatLeadsNowhereCostsNothing) {
  ::setenv("FUSELINE_PATH", ((root_.folder() / "nowhere").string() + ":" + user_.folder().string()).c_str(), 1);
  const Catalog catalog = load().value();
  EXPECT_THAT(names(catalog), ElementsAre("built_in", "scale_add"));
  ASSERT_EQ(catalog.unloaded().size(), 1u);
  EXPECT_EQ(catalog.unloaded().front().name, "");
  EXPECT_THAT(catalog.unloaded().front().error.message(), HasSubstr("is no folder"));
  EXPECT_THAT(catalog.find("").error().message(), HasSubstr("unknown problem"));
}

TEST_F(CatalogTest, OfTwoFoldersWithOneNameTheFirstIsTaken) {
  fs::create_directories(root_.folder() / "mine");
  fs::copy(user_.folder(), root_.folder() / "mine" / "one");
  fs::copy(user_.folder(), root_.folder() / "mine" / "two");
  const Catalog catalog = load({root_.folder() / "mine"}).value();
  EXPECT_EQ(catalog.find("scale_add").value()->problem.kernel_folder, root_.folder() / "mine" / "one");
  ASSERT_EQ(catalog.unloaded().size(), 1u);
  EXPECT_THAT(catalog.unloaded().front().error.reason, HasSubstr("is taken by the problem in"));
}

TEST_F(CatalogTest, ABuiltInFolderIsNamedForItsProblem) {
  root_.edit("data/kernels/built_in/problem.json", set("/name", "other"));
  EXPECT_THAT(error().reason, HasSubstr("must be \"built_in\""));
}

TEST_F(CatalogTest, ADataFolderThatIsNone) {
  const Result<Catalog> catalog = Catalog::load(root_.folder() / "nowhere", {});
  ASSERT_FALSE(catalog);
  EXPECT_THAT(catalog.error().message(), HasSubstr("nowhere"));
}

}  // namespace
}  // namespace fuseline::tuner
