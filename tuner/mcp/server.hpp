// A server of the Model Context Protocol (https://modelcontextprotocol.io/specification), whatever its lines come and
// go by: lifecycle, ping, tools, progress, cancellation.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tuner/mcp/message.hpp"
#include "tuner/mcp/tool.hpp"

namespace fuseline::tuner::mcp {

/// Versions of the protocol that are spoken, the newest first.
[[nodiscard]] const std::vector<std::string>& protocol_versions();

struct ServerOptions {
  std::string name, version, instructions;
  std::size_t answer_bytes = 4096;  ///< Text of one answer, at most.
  std::filesystem::path folder;     ///< Of the files with full answers; made when the first is written.
};

/// Calls that wait for the one that runs, at most.
inline constexpr std::size_t kMostWaiting = 64;

/// One conversation. Calls of tools run on a thread of the server's, one after the other; everything else is answered
/// at once.
class Server {
 public:
  /// `send` gets whole lines, one at a time, from any thread.
  Server(std::vector<Tool> tools, ServerOptions options, std::function<void(const std::string& line)> send);
  ~Server();  ///< close()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// One line without its end.
  void receive(std::string_view line);
  /// In place of a line that was too long to be kept.
  void refuse_long_line();
  /// The client is gone: cancels the call that runs, drops those that wait, and returns once the thread has ended.
  /// Nothing is sent from then on.
  void close();

 private:
  /// Answers of one array of messages, which are sent together.
  struct Batch {
    std::size_t open = 0;
    OrderedJson answers = OrderedJson::array();
  };
  using BatchPointer = std::shared_ptr<Batch>;
  struct Call {
    OrderedJson id, arguments, progress_token;
    const Tool* tool = nullptr;
    BatchPointer batch;
    std::atomic<bool> cancelled{false};
    double progress = -1;  ///< Last told.
  };
  using CallPointer = std::shared_ptr<Call>;

  void handle(const Message& message, const BatchPointer& batch);
  void handle_request(const Message& message, const BatchPointer& batch);
  void handle_notification(const Message& message);
  void call_tool(const Message& message, const BatchPointer& batch);
  [[nodiscard]] OrderedJson initialized(const OrderedJson& params) const;
  [[nodiscard]] OrderedJson listed() const;

  void work();
  void finish(Call& call);
  [[nodiscard]] OrderedJson result_of(Call& call);
  [[nodiscard]] OrderedJson result_of_answer(const Tool& tool, Answer answer);
  void tell_progress(Call& call, double done, double total, const std::string& message);

  void respond(const OrderedJson& answer, const BatchPointer& batch);
  void drop(const BatchPointer& batch);
  void send(const OrderedJson& message);

  const std::vector<Tool> tools_;
  const ServerOptions options_;
  const std::function<void(const std::string&)> send_;
  std::atomic<bool> closed_{false};
  bool greeted_ = false;          ///< `initialize` was answered; the receiving thread alone looks.
  std::uint64_t files_ = 0;       ///< Of answers so far; the calling thread alone looks.
  std::mutex send_mutex_;         ///< Of what is sent, and of batches.
  std::mutex calls_mutex_;        ///< Of the two below.
  std::list<CallPointer> calls_;  ///< Waiting and running, in order.
  std::condition_variable arrived_;
  std::thread thread_;
};

}  // namespace fuseline::tuner::mcp
