#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/text.h"
#include "floe/base/error.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

struct NamedPrimitive {
  std::string_view name;
  TypeId id;
};

/// Types without parameters and fields.
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
    NamedPrimitive{"unknown", TypeId::kUnknown},
    NamedPrimitive{"timestamp_ns", TypeId::kTimestampNs},
    NamedPrimitive{"timestamptz_ns", TypeId::kTimestamptzNs},
    NamedPrimitive{"variant", TypeId::kVariant},
};

struct NamedAlgorithm {
  std::string_view name;
  EdgeAlgorithm algorithm;
};

constexpr std::array kAlgorithms = {
    NamedAlgorithm{"spherical", EdgeAlgorithm::kSpherical},
    NamedAlgorithm{"vincenty", EdgeAlgorithm::kVincenty},
    NamedAlgorithm{"thomas", EdgeAlgorithm::kThomas},
    NamedAlgorithm{"andoyer", EdgeAlgorithm::kAndoyer},
    NamedAlgorithm{"karney", EdgeAlgorithm::kKarney},
};

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

/// `text` without blanks around it and one pair of quotes.
std::string_view Unquoted(std::string_view text) {
  text = Trim(text);
  const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                      (text.front() == '\'' || text.front() == '"');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

std::optional<Type> ParseDecimalType(std::string_view text) {
  const auto arguments = Arguments(text, "decimal", '(', ')');
  const size_t comma = arguments ? arguments->find(',') : std::string_view::npos;
  if (comma == std::string_view::npos) {
    return std::nullopt;
  }
  const auto precision = ParseSmallInt(arguments->substr(0, comma));
  const auto scale = ParseSmallInt(arguments->substr(comma + 1));
  return precision && scale ? std::optional(Type::Decimal(*precision, *scale)) : std::nullopt;
}

std::optional<Type> ParseGeography(std::string_view arguments) {
  const size_t comma = arguments.find(',');
  if (comma == std::string_view::npos) {
    return Type::Geography(Unquoted(arguments));
  }
  const std::string name = ToLower(Unquoted(arguments.substr(comma + 1)));
  for (const NamedAlgorithm& known : kAlgorithms) {
    if (known.name == name) {
      return Type::Geography(Unquoted(arguments.substr(0, comma)), known.algorithm);
    }
  }
  return std::nullopt;
}

std::optional<Type> ParseGeospatial(std::string_view text) {
  if (text == "geometry") {
    return Type::Geometry();
  }
  if (text == "geography") {
    return Type::Geography();
  }
  if (const auto arguments = Arguments(text, "geometry", '(', ')')) {
    return Type::Geometry(Unquoted(*arguments));
  }
  const auto arguments = Arguments(text, "geography", '(', ')');
  return arguments ? ParseGeography(*arguments) : std::nullopt;
}

std::string GeospatialText(const Type& type) {
  if (type.id() == TypeId::kGeometry) {
    return type.crs() == kDefaultCrs ? "geometry" : fmt::format("geometry({})", type.crs());
  }
  if (type.edge_algorithm() != EdgeAlgorithm::kSpherical) {
    return fmt::format("geography({}, {})", type.crs(),
                       EdgeAlgorithmName(type.edge_algorithm()));
  }
  return type.crs() == kDefaultCrs ? "geography" : fmt::format("geography({})", type.crs());
}

}  // namespace

std::string Type::ToString() const {
  switch (id_) {
    case TypeId::kDecimal:
      return fmt::format("decimal({}, {})", precision(), scale());
    case TypeId::kFixed:
      return fmt::format("fixed[{}]", length());
    case TypeId::kGeometry:
    case TypeId::kGeography:
      return GeospatialText(*this);
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
  if (const auto decimal = ParseDecimalType(text)) {
    return *decimal;
  }
  if (const auto arguments = Arguments(text, "fixed", '[', ']')) {
    if (const auto length = ParseSmallInt(*arguments)) {
      return Type::Fixed(*length);
    }
  }
  if (const auto geospatial = ParseGeospatial(text)) {
    return *geospatial;
  }
  throw ParseError(
      fmt::format("'{}' is not an Iceberg type; expected one of boolean, int, long, float, "
                  "double, decimal(P, S), date, time, timestamp, timestamptz, timestamp_ns, "
                  "timestamptz_ns, string, uuid, fixed[L], binary, unknown, variant, "
                  "geometry(CRS), geography(CRS, ALGORITHM)",
                  text),
      {.position = 0});
}

std::string_view EdgeAlgorithmName(EdgeAlgorithm algorithm) {
  for (const NamedAlgorithm& known : kAlgorithms) {
    if (known.algorithm == algorithm) {
      return known.name;
    }
  }
  throw InternalError("edge algorithm without a name");
}

}  // namespace floe::inline v0
