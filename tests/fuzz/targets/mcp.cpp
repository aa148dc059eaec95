// What a client of the server for programs sends. The first byte says in what pieces it arrives.
// Promises: lines do not depend on the pieces; whatever they hold, each thing sent is one line of JSON-RPC.
#include <string>
#include <vector>

#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"
#include "tuner/mcp/server.hpp"

namespace fuseline::fuzz {
namespace {

namespace served = tuner::mcp;

constexpr std::size_t kLongest = std::size_t{1} << 12;

struct Lines {
  std::vector<std::string> lines;
  int too_long = 0;
  friend bool operator==(const Lines&, const Lines&) = default;
};

Lines split(std::string_view bytes, std::size_t piece) {
  Lines found;
  served::LineSplitter splitter(kLongest);
  const auto on_line = [&found](std::string_view line) { found.lines.emplace_back(line); };
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    splitter.take(bytes.substr(at, piece), on_line, [&found] { ++found.too_long; });
  splitter.finish(on_line);
  return found;
}

/// Its arguments are of every type there is.
served::Tool any_tool() {
  using enum served::ArgumentType;
  served::Tool tool{"any", "Any", "Says what it was given", {}, true, nullptr};
  for (const served::ArgumentType type : {string, string_or_integer, integer, boolean, strings, integers,
                                          integers_by_name, numbers_by_name, values_by_name})
    tool.arguments.push_back({"a" + std::to_string(static_cast<int>(type)), type, "an argument"});
  tool.call = [](const served::Arguments& arguments,
                 const served::CallContext& context) -> tuner::Result<served::Answer> {
    context.progress(1, 2, arguments.string("a0"));
    served::Answer answer;
    answer.summary["text"] = arguments.string("a1");
    answer.summary["dims"] = arguments.dimensions("a6").size();
    answer.summary["scalars"] = arguments.scalars("a7").size();
    for (const auto& [name, values] : arguments.values("a8")) answer.summary["values"][name] = values;
    return answer;
  };
  return tool;
}

void is_message(const std::string& line) {
  require(!line.empty() && line.find('\n') == line.size() - 1, "what is sent is not one line", line);
  const auto json = nlohmann::json::parse(line, nullptr, false);
  require(!json.is_discarded(), "what is sent is no JSON", line);
  for (const auto& message : json.is_array() ? json : nlohmann::json::array({json}))
    require(message.is_object() && message.value("jsonrpc", "") == "2.0", "what is sent is no message", line);
}

}  // namespace

void mcp(std::string_view input) {
  if (input.empty()) return;
  const auto first = static_cast<unsigned char>(input.front());
  input.remove_prefix(1);
  const Lines whole = split(input, input.size() + 1);
  require(whole == split(input, std::size_t{1} + first / 2), "lines depend on how the bytes arrive");
  served::Server server({any_tool()}, {"fuzz", "0", "", 1024, scratch() / "answers"}, is_message);
  for (const std::string& line : whole.lines) server.receive(line);
  for (int i = 0; i < whole.too_long; ++i) server.refuse_long_line();
}

}  // namespace fuseline::fuzz
