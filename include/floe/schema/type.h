#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace floe::inline v0 {

/// The types of Iceberg format version 2 (specification, "Schemas and Data Types").
enum class TypeId : uint8_t {
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kDecimal,
  kDate,         ///< days since 1970-01-01
  kTime,         ///< microseconds since midnight
  kTimestamp,    ///< microseconds since 1970-01-01T00:00:00, without zone
  kTimestamptz,  ///< microseconds since 1970-01-01T00:00:00Z
  kString,       ///< UTF-8
  kUuid,
  kFixed,
  kBinary,
  kStruct,
  kList,
  kMap,
};

struct Field;

/// A type, primitive or nested. An immutable value, cheap to copy.
class Type {
 public:
  /// A primitive without parameters. Throws InternalError for the others.
  static Type Of(TypeId id);
  /// Precision 1 to 38, scale 0 to precision; throws InvalidArgumentError otherwise.
  static Type Decimal(int precision, int scale);
  /// Length in bytes, at least 1; throws InvalidArgumentError otherwise.
  static Type Fixed(int length);
  static Type Struct(std::vector<Field> fields);
  /// `element.name` is "element".
  static Type List(Field element);
  /// `key.name` is "key", `value.name` is "value"; the key is required.
  static Type Map(Field key, Field value);

  TypeId id() const { return id_; }
  bool is_primitive() const { return id_ < TypeId::kStruct; }
  /// Decimal only.
  int precision() const { return first_; }
  int scale() const { return second_; }
  /// Fixed only: bytes.
  int length() const { return first_; }
  /// Fields of a struct; the element of a list; key and value of a map; else empty.
  const std::vector<Field>& fields() const;

  /// As the specification writes it: `decimal(9,2)`, `struct<1: a: optional int>`.
  std::string ToString() const;
  /// Same type, with the same field ids, names and docs below.
  bool operator==(const Type& other) const;

 private:
  explicit Type(TypeId id) : id_(id) {}

  TypeId id_;
  int first_ = 0;
  int second_ = 0;
  std::shared_ptr<const std::vector<Field>> fields_;
};

/// A named, numbered column or part of a nested type. A value.
struct Field {
  int32_t id;
  std::string name;
  Type type;
  bool required = false;
  std::string doc;  ///< empty: none
  /// Members of its JSON that floe does not know: name and raw value.
  std::vector<std::pair<std::string, std::string>> extras;

  bool operator==(const Field&) const = default;
};

/// Reads a primitive type as the specification writes it: `long`, `decimal(9, 2)`,
/// `fixed[16]`. Throws ParseError; UnsupportedError for a type of format version 3.
Type ParsePrimitiveType(std::string_view text);

/// True if a column of `from` may become `to` without rewriting data (specification, "Schema
/// Evolution", v2): int to long, float to double, decimal to more precision; and if equal.
bool IsPromotion(const Type& from, const Type& to);

}  // namespace floe::inline v0
