#include "schema/field_defaults.h"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "floe/schema/version_rules.h"

namespace floe::inline v0 {
namespace {

std::optional<Value> LiteralOfType(const Literal& literal, const Type& type) {
  if (literal.type() == type) {
    return literal;
  }
  if (type.is_nested() || !IsPromotion(literal.type(), type, kExtendedTypesVersion)) {
    return std::nullopt;
  }
  auto widened = LiteralFromBytes(type, literal.ToBytes());
  return widened ? std::optional<Value>(*std::move(widened)) : std::nullopt;
}

}  // namespace

std::optional<Value> ValueOfType(const Value& value, const Type& type) {
  if (value.is_null()) {
    return value;
  }
  if (!value.is_nested()) {
    return LiteralOfType(*value.literal(), type);
  }
  // Structs have no parts: their fields have defaults of their own.
  if (!type.is_nested() || (type.id() == TypeId::kStruct && !value.parts().empty())) {
    return std::nullopt;
  }
  if (type.id() == TypeId::kStruct) {
    return value;
  }
  std::vector<Value> parts;
  const bool is_map = type.id() == TypeId::kMap;
  const size_t keys = is_map ? value.parts().size() / 2 : value.parts().size();
  for (const Value& part : value.parts()) {
    const Field& field = type.fields()[is_map && parts.size() >= keys ? 1 : 0];
    auto fitting = ValueOfType(part, field.type);
    if (!fitting || (fitting->is_null() && field.required)) {
      return std::nullopt;
    }
    parts.push_back(*std::move(fitting));
  }
  if (!is_map) {
    return Value::List(std::move(parts));
  }
  const auto middle = parts.begin() + static_cast<std::ptrdiff_t>(keys);
  std::vector<Value> values(middle, parts.end());
  parts.erase(middle, parts.end());
  return Value::Map(std::move(parts), std::move(values));
}

}  // namespace floe::inline v0
