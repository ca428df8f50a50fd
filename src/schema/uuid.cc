#include "schema/uuid.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

constexpr size_t kTextLength = 36;

constexpr bool IsDash(size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

}  // namespace

std::string FormatUuid(std::string_view bytes) {
  Check(bytes.size() == kUuidBytes, "a UUID has 16 bytes");
  std::string text = ToHex(bytes);
  for (const size_t dash : {8, 13, 18, 23}) {
    text.insert(dash, 1, '-');
  }
  return text;
}

std::optional<std::string> ParseUuid(std::string_view text) {
  if (text.size() != kTextLength) {
    return std::nullopt;
  }
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsDash(i) != (text[i] == '-')) {
      return std::nullopt;
    }
    if (!IsDash(i)) {
      digits.push_back(text[i]);
    }
  }
  if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    return std::nullopt;
  }
  return FromHex(digits);
}

}  // namespace floe::inline v0
