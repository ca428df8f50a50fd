#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace floe::inline v0 {

/// The types of Iceberg format versions 1 to 3 (specification, "Schemas and Data Types").
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
  // Format version 3:
  kUnknown,        ///< nothing but nulls; not stored in data files
  kTimestampNs,    ///< nanoseconds since 1970-01-01T00:00:00, without zone
  kTimestamptzNs,  ///< nanoseconds since 1970-01-01T00:00:00Z
  kGeometry,       ///< WKB
  kGeography,      ///< WKB
  kVariant,        ///< semi-structured: neither primitive nor nested
  // Nested:
  kStruct,
  kList,
  kMap,
};

/// How the edges of a geography run between its points.
enum class EdgeAlgorithm : uint8_t { kSpherical, kVincenty, kThomas, kAndoyer, kKarney };

/// Coordinate reference system of a geometry or geography that names none.
inline constexpr std::string_view kDefaultCrs = "OGC:CRS84";

struct Field;

/// A type: primitive, variant or nested. An immutable value, cheap to copy.
class Type {
 public:
  /// A primitive without parameters, or variant. Throws InternalError for the others.
  static Type Of(TypeId id);
  /// Precision 1 to 38, scale 0 to precision; throws InvalidArgumentError otherwise.
  static Type Decimal(int precision, int scale);
  /// Length in bytes, at least 1; throws InvalidArgumentError otherwise.
  static Type Fixed(int length);
  /// `crs` has no commas, parentheses and quotes; throws InvalidArgumentError otherwise.
  static Type Geometry(std::string_view crs = kDefaultCrs);
  static Type Geography(std::string_view crs = kDefaultCrs,
                        EdgeAlgorithm algorithm = EdgeAlgorithm::kSpherical);
  static Type Struct(std::vector<Field> fields);
  /// `element.name` is "element".
  static Type List(Field element);
  /// `key.name` is "key", `value.name` is "value"; the key is required.
  static Type Map(Field key, Field value);

  TypeId id() const { return id_; }
  bool is_primitive() const { return id_ < TypeId::kVariant; }
  /// A struct, list or map: has fields().
  bool is_nested() const { return id_ >= TypeId::kStruct; }
  /// Decimal only.
  int precision() const { return first_; }
  int scale() const { return second_; }
  /// Fixed only: bytes.
  int length() const { return first_; }
  /// Geometry and geography only.
  const std::string& crs() const;
  /// Geography only.
  EdgeAlgorithm edge_algorithm() const { return static_cast<EdgeAlgorithm>(second_); }
  /// Fields of a struct; the element of a list; key and value of a map; else empty.
  const std::vector<Field>& fields() const;
  /// Members of a nested type's JSON that floe does not know: name and raw value.
  const std::vector<std::pair<std::string, std::string>>& extras() const;
  /// This nested type with others of these.
  Type WithExtras(std::vector<std::pair<std::string, std::string>> extras) const;

  /// As the specification writes it: `decimal(9,2)`, `struct<1: a: optional int>`.
  std::string ToString() const;
  /// Same type, with the same field ids, names and docs below.
  bool operator==(const Type& other) const;

 private:
  struct Nested;
  explicit Type(TypeId id) : id_(id) {}
  Type(TypeId id, std::vector<Field> fields);

  TypeId id_;
  int first_ = 0;
  int second_ = 0;
  std::shared_ptr<const Nested> nested_;
  std::shared_ptr<const std::string> crs_;
};

class Value;

/// What a field is where nobody gave it a value: null, or a value of its type. Immutable, cheap
/// to copy.
class DefaultValue {
 public:
  /// Null.
  DefaultValue() = default;
  DefaultValue(Value value);  // NOLINT(google-explicit-constructor): a default is a value

  bool is_null() const { return value_ == nullptr; }
  /// What is not null.
  const Value& value() const { return *value_; }
  bool operator==(const DefaultValue& other) const;

 private:
  std::shared_ptr<const Value> value_;
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
  /// In rows that were written before the field was added. A struct's is null or without
  /// parts, which are the defaults of its fields.
  DefaultValue initial_default = {};
  /// In rows that are written without the field.
  DefaultValue write_default = {};

  bool operator==(const Field&) const = default;
};

/// Reads a type that is not nested as the specification writes it: `long`, `decimal(9, 2)`,
/// `fixed[16]`, `geography(srid:4326, karney)`; a CRS may stand in quotes. Throws ParseError;
/// InvalidArgumentError for a parameter out of range.
Type ParsePrimitiveType(std::string_view text);

/// "spherical" and so on.
std::string_view EdgeAlgorithmName(EdgeAlgorithm algorithm);

}  // namespace floe::inline v0
