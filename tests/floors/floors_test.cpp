// The includes of tuner/, app/ and profiler/ against arrows.hpp, and the checker against trees with planted faults.
#include "tests/floors/floors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/floors/arrows.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::floors {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> tree_faults(const Arrows& arrows) {
  return faults(FUSELINE_SOURCE_DIR, kTops, arrows, kWalls);
}

TEST(Floors, EveryIncludeGoesDown) { EXPECT_THAT(tree_faults(kArrows), IsEmpty()); }

/// Two rooms, the upper of which includes from the lower.
class PlantedFaults : public ::testing::Test {
 protected:
  PlantedFaults() {
    tree.write("house/low/noun.hpp", "#pragma once\n#include <string>\n");
    tree.write("house/high/verb.cpp", "// Does.\n#include \"house/low/noun.hpp\"\n");
  }
  [[nodiscard]] std::vector<std::string> found(const Arrows& table) const {
    return faults(tree.path(), {"house"}, table, {{"Paint", {"paint/"}, {"house/high"}}});
  }
  const Arrows arrows = {{"house/low", {}}, {"house/high", {"house/low"}}};
  TemporaryFolder tree;
};

TEST_F(PlantedFaults, ASoundTreeHasNone) { EXPECT_THAT(found(arrows), IsEmpty()); }

TEST_F(PlantedFaults, AnIncludeThatClimbsIsNamedWithFileLineAndArrow) {
  tree.write("house/low/noun.cpp", "\n\n  #  include \"house/high/verb.cpp\"\n");
  EXPECT_THAT(found(arrows), ElementsAre("house/low/noun.cpp:3: includes house/high/verb.cpp: house/low -> house/high "
                                         "is not allowed"));
}

TEST_F(PlantedFaults, AnArrowThatNothingUsesIsNamed) {
  tree.write("house/third/only.cpp", "int third;\n");
  EXPECT_THAT(found({{"house/low", {}}, {"house/high", {"house/low"}}, {"house/third", {"house/low"}}}),
              ElementsAre("no include uses house/third -> house/low"));
}

TEST_F(PlantedFaults, ACircleInTheTableIsNamedOnce) {
  tree.write("house/low/noun.cpp", "#include \"house/third/only.hpp\"\n");
  tree.write("house/third/only.hpp", "#include \"house/high/verb.cpp\"\n");
  EXPECT_THAT(found({{"house/low", {"house/third"}}, {"house/high", {"house/low"}}, {"house/third", {"house/high"}}}),
              ElementsAre("rooms in a circle: house/high -> house/low -> house/third -> house/high"));
}

TEST_F(PlantedFaults, AHeaderBehindAWallIsNamed) {
  tree.write("house/low/noun.cpp", "#include <paint/red.h>\n");
  tree.write("house/high/noun.cpp", "#include <paint/red.h>\n");
  EXPECT_THAT(found(arrows),
              ElementsAre("house/low/noun.cpp:1: includes paint/red.h: headers of Paint are not for house/low"));
}

TEST_F(PlantedFaults, AFileThatIsNotThereAndARoomThatIsNotKnownAreNamed) {
  tree.write("house/attic/box.cpp", "#include \"house/attic/moved.hpp\"\n");
  EXPECT_THAT(found(arrows),
              ElementsAre("house/attic: the table does not know this room",
                          "house/attic/box.cpp:1: includes \"house/attic/moved.hpp\", which is no file of the tree"));
}

TEST(Floors, AnArrowOfTheTreeThatIsTakenOutOfTheTableIsNamed) {
  Arrows fewer = kArrows;
  fewer["tuner/space"].erase("tuner/problem");
  const auto found = tree_faults(fewer);
  ASSERT_FALSE(found.empty());
  for (const std::string& fault : found) EXPECT_THAT(fault, ::testing::HasSubstr("tuner/space -> tuner/problem"));
}

}  // namespace
}  // namespace fuseline::floors
