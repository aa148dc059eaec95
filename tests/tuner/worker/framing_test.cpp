#include "tuner/worker/framing.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace fuseline::tuner {
namespace {

TEST(Framing, BytesArriveOneByOneAndComeOutWhole) {
  const std::string bytes = frame("first") + frame("") + frame("third");
  FrameReader reader(100);
  std::vector<std::string> payloads;
  for (const char byte : bytes) {
    reader.append(std::string_view(&byte, 1));
    while (true) {
      const auto payload = reader.next();
      ASSERT_TRUE(payload);
      if (!*payload) break;
      payloads.push_back(**payload);
    }
  }
  EXPECT_EQ(payloads, (std::vector<std::string>{"first", "", "third"}));
  EXPECT_FALSE(reader.pending());
}

TEST(Framing, APartialFrameIsPending) {
  FrameReader reader(100);
  reader.append(frame("first") + frame("second").substr(0, 6));
  EXPECT_EQ(**reader.next(), "first");
  EXPECT_FALSE(*reader.next());
  EXPECT_TRUE(reader.pending());
}

TEST(Framing, ALengthOfTwoGigabytesIsRefusedBeforeAnyOfItArrives) {
  FrameReader reader(std::size_t{64} << 20);
  reader.append(std::string_view("\0\0\0\x80", 4));
  const auto payload = reader.next();
  ASSERT_FALSE(payload);
  EXPECT_EQ(payload.error().kind, ErrorKind::worker);
  EXPECT_NE(payload.error().reason.find("2147483648"), std::string::npos) << payload.error().reason;
}

class Piped : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(pipe(ends_), 0); }
  void TearDown() override {
    close_write();
    ::close(ends_[0]);
  }
  void close_write() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  void put(std::string_view bytes) {
    ASSERT_EQ(::write(ends_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  int ends_[2] = {-1, -1};
};

TEST_F(Piped, BlockingReadsSeeFramesThenACleanEnd) {
  ASSERT_TRUE(write_frame(ends_[1], "payload"));
  close_write();
  const auto first = read_frame(ends_[0], 100);
  ASSERT_TRUE(first && *first);
  EXPECT_EQ(**first, "payload");
  const auto end = read_frame(ends_[0], 100);
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST_F(Piped, AnEndWithinAFrameIsAnError) {
  put(frame("payload").substr(0, 7));
  close_write();
  EXPECT_FALSE(read_frame(ends_[0], 100));
}

TEST_F(Piped, AnEndWithinTheLengthIsAnError) {
  put("\x03");
  close_write();
  EXPECT_FALSE(read_frame(ends_[0], 100));
}

TEST_F(Piped, WritingToNobodyIsAnErrorAndNotTheEnd) {
  ::close(ends_[0]);
  EXPECT_FALSE(write_frame(ends_[1], "payload"));
  ends_[0] = -1;
}

}  // namespace
}  // namespace fuseline::tuner
