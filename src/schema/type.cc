#include "floe/schema/type.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "floe/base/decimal.h"
#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

struct NamedPrimitive {
  std::string_view name;
  TypeId id;
};

/// Primitives without parameters.
constexpr std::array kNamedPrimitives = {
    NamedPrimitive{"boolean", TypeId::kBoolean},
    NamedPrimitive{"int", TypeId::kInt},
    NamedPrimitive{"long", TypeId::kLong},
    NamedPrimitive{"float", TypeId::kFloat},
    NamedPrimitive{"double", TypeId::kDouble},
    NamedPrimitive{"date", TypeId::kDate},
    NamedPrimitive{"time", TypeId::kTime},
    NamedPrimitive{"timestamp", TypeId::kTimestamp},
    NamedPrimitive{"timestamptz", TypeId::kTimestamptz},
    NamedPrimitive{"string", TypeId::kString},
    NamedPrimitive{"uuid", TypeId::kUuid},
    NamedPrimitive{"binary", TypeId::kBinary},
};

/// Types that exist in format version 3 only.
constexpr std::array<std::string_view, 6> kVersion3Types = {
    "timestamp_ns", "timestamptz_ns", "unknown", "variant", "geometry", "geography"};

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

std::optional<int> ParseSmallInt(std::string_view text) {
  text = Trim(text);
  int value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  if (error != std::errc() || end != text.end()) {
    return std::nullopt;
  }
  return value;
}

/// The text between `open` right after `prefix` and `close` at the end of `text`.
std::optional<std::string_view> Arguments(std::string_view text, std::string_view prefix,
                                          char open, char close) {
  if (!text.starts_with(prefix)) {
    return std::nullopt;
  }
  std::string_view rest = Trim(text.substr(prefix.size()));
  if (rest.size() < 2 || rest.front() != open || rest.back() != close) {
    return std::nullopt;
  }
  return rest.substr(1, rest.size() - 2);
}

}  // namespace

Type Type::Of(TypeId id) {
  Check(id < TypeId::kStruct && id != TypeId::kDecimal && id != TypeId::kFixed,
        "Type::Of needs a primitive without parameters");
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

Type Type::Struct(std::vector<Field> fields) {
  Type type(TypeId::kStruct);
  type.fields_ = std::make_shared<const std::vector<Field>>(std::move(fields));
  return type;
}

Type Type::List(Field element) {
  Type type(TypeId::kList);
  std::vector<Field> fields;
  fields.push_back(std::move(element));
  type.fields_ = std::make_shared<const std::vector<Field>>(std::move(fields));
  return type;
}

Type Type::Map(Field key, Field value) {
  Type type(TypeId::kMap);
  std::vector<Field> fields;
  fields.push_back(std::move(key));
  fields.push_back(std::move(value));
  type.fields_ = std::make_shared<const std::vector<Field>>(std::move(fields));
  return type;
}

const std::vector<Field>& Type::fields() const {
  static const std::vector<Field> no_fields;
  return fields_ ? *fields_ : no_fields;
}

bool Type::operator==(const Type& other) const {
  return id_ == other.id_ && first_ == other.first_ && second_ == other.second_ &&
         (fields_ == other.fields_ || fields() == other.fields());
}

std::string Type::ToString() const {
  switch (id_) {
    case TypeId::kDecimal:
      return fmt::format("decimal({}, {})", precision(), scale());
    case TypeId::kFixed:
      return fmt::format("fixed[{}]", length());
    case TypeId::kStruct: {
      std::string out = "struct<";
      for (const Field& field : fields()) {
        out +=
            fmt::format("{}{}: {}: {} {}", out.ends_with('<') ? "" : ", ", field.id, field.name,
                        field.required ? "required" : "optional", field.type.ToString());
      }
      return out + ">";
    }
    case TypeId::kList:
      return fmt::format("list<{}>", fields()[0].type.ToString());
    case TypeId::kMap:
      return fmt::format("map<{}, {}>", fields()[0].type.ToString(),
                         fields()[1].type.ToString());
    default:
      for (const NamedPrimitive& primitive : kNamedPrimitives) {
        if (primitive.id == id_) {
          return std::string(primitive.name);
        }
      }
  }
  throw InternalError("type without a name");
}

Type ParsePrimitiveType(std::string_view text) {
  for (const NamedPrimitive& primitive : kNamedPrimitives) {
    if (primitive.name == text) {
      return Type::Of(primitive.id);
    }
  }
  if (const auto arguments = Arguments(text, "decimal", '(', ')')) {
    const size_t comma = arguments->find(',');
    if (comma != std::string_view::npos) {
      const auto precision = ParseSmallInt(arguments->substr(0, comma));
      const auto scale = ParseSmallInt(arguments->substr(comma + 1));
      if (precision && scale) {
        return Type::Decimal(*precision, *scale);
      }
    }
  }
  if (const auto arguments = Arguments(text, "fixed", '[', ']')) {
    if (const auto length = ParseSmallInt(*arguments)) {
      return Type::Fixed(*length);
    }
  }
  for (const std::string_view name : kVersion3Types) {
    if (text.starts_with(name)) {
      throw UnsupportedError(
          fmt::format("type '{}' is of Iceberg format version 3, which this version of floe "
                      "does not support",
                      text));
    }
  }
  throw ParseError(fmt::format("'{}' is not an Iceberg type; expected one of boolean, int, "
                               "long, float, double, decimal(P, S), date, time, timestamp, "
                               "timestamptz, string, uuid, fixed[L], binary",
                               text),
                   {.position = 0});
}

bool IsPromotion(const Type& from, const Type& to) {
  if (from == to) {
    return true;
  }
  switch (from.id()) {
    case TypeId::kInt:
      return to.id() == TypeId::kLong;
    case TypeId::kFloat:
      return to.id() == TypeId::kDouble;
    case TypeId::kDecimal:
      return to.id() == TypeId::kDecimal && from.scale() == to.scale() &&
             from.precision() <= to.precision();
    default:
      return false;
  }
}

}  // namespace floe::inline v0
