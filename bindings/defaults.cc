#include "defaults.h"

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "bindings.h"
#include "floe/base/error.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "literals.h"
#include "schema/schema_json.h"

namespace floe::bindings {

namespace nb = nanobind;

namespace {

Type TypeFromJson(const std::string& json) {
  // The parser takes a document that is an array or object.
  JsonDocument document("[" + json + "]", "type", JsonOrigin::kArgument);
  std::optional<Type> type;
  document.Read([&](JsonValue& root) {
    root.ForEachElement([&](JsonValue& element) { type = ReadType(element); });
  });
  if (!type) {
    throw InvalidArgumentError("a default needs the type of its column");
  }
  return *std::move(type);
}

[[noreturn]] void Fail(nb::handle value, const Type& type) {
  throw InvalidArgumentError(fmt::format("{} can't be the default of a column of type {}",
                                         nb::cast<std::string>(nb::repr(value)),
                                         type.ToString()));
}

std::vector<Value> PartsFromPython(nb::handle values, const Type& type) {
  std::vector<Value> parts;
  for (const nb::handle value : values) {
    parts.push_back(ValueFromPython(value, type));
  }
  return parts;
}

Value NestedFromPython(nb::handle value, const Type& type) {
  const bool fits = type.id() == TypeId::kList ? nb::isinstance<nb::list>(value)
                                               : nb::isinstance<nb::dict>(value);
  if (!fits || (type.id() == TypeId::kStruct && nb::len(value) > 0)) {
    Fail(value, type);
  }
  switch (type.id()) {
    case TypeId::kStruct:
      return Value::Struct({});
    case TypeId::kList:
      return Value::List(PartsFromPython(value, type.fields()[0].type));
    default: {
      const auto pairs = nb::borrow<nb::dict>(value);
      return Value::Map(PartsFromPython(pairs.keys(), type.fields()[0].type),
                        PartsFromPython(pairs.values(), type.fields()[1].type));
    }
  }
}

/// A date or time as Python's; as text where Python has none so far off or so fine.
nb::object TimeToPython(const Literal& literal, const char* python_class) {
  const std::string text = literal.ToString();
  try {
    return nb::module_::import_("datetime").attr(python_class).attr("fromisoformat")(text);
  } catch (const nb::python_error& error) {
    if (!error.matches(PyExc_ValueError)) {
      throw;
    }
  }
  return nb::str(text.c_str());
}

nb::object LiteralAsDefault(const Literal& literal) {
  switch (literal.type().id()) {
    case TypeId::kDate:
      return TimeToPython(literal, "date");
    case TypeId::kTime:
      return TimeToPython(literal, "time");
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
      return TimeToPython(literal, "datetime");
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return nb::str(literal.ToString().c_str());
    default:
      return LiteralToPython(literal);
  }
}

nb::object ValueToPython(const Value& value, const Type& type) {
  if (value.is_null()) {
    return nb::none();
  }
  const std::vector<Value>& parts = value.parts();
  switch (type.id()) {
    case TypeId::kStruct:
      return nb::dict();
    case TypeId::kList: {
      nb::list list;
      for (const Value& part : parts) {
        list.append(ValueToPython(part, type.fields()[0].type));
      }
      return list;
    }
    case TypeId::kMap: {
      nb::dict pairs;
      const size_t size = parts.size() / 2;
      for (size_t i = 0; i < size; ++i) {
        pairs[ValueToPython(parts[i], type.fields()[0].type)] =
            ValueToPython(parts[size + i], type.fields()[1].type);
      }
      return pairs;
    }
    default:
      return LiteralAsDefault(*value.literal());
  }
}

}  // namespace

Value ValueFromPython(nb::handle value, const Type& type) {
  if (value.is_none()) {
    return {};
  }
  if (type.is_nested()) {
    return NestedFromPython(value, type);
  }
  if (!type.is_primitive()) {
    Fail(value, type);
  }
  auto converted = ConvertLiteral(LiteralFromPython(value), type);
  if (!converted || converted->kind != ConvertedLiteral::Kind::kExact) {
    Fail(value, type);
  }
  return *std::move(converted->value);
}

void RegisterDefaults(nb::module_& module) {
  module.def(
      "default_to_json",
      [](const std::string& type_json, const nb::object& value) {
        const Type type = TypeFromJson(type_json);
        return ValueToJson(ValueFromPython(value, type), type);
      },
      nb::arg("type_json"), nb::arg("value").none(),
      nb::sig("def default_to_json(type_json: str, value: object) -> str"),
      "The single-value JSON form of a column's default; raises InvalidArgumentError.");
  module.def(
      "default_from_json",
      [](const std::string& type_json, const std::string& json) {
        const Type type = TypeFromJson(type_json);
        return ValueToPython(ValueFromJson(json, type), type);
      },
      nb::arg("type_json"), nb::arg("json"),
      nb::sig("def default_from_json(type_json: str, json: str) -> object"),
      "The value of a default's single-value JSON form; raises ParseError.");
}

}  // namespace floe::bindings
