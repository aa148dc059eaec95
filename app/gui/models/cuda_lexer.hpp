// Words of CUDA C++ that are shown in colours of their own: read off the text alone, without a compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fuseline::app::gui {

enum class TokenKind : std::uint8_t {
  keyword,
  string,  ///< Characters and the file of an #include as well.
  number,
  comment,
  directive,  ///< "#pragma" and the like; what follows on its line is read as code.
  parameter,  ///< A macro of the configuration, the shape or the dtype: PARAM_block, DIM_N, FUSELINE_DTYPE_F16.
};

/// Bytes [begin, end) of the text.
struct Token {
  std::size_t begin = 0, end = 0;
  TokenKind kind = TokenKind::keyword;
  friend bool operator==(const Token&, const Token&) = default;
};

/// What is none of plain text, in order; tokens do not overlap. A comment, a raw string or a line that is continued may
/// hold line ends. Any bytes are taken: what makes no sense is plain.
[[nodiscard]] std::vector<Token> cuda_tokens(std::string_view text);

/// Whether a name is a macro that Fuseline gives to sources.
[[nodiscard]] bool is_given_macro(std::string_view name);

}  // namespace fuseline::app::gui
