// What of a window is drawn again, by value: drawings of small squares, shifted, inserted, hidden and moved.
#include "app/gui/models/drawing_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace fuseline::app::gui {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr PixelBox kWholeWindow{0, 0, 1000, 800};

struct Square {
  float x = 0, y = 0, side = 10;
  std::uint32_t colour = 1;
};

/// A draw call, as ImGui's lists have them.
struct Call {
  PixelBox clip = kWholeWindow;
  std::vector<Square> squares;
  std::uint64_t texture = 7;
};

void add_vertex(std::vector<std::byte>& bytes, float x, float y, std::uint32_t colour) {
  const std::array<float, 4> numbers = {x, y, 0.5F, 0.5F};
  const std::size_t at = bytes.size();
  bytes.resize(at + kVertexBytes);
  std::memcpy(bytes.data() + at, numbers.data(), sizeof numbers);
  std::memcpy(bytes.data() + at + 16, &colour, sizeof colour);
}

Drawing drawing(const std::vector<Call>& calls) {
  Drawing drawn;
  for (const Call& call : calls) {
    std::vector<std::byte> vertices;
    std::vector<std::uint16_t> elements;
    for (const Square& square : call.squares) {
      const auto first = static_cast<std::uint16_t>(vertices.size() / kVertexBytes);
      add_vertex(vertices, square.x, square.y, square.colour);
      add_vertex(vertices, square.x + square.side, square.y, square.colour);
      add_vertex(vertices, square.x + square.side, square.y + square.side, square.colour);
      add_vertex(vertices, square.x, square.y + square.side, square.colour);
      for (const int corner : {0, 1, 2, 0, 2, 3}) elements.push_back(static_cast<std::uint16_t>(first + corner));
    }
    drawn.add<std::uint16_t>(call.clip, call.texture, vertices, elements);
  }
  return drawn;
}

/// Squares side by side, 40 in a row.
Call many(std::size_t count) {
  Call call;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = i / 40;
    call.squares.push_back({static_cast<float>(20 * (i % 40)), static_cast<float>(20 * row)});
  }
  return call;
}

std::vector<PixelBox> changed(const std::vector<Call>& before, const std::vector<Call>& now) {
  return changed_boxes(drawing(before), drawing(now));
}

bool holds(const std::vector<PixelBox>& boxes, const PixelBox& box) {
  return std::any_of(boxes.begin(), boxes.end(), [&](const PixelBox& each) { return each.common(box) == box; });
}

std::int64_t pixels(const std::vector<PixelBox>& boxes) {
  std::int64_t sum = 0;
  for (const PixelBox& box : boxes) sum += box.area();
  return sum;
}

TEST(DrawingChanges, TheSameDrawnAgainIsNoChange) {
  EXPECT_THAT(changed({many(500), many(3)}, {many(500), many(3)}), IsEmpty());
  EXPECT_THAT(changed({}, {}), IsEmpty());
}

TEST(DrawingChanges, AColourIsABoxNearWhereItIs) {
  Call other = many(1000);
  other.squares[500].colour = 2;
  const auto boxes = changed({many(1000)}, {other});
  EXPECT_TRUE(holds(boxes, {400, 240, 410, 250}));
  EXPECT_LT(pixels(boxes), kWholeWindow.area() / 20) << "not the whole call";
}

TEST(DrawingChanges, WhatCameBetweenShiftsTheRestWithoutChangingIt) {
  Call longer = many(1000);
  longer.squares.insert(longer.squares.begin() + 300, {405, 145});
  longer.squares.erase(longer.squares.begin() + 800);
  const auto boxes = changed({many(1000)}, {longer});
  EXPECT_TRUE(holds(boxes, {405, 145, 415, 155}));
  EXPECT_TRUE(holds(boxes, {380, 380, 390, 390})) << "what went leaves what was below it";
  EXPECT_LT(pixels(boxes), kWholeWindow.area() / 5);
}

TEST(DrawingChanges, APopupOverAPanelIsItsBoxAloneAndSoIsItsEnd) {
  const Call popup{kWholeWindow, {{300, 300, 100}}, 7};
  EXPECT_THAT(changed({many(500)}, {many(500), popup}), ElementsAre(PixelBox{300, 300, 400, 400}));
  EXPECT_THAT(changed({many(500), popup}, {many(500)}), ElementsAre(PixelBox{300, 300, 400, 400}));
}

TEST(DrawingChanges, WhatIsOnTopChangesWithTheOrder) {
  const Call a{kWholeWindow, {{100, 100, 50, 3}}, 7}, b{kWholeWindow, {{120, 120, 50, 4}}, 7};
  const auto boxes = changed({a, b}, {b, a});
  EXPECT_TRUE(holds(boxes, {120, 120, 150, 150})) << "both lie there";
}

