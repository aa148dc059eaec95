// Lines of JSON-RPC: what is a message, what is a fault, and how lines are found in what arrives.
#include "tuner/mcp/message.hpp"

#include <gmock/gmock.h>

namespace fuseline::tuner::mcp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Message one(std::string_view text) {
  const Line line = read_line(text);
  EXPECT_EQ(line.messages.size(), 1U) << text;
  return line.messages.front();
}

TEST(Messages, ARequestHasAnIdAndANotificationHasNone) {
  const Message request = one(R"({"jsonrpc":"2.0","id":"a","method":"ping"})");
  EXPECT_EQ(request.kind, Message::Kind::request);
  EXPECT_EQ(request.id, "a");
  EXPECT_TRUE(request.params.is_object());
  EXPECT_EQ(one(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").kind, Message::Kind::notification);
  EXPECT_EQ(one(R"({"jsonrpc":"2.0","id":1,"result":{}})").kind, Message::Kind::answer);
}

TEST(Messages, WhatIsNoMessageIsAFaultWithItsCode) {
  const std::pair<const char*, RpcCode> cases[] = {
      {"{", RpcCode::parse_error},
      {"\x01\xff", RpcCode::parse_error},
      {R"({"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"})", RpcCode::parse_error},
      {"3", RpcCode::invalid_request},
      {"[]", RpcCode::invalid_request},
      {R"({"id":1,"method":"ping"})", RpcCode::invalid_request},
      {R"({"jsonrpc":"1.0","id":1,"method":"ping"})", RpcCode::invalid_request},
      {R"({"jsonrpc":"2.0","id":1})", RpcCode::invalid_request},
      {R"({"jsonrpc":"2.0","id":1,"method":7})", RpcCode::invalid_request},
      {R"({"jsonrpc":"2.0","id":null,"method":"ping"})", RpcCode::invalid_request},
      {R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", RpcCode::invalid_request},
      {R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[1]})", RpcCode::invalid_params},
  };
  for (const auto& [text, code] : cases) {
    const Message message = one(text);
    EXPECT_EQ(message.kind, Message::Kind::fault) << text;
    EXPECT_EQ(message.code, code) << text;
    EXPECT_FALSE(message.reason.empty()) << text;
  }
  EXPECT_EQ(one(R"({"jsonrpc":"2.0","id":4,"method":7})").id, 4);
}

TEST(Messages, ABatchIsReadMessageByMessage) {
  const Line line = read_line(R"([{"jsonrpc":"2.0","id":1,"method":"ping"},7])");
  EXPECT_TRUE(line.batch);
  ASSERT_EQ(line.messages.size(), 2U);
  EXPECT_EQ(line.messages[0].kind, Message::Kind::request);
  EXPECT_EQ(line.messages[1].kind, Message::Kind::fault);
  std::string many = "[0";
  for (std::size_t i = 0; i < kLargestBatch; ++i) many += ",0";
  EXPECT_THAT(one(many + "]").reason, HasSubstr("1 to 64"));
}

TEST(Messages, AnAnswerIsOneLineOfValidText) {
  EXPECT_EQ(line_of(rpc_answer(3, {{"a", "x\ny"}})), "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"a\":\"x\\ny\"}}\n");
  EXPECT_THAT(line_of(rpc_fault(nullptr, RpcCode::busy, "\xff\x1b[2J")), HasSubstr("\"code\":-32000"));
}

class Splitting : public ::testing::Test {
 protected:
  void take(std::string_view bytes) {
    splitter_.take(
        bytes, [this](std::string_view line) { lines_.emplace_back(line); }, [this] { ++too_long_; });
  }
  LineSplitter splitter_{8};
  std::vector<std::string> lines_;
  int too_long_ = 0;
};

TEST_F(Splitting, PiecesDoNotMatter) {
  for (const char* piece : {"a", "b\r\nc", "d\n", "\n \n", "e"}) take(piece);
  EXPECT_THAT(lines_, ElementsAre("ab", "cd"));
  splitter_.finish([this](std::string_view line) { lines_.emplace_back(line); });
  EXPECT_THAT(lines_, ElementsAre("ab", "cd", "e"));
}

TEST_F(Splitting, ALineThatIsTooLongIsToldOnceAndTheNextIsRead) {
  take("12345678\n");
  for (int i = 0; i < 10; ++i) take("123456");
  EXPECT_EQ(too_long_, 1);
  take("\nnext\n");
  EXPECT_THAT(lines_, ElementsAre("12345678", "next"));
  EXPECT_EQ(too_long_, 1);
}

}  // namespace
}  // namespace fuseline::tuner::mcp
