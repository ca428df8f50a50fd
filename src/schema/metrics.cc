#include "floe/schema/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "floe/base/error.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

MetricsMode MetricsMode::Parse(std::string_view text) {
  const std::string lower = ToLower(text);
  if (lower == "none") {
    return {Kind::kNone, 0};
  }
  if (lower == "counts") {
    return {Kind::kCounts, 0};
  }
  if (lower == "full") {
    return {Kind::kFull, 0};
  }
  constexpr std::string_view kTruncateOpen = "truncate(";
  if (lower.starts_with(kTruncateOpen) && lower.ends_with(')')) {
    const std::string_view digits = std::string_view(lower).substr(
        kTruncateOpen.size(), lower.size() - kTruncateOpen.size() - 1);
    size_t length = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), length);
    if (error == std::errc() && end == digits.end() && length > 0) {
      return {Kind::kTruncate, length};
    }
  }
  throw ParseError(fmt::format("'{}' is not a metrics mode; expected none, counts, full or "
                               "truncate(N) with N at least 1",
                               text),
                   {.position = 0});
}

namespace {

constexpr char32_t kMaxCodePoint = 0x10FFFF;

size_t TruncatedSize(const Type& type, std::string_view bound, size_t length) {
  if (type.id() == TypeId::kString) {
    return PrefixBytes(bound, length);
  }
  if (type.id() == TypeId::kBinary || type.id() == TypeId::kFixed) {
    return std::min(length, bound.size());
  }
  return bound.size();
}

void AppendUtf8(char32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0U | (c >> 6U)));
    out->push_back(static_cast<char>(0x80U | (c & 0x3FU)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0U | (c >> 12U)));
    out->push_back(static_cast<char>(0x80U | ((c >> 6U) & 0x3FU)));
    out->push_back(static_cast<char>(0x80U | (c & 0x3FU)));
  } else {
    out->push_back(static_cast<char>(0xF0U | (c >> 18U)));
    out->push_back(static_cast<char>(0x80U | ((c >> 12U) & 0x3FU)));
    out->push_back(static_cast<char>(0x80U | ((c >> 6U) & 0x3FU)));
    out->push_back(static_cast<char>(0x80U | (c & 0x3FU)));
  }
}

/// Decodes the code point that `bytes` is; nothing if they are not the one form of one.
std::optional<char32_t> DecodeUtf8(std::string_view bytes) {
  const auto lead = static_cast<uint8_t>(bytes[0]);
  if (bytes.size() > 4) {
    return std::nullopt;
  }
  char32_t c = bytes.size() == 1 ? lead : lead & (0xFFU >> (bytes.size() + 1));
  for (const char byte : bytes.substr(1)) {
    c = (c << 6U) | (static_cast<uint8_t>(byte) & 0x3FU);
  }
  std::string canonical;
  AppendUtf8(c, &canonical);
  return canonical == bytes && c <= kMaxCodePoint ? std::optional(c) : std::nullopt;
}

/// The code point after `c` that can stand in a string.
std::optional<char32_t> NextCodePoint(char32_t c) {
  if (c == kMaxCodePoint) {
    return std::nullopt;
  }
  constexpr char32_t kFirstSurrogate = 0xD800;
  constexpr char32_t kAfterSurrogates = 0xE000;
  return c + 1 == kFirstSurrogate ? kAfterSurrogates : c + 1;
}

std::optional<std::string> RaiseString(std::string prefix) {
  while (!prefix.empty()) {
    size_t start = prefix.size() - 1;
    while (start > 0 && (static_cast<uint8_t>(prefix[start]) & 0xC0U) == 0x80U) {
      --start;
    }
    const auto last = DecodeUtf8(std::string_view(prefix).substr(start));
    prefix.resize(start);
    if (!last) {
      continue;
    }
    if (const auto next = NextCodePoint(*last)) {
      AppendUtf8(*next, &prefix);
      return prefix;
    }
  }
  return std::nullopt;
}

std::optional<std::string> RaiseBytes(std::string prefix) {
  while (!prefix.empty()) {
    const auto last = static_cast<uint8_t>(prefix.back());
    prefix.pop_back();
    if (last != 0xFF) {
      prefix.push_back(static_cast<char>(last + 1));
      return prefix;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string TruncateLowerBound(const Type& type, std::string_view bound, size_t length) {
  return std::string(bound.substr(0, TruncatedSize(type, bound, length)));
}

std::optional<std::string> TruncateUpperBound(const Type& type, std::string_view bound,
                                              size_t length) {
  const size_t size = TruncatedSize(type, bound, length);
  if (size == bound.size()) {
    return std::string(bound);
  }
  std::string prefix(bound.substr(0, size));
  return type.id() == TypeId::kString ? RaiseString(std::move(prefix))
                                      : RaiseBytes(std::move(prefix));
}

}  // namespace floe::inline v0
