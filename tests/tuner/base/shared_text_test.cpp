#include "tuner/base/shared_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tuner/base/boxed.hpp"
#include "tuner/base/types.hpp"

namespace fuseline::tuner {
namespace {

TEST(SharedTextTest, EqualTextsAreOneAndOrderedAsTexts) {
  const SharedText a("block"), b(std::string("block")), c("unroll"), empty("");
  EXPECT_EQ(&a.str(), &b.str());
  EXPECT_TRUE(a == b && a == "block" && a == std::string("block"));
  EXPECT_TRUE(a != c && a < c && empty < a && empty.empty() && empty == SharedText());
  EXPECT_EQ(a + "=" + c, "block=unroll");
}

TEST(SharedTextTest, ATextGoesWithItsLastHolder) {
  const std::string text = "a text that nothing else has";
  SharedText kept;
  {
    const SharedText first(text);
    kept = first;
  }
  EXPECT_EQ(kept, text);
  kept = SharedText();
  EXPECT_TRUE(kept.empty());
  EXPECT_EQ(SharedText(text).str(), text);
}

TEST(SharedTextTest, ThreadsMayTakeAndDropTheSameText) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 5000; ++i) {
        const SharedText text("shared by threads " + std::to_string(i % 3));
        const SharedText copy = text;  // NOLINT(performance-unnecessary-copy-initialization): what is tested
        ASSERT_EQ(copy.str().back(), '0' + i % 3);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(SharedTextTest, ANamedValueTakesTwentyFourBytes) { EXPECT_EQ(sizeof(NamedValue), 24U); }

TEST(BoxedTest, CopiesAreOfTheValue) {
  Boxed<std::string> one = std::string("a");
  Boxed<std::string> two = one;
  *two = "b";
  EXPECT_EQ(*one, "a");
  one = two;
  EXPECT_EQ(one.value_or("c"), "b");
  one.reset();
  EXPECT_FALSE(one);
  EXPECT_EQ(one.value_or("c"), "c");
  const std::optional<std::string> as_optional = two;
  EXPECT_EQ(as_optional, "b");
  two = std::optional<std::string>();
  EXPECT_FALSE(two.has_value());
}

}  // namespace
}  // namespace fuseline::tuner
