#include "base/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace floe::inline v0 {
namespace {

char LowerChar(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// True for the second and later bytes of a code point.
bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0U) == 0x80U; }

/// Length of the code point that begins with `lead`; 1 for a byte that begins none. It depends
/// on the first byte alone, so that prefixes of ordered texts are in order, malformed or not.
size_t CodePointBytes(char lead) {
  const auto byte = static_cast<uint8_t>(lead);
  return byte < 0xC0 || byte > 0xF7 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

std::string ToLower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), LowerChar);
  return out;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return LowerChar(x) == LowerChar(y); });
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(at + 1);
  }
}

size_t PrefixBytes(std::string_view text, size_t code_points) {
  size_t i = 0;
  for (; code_points > 0 && i < text.size(); --code_points) {
    i += CodePointBytes(text[i]);
  }
  return std::min(i, text.size());
}

std::string Abbreviate(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) {
    return std::string(text);
  }
  size_t end = max_bytes;
  while (end > 0 && IsContinuation(text[end])) {
    --end;
  }
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace floe::inline v0
