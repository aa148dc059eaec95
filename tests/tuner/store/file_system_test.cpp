// Stores on file systems that lack what SQLite asks for, which stand-ins for its layer of the operating system play.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>

#include "tests/support/temporary_folder.hpp"
#include "tests/tuner/support/sample_run.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::tuner {
namespace {

/// The default layer, but files map no shared memory: as NFS and GPFS answer.
class NoSharedMemory {
 public:
  NoSharedMemory() : real_(sqlite3_vfs_find(nullptr)) {
    real() = real_;
    layer_ = *real_;
    layer_.zName = "no-shared-memory";
    layer_.xOpen = open;
    sqlite3_vfs_register(&layer_, 1);
  }
  ~NoSharedMemory() {
    sqlite3_vfs_unregister(&layer_);
    sqlite3_vfs_register(real_, 1);
  }
  NoSharedMemory(const NoSharedMemory&) = delete;
  NoSharedMemory& operator=(const NoSharedMemory&) = delete;

  static int& refused() {
    static int count = 0;
    return count;
  }

 private:
  static sqlite3_vfs*& real() {
    static sqlite3_vfs* vfs = nullptr;
    return vfs;
  }
  static int refuse(sqlite3_file*, int, int, int, void volatile**) {
    ++refused();
    return SQLITE_IOERR_SHMMAP;
  }
  static int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
    const int code = real()->xOpen(real(), name, file, flags, out);
    if (code != SQLITE_OK || (flags & SQLITE_OPEN_MAIN_DB) == 0) return code;
    static sqlite3_io_methods methods;
    methods = *file->pMethods;
    methods.xShmMap = refuse;
    file->pMethods = &methods;
    return code;
  }

  sqlite3_vfs* real_;
  sqlite3_vfs layer_{};
};

TEST(StoreFileSystem, WithoutSharedMemoryItKeepsTheRollbackJournal) {
  const TemporaryFolder folder;
  const std::string path = folder.file("runs.db");
  std::int64_t id = 0;
  {
    const NoSharedMemory lacking;
    for (int i = 0; i < 2; ++i) {
      const auto store = Store::open(path);
      ASSERT_TRUE(store) << store.error().message();
      RunInfo info = testing::sample_info();
      ASSERT_TRUE((*store)->create_run(info));
      id = info.id;
    }
    EXPECT_GT(NoSharedMemory::refused(), 0);
    EXPECT_EQ(id, 2);
  }
  EXPECT_FALSE(std::filesystem::exists(path + "-shm"));
  const auto store = Store::open(path);
  ASSERT_TRUE(store) << store.error().message();
  EXPECT_TRUE((*store)->load(id));
}

/// A store that was made where there is shared memory, and was carried here.
TEST(StoreFileSystem, OneInWalIsTakenOver) {
  const TemporaryFolder folder;
  const std::string path = folder.file("runs.db");
  RunInfo info = testing::sample_info();
  ASSERT_TRUE(Store::open(path).value()->create_run(info));
  const NoSharedMemory lacking;
  const auto store = Store::open(path);
  ASSERT_TRUE(store) << store.error().message();
  EXPECT_TRUE((*store)->load(info.id));
}

TEST(StoreFileSystem, TheProbeOfLocksLeavesNothing) {
  const TemporaryFolder folder;
  ASSERT_TRUE(Store::open(folder.file("runs.db")));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    EXPECT_THAT(entry.path().filename().string(), ::testing::Not(::testing::HasSubstr("lock")));
}

}  // namespace
}  // namespace fuseline::tuner
