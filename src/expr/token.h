#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace floe::inline v0 {

enum class TokenKind : uint8_t {
  kName,        ///< path that begins with a bare word, or a keyword; `text` unescaped
  kQuotedName,  ///< path that begins with "…" or `…`; `text` unescaped
  kString,      ///< '…'; `text` unescaped
  kBytes,       ///< X'…'; `text` the bytes that the digits stand for
  kNumber,      ///< `text` as written
  kSymbol,      ///< operator, parenthesis or comma
  kEnd,
};

struct Token {
  TokenKind kind;
  std::string text;
  size_t position;  ///< byte offset in the filter
};

/// Cuts a filter into tokens, kEnd last. Throws ParseError.
std::vector<Token> Tokenize(std::string_view text);

}  // namespace floe::inline v0
