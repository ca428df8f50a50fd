#include "floe/base/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

constexpr auto kPowersOfTen = [] {
  std::array<Int128, kMaxDecimalPrecision + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) {
    powers[i] = powers[i - 1] * 10;
  }
  return powers;
}();

UInt128 Magnitude(Int128 value) {
  return value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Int128 PowerOfTen(int exponent) {
  Check(exponent >= 0 && exponent <= kMaxDecimalPrecision, "power of ten out of range");
  return kPowersOfTen[static_cast<size_t>(exponent)];
}

int DecimalDigits(Int128 value) {
  const UInt128 magnitude = Magnitude(value);
  int digits = 1;
  while (digits <= kMaxDecimalPrecision &&
         magnitude >= static_cast<UInt128>(kPowersOfTen[static_cast<size_t>(digits)])) {
    ++digits;
  }
  return digits;
}

std::string DecimalToString(Int128 unscaled, int scale) {
  UInt128 magnitude = Magnitude(unscaled);
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(magnitude % 10)));
    magnitude /= 10;
  } while (magnitude != 0);
  const auto fraction = static_cast<size_t>(std::max(0, scale));
  while (digits.size() <= fraction) {
    digits.push_back('0');
  }
  if (fraction > 0) {
    digits.insert(digits.begin() + static_cast<std::ptrdiff_t>(fraction), '.');
  }
  if (unscaled < 0) {
    digits.push_back('-');
  }
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::optional<Int128> ParseDecimal(std::string_view text, int scale) {
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  int exponent = 0;
  if (const size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view exponent_text = text.substr(e + 1);
    if (!exponent_text.empty() && exponent_text.front() == '+') {
      exponent_text.remove_prefix(1);
    }
    const auto [end, error] =
        std::from_chars(exponent_text.begin(), exponent_text.end(), exponent);
    if (error != std::errc() || end != exponent_text.end() || exponent < -1000 ||
        exponent > 1000) {
      return std::nullopt;
    }
    text = text.substr(0, e);
  }
  // One more digit would make 39.
  constexpr auto kTooManyDigits = static_cast<UInt128>(kPowersOfTen[kMaxDecimalPrecision - 1]);
  UInt128 value = 0;
  int fraction_digits = 0;
  bool seen_point = false;
  bool seen_digit = false;
  for (const char c : text) {
    if (c == '.' && !seen_point) {
      seen_point = true;
      continue;
    }
    if (!IsDigit(c) || value >= kTooManyDigits) {
      return std::nullopt;
    }
    seen_digit = true;
    value = value * 10 + static_cast<UInt128>(c - '0');
    fraction_digits += seen_point ? 1 : 0;
  }
  if (!seen_digit) {
    return std::nullopt;
  }
  const auto unscaled = static_cast<Int128>(value);
  return RescaleDecimal(negative ? -unscaled : unscaled, fraction_digits - exponent, scale);
}

std::optional<Int128> RescaleDecimal(Int128 unscaled, int from_scale, int to_scale) {
  if (unscaled == 0 || from_scale == to_scale) {
    return unscaled;
  }
  const int shift = to_scale - from_scale;
  if (shift > 0) {
    if (shift > kMaxDecimalPrecision ||
        DecimalDigits(unscaled) + shift > kMaxDecimalPrecision) {
      return std::nullopt;
    }
    return unscaled * PowerOfTen(shift);
  }
  if (-shift > kMaxDecimalPrecision || unscaled % PowerOfTen(-shift) != 0) {
    return std::nullopt;
  }
  return unscaled / PowerOfTen(-shift);
}

std::string DecimalToBytes(Int128 unscaled) {
  std::string bytes;
  Int128 rest = unscaled;
  while (true) {
    const auto low = static_cast<int8_t>(rest & 0xFF);
    bytes.push_back(static_cast<char>(low));
    rest >>= 8;
    if ((rest == 0 && low >= 0) || (rest == -1 && low < 0)) {
      break;
    }
  }
  std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

std::optional<Int128> DecimalFromBytes(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > sizeof(Int128)) {
    return std::nullopt;
  }
  UInt128 value = static_cast<int8_t>(bytes.front()) < 0 ? ~UInt128{0} : UInt128{0};
  for (const char c : bytes) {
    value = (value << 8U) | static_cast<uint8_t>(c);
  }
  return static_cast<Int128>(value);
}

int DecimalRequiredBytes(int precision) {
  Check(precision >= 1 && precision <= kMaxDecimalPrecision, "decimal precision out of range");
  int bytes = 1;
  while ((static_cast<UInt128>(1) << static_cast<unsigned>(8 * bytes - 1)) <
         static_cast<UInt128>(PowerOfTen(precision))) {
    ++bytes;
  }
  return bytes;
}

}  // namespace floe::inline v0
