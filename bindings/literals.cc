#include "literals.h"

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "floe/base/datetime.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/schema/literal.h"

namespace floe::bindings {

namespace nb = nanobind;

namespace {

Literal FromText(const std::string& text, TypeId type, const char* what) {
  auto converted = ConvertLiteral(Literal::String(text), Type::Of(type));
  if (!converted || converted->kind != ConvertedLiteral::Kind::kExact) {
    throw InvalidArgumentError(fmt::format("'{}' can't be used as a {}", text, what));
  }
  return *std::move(converted->value);
}

Literal FromDecimal(nb::handle value) {
  const nb::object text = nb::module_::import_("builtins").attr("format")(value, "f");
  const auto digits = nb::cast<std::string>(text);
  const size_t point = digits.find('.');
  const int scale =
      point == std::string::npos ? 0 : static_cast<int>(digits.size() - point - 1);
  const auto unscaled =
      scale <= kMaxDecimalPrecision ? ParseDecimal(digits, scale) : std::nullopt;
  if (!unscaled) {
    throw InvalidArgumentError(
        fmt::format("decimal {} has more than {} digits", digits, kMaxDecimalPrecision));
  }
  return Literal::Decimal(*unscaled, std::max(scale, DecimalDigits(*unscaled)), scale);
}

Literal FromInt(nb::handle value) {
  int overflow = 0;
  const int64_t number = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
  if (overflow == 0) {
    return Literal::Long(number);
  }
  const nb::object decimal = nb::module_::import_("decimal").attr("Decimal")(value);
  return FromDecimal(decimal);
}

bool IsInstance(nb::handle value, const char* module, const char* name) {
  return nb::isinstance(value, nb::module_::import_(module).attr(name));
}

}  // namespace

Literal LiteralFromPython(nb::handle value) {
  if (nb::isinstance<nb::bool_>(value)) {
    return Literal::Boolean(nb::cast<bool>(value));
  }
  if (nb::isinstance<nb::int_>(value)) {
    return FromInt(value);
  }
  if (nb::isinstance<nb::float_>(value)) {
    return Literal::Double(nb::cast<double>(value));
  }
  if (nb::isinstance<nb::str>(value)) {
    return Literal::String(nb::cast<std::string>(value));
  }
  if (nb::isinstance<nb::bytes>(value)) {
    const auto bytes = nb::borrow<nb::bytes>(value);
    return Literal::Binary(std::string(bytes.c_str(), bytes.size()));
  }
  if (IsInstance(value, "decimal", "Decimal")) {
    return FromDecimal(value);
  }
  if (IsInstance(value, "datetime", "datetime")) {
    const bool zoned = !value.attr("tzinfo").is_none();
    return FromText(nb::cast<std::string>(value.attr("isoformat")()),
                    zoned ? TypeId::kTimestamptz : TypeId::kTimestamp, "timestamp");
  }
  if (IsInstance(value, "datetime", "date")) {
    return FromText(nb::cast<std::string>(value.attr("isoformat")()), TypeId::kDate, "date");
  }
  if (IsInstance(value, "datetime", "time")) {
    return FromText(nb::cast<std::string>(value.attr("isoformat")()), TypeId::kTime, "time");
  }
  if (IsInstance(value, "uuid", "UUID")) {
    return FromText(nb::cast<std::string>(nb::str(value)), TypeId::kUuid, "UUID");
  }
  if (nb::hasattr(value, "item")) {  // NumPy scalars
    return LiteralFromPython(value.attr("item")());
  }
  throw InvalidArgumentError(
      fmt::format("a value of Python type {} can't be used in a filter; expected bool, int, "
                  "float, str, bytes, Decimal, date, datetime, time or UUID",
                  nb::cast<std::string>(value.type().attr("__name__"))));
}

nb::object LiteralToPython(const std::optional<Literal>& literal) {
  if (!literal) {
    return nb::none();
  }
  switch (literal->type().id()) {
    case TypeId::kBoolean:
      return nb::bool_(literal->get<bool>());
    case TypeId::kInt:
    case TypeId::kDate:
      return nb::int_(literal->get<int32_t>());
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return nb::int_(literal->get<int64_t>());
    case TypeId::kFloat:
      return nb::float_(static_cast<double>(literal->get<float>()));
    case TypeId::kDouble:
      return nb::float_(literal->get<double>());
    case TypeId::kDecimal:
      return nb::module_::import_("decimal").attr("Decimal")(literal->ToString());
    case TypeId::kString:
      return nb::str(literal->get<std::string>().c_str(), literal->get<std::string>().size());
    case TypeId::kUuid:
      return nb::module_::import_("uuid").attr("UUID")(literal->ToString());
    default:
      return nb::bytes(literal->get<std::string>().data(), literal->get<std::string>().size());
  }
}

}  // namespace floe::bindings
