#include "floe/schema/type.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/schema/value.h"

namespace floe::inline v0 {
namespace {

std::shared_ptr<const std::string> CheckedCrs(std::string_view crs) {
  if (crs.empty() || crs.find_first_of(",()'\"") != std::string_view::npos) {
    throw InvalidArgumentError(
        fmt::format("'{}' is not a coordinate reference system; expected one such as "
                    "'OGC:CRS84' or 'srid:4326'",
                    crs));
  }
  return std::make_shared<const std::string>(crs);
}

}  // namespace

Type Type::Of(TypeId id) {
  Check(id < TypeId::kStruct && id != TypeId::kDecimal && id != TypeId::kFixed &&
            id != TypeId::kGeometry && id != TypeId::kGeography,
        "Type::Of needs a type without parameters and fields");
  return Type(id);
}

Type Type::Decimal(int precision, int scale) {
  if (precision < 1 || precision > kMaxDecimalPrecision || scale < 0 || scale > precision) {
    throw InvalidArgumentError(
        fmt::format("decimal({}, {}) is not possible: precision is 1 to {}, scale is 0 to "
                    "the precision",
                    precision, scale, kMaxDecimalPrecision));
  }
  Type type(TypeId::kDecimal);
  type.first_ = precision;
  type.second_ = scale;
  return type;
}

Type Type::Fixed(int length) {
  if (length < 1) {
    throw InvalidArgumentError(
        fmt::format("fixed[{}] is not possible: the length is at least 1", length));
  }
  Type type(TypeId::kFixed);
  type.first_ = length;
  return type;
}

Type Type::Geometry(std::string_view crs) {
  Type type(TypeId::kGeometry);
  type.crs_ = CheckedCrs(crs);
  return type;
}

Type Type::Geography(std::string_view crs, EdgeAlgorithm algorithm) {
  Type type(TypeId::kGeography);
  type.crs_ = CheckedCrs(crs);
  type.second_ = static_cast<int>(algorithm);
  return type;
}

struct Type::Nested {
  std::vector<Field> fields;
  std::vector<std::pair<std::string, std::string>> extras;
  bool operator==(const Nested&) const = default;
};

Type::Type(TypeId id, std::vector<Field> fields)
    : id_(id), nested_(std::make_shared<const Nested>(Nested{std::move(fields), {}})) {}

Type Type::Struct(std::vector<Field> fields) { return {TypeId::kStruct, std::move(fields)}; }

Type Type::List(Field element) {
  std::vector<Field> fields;
  fields.push_back(std::move(element));
  return {TypeId::kList, std::move(fields)};
}

Type Type::Map(Field key, Field value) {
  std::vector<Field> fields;
  fields.push_back(std::move(key));
  fields.push_back(std::move(value));
  return {TypeId::kMap, std::move(fields)};
}

const std::vector<Field>& Type::fields() const {
  static const std::vector<Field> no_fields;
  return nested_ ? nested_->fields : no_fields;
}

const std::vector<std::pair<std::string, std::string>>& Type::extras() const {
  static const std::vector<std::pair<std::string, std::string>> no_extras;
  return nested_ ? nested_->extras : no_extras;
}

Type Type::WithExtras(std::vector<std::pair<std::string, std::string>> extras) const {
  Check(is_nested(), "only nested types have JSON members of their own");
  Type type = *this;
  type.nested_ = std::make_shared<const Nested>(Nested{fields(), std::move(extras)});
  return type;
}

const std::string& Type::crs() const {
  Check(crs_ != nullptr, "only geometry and geography have a coordinate reference system");
  return *crs_;
}

bool Type::operator==(const Type& other) const {
  return id_ == other.id_ && first_ == other.first_ && second_ == other.second_ &&
         (crs_ == other.crs_ || (crs_ && other.crs_ && *crs_ == *other.crs_)) &&
         (nested_ == other.nested_ || (nested_ && other.nested_ && *nested_ == *other.nested_));
}

DefaultValue::DefaultValue(Value value)
    : value_(value.is_null() ? nullptr : std::make_shared<const Value>(std::move(value))) {}

bool DefaultValue::operator==(const DefaultValue& other) const {
  return value_ == other.value_ || (value_ && other.value_ && *value_ == *other.value_);
}

}  // namespace floe::inline v0
