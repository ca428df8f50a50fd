#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "floe/base/decimal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// A non-null value of a primitive type. An immutable value.
///
/// Held as: bool; int32_t for int and date; int64_t for long, time and timestamps; float;
/// double; Int128 (unscaled) for decimal; std::string of UTF-8 for string and of raw bytes for
/// uuid (16), fixed, binary, geometry and geography (WKB). No literal is of type unknown.
class Literal {
 public:
  using Value = std::variant<bool, int32_t, int64_t, float, double, Int128, std::string>;

  static Literal Boolean(bool value);
  static Literal Int(int32_t value);
  static Literal Long(int64_t value);
  static Literal Float(float value);
  static Literal Double(double value);
  static Literal String(std::string value);
  static Literal Date(int32_t days);
  static Literal Timestamp(int64_t micros, bool zoned);
  static Literal Binary(std::string bytes);
  static Literal Decimal(Int128 unscaled, int precision, int scale);
  /// `value` must hold the alternative of `type` (see above); a bug otherwise.
  static Literal Of(Type type, Value value);

  const Type& type() const { return type_; }
  const Value& value() const { return value_; }
  template <class T>
  const T& get() const {
    return std::get<T>(value_);
  }

  /// True for a float or double that is not a number.
  bool is_nan() const;
  /// Single-value binary form (specification, appendix D).
  std::string ToBytes() const;
  /// For messages and `human strings`: 2024-01-31, 12.50, 0x0aff for bytes.
  std::string ToString() const;

  bool operator==(const Literal& other) const {
    return type_ == other.type_ && Compare(other) == 0;
  }
  /// Order of two literals of the same type: floats in total order (−NaN … −0 < +0 … +NaN),
  /// strings and bytes as unsigned bytes.
  std::strong_ordering Compare(const Literal& other) const;

 private:
  Literal(Type type, Value value) : type_(std::move(type)), value_(std::move(value)) {}

  Type type_;
  Value value_;
};

/// Reads the single-value binary form of `type`. Bytes of a type that `type` was promoted
/// from (4 for a long, double or timestamp) are widened. Nothing if the length is impossible,
/// for a date that the timestamp type does not reach, and for types without such a form.
std::optional<Literal> LiteralFromBytes(const Type& type, std::string_view bytes);

/// What becomes of a literal that is to be compared with a column of another type.
struct ConvertedLiteral {
  enum class Kind : uint8_t {
    kExact,     ///< `value` equals the literal
    kFloor,     ///< the literal lies between `value` and the next larger one of the type
    kAboveMax,  ///< larger than every value of the type
    kBelowMin,  ///< smaller than every value of the type
  };
  Kind kind;
  std::optional<Literal> value;  ///< set for kExact and kFloor
};

/// Converts `literal` to `type` for a comparison; nothing if that has no meaning (a number
/// for a string column, a zoned timestamp for an unzoned one, a text that is no date).
std::optional<ConvertedLiteral> ConvertLiteral(const Literal& literal, const Type& type);

}  // namespace floe::inline v0
