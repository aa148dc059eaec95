#include "app/gui/models/folder_watch.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/support/temporary_folder.hpp"

namespace fuseline::app::gui {
namespace {

using namespace std::chrono_literals;

class FolderWatches : public ::testing::Test {
 protected:
  static bool comes(FolderWatch& watch) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < end) {
      if (watch.changed()) return true;
      std::this_thread::sleep_for(2ms);
    }
    return false;
  }
  /// Long enough for many looks.
  static bool stays(FolderWatch& watch) {
    std::this_thread::sleep_for(150ms);
    return !watch.changed();
  }

  TemporaryFolder folder_;
  std::atomic<int> woken_{0};
};

TEST_F(FolderWatches, TellWhatCameChangedAndWent) {
  folder_.write("a/problem.json", "1");
  FolderWatch watch([this] { ++woken_; }, 5ms);
  watch.watch({folder_.path()});
  EXPECT_TRUE(stays(watch)) << "it is as it was found";
  EXPECT_EQ(woken_, 0) << "a window at rest is not woken";
  folder_.write("a/problem.json", "22");
  EXPECT_TRUE(comes(watch));
  EXPECT_GT(woken_, 0);
  EXPECT_TRUE(stays(watch) || stays(watch)) << "once, or twice where it was seen half written";
  folder_.write("a/k.cu", "");
  EXPECT_TRUE(comes(watch));
  std::filesystem::remove(folder_.path() / "a" / "k.cu");
  EXPECT_TRUE(comes(watch));
}

TEST_F(FolderWatches, WhatWasTakenIsKnown) {
  folder_.write("k.cu", "1");
  FolderWatch watch({}, 5ms);
  watch.take({folder_.path()});
  folder_.write("k.cu", "22");
  watch.watch({folder_.path()});
  EXPECT_TRUE(comes(watch)) << "it changed after it was taken, though before it was first looked at";
  watch.watch({});
  EXPECT_TRUE(stays(watch));
  folder_.write("k.cu", "333");
  watch.take({folder_.path()});
  watch.watch({folder_.path()});
  EXPECT_TRUE(stays(watch));
}

TEST_F(FolderWatches, LeaveOutWhatIsHiddenOrTooDeep) {
  FolderWatch watch({}, 5ms);
  watch.watch({folder_.path()});
  EXPECT_TRUE(stays(watch));
  folder_.write(".git/index", "1");
  folder_.write("1/2/3/4/5/6/deep.cu", "1");
  EXPECT_TRUE(stays(watch));
}

TEST_F(FolderWatches, AnotherFolderIsNoChange) {
  folder_.write("a/k.cu", "1");
  folder_.write("b/k.cu", "2");
  FolderWatch watch({}, 5ms);
  watch.watch({folder_.path() / "a"});
  EXPECT_TRUE(stays(watch));
  watch.watch({folder_.path() / "b", folder_.path() / "none"});
  EXPECT_TRUE(stays(watch));
  folder_.write("a/k.cu", "33");
  EXPECT_TRUE(stays(watch)) << "it is no longer watched";
  folder_.write("b/k.cu", "44");
  EXPECT_TRUE(comes(watch));
  watch.watch({});
  folder_.write("b/k.cu", "555");
  EXPECT_TRUE(stays(watch));
}

TEST_F(FolderWatches, EndAtOnceHoweverLongTheyWait) {
  const auto start = std::chrono::steady_clock::now();
  {
    FolderWatch watch({}, 1h);
    watch.watch({folder_.path()});
    FolderWatch none({}, 1h);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, 20s);
}

}  // namespace
}  // namespace fuseline::app::gui
