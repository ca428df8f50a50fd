#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// A value of any type, as the defaults of columns are: null, a literal, or what is nested. An
/// immutable value that does not know the type of what is nested.
class Value {
 public:
  /// Null.
  Value() = default;
  Value(Literal literal)  // NOLINT(google-explicit-constructor): a literal is a value
      : literal_(std::move(literal)) {}
  /// Fields that are not among `fields` have the defaults of the type's fields.
  static Value Struct(std::vector<std::pair<int32_t, Value>> fields);
  static Value List(std::vector<Value> elements);
  /// As many values as keys.
  static Value Map(std::vector<Value> keys, std::vector<Value> values);

  bool is_null() const { return !literal_ && !is_nested_; }
  bool is_nested() const { return is_nested_; }
  /// Set for a value of a primitive type.
  const std::optional<Literal>& literal() const { return literal_; }
  /// Ids of the fields of a struct; parts() are their values.
  const std::vector<int32_t>& field_ids() const { return field_ids_; }
  /// Values of a struct's fields; elements of a list; keys of a map, then its values.
  const std::vector<Value>& parts() const { return parts_; }

  bool operator==(const Value& other) const = default;

 private:
  std::optional<Literal> literal_;
  bool is_nested_ = false;
  std::vector<int32_t> field_ids_;
  std::vector<Value> parts_;
};

/// Single-value JSON form of a value of `type` (specification, appendix D). Floats that are
/// not finite have none: throws InvalidArgumentError.
std::string ValueToJson(const Value& value, const Type& type);

/// Reads the single-value JSON form strictly: nothing is rounded, cut or wrapped. Throws
/// ParseError saying what was expected; UnsupportedError for geometry, geography and variant.
Value ValueFromJson(std::string_view json, const Type& type);

}  // namespace floe::inline v0