TEST(DrawingChanges, ClipAndTextureCountAndWhatIsOutsideTheClipDoesNot) {
  Call narrow = many(1), other = many(1), outside = many(1);
  narrow.clip = {0, 0, 5, 800};
  other.texture = 8;
  outside.squares.push_back({1200, 20});
  EXPECT_THAT(changed({many(1)}, {narrow}), ElementsAre(PixelBox{0, 0, 10, 10}));
  EXPECT_THAT(changed({many(1)}, {other}), ElementsAre(PixelBox{0, 0, 10, 10}));
  EXPECT_THAT(changed({many(1)}, {many(1), {{0, 0, 0, 0}, {{0, 0}}, 7}}), IsEmpty());
  const auto boxes = changed({many(1)}, {outside});
  for (const PixelBox& box : boxes) EXPECT_EQ(box.common(kWholeWindow), box);
}

TEST(DrawingChanges, FourBoxesAtMostAndNoneSharesAPixel) {
  std::vector<Call> before, now;
  for (int i = 0; i < 12; ++i) {
    Call call{kWholeWindow, {{static_cast<float>(80 * i), static_cast<float>(60 * (i * 5 % 12)), 30}}, 7};
    before.push_back(call);
    call.squares[0].colour = 9;
    now.push_back(call);
  }
  const auto boxes = changed(before, now);
  ASSERT_LE(boxes.size(), 4U);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (std::size_t j = i + 1; j < boxes.size(); ++j) EXPECT_TRUE(boxes[i].common(boxes[j]).empty());
  }
}

TEST(DrawingChanges, NumbersThatAreNoPlacesStayWithinTheWindow) {
  Call odd = many(3);
  odd.squares.push_back({std::numeric_limits<float>::quiet_NaN(), 10});
  odd.squares.push_back({1e30F, -1e30F, 2e30F});
  for (const PixelBox& box : changed({many(3)}, {odd})) EXPECT_EQ(box.common(kWholeWindow), box);
}

/// Paints by value, so that it can be told whether all that differs lies in the boxes.
class Paper {
 public:
  explicit Paper(const std::vector<Call>& calls) {
    for (const Call& call : calls) {
      for (const Square& square : call.squares) paint(call, square);
    }
  }
  [[nodiscard]] std::uint64_t at(int x, int y) const { return pixels_[index(x, y)]; }
  static constexpr int kWidth = 120, kHeight = 90;

 private:
  static std::size_t index(int x, int y) { return static_cast<std::size_t>(y) * kWidth + static_cast<std::size_t>(x); }
  void paint(const Call& call, const Square& square) {
    const int left = static_cast<int>(square.x), top = static_cast<int>(square.y), side = static_cast<int>(square.side);
    const PixelBox box = PixelBox{left, top, left + side, top + side}.common(call.clip).common({0, 0, kWidth, kHeight});
    for (int y = box.top; y < box.bottom; ++y) {
      // As if half of it showed through: the order counts.
      for (int x = box.left; x < box.right; ++x) pixels_[index(x, y)] = pixels_[index(x, y)] * 31 + square.colour;
    }
  }
  std::vector<std::uint64_t> pixels_ = std::vector<std::uint64_t>(std::size_t{kWidth} * kHeight, 1);
};

TEST(DrawingChanges, EveryPixelThatDiffersIsInABoxWhateverWasEdited) {
  std::mt19937 random(20261201);
  const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); };
  const auto square = [&] {
    return Square{static_cast<float>(below(110)), static_cast<float>(below(80)), static_cast<float>(2 + below(12)),
                  static_cast<std::uint32_t>(1 + below(3))};
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<Call> before(1 + below(4));
    for (Call& call : before) {
      call.clip = {static_cast<int>(below(20)), static_cast<int>(below(20)), 120, 90};
      for (std::size_t i = below(80); i > 0; --i) call.squares.push_back(square());
    }
    std::vector<Call> now = before;
    for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
      Call& call = now[below(now.size())];
      std::vector<Square>& squares = call.squares;
      const auto at = static_cast<std::ptrdiff_t>(below(squares.size() + 1));
      switch (squares.empty() ? 0 : below(5)) {
        case 0:
          squares.insert(squares.begin() + at, square());
          break;
        case 1:
          squares.erase(squares.begin() + std::min(at, std::ssize(squares) - 1));
          break;
        case 2:
          squares[below(squares.size())] = square();
          break;
        case 3:
          std::swap(now.front(), now.back());
          break;
        default:
          call.clip.right = 60 + static_cast<int>(below(60));
      }
    }
    const auto boxes = changed(before, now);
    const Paper was(before), is(now);
    for (int y = 0; y < Paper::kHeight; ++y) {
      for (int x = 0; x < Paper::kWidth; ++x)
        ASSERT_TRUE(was.at(x, y) == is.at(x, y) || holds(boxes, {x, y, x + 1, y + 1}))
            << x << ", " << y << " in round " << round;
    }
  }
}

}  // namespace
}  // namespace fuseline::app::gui
