#include "expr/token.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<uint8_t>(c) >= 0x80;
}
bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c) || c == '$'; }
bool IsQuoteOfNames(char c) { return c == '"' || c == '`'; }

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  std::vector<Token> Run() {
    while (true) {
      at_ = SkipSpace(at_);
      const size_t start = at_;
      if (start == text_.size()) {
        tokens_.push_back({TokenKind::kEnd, "", start});
        return std::move(tokens_);
      }
      Next(start);
    }
  }

 private:
  void Next(size_t start) {
    const char c = text_[start];
    if ((c == 'x' || c == 'X') && text_.substr(start + 1).starts_with('\'')) {
      TakeBytes(start);
    } else if (IsNameStart(c) || IsQuoteOfNames(c)) {
      TakePath(start);
    } else if (StartsNumber(start)) {
      TakeNumber(start);
    } else if (c == '\'') {
      tokens_.push_back({TokenKind::kString, TakeQuoted("string"), start});
    } else {
      TakeSymbol(start);
    }
  }

  bool StartsNumber(size_t start) const {
    const std::string_view rest = text_.substr(start);
    size_t i = rest[0] == '-' || rest[0] == '+' ? 1 : 0;
    i += i < rest.size() && rest[i] == '.' ? 1U : 0U;
    return i < rest.size() && IsDigit(rest[i]);
  }

  void TakeDigits() {
    while (at_ < text_.size() && IsDigit(text_[at_])) {
      ++at_;
    }
  }

  void TakeNumber(size_t start) {
    at_ += text_[at_] == '-' || text_[at_] == '+' ? 1U : 0U;
    TakeDigits();
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      TakeDigits();
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      at_ += at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+') ? 1U : 0U;
      if (at_ == text_.size() || !IsDigit(text_[at_])) {
        Fail(at_, "expected the digits of an exponent");
      }
      TakeDigits();
    }
    if (at_ < text_.size() && IsNamePart(text_[at_])) {
      Fail(at_, fmt::format("'{}' can't follow a number", text_[at_]));
    }
    Add(TokenKind::kNumber, start);
  }

  /// What stands between the quote at the cursor and the one that closes it.
  std::string TakeQuoted(std::string_view what) {
    const size_t start = at_;
    const char quote = text_[start];
    std::string content;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != quote) {
        content.push_back(text_[at_]);
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
        content.push_back(quote);
        ++at_;
      } else {
        ++at_;
        return content;
      }
    }
    Fail(start, fmt::format("the {} that begins here has no closing {}", what, quote));
  }

  size_t SkipSpace(size_t at) const {
    while (at < text_.size() && IsSpace(text_[at])) {
      ++at;
    }
    return at;
  }

  /// One name of a path, bare or quoted.
  std::string TakeName() {
    if (IsQuoteOfNames(text_[at_])) {
      return TakeQuoted("quoted name");
    }
    const size_t start = at_;
    while (at_ < text_.size() && IsNamePart(text_[at_])) {
      ++at_;
    }
    return std::string(text_.substr(start, at_ - start));
  }

  /// Moves on to the next name of a path; false if none follows.
  bool TakeDot() {
    const size_t dot = SkipSpace(at_);
    if (dot == text_.size() || text_[dot] != '.') {
      return false;
    }
    if (dot != at_ && dot + 1 < text_.size() && IsDigit(text_[dot + 1])) {
      return false;  // a number of its own: and .5 < x
    }
    const size_t next = SkipSpace(dot + 1);
    if (next == text_.size() || !(IsNamePart(text_[next]) || IsQuoteOfNames(text_[next]))) {
      Fail(next, "expected a name after the '.'");
    }
    at_ = next;
    return true;
  }

  /// a.b, "a"."b", a . "b"
  void TakePath(size_t start) {
    const TokenKind kind =
        IsQuoteOfNames(text_[start]) ? TokenKind::kQuotedName : TokenKind::kName;
    std::string path = TakeName();
    while (TakeDot()) {
      path.append(".").append(TakeName());
    }
    tokens_.push_back({kind, std::move(path), start});
  }

  /// X'00ff'
  void TakeBytes(size_t start) {
    ++at_;
    const std::string digits = TakeQuoted("binary");
    try {
      tokens_.push_back({TokenKind::kBytes, FromHex(digits), start});
    } catch (const InvalidArgumentError& error) {
      Fail(start, error.message());
    }
  }

  void TakeSymbol(size_t start) {
    constexpr std::array<std::string_view, 11> kSymbols = {"<=", ">=", "==", "!=", "<>", "<",
                                                           ">",  "=",  "(",  ")",  ","};
    for (const std::string_view symbol : kSymbols) {
      if (text_.substr(start).starts_with(symbol)) {
        at_ += symbol.size();
        Add(TokenKind::kSymbol, start);
        return;
      }
    }
    Fail(start, fmt::format("'{}' is not part of a filter", text_[start]));
  }

  void Add(TokenKind kind, size_t start) {
    tokens_.push_back({kind, std::string(text_.substr(start, at_ - start)), start});
  }

  [[noreturn]] void Fail(size_t position, std::string_view problem) const {
    throw ParseError(
        fmt::format("can't parse the filter at position {}: {}", position, problem),
        {.position = static_cast<int64_t>(position)});
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view text) { return Tokenizer(text).Run(); }

}  // namespace floe::inline v0
