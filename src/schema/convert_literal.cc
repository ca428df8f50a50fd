#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "floe/base/datetime.h"
#include "floe/base/decimal.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "schema/uuid.h"

namespace floe::inline v0 {
namespace {

using Kind = ConvertedLiteral::Kind;

ConvertedLiteral Exactly(Literal value) { return {Kind::kExact, std::move(value)}; }
ConvertedLiteral Found(Literal value, bool exact) {
  return {exact ? Kind::kExact : Kind::kFloor, std::move(value)};
}
ConvertedLiteral OutOfRange(bool above) {
  return {above ? Kind::kAboveMax : Kind::kBelowMin, std::nullopt};
}

/// A number as unscaled × 10^-scale.
struct DecimalNumber {
  Int128 unscaled;
  int scale;
};

template <class Int>
ConvertedLiteral ToInteger(const DecimalNumber& number, const Type& type) {
  const Int128 unit = PowerOfTen(number.scale);
  Int128 whole = number.unscaled / unit;
  const bool exact = number.unscaled % unit == 0;
  if (!exact && number.unscaled < 0) {
    --whole;
  }
  if (whole > std::numeric_limits<Int>::max()) {
    return OutOfRange(true);
  }
  if (whole < std::numeric_limits<Int>::min()) {
    return OutOfRange(false);
  }
  return Found(Literal::Of(type, static_cast<Int>(whole)), exact);
}

ConvertedLiteral ToDecimal(const DecimalNumber& number, const Type& type) {
  const int shift = type.scale() - number.scale;
  Int128 value = number.unscaled;
  bool exact = true;
  if (shift >= 0) {
    if (value != 0 && DecimalDigits(value) + shift > kMaxDecimalPrecision) {
      return OutOfRange(value > 0);
    }
    value *= PowerOfTen(shift);
  } else {
    const Int128 unit = PowerOfTen(-shift);
    exact = value % unit == 0;
    value = value / unit - (!exact && value < 0 ? 1 : 0);
  }
  if (DecimalDigits(value) > type.precision()) {
    return OutOfRange(value > 0);
  }
  return Found(Literal::Of(type, value), exact);
}

double ToDouble(const DecimalNumber& number) {
  const std::string text = DecimalToString(number.unscaled, number.scale);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

ConvertedLiteral DoubleToFloating(double value, const Type& type) {
  if (type.id() == TypeId::kDouble) {
    return Exactly(Literal::Double(value));
  }
  constexpr float kMax = std::numeric_limits<float>::max();
  constexpr double kNoLongerMax = 0x1.ffffffp127;  // what is below rounds to the largest float
  if (std::isfinite(value) && std::abs(value) >= kNoLongerMax) {
    // Between the largest float and infinity, on either side.
    const float below = value > 0 ? kMax : -std::numeric_limits<float>::infinity();
    return Found(Literal::Float(below), /*exact=*/false);
  }
  const double clamped = std::isfinite(value) ? std::clamp<double>(value, -kMax, kMax) : value;
  return Exactly(Literal::Float(static_cast<float>(clamped)));
}

/// Integers, decimals, and the types that are stored as integers.
std::optional<ConvertedLiteral> NumberTo(const DecimalNumber& number, const Type& type) {
  switch (type.id()) {
    case TypeId::kInt:
    case TypeId::kDate:
      return ToInteger<int32_t>(number, type);
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return ToInteger<int64_t>(number, type);
    case TypeId::kFloat:
    case TypeId::kDouble:
      return DoubleToFloating(ToDouble(number), type);
    case TypeId::kDecimal:
      return ToDecimal(number, type);
    default:
      return std::nullopt;
  }
}

/// The decimal number that the shortest text of `value` spells.
std::optional<DecimalNumber> ShortestDecimal(double value) {
  const std::string text = fmt::to_string(value);
  for (int scale = 0; scale <= kMaxDecimalPrecision; ++scale) {
    if (const auto unscaled = ParseDecimal(text, scale)) {
      return DecimalNumber{*unscaled, scale};
    }
  }
  return std::nullopt;
}

std::optional<ConvertedLiteral> DoubleTo(double value, const Type& type) {
  if (type.id() == TypeId::kFloat || type.id() == TypeId::kDouble) {
    return DoubleToFloating(value, type);
  }
  if (std::isnan(value)) {
    return std::nullopt;
  }
  if (type.id() != TypeId::kInt && type.id() != TypeId::kLong &&
      type.id() != TypeId::kDecimal) {
    return std::nullopt;
  }
  if (const auto number = ShortestDecimal(value)) {
    return NumberTo(*number, type);
  }
  if (std::abs(value) > 1) {  // beyond 38 digits, or infinite
    return OutOfRange(value > 0);
  }
  return NumberTo({value > 0 ? 1 : -1, kMaxDecimalPrecision}, type);  // tiny: next to zero
}

std::optional<ConvertedLiteral> TextToNumber(std::string_view text, const Type& type) {
  if (type.id() == TypeId::kFloat || type.id() == TypeId::kDouble) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
    if (error != std::errc() || end != text.end() || std::isnan(value)) {
      return std::nullopt;
    }
    return DoubleToFloating(value, type);
  }
  for (int scale = 0; scale <= kMaxDecimalPrecision; ++scale) {
    if (const auto unscaled = ParseDecimal(text, scale)) {
      return NumberTo({*unscaled, scale}, type);
    }
  }
  return std::nullopt;
}

std::optional<ConvertedLiteral> TextTo(const std::string& text, const Type& type) {
  switch (type.id()) {
    case TypeId::kString:
    case TypeId::kBinary:
      return Exactly(Literal::Of(type, text));
    case TypeId::kFixed:
      if (text.size() != static_cast<size_t>(type.length())) {
        return std::nullopt;
      }
      return Exactly(Literal::Of(type, text));
    case TypeId::kBoolean:
      if (text != "true" && text != "false") {
        return std::nullopt;
      }
      return Exactly(Literal::Boolean(text == "true"));
    case TypeId::kDate: {
      const auto days = ParseDate(text);
      return days ? std::optional(Exactly(Literal::Date(*days))) : std::nullopt;
    }
    case TypeId::kTime: {
      const auto micros = ParseTime(text);
      return micros ? std::optional(Exactly(Literal::Of(type, *micros))) : std::nullopt;
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz: {
      const auto parsed = ParseTimestamp(text);
      if (!parsed || parsed->zoned != (type.id() == TypeId::kTimestamptz)) {
        return std::nullopt;
      }
      return Exactly(Literal::Of(type, parsed->micros));
    }
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs: {
      const auto parsed = ParseTimestampNanos(text);
      if (!parsed || parsed->zoned != (type.id() == TypeId::kTimestamptzNs)) {
        return std::nullopt;
      }
      return Exactly(Literal::Of(type, parsed->nanos));
    }
    case TypeId::kUuid: {
      auto bytes = ParseUuid(text);
      return bytes ? std::optional(Exactly(Literal::Of(type, *std::move(bytes))))
                   : std::nullopt;
    }
    default:
      return TextToNumber(text, type);
  }
}

std::optional<ConvertedLiteral> BytesTo(const std::string& bytes, const Type& type) {
  const bool fits =
      type.id() == TypeId::kBinary ||
      (type.id() == TypeId::kFixed && bytes.size() == static_cast<size_t>(type.length())) ||
      (type.id() == TypeId::kUuid && bytes.size() == kUuidBytes);
  return fits ? std::optional(Exactly(Literal::Of(type, bytes))) : std::nullopt;
}

std::optional<ConvertedLiteral> DateTo(int32_t days, const Type& type) {
  if (type.id() != TypeId::kTimestamp && type.id() != TypeId::kTimestampNs) {
    return std::nullopt;
  }
  const int64_t per_day = type.id() == TypeId::kTimestamp ? kMicrosPerDay : kNanosPerDay;
  int64_t value = 0;
  if (__builtin_mul_overflow(int64_t{days}, per_day, &value)) {
    return OutOfRange(days > 0);
  }
  return Exactly(Literal::Of(type, value));
}

/// `value` in units of which a finer or coarser type has `factor`.
ConvertedLiteral ToFiner(int64_t value, int64_t factor, const Type& type) {
  int64_t finer = 0;
  return __builtin_mul_overflow(value, factor, &finer) ? OutOfRange(value > 0)
                                                       : Exactly(Literal::Of(type, finer));
}
ConvertedLiteral ToCoarser(int64_t value, int64_t factor, const Type& type) {
  return Found(Literal::Of(type, FloorDivide(value, factor)), value % factor == 0);
}

std::optional<ConvertedLiteral> TimestampTo(const Literal& literal, const Type& type) {
  const TypeId from = literal.type().id();
  const auto value = literal.get<int64_t>();
  const bool nanos = from == TypeId::kTimestampNs || from == TypeId::kTimestamptzNs;
  const bool zoned = from == TypeId::kTimestamptz || from == TypeId::kTimestamptzNs;
  if (type.id() == TypeId::kDate && !zoned) {
    const int64_t per_day = nanos ? kNanosPerDay : kMicrosPerDay;
    return Found(Literal::Date(static_cast<int32_t>(FloorDivide(value, per_day))),
                 value % per_day == 0);
  }
  if (nanos && type.id() == (zoned ? TypeId::kTimestamptz : TypeId::kTimestamp)) {
    return ToCoarser(value, kNanosPerMicro, type);
  }
  if (!nanos && type.id() == (zoned ? TypeId::kTimestamptzNs : TypeId::kTimestampNs)) {
    return ToFiner(value, kNanosPerMicro, type);
  }
  return std::nullopt;
}

}  // namespace

std::optional<ConvertedLiteral> ConvertLiteral(const Literal& literal, const Type& type) {
  if (literal.type() == type) {
    return Exactly(literal);
  }
  switch (literal.type().id()) {
    case TypeId::kInt:
      return NumberTo({literal.get<int32_t>(), 0}, type);
    case TypeId::kLong:
      return NumberTo({literal.get<int64_t>(), 0}, type);
    case TypeId::kDecimal:
      return NumberTo({literal.get<Int128>(), literal.type().scale()}, type);
    case TypeId::kFloat:
      return DoubleTo(static_cast<double>(literal.get<float>()), type);
    case TypeId::kDouble:
      return DoubleTo(literal.get<double>(), type);
    case TypeId::kString:
      return TextTo(literal.get<std::string>(), type);
    case TypeId::kUuid:
    case TypeId::kFixed:
    case TypeId::kBinary:
      return BytesTo(literal.get<std::string>(), type);
    case TypeId::kDate:
      return DateTo(literal.get<int32_t>(), type);
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return TimestampTo(literal, type);
    default:
      return std::nullopt;
  }
}

}  // namespace floe::inline v0
