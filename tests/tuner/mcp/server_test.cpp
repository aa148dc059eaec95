// The conversation: lifecycle, tools, progress, cancellation, what is malformed, and the bound on answers.
#include "tuner/mcp/server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "tests/support/temporary_folder.hpp"
#include "tuner/base/files.hpp"

namespace fuseline::tuner::mcp {
namespace {

using ::testing::HasSubstr;
using Json = OrderedJson;

class Conversation : public ::testing::Test {
 protected:
  Conversation()
      : server_(tools(), {"test", "1", "hello", 1024, folder_.path() / "answers"},
                [this](const std::string& line) { take(line); }) {}

  std::vector<Tool> tools() {
    Tool echo{"echo", "Echo", "Says it again", {{"text", ArgumentType::string, "t", true}}, true, nullptr};
    echo.call = [](const Arguments& arguments, const CallContext&) -> Result<Answer> {
      return Answer{{{"text", arguments.string("text")}}};
    };
    Tool wait{"wait", "Wait", "Until it is cancelled", {}, true, nullptr};
    wait.call = [this](const Arguments&, const CallContext& context) -> Result<Answer> {
      context.progress(1, 4, "begun");
      context.progress(1, 4, "no further");
      context.progress(2, 4, "on");
      started_ = true;
      while (!*context.cancelled) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      ended_ = true;
      return Answer{{{"late", true}}};
    };
    Tool fail{"fail", "Fail", "Cannot", {}, true, nullptr};
    fail.call = [](const Arguments&, const CallContext&) -> Result<Answer> { return bad_input("--param", "", "no"); };
    Tool bug{"bug", "Bug", "Throws", {}, true, nullptr};
    bug.call = [](const Arguments&, const CallContext&) -> Result<Answer> { throw std::runtime_error("a bug"); };
    return {echo, wait, fail, bug};
  }

  void take(const std::string& line) {
    const std::scoped_lock lock(mutex_);
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "one message is one line";
    sent_.push_back(Json::parse(line));
    came_.notify_all();
  }
  /// The next that was sent.
  Json next() {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, std::chrono::seconds(20), [this] { return read_ < sent_.size(); })) {
      ADD_FAILURE() << "nothing was sent";
      return nullptr;
    }
    return sent_[read_++];
  }
  bool nothing_more() {
    const std::scoped_lock lock(mutex_);
    return read_ == sent_.size();
  }
  Json ask(const std::string& line) {
    server_.receive(line);
    return next();
  }
  void greet() {
    (void)ask(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}})");
    server_.receive(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  }
  static std::string call(int id, const std::string& tool, const Json& arguments = Json::object(),
                          const Json& token = nullptr) {
    Json params = {{"name", tool}, {"arguments", arguments}};
    if (!token.is_null()) params["_meta"] = {{"progressToken", token}};
    return Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", "tools/call"}, {"params", params}}.dump();
  }
  void wait_for(const std::atomic<bool>& flag) const {
    for (int i = 0; i < 20000 && !flag; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_TRUE(flag);
  }

  TemporaryFolder folder_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Json> sent_;
  std::size_t read_ = 0;
  std::atomic<bool> started_{false}, ended_{false};
  Server server_;
};

TEST_F(Conversation, AVersionThatIsSpokenIsKeptAndAnotherBecomesTheNewest) {
  const auto version = [&](const char* asked) {
    Json request = {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "initialize"}};
    request["params"] = {{"protocolVersion", asked}, {"capabilities", Json::object()}};
    return ask(request.dump()).at("result").at("protocolVersion").get<std::string>();
  };
  EXPECT_EQ(version("2024-11-05"), "2024-11-05");
  EXPECT_EQ(version("2025-06-18"), "2025-06-18");
  EXPECT_EQ(version("1999-01-01"), protocol_versions().front());
  const Json refused = ask(R"({"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":3}})");
  EXPECT_EQ(refused.at("error").at("code"), -32602);
}

TEST_F(Conversation, ToolsWaitForTheGreetingAndPingDoesNot) {
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})").at("error").at("code"), -32002);
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":"p","method":"ping"})"),
            Json::parse(R"({"jsonrpc":"2.0","id":"p","result":{}})"));
  greet();
  const Json listed = ask(R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})").at("result").at("tools");
  ASSERT_EQ(listed.size(), 4U);
  EXPECT_EQ(listed[0].at("inputSchema").at("required"), Json::parse(R"(["text"])"));
}

TEST_F(Conversation, ACallIsAnsweredAsTextAndAsAStructure) {
  greet();
  const Json result = ask(call(5, "echo", {{"text", "hi"}})).at("result");
  EXPECT_EQ(result.at("structuredContent"), Json::parse(R"({"text":"hi"})"));
  EXPECT_EQ(Json::parse(result.at("content")[0].at("text").get<std::string>()), result.at("structuredContent"));
  EXPECT_EQ(result.at("isError"), false);
}

