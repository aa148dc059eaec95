// The table's one cursor: where it goes, and what is selected on the way.
#include "app/gui/models/table_cursor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/gui/models/results_model.hpp"
#include "tests/gui/models/support.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using Move = TableCursor::Move;
using Select = TableCursor::Select;

/// In the order of the table: #2, #1, #4, #0, #3.
class Cursor : public ::testing::Test {
 protected:
  void SetUp() override {
    data.show(small_run());
    results.update(data);
  }
  std::vector<std::uint64_t> go(Move move, Select select = Select::only, std::size_t page = 2) {
    cursor.move({results.order(), data}, selection, move, page, select);
    return selection.items();
  }
  RunData data;
  ResultsModel results;
  Selection selection;
  TableCursor cursor;
};

TEST_F(Cursor, ArrowsSelectOneAndStopAtTheEnds) {
  EXPECT_THAT(go(Move::down), ElementsAre(2)) << "from nowhere the first row is the next";
  EXPECT_THAT(go(Move::down), ElementsAre(1));
  EXPECT_THAT(go(Move::page_down), ElementsAre(0));
  EXPECT_THAT(go(Move::page_down), ElementsAre(3));
  EXPECT_THAT(go(Move::down), ElementsAre(3));
  EXPECT_THAT(go(Move::first), ElementsAre(2));
  EXPECT_THAT(go(Move::up), ElementsAre(2));
  EXPECT_THAT(go(Move::last), ElementsAre(3));
}

TEST_F(Cursor, ShiftGoesOnFromWhereItBeganAndTheCursorIsThePrimary) {
  (void)go(Move::first);
  (void)go(Move::down);
  EXPECT_THAT(go(Move::down, Select::extend), ElementsAre(1, 4));
  EXPECT_THAT(go(Move::down, Select::extend), ElementsAre(1, 4, 0));
  EXPECT_EQ(selection.primary(), 0U);
  EXPECT_THAT(go(Move::first, Select::extend), ElementsAre(1, 2)) << "to the other side of the anchor";
}

TEST_F(Cursor, TwoRowsApartAreTakenByCtrlAndTheSpaceBar) {
  (void)go(Move::first);
  (void)go(Move::down, Select::none);
  EXPECT_THAT(go(Move::down, Select::none), ElementsAre(2)) << "nothing yet";
  cursor.toggle(selection);
  EXPECT_THAT(selection.items(), ElementsAre(2, 4));
  cursor.toggle(selection);
  EXPECT_THAT(selection.items(), ElementsAre(2));
}

TEST_F(Cursor, GoesOnFromWhatWasSelectedElsewhere) {
  selection.only(4);
  cursor.follow(selection);
  EXPECT_THAT(go(Move::down), ElementsAre(0));
  results.set_filter("block=128");
  results.update(data);
  selection.only(1);  // Which the table does not show any more.
  cursor.follow(selection);
  EXPECT_THAT(go(Move::down), ElementsAre(2));
}

}  // namespace
}  // namespace fuseline::app::gui
