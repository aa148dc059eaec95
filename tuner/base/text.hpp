// Text that is safe to show, and digests of text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fuseline::tuner {

/// Replaces control characters and terminal escapes by visible \xNN forms; keeps tabs and line ends where `multiline`.
[[nodiscard]] std::string printable(std::string_view text, bool multiline = false);

/// `text` as every canvas can draw it: what printable() replaces as spaces, and bytes that are no text as '?'.
[[nodiscard]] std::string drawable_text(std::string_view text);

/// What some editors put before UTF-8, and compilers do not know.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
/// Takes it off the beginning of a text, where it is there.
void drop_byte_order_mark(std::string& text);
[[nodiscard]] std::string grouped(double value, int decimals = 0);  ///< 4245 -> "4,245"

/// Escapes &, <, >, " and ' and drops what XML 1.0 forbids.
[[nodiscard]] std::string escape_xml(std::string_view text);

/// One word of a POSIX shell's command, in single quotes where it needs them.
[[nodiscard]] std::string shell_quoted(std::string_view word);

/// Lower-case hexadecimal SHA-256.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

[[nodiscard]] bool is_utf8(std::string_view bytes);

/// Base 64 (RFC 4648) with padding, on one line.
[[nodiscard]] std::string to_base64(std::string_view bytes);
/// Empty where `text` is anything else.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
/// Without blanks at its ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// True for [A-Za-z_][A-Za-z0-9_]*.
[[nodiscard]] bool is_identifier(std::string_view text);

/// Up to three candidates close to `word` (edit distance), for "did you mean"; empty where none is close.
[[nodiscard]] std::vector<std::string> closest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace fuseline::tuner
