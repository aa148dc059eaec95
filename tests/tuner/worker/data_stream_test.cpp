// Files of a job as pieces.
#include "tuner/worker/data_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/npy.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::tuner {
namespace {

class DataStreams : public ::testing::Test {
 protected:
  DataStreams() {
    std::vector<float> large(200'000);
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<float>(i);
    large_ = bytes_of(large);
    folder_.write("large.npy", npy_file("<f4", "(200000,)", large));
    folder_.write("small.npy", npy_file<float>("<f4", "(2,)", {1, 2}));
    for (const char* name : {"large", "small"}) {
      const auto file = folder_.path() / (std::string(name) + ".npy");
      files_.push_back({name, file, read_npy_header(file, name).value()});
    }
    EXPECT_TRUE(digest_files(files_));
  }
  /// All that is left, as tensor to bytes; or the reason why it ends.
  std::string drain(DataStream& stream, std::map<std::string, std::string>& bytes) {
    while (true) {
      auto piece = stream.next();
      if (!piece) return piece.error().reason;
      if (!*piece) return {};
      EXPECT_LE((*piece)->bytes.size(), DataStream::kPiece);
      EXPECT_EQ((*piece)->offset, static_cast<std::int64_t>(bytes[(*piece)->tensor].size()));
      bytes[(*piece)->tensor] += (*piece)->bytes;
    }
  }

  TemporaryFolder folder_;
  std::vector<TensorFile> files_;
  std::string large_;
};

TEST_F(DataStreams, EveryByteComesInItsPlace) {
  DataStream stream(files_);
  std::map<std::string, std::string> bytes;
  EXPECT_EQ(drain(stream, bytes), "");
  EXPECT_EQ(bytes.size(), 2U);
  EXPECT_TRUE(bytes["large"] == large_);
  EXPECT_EQ(bytes["small"], bytes_of(std::vector<float>{1, 2}));
  EXPECT_FALSE(stream.next()->has_value());
}

TEST_F(DataStreams, EndWithTheLastPiece) {
  DataStream stream(files_);
  std::size_t left = 0;
  for (const TensorFile& file : files_) left += static_cast<std::size_t>(file.header.bytes());
  while (left > 0) {
    EXPECT_FALSE(stream.ended()) << left << " bytes are to come";
    left -= stream.next().value()->bytes.size();
  }
  EXPECT_TRUE(stream.ended());
}

TEST_F(DataStreams, AFileThatHasChangedIsNotMixedWithWhatItWas) {
  folder_.write("small.npy", npy_file<float>("<f4", "(2,)", {1, 3}));
  DataStream stream(files_);
  std::map<std::string, std::string> bytes;
  EXPECT_THAT(drain(stream, bytes), ::testing::HasSubstr("no longer what it was"));
  EXPECT_TRUE(bytes["small"].empty());
  folder_.write("large.npy", npy_file<float>("<f4", "(2,)", {1, 3}));
  DataStream shorter(files_);
  EXPECT_THAT(drain(shorter, bytes), ::testing::HasSubstr("no longer what it was"));
  std::filesystem::remove(folder_.path() / "large.npy");
  DataStream gone(files_);
  EXPECT_THAT(drain(gone, bytes), ::testing::HasSubstr("cannot be opened"));
}

}  // namespace
}  // namespace fuseline::tuner
