#include "tuner/mcp/message.hpp"

#include <fmt/format.h>

#include <utility>

#include "tuner/base/text.hpp"

namespace fuseline::tuner::mcp {
namespace {

constexpr JsonLimits kLimits{kLongestLine, 32, std::size_t{1} << 16, std::size_t{1} << 10};

Message fault(RpcCode code, std::string reason, OrderedJson id = nullptr) {
  Message message;
  message.code = code;
  message.reason = std::move(reason);
  message.id = std::move(id);
  return message;
}

bool is_id(const OrderedJson& json) { return json.is_string() || json.is_number_integer(); }

Message read_message(const OrderedJson& json) {
  if (!json.is_object()) return fault(RpcCode::invalid_request, "a message is an object");
  const auto id = json.find("id");
  const bool has_id = id != json.end();
  if (has_id && !is_id(*id)) return fault(RpcCode::invalid_request, "'id' is a string or an integer");
  const OrderedJson own_id = has_id ? *id : OrderedJson(nullptr);
  const auto version = json.find("jsonrpc");
  if (version == json.end() || *version != "2.0")
    return fault(RpcCode::invalid_request, "'jsonrpc' must be \"2.0\"", own_id);
  Message message;
  message.id = own_id;
  const auto method = json.find("method");
  if (method == json.end() && has_id && (json.contains("result") || json.contains("error"))) {
    message.kind = Message::Kind::answer;
    return message;
  }
  if (method == json.end() || !method->is_string())
    return fault(RpcCode::invalid_request, "'method' must be a string", own_id);
  message.method = method->get<std::string>();
  message.kind = has_id ? Message::Kind::request : Message::Kind::notification;
  const auto params = json.find("params");
  if (params == json.end()) return message;
  if (!params->is_object() && has_id) return fault(RpcCode::invalid_params, "'params' must be an object", own_id);
  if (params->is_object()) message.params = *params;
  return message;
}

}  // namespace

Line read_line(std::string_view text) {
  Line line;
  const auto json = parse_json(text, "", kLimits);
  if (!json) {
    line.messages.push_back(fault(RpcCode::parse_error, "this is no JSON: " + json.error().message()));
    return line;
  }
  if (!json->is_array()) {
    line.messages.push_back(read_message(*json));
    return line;
  }
  if (json->empty() || json->size() > kLargestBatch) {
    line.messages.push_back(
        fault(RpcCode::invalid_request, fmt::format("a batch holds 1 to {} messages", kLargestBatch)));
    return line;
  }
  line.batch = true;
  for (const OrderedJson& each : *json) line.messages.push_back(read_message(each));
  return line;
}

OrderedJson rpc_answer(const OrderedJson& id, OrderedJson result) {
  OrderedJson message;
  message["jsonrpc"] = "2.0";
  message["id"] = id;
  message["result"] = std::move(result);
  return message;
}

OrderedJson rpc_fault(const OrderedJson& id, RpcCode code, const std::string& reason) {
  OrderedJson message;
  message["jsonrpc"] = "2.0";
  message["id"] = id;
  message["error"] = {{"code", static_cast<int>(code)}, {"message", printable(reason)}};
  return message;
}

OrderedJson rpc_notification(const std::string& method, OrderedJson params) {
  OrderedJson message;
  message["jsonrpc"] = "2.0";
  message["method"] = method;
  message["params"] = std::move(params);
  return message;
}

std::string line_of(const OrderedJson& message) {
  return message.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

void LineSplitter::end_line(const OnLine& line) {
  std::string whole = std::exchange(pending_, {});
  if (!whole.empty() && whole.back() == '\r') whole.pop_back();
  if (std::exchange(skipping_, false)) return;
  if (const std::string_view text = trimmed(whole); !text.empty()) line(text);
}

void LineSplitter::take(std::string_view bytes, const OnLine& line, const OnTooLong& too_long) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    if (!skipping_ && pending_.size() + part.size() > limit_) {
      skipping_ = true;
      pending_.clear();
      too_long();
    }
    if (!skipping_) pending_ += part;
    if (end == std::string_view::npos) return;
    end_line(line);
    bytes.remove_prefix(end + 1);
  }
}

void LineSplitter::finish(const OnLine& line) { end_line(line); }

}  // namespace fuseline::tuner::mcp
