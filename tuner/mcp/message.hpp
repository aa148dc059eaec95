// Messages of JSON-RPC 2.0 (https://www.jsonrpc.org/specification), one a line as the Model Context Protocol has them
// over stdio.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/json.hpp"

namespace fuseline::tuner::mcp {

enum class RpcCode : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  busy = -32000,
  not_initialized = -32002,
};

/// What a peer may send.
struct Message {
  enum class Kind {
    request,
    notification,  ///< A request without an id: it is never answered.
    answer,        ///< To a request of ours; there are none.
    fault,         ///< No message: `code` and `reason` are what to answer.
  } kind = Kind::fault;
  OrderedJson id = nullptr;  ///< A string or an integer; null of a fault whose id is not known.
  std::string method;
  OrderedJson params = OrderedJson::object();
  RpcCode code = RpcCode::invalid_request;
  std::string reason = {};
};

struct Line {
  std::vector<Message> messages;
  bool batch = false;  ///< They came as an array, and are answered as one.
};

/// Bounds on one line: what a message of ours needs, many times over.
inline constexpr std::size_t kLongestLine = std::size_t{1} << 20;
inline constexpr std::size_t kLargestBatch = 64;

/// The messages of a line without its end. What is no JSON, no message or too large becomes a fault. Never throws.
[[nodiscard]] Line read_line(std::string_view text);

[[nodiscard]] OrderedJson rpc_answer(const OrderedJson& id, OrderedJson result);
[[nodiscard]] OrderedJson rpc_fault(const OrderedJson& id, RpcCode code, const std::string& reason);
[[nodiscard]] OrderedJson rpc_notification(const std::string& method, OrderedJson params);
/// On one line, with its end. Bytes that are not UTF-8 become U+FFFD. Never throws.
[[nodiscard]] std::string line_of(const OrderedJson& message);

/// Cuts what arrives in pieces into lines, and holds no more than `limit` bytes of one.
class LineSplitter {
 public:
  using OnLine = std::function<void(std::string_view line)>;
  using OnTooLong = std::function<void()>;
  explicit LineSplitter(std::size_t limit = kLongestLine) : limit_(limit) {}

  /// `line` gets each line without its end, blank ones left out; `too_long` is called once for each that is longer, of
  /// which nothing is kept.
  void take(std::string_view bytes, const OnLine& line, const OnTooLong& too_long);
  /// At the end of the input: what stands there without a line's end is a line.
  void finish(const OnLine& line);

 private:
  void end_line(const OnLine& line);

  std::size_t limit_;
  std::string pending_;
  bool skipping_ = false;
};

}  // namespace fuseline::tuner::mcp
