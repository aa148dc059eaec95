#include "tuner/check/compiler_messages.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

/// What a message begins with, and what it is then.
struct Beginning {
  std::string_view word;
  MessageKind kind;
};
constexpr Beginning kBeginnings[] = {{"catastrophic error", MessageKind::error},
                                     {"fatal error", MessageKind::error},
                                     {"internal error", MessageKind::error},
                                     {"error", MessageKind::error},
                                     {"warning", MessageKind::warning},
                                     {"remark", MessageKind::remark},
                                     {"note", MessageKind::remark}};

/// "error: ..." or "warning #177-D: ...", or of ptxas "warning : ...".
std::optional<CompilerMessage> message_of(std::string_view text) {
  constexpr std::size_t kLongestNumber = 12;
  for (const auto& [word, kind] : kBeginnings) {
    if (!text.starts_with(word)) continue;
    const std::size_t colon = text.find(':', word.size());
    if (colon == std::string_view::npos || colon > word.size() + kLongestNumber) continue;
    CompilerMessage message;
    message.kind = kind;
    message.text = printable(trimmed(text.substr(colon + 1)));
    return message;
  }
  return std::nullopt;
}

std::optional<CompilerMessage> placed_message(std::string_view line) {
  auto placed = placed_line(line);
  if (!placed) return std::nullopt;
  auto message = message_of(placed->text);
  if (!message) return std::nullopt;
  message->file = printable(placed->file);
  message->line = placed->line;
  return message;
}

/// "ptxas warning : ..." and "nvrtc: error: ...".
std::optional<CompilerMessage> tool_message(std::string_view line) {
  for (const std::string_view tool : {"ptxas ", "nvrtc: "}) {
    if (line.starts_with(tool)) return message_of(line.substr(tool.size()));
  }
  return std::nullopt;
}

}  // namespace

std::optional<PlacedLine> placed_line(std::string_view line) {
  const std::size_t close = line.find("): ");
  const std::size_t open = close == std::string_view::npos ? close : line.rfind('(', close);
  if (open == std::string_view::npos || open == 0) return std::nullopt;
  PlacedLine placed{std::string(line.substr(0, open)), 0, std::string(line.substr(close + 3))};
  const char* end = line.data() + close;
  const auto [at, error] = std::from_chars(line.data() + open + 1, end, placed.line);
  if (error != std::errc() || at != end || placed.line < 1) return std::nullopt;
  return placed;
}

std::string_view to_string(MessageKind kind) {
  switch (kind) {
    case MessageKind::error:
      return "error";
    case MessageKind::warning:
      return "warning";
    case MessageKind::remark:
      return "remark";
  }
  return "";
}

std::vector<CompilerMessage> compiler_messages(std::string_view log) {
  std::vector<CompilerMessage> messages;
  bool goes_on = false;  // What is indented belongs to the message above.
  while (!log.empty()) {
    const std::size_t end = std::min(log.find('\n'), log.size());
    const std::string_view line = log.substr(0, end);
    log.remove_prefix(std::min(end + 1, log.size()));
    auto message = placed_message(line);
    if (!message) message = tool_message(line);
    if (message) {
      messages.push_back(std::move(*message));
      goes_on = true;
    } else if (goes_on && line.starts_with(' ')) {
      messages.back().detail += printable(line) + "\n";
    } else {
      goes_on = false;
    }
  }
  return messages;
}

}  // namespace fuseline::tuner
