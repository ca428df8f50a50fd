#include "floe/schema/literal.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "floe/base/datetime.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/schema/type.h"
#include "schema/uuid.h"

namespace floe::inline v0 {
namespace {

/// Which alternative of Literal::Value holds a type.
size_t AlternativeOf(TypeId id) {
  switch (id) {
    case TypeId::kBoolean:
      return 0;
    case TypeId::kInt:
    case TypeId::kDate:
      return 1;
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return 2;
    case TypeId::kFloat:
      return 3;
    case TypeId::kDouble:
      return 4;
    case TypeId::kDecimal:
      return 5;
    case TypeId::kString:
    case TypeId::kUuid:
    case TypeId::kFixed:
    case TypeId::kBinary:
    case TypeId::kGeometry:
    case TypeId::kGeography:
      return 6;
    case TypeId::kUnknown:
    case TypeId::kVariant:
    case TypeId::kStruct:
    case TypeId::kList:
    case TypeId::kMap:
      break;
  }
  throw InternalError("a literal is of a primitive type");
}

/// IEEE 754 total order.
template <class Float, class Int>
std::strong_ordering TotalOrder(Float a, Float b) {
  const auto key = [](Float value) {
    const auto bits = std::bit_cast<Int>(value);
    return bits < 0 ? static_cast<Int>(bits ^ std::numeric_limits<Int>::max()) : bits;
  };
  return key(a) <=> key(b);
}

template <class T>
std::string LittleEndian(T value) {
  std::string out;
  AppendLittleEndian(value, &out);
  return out;
}

/// A value whose size is that of `bytes`.
template <class T>
std::optional<T> Load(std::string_view bytes) {
  return bytes.size() == sizeof(T) ? std::optional(LoadLittleEndian<T>(bytes.data()))
                                   : std::nullopt;
}

/// What a value of 4 bytes is after its column became one of 8: a long was an int, a timestamp
/// a date.
std::optional<int64_t> Widened(int32_t value, TypeId id) {
  if (id == TypeId::kLong) {
    return value;
  }
  if (id != TypeId::kTimestamp && id != TypeId::kTimestampNs) {
    return std::nullopt;
  }
  const int64_t per_day = id == TypeId::kTimestamp ? kMicrosPerDay : kNanosPerDay;
  int64_t widened = 0;
  return __builtin_mul_overflow(value, per_day, &widened) ? std::nullopt
                                                          : std::optional(widened);
}

template <class T>
std::optional<Literal> LiteralIfAny(const Type& type, const std::optional<T>& value) {
  return value ? std::optional(Literal::Of(type, *value)) : std::nullopt;
}

}  // namespace

Literal Literal::Boolean(bool value) { return {Type::Of(TypeId::kBoolean), value}; }
Literal Literal::Int(int32_t value) { return {Type::Of(TypeId::kInt), value}; }
Literal Literal::Long(int64_t value) { return {Type::Of(TypeId::kLong), value}; }
Literal Literal::Float(float value) { return {Type::Of(TypeId::kFloat), value}; }
Literal Literal::Double(double value) { return {Type::Of(TypeId::kDouble), value}; }
Literal Literal::String(std::string value) {
  return {Type::Of(TypeId::kString), std::move(value)};
}
Literal Literal::Date(int32_t days) { return {Type::Of(TypeId::kDate), days}; }
Literal Literal::Timestamp(int64_t micros, bool zoned) {
  return {Type::Of(zoned ? TypeId::kTimestamptz : TypeId::kTimestamp), micros};
}
Literal Literal::Binary(std::string bytes) {
  return {Type::Of(TypeId::kBinary), std::move(bytes)};
}
Literal Literal::Decimal(Int128 unscaled, int precision, int scale) {
  return {Type::Decimal(precision, scale), unscaled};
}

Literal Literal::Of(Type type, Value value) {
  Check(value.index() == AlternativeOf(type.id()), "literal value does not fit its type");
  return {std::move(type), std::move(value)};
}

bool Literal::is_nan() const {
  if (const auto* f = std::get_if<float>(&value_)) {
    return std::isnan(*f);
  }
  const auto* d = std::get_if<double>(&value_);
  return d != nullptr && std::isnan(*d);
}

std::string Literal::ToBytes() const {
  return std::visit(
      [](const auto& value) -> std::string {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::string>) {
          return value;
        } else if constexpr (std::is_same_v<T, Int128>) {
          return DecimalToBytes(value);
        } else if constexpr (std::is_same_v<T, bool>) {
          return {value ? '\x01' : '\x00'};
        } else {
          return LittleEndian(value);
        }
      },
      value_);
}

