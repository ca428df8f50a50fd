#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/base/datetime.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "schema/uuid.h"
#include "schema/value_json.h"

namespace floe::inline v0 {
namespace {

constexpr std::string_view kUtcOffset = "+00:00";

[[noreturn]] void FailText(const JsonValue& json, const Type& type, std::string_view text,
                           std::string_view example) {
  json.Fail(fmt::format("'{}' is not a value of type {}; expected one such as '{}'", text,
                        type.ToString(), example));
}

/// A finite number.
double ReadNumber(JsonValue& json, const Type& type) {
  const std::string_view token = json.AsRaw();
  double value = 0;
  const auto [end, error] = std::from_chars(token.begin(), token.end(), value);
  const bool is_number =
      !token.empty() && (token[0] == '-' || (token[0] >= '0' && token[0] <= '9'));
  const bool fits = type.id() == TypeId::kDouble || std::isfinite(static_cast<float>(value));
  if (!is_number || end != token.end() || error != std::errc() || !std::isfinite(value) ||
      !fits) {
    json.Fail(fmt::format("'{}' is not a finite number of type {}", token, type.ToString()));
  }
  return value;
}

Int128 ReadDecimal(JsonValue& json, const Type& type) {
  const std::string text = json.AsString();
  const auto unscaled = ParseDecimal(text, type.scale());
  if (!unscaled || DecimalDigits(*unscaled) > type.precision()) {
    FailText(json, type, text, DecimalToString(1, type.scale()));
  }
  return *unscaled;
}

int64_t ReadTimestamp(JsonValue& json, const Type& type) {
  const std::string text = json.AsString();
  const bool wants_zone =
      type.id() == TypeId::kTimestamptz || type.id() == TypeId::kTimestamptzNs;
  std::optional<int64_t> value;
  bool zoned = false;
  if (type.id() == TypeId::kTimestampNs || type.id() == TypeId::kTimestamptzNs) {
    if (const auto parsed = ParseTimestampNanos(text)) {
      value = parsed->nanos;
      zoned = parsed->zoned;
    }
  } else if (const auto parsed = ParseTimestamp(text)) {
    value = parsed->micros;
    zoned = parsed->zoned;
  }
  const bool is_utc = !zoned || text.ends_with(kUtcOffset) || text.ends_with('Z');
  if (!value || zoned != wants_zone || !is_utc) {
    FailText(json, type, text,
             wants_zone ? "2017-11-16T22:31:08+00:00" : "2017-11-16T22:31:08");
  }
  return *value;
}

template <class T>
T ReadText(JsonValue& json, const Type& type, std::optional<T> (*parse)(std::string_view),
           std::string_view example) {
  const std::string text = json.AsString();
  std::optional<T> value = parse(text);
  if (!value) {
    FailText(json, type, text, example);
  }
  return *std::move(value);
}

std::string ReadHex(JsonValue& json, const Type& type) {
  const std::string text = json.AsString();
  const bool is_hex = text.size() % 2 == 0 &&
                      text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  const bool fits =
      type.id() != TypeId::kFixed || text.size() == 2 * static_cast<size_t>(type.length());
  if (!is_hex || !fits) {
    FailText(json, type, text,
             type.id() == TypeId::kFixed
                 ? std::string(2 * static_cast<size_t>(type.length()), '0')
                 : "000102ff");
  }
  return FromHex(text);
}

/// The shortest text that reads as the same number.
template <class Float>
void WriteFloating(Float value, JsonWriter* writer) {
  if (!std::isfinite(value)) {
    throw InvalidArgumentError(
        fmt::format("{} has no JSON form as a single value; only finite numbers do", value));
  }
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) {
    text += ".0";
  }
  writer->Raw(text);
}

}  // namespace

Literal ReadLiteral(JsonValue& json, const Type& type) {
  switch (type.id()) {
    case TypeId::kBoolean:
      return Literal::Boolean(json.AsBool());
    case TypeId::kInt:
      return Literal::Int(json.AsInt32());
    case TypeId::kLong:
      return Literal::Long(json.AsInt64());
    case TypeId::kFloat:
      return Literal::Float(static_cast<float>(ReadNumber(json, type)));
    case TypeId::kDouble:
      return Literal::Double(ReadNumber(json, type));
    case TypeId::kDecimal:
      return Literal::Of(type, ReadDecimal(json, type));
    case TypeId::kDate:
      return Literal::Date(ReadText<int32_t>(json, type, ParseDate, "2017-11-16"));
    case TypeId::kTime:
      return Literal::Of(type, ReadText<int64_t>(json, type, ParseTime, "22:31:08.123456"));
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return Literal::Of(type, ReadTimestamp(json, type));
    case TypeId::kString:
      return Literal::String(json.AsString());
    case TypeId::kUuid:
      return Literal::Of(type, ReadText<std::string>(json, type, ParseUuid,
                                                     "f79c3e09-677c-4bbd-a479-3f349cb785e7"));
    case TypeId::kFixed:
    case TypeId::kBinary:
      return Literal::Of(type, ReadHex(json, type));
    case TypeId::kUnknown:
      json.Fail("a value of type unknown can only be null");
    case TypeId::kGeometry:
    case TypeId::kGeography:
    case TypeId::kVariant:
      json.FailUnsupported(
          fmt::format("a single value of type {} in JSON can't be read by this version of floe",
                      type.ToString()));
    case TypeId::kStruct:
    case TypeId::kList:
    case TypeId::kMap:
      break;
  }
  throw InternalError("a literal is of a primitive type");
}

void WriteLiteral(const Literal& literal, JsonWriter* writer) {
  switch (literal.type().id()) {
    case TypeId::kBoolean:
      writer->Bool(literal.get<bool>());
      return;
    case TypeId::kInt:
      writer->Int(literal.get<int32_t>());
      return;
    case TypeId::kLong:
      writer->Int(literal.get<int64_t>());
      return;
    case TypeId::kFloat:
      WriteFloating(literal.get<float>(), writer);
      return;
    case TypeId::kDouble:
      WriteFloating(literal.get<double>(), writer);
      return;
    case TypeId::kFixed:
    case TypeId::kBinary:
      writer->String(ToHex(literal.get<std::string>()));
      return;
    case TypeId::kGeometry:
    case TypeId::kGeography:
      throw UnsupportedError(fmt::format(
          "a single value of type {} can't be written as JSON by this version of floe",
          literal.type().ToString()));
    default:
      writer->String(literal.ToString());
  }
}

}  // namespace floe::inline v0
