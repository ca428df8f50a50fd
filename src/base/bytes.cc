#include "base/bytes.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "floe/base/error.h"

namespace floe::inline v0 {

std::string ToHex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto b = static_cast<uint8_t>(c);
    out.push_back(kDigits[b >> 4U]);
    out.push_back(kDigits[b & 0xFU]);
  }
  return out;
}

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

}  // namespace

std::string FromHex(std::string_view text) {
  if (text.size() % 2 != 0) {
    throw InvalidArgumentError(
        fmt::format("hexadecimal text needs an even number of digits, found {}", text.size()));
  }
  std::string out;
  out.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) {
      throw InvalidArgumentError(fmt::format(
          "not a hexadecimal digit pair at position {}: '{}'", i, text.substr(i, 2)));
    }
    out.push_back(static_cast<char>((high << 4) | low));
  }
  return out;
}

}  // namespace floe::inline v0