std::string Literal::ToString() const {
  switch (type_.id()) {
    case TypeId::kBoolean:
      return get<bool>() ? "true" : "false";
    case TypeId::kInt:
      return fmt::to_string(get<int32_t>());
    case TypeId::kLong:
      return fmt::to_string(get<int64_t>());
    case TypeId::kFloat:
      return fmt::to_string(get<float>());
    case TypeId::kDouble:
      return fmt::to_string(get<double>());
    case TypeId::kDecimal:
      return DecimalToString(get<Int128>(), type_.scale());
    case TypeId::kDate:
      return FormatDate(get<int32_t>());
    case TypeId::kTime:
      return FormatTime(get<int64_t>());
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
      return FormatTimestamp(get<int64_t>(), type_.id() == TypeId::kTimestamptz);
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return FormatTimestampNanos(get<int64_t>(), type_.id() == TypeId::kTimestamptzNs);
    case TypeId::kString:
      return get<std::string>();
    case TypeId::kUuid:
      return FormatUuid(get<std::string>());
    default:
      return "0x" + ToHex(get<std::string>());
  }
}

std::strong_ordering Literal::Compare(const Literal& other) const {
  Check(value_.index() == other.value_.index(), "literals of two types are not ordered");
  return std::visit(
      [&](const auto& value) -> std::strong_ordering {
        using T = std::decay_t<decltype(value)>;
        const T& right = std::get<T>(other.value_);
        if constexpr (std::is_same_v<T, float>) {
          return TotalOrder<float, int32_t>(value, right);
        } else if constexpr (std::is_same_v<T, double>) {
          return TotalOrder<double, int64_t>(value, right);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return value.compare(right) <=> 0;  // char_traits compares bytes as unsigned
        } else {
          return value < right   ? std::strong_ordering::less
                 : value > right ? std::strong_ordering::greater
                                 : std::strong_ordering::equal;
        }
      },
      value_);
}

std::optional<Literal> LiteralFromBytes(const Type& type, std::string_view bytes) {
  if (type.id() == TypeId::kUnknown || !type.is_primitive()) {
    return std::nullopt;
  }
  switch (AlternativeOf(type.id())) {
    case 0:
      return LiteralIfAny(type,
                          bytes.size() == 1 ? std::optional(bytes[0] != 0) : std::nullopt);
    case 1:
      return LiteralIfAny(type, Load<int32_t>(bytes));
    case 2:
      if (const auto narrow = Load<int32_t>(bytes)) {
        return LiteralIfAny(type, Widened(*narrow, type.id()));
      }
      return LiteralIfAny(type, Load<int64_t>(bytes));
    case 3:
      return LiteralIfAny(type, Load<float>(bytes));
    case 4:
      if (const auto narrow = Load<float>(bytes)) {
        return Literal::Of(type, static_cast<double>(*narrow));
      }
      return LiteralIfAny(type, Load<double>(bytes));
    case 5:
      return LiteralIfAny(type, DecimalFromBytes(bytes));
    default:
      if ((type.id() == TypeId::kUuid && bytes.size() != kUuidBytes) ||
          (type.id() == TypeId::kFixed && bytes.size() != static_cast<size_t>(type.length()))) {
        return std::nullopt;
      }
      return Literal::Of(type, std::string(bytes));
  }
}

}  // namespace floe::inline v0