TEST_F(Conversation, FaultsOfToolsAreResultsAndFaultsOfTheProtocolAreErrors) {
  greet();
  const auto said = [](const Json& answer) {
    EXPECT_EQ(answer.at("result").at("isError"), true);
    return answer.at("result").at("content")[0].at("text").get<std::string>();
  };
  EXPECT_EQ(said(ask(call(1, "fail"))), "argument 'params': no");
  EXPECT_EQ(said(ask(call(2, "echo"))), "argument 'text': is needed");
  EXPECT_THAT(said(ask(call(3, "echo", {{"txt", "a"}}))), HasSubstr("did you mean text?"));
  EXPECT_EQ(said(ask(call(4, "echo", Json::array()))), "arguments: must be an object");
  const Json bug = ask(call(5, "bug"));
  EXPECT_EQ(bug.at("error").at("code"), -32603);
  EXPECT_EQ(bug.at("error").at("message"), "a bug");
  const Json unknown = ask(call(6, "sing"));
  EXPECT_EQ(unknown.at("error").at("code"), -32602);
  EXPECT_THAT(unknown.at("error").at("message").get<std::string>(), HasSubstr("there are echo, wait, fail, bug"));
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{}})").at("error").at("code"), -32602);
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":8,"method":"resources/list"})").at("error").at("code"), -32601);
  server_.receive(R"({"jsonrpc":"2.0","method":"notifications/unheard_of"})");
  EXPECT_EQ(ask(call(9, "echo", {{"text", "on"}})).at("id"), 9);
}

TEST_F(Conversation, WhatIsMalformedIsAnsweredAndLivedThrough) {
  greet();
  EXPECT_EQ(ask("{\"jsonrpc\"").at("error").at("code"), -32700);
  EXPECT_EQ(ask("\"garbage\"").at("error").at("code"), -32600);
  server_.refuse_long_line();
  EXPECT_THAT(next().at("error").at("message").get<std::string>(), HasSubstr("1048576 bytes"));
  EXPECT_TRUE(ask(std::string(10000, '[')).at("id").is_null());
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").at("id"), 1);
}

TEST_F(Conversation, ABatchIsAnsweredAsOne) {
  greet();
  const Json answers =
      ask("[" + call(1, "echo", {{"text", "a"}}) + R"(,{"jsonrpc":"2.0","method":"notifications/x"},7,)" +
          call(2, "echo", {{"text", "b"}}) + "]");
  ASSERT_TRUE(answers.is_array());
  ASSERT_EQ(answers.size(), 3U);
  // In whatever order they came.
  std::map<Json, Json> by_id;
  for (const Json& answer : answers) by_id[answer.at("id")] = answer;
  EXPECT_EQ(by_id.at(nullptr).at("error").at("code"), -32600);
  EXPECT_EQ(by_id.at(1).at("result").at("structuredContent").at("text"), "a");
  EXPECT_EQ(by_id.at(2).at("result").at("structuredContent").at("text"), "b");
}

TEST_F(Conversation, ProgressIsToldWhereItIsAskedForAndGrows) {
  greet();
  server_.receive(call(1, "wait", Json::object(), "token"));
  const Json first = next();
  EXPECT_EQ(first.at("method"), "notifications/progress");
  EXPECT_EQ(first.at("params"),
            Json::parse(R"({"progressToken":"token","progress":1.0,"total":4.0,"message":"begun"})"));
  EXPECT_EQ(next().at("params").at("progress"), 2.0);
  EXPECT_TRUE(nothing_more());
}

TEST_F(Conversation, ACancelledCallEndsAndIsNotAnswered) {
  greet();
  server_.receive(call(1, "wait"));
  server_.receive(call(2, "echo", {{"text", "never"}}));
  server_.receive(call(3, "echo", {{"text", "after"}}));
  wait_for(started_);
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","id":"p","method":"ping"})").at("id"), "p") << "while a call runs";
  EXPECT_EQ(ask(call(1, "echo", {{"text", "twice"}})).at("error").at("code"), -32600);
  server_.receive(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}})");
  server_.receive(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}})");
  server_.receive(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"enough"}})");
  EXPECT_EQ(next().at("id"), 3);
  EXPECT_TRUE(ended_);
}

TEST_F(Conversation, ManyCallsAreRefusedOnceTooManyWait) {
  greet();
  server_.receive(call(0, "wait"));
  wait_for(started_);
  for (int id = 1; id <= static_cast<int>(kMostWaiting); ++id) server_.receive(call(id, "echo", {{"text", "x"}}));
  EXPECT_TRUE(nothing_more());
  EXPECT_EQ(ask(call(1000, "echo", {{"text", "x"}})).at("error").at("code"), -32000);
}

TEST_F(Conversation, ClosingStopsWhatRunsAndSendsNothing) {
  greet();
  server_.receive(call(1, "wait"));
  server_.receive(call(2, "echo", {{"text", "never"}}));
  wait_for(started_);
  server_.close();
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(nothing_more());
}

TEST_F(Conversation, ALongAnswerIsCutAndLiesWholeInAFile) {
  greet();
  const std::string text(5000, 'y');
  const Json result = ask(call(1, "echo", {{"text", text}})).at("result");
  EXPECT_LE(result.at("content")[0].at("text").get<std::string>().size(), 1024U);
  const Json& summary = result.at("structuredContent");
  EXPECT_EQ(summary.at("cut"), true);
  const std::string file = summary.at("full").get<std::string>();
  EXPECT_THAT(file, HasSubstr("/answers/echo-"));
  EXPECT_EQ(read_json_file(file).value().at("text"), text);
}

}  // namespace
}  // namespace fuseline::tuner::mcp
