// What a compiler's log says, message by message, with the places that messages are of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fuseline::tuner {

/// A line of a log that begins with a place, "plain.cu(12): error: ...": NVRTC's form.
struct PlacedLine {
  std::string file;  ///< As the compiler names it.
  int line = 0;      ///< From 1.
  std::string text;  ///< Behind the place: "error: ..."
};
[[nodiscard]] std::optional<PlacedLine> placed_line(std::string_view line);

enum class MessageKind { error, warning, remark };
[[nodiscard]] std::string_view to_string(MessageKind kind);

struct CompilerMessage {
  MessageKind kind = MessageKind::error;
  std::string file;    ///< Empty where it is of no place.
  int line = 0;        ///< From 1; 0: of no place.
  std::string text;    ///< One line, without place and kind.
  std::string detail;  ///< The lines that belong to it: the source's, with a mark below, or where a template was made.
};

/// Errors, warnings and remarks of NVRTC and ptxas, in their order. What ptxas says of registers is none, nor is the
/// count of errors at the end. Control characters are made visible.
[[nodiscard]] std::vector<CompilerMessage> compiler_messages(std::string_view log);

}  // namespace fuseline::tuner
