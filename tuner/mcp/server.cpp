#include "tuner/mcp/server.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/report/answer.hpp"

namespace fuseline::tuner::mcp {
namespace {

OrderedJson text_content(const std::string& text) { return OrderedJson::array({{{"type", "text"}, {"text", text}}}); }

/// What a tool could not do, for the client's model to read.
OrderedJson tool_fault(const Error& error, std::size_t at_most) {
  OrderedJson result;
  result["content"] = text_content(shortened(printable(error.message(), true), at_most));
  result["isError"] = true;
  return result;
}

OrderedJson described(const Tool& tool) {
  OrderedJson json;
  json["name"] = tool.name;
  json["title"] = tool.title;
  json["description"] = tool.description;
  json["inputSchema"] = input_schema(tool.arguments);
  json["annotations"] = {{"title", tool.title}, {"readOnlyHint", tool.read_only}, {"destructiveHint", false}};
  return json;
}

}  // namespace

const std::vector<std::string>& protocol_versions() {
  static const std::vector<std::string> versions = {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};
  return versions;
}

Server::Server(std::vector<Tool> tools, ServerOptions options, std::function<void(const std::string&)> send)
    : tools_(std::move(tools)), options_(std::move(options)), send_(std::move(send)), thread_([this] { work(); }) {}

Server::~Server() { close(); }

void Server::close() {
  {
    const std::scoped_lock lock(calls_mutex_);
    closed_ = true;
    for (const CallPointer& call : calls_) call->cancelled = true;
  }
  arrived_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Server::send(const OrderedJson& message) {
  if (!closed_) send_(line_of(message));
}

void Server::respond(const OrderedJson& answer, const BatchPointer& batch) {
  const std::scoped_lock lock(send_mutex_);
  if (!batch) return send(answer);
  batch->answers.push_back(answer);
  if (--batch->open == 0) send(batch->answers);
}

void Server::drop(const BatchPointer& batch) {
  if (!batch) return;
  const std::scoped_lock lock(send_mutex_);
  if (--batch->open == 0 && !batch->answers.empty()) send(batch->answers);
}

void Server::refuse_long_line() {
  respond(rpc_fault(nullptr, RpcCode::invalid_request, fmt::format("a line is longer than {} bytes", kLongestLine)),
          nullptr);
}

void Server::receive(std::string_view text) {
  const Line line = read_line(text);
  BatchPointer batch;
  if (line.batch) {
    batch = std::make_shared<Batch>();
    batch->open =
        static_cast<std::size_t>(std::count_if(line.messages.begin(), line.messages.end(), [](const Message& message) {
          return message.kind == Message::Kind::request || message.kind == Message::Kind::fault;
        }));
  }
  for (const Message& message : line.messages) handle(message, batch);
}

void Server::handle(const Message& message, const BatchPointer& batch) {
  switch (message.kind) {
    case Message::Kind::fault:
      return respond(rpc_fault(message.id, message.code, message.reason), batch);
    case Message::Kind::request:
      return handle_request(message, batch);
    case Message::Kind::notification:
      return handle_notification(message);
    case Message::Kind::answer:
      return;
  }
}

void Server::handle_request(const Message& message, const BatchPointer& batch) {
  const auto refuse = [&](RpcCode code, const std::string& reason) {
    respond(rpc_fault(message.id, code, reason), batch);
  };
  if (message.method == "ping") return respond(rpc_answer(message.id, OrderedJson::object()), batch);
  if (message.method == "initialize") {
    const auto version = message.params.find("protocolVersion");
    if (version == message.params.end() || !version->is_string())
      return refuse(RpcCode::invalid_params, "'protocolVersion' must be a string");
    greeted_ = true;
    return respond(rpc_answer(message.id, initialized(message.params)), batch);
  }
  const bool known = message.method == "tools/list" || message.method == "tools/call";
  if (!known) return refuse(RpcCode::method_not_found, "there is no method '" + message.method + "'");
  if (!greeted_) return refuse(RpcCode::not_initialized, "'initialize' comes first");
  if (message.method == "tools/call") return call_tool(message, batch);
  if (message.params.contains("cursor") && !message.params.at("cursor").is_null())
    return refuse(RpcCode::invalid_params, "'cursor': the list of tools has one page");
  respond(rpc_answer(message.id, listed()), batch);
}

void Server::handle_notification(const Message& message) {
  if (message.method != "notifications/cancelled") return;
  const auto id = message.params.find("requestId");
  if (id == message.params.end()) return;
  const std::scoped_lock lock(calls_mutex_);
  for (const CallPointer& call : calls_) {
    if (call->id == *id) call->cancelled = true;
  }
}

OrderedJson Server::initialized(const OrderedJson& params) const {
  const std::string asked = params.at("protocolVersion").get<std::string>();
  const auto& versions = protocol_versions();
  const bool spoken = std::find(versions.begin(), versions.end(), asked) != versions.end();
  OrderedJson result;
  result["protocolVersion"] = spoken ? asked : versions.front();
  result["capabilities"] = {{"tools", {{"listChanged", false}}}};
  result["serverInfo"] = {{"name", options_.name}, {"title", "Fuseline"}, {"version", options_.version}};
  result["instructions"] = options_.instructions;
  return result;
}

OrderedJson Server::listed() const {
  OrderedJson result;
  result["tools"] = OrderedJson::array();
  for (const Tool& tool : tools_) result["tools"].push_back(described(tool));
  return result;
}

void Server::call_tool(const Message& message, const BatchPointer& batch) {
  const auto refuse = [&](RpcCode code, const std::string& reason) {
    respond(rpc_fault(message.id, code, reason), batch);
  };
  const auto name = message.params.find("name");
  if (name == message.params.end() || !name->is_string())
    return refuse(RpcCode::invalid_params, "'name' must be a string");
  // Text is compared with text: nlohmann-json 3.11.3 compares it with no value under C++20.
  const auto& wanted = name->get_ref<const std::string&>();
  const auto tool = std::find_if(tools_.begin(), tools_.end(), [&](const Tool& each) { return each.name == wanted; });
  if (tool == tools_.end()) {
    std::vector<std::string> names;
    for (const Tool& each : tools_) names.push_back(each.name);
    return refuse(RpcCode::invalid_params,
                  fmt::format("there is no tool '{}'; there are {}", wanted, fmt::join(names, ", ")));
  }
  auto call = std::make_shared<Call>();
  call->id = message.id;
  call->tool = &*tool;
  call->batch = batch;
  call->arguments = message.params.value("arguments", OrderedJson::object());
  if (const auto meta = message.params.find("_meta"); meta != message.params.end() && meta->is_object())
    call->progress_token = meta->value("progressToken", OrderedJson(nullptr));
  {
    const std::scoped_lock lock(calls_mutex_);
    const bool used =
        std::any_of(calls_.begin(), calls_.end(), [&](const CallPointer& each) { return each->id == call->id; });
    if (!used && calls_.size() <= kMostWaiting) {
      calls_.push_back(call);
      arrived_.notify_one();
      return;
    }
    if (!used) call->id = nullptr;
  }
  if (call->id.is_null()) return refuse(RpcCode::busy, fmt::format("{} calls are waiting already", kMostWaiting));
  refuse(RpcCode::invalid_request, "a call with this id has not been answered yet");
}

void Server::work() {
  while (true) {
    CallPointer call;
    {
      std::unique_lock lock(calls_mutex_);
      arrived_.wait(lock, [&] { return closed_ || !calls_.empty(); });
      if (closed_) return;
      call = calls_.front();
    }
    finish(*call);
    const std::scoped_lock lock(calls_mutex_);
    calls_.remove(call);
  }
}

/// A call that was cancelled is not answered.
void Server::finish(Call& call) {
  OrderedJson message;
  if (!call.cancelled) {
    try {
      message = rpc_answer(call.id, result_of(call));
    } catch (const std::exception& exception) {
      message = rpc_fault(call.id, RpcCode::internal_error, exception.what());
    }
  }
  call.cancelled ? drop(call.batch) : respond(message, call.batch);
}

OrderedJson Server::result_of(Call& call) {
  const auto arguments = Arguments::read(call.arguments, call.tool->arguments);
  if (!arguments) return tool_fault(arguments.error(), options_.answer_bytes);
  CallContext context;
  context.cancelled = &call.cancelled;
  context.progress = [this, &call](double done, double total, const std::string& message) {
    tell_progress(call, done, total, message);
  };
  auto answer = call.tool->call(*arguments, context);
  if (!answer) return tool_fault(as_argument_error(std::move(answer).error()), options_.answer_bytes);
  return result_of_answer(*call.tool, std::move(*answer));
}

/// What is longer than an answer may be lies in a file.
OrderedJson Server::result_of_answer(const Tool& tool, Answer answer) {
  const auto text_of = [](const OrderedJson& json) {
    return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  };
  if (answer.full.empty() && text_of(answer.summary).size() > options_.answer_bytes)
    answer.full = json_text(answer.summary);
  OrderedJson summary = std::move(answer.summary);
  if (!answer.full.empty()) {
    const auto file = options_.folder / fmt::format("{}-{}-{}{}", tool.name, getpid(), ++files_, answer.full_ending);
    summary = kept_answer(std::move(summary), file, answer.full, options_.answer_bytes);
  }
  OrderedJson result;
  result["content"] = text_content(text_of(summary));
  result["structuredContent"] = summary;
  result["isError"] = false;
  return result;
}

void Server::tell_progress(Call& call, double done, double total, const std::string& message) {
  const bool wanted = call.progress_token.is_string() || call.progress_token.is_number_integer();
  if (!wanted || call.cancelled || !(done > call.progress)) return;
  call.progress = done;
  OrderedJson params;
  params["progressToken"] = call.progress_token;
  params["progress"] = done;
  if (total > 0) params["total"] = total;
  if (!message.empty()) params["message"] = printable(message);
  const std::scoped_lock lock(send_mutex_);
  send(rpc_notification("notifications/progress", std::move(params)));
}

}  // namespace fuseline::tuner::mcp
