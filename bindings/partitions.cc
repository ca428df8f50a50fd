#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bindings.h"
#include "floe/base/error.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "literals.h"

namespace floe::bindings {
namespace {

/// A Python value as a literal of exactly `type`; integers are taken for dates and times.
Literal LiteralOf(const Type& type, nb::handle value) {
  auto converted = ConvertLiteral(LiteralFromPython(value), type);
  if (!converted || converted->kind != ConvertedLiteral::Kind::kExact) {
    throw InvalidArgumentError("the value is not one of type " + type.ToString());
  }
  return *std::move(converted->value);
}

}  // namespace

void RegisterPartitions(nb::module_& module) {
  nb::class_<Transform>(module, "Transform", "A partition transform. Immutable.")
      .def_static(
          "parse", [](const std::string& text) { return Transform::Parse(text); },
          nb::arg("text"), "Reads 'bucket[16]', 'month', …; raises ParseError.")
      .def("__str__", &Transform::ToString)
      .def(
          "can_apply_to",
          [](const Transform& self, const std::string& type) {
            return self.CanApplyTo(ParsePrimitiveType(type));
          },
          nb::arg("type"))
      .def(
          "result_type",
          [](const Transform& self, const std::string& type) {
            return self.ResultType(ParsePrimitiveType(type)).ToString();
          },
          nb::arg("type"))
      .def(
          "apply",
          [](const Transform& self, const std::string& type, nb::object value) -> nb::object {
            const Type source = ParsePrimitiveType(type);
            if (!self.CanApplyTo(source)) {
              throw InvalidArgumentError("transform " + self.ToString() +
                                         " can't be applied to " + type);
            }
            return value.is_none() ? nb::none()
                                   : LiteralToPython(self.Apply(LiteralOf(source, value)));
          },
          nb::arg("type"), nb::arg("value").none(),
          nb::sig("def apply(self, type: str, value: object) -> object"),
          "The partition value of a value of the type.")
      .def(
          "to_human_string",
          [](const Transform& self, const std::string& type, nb::object value) {
            const Type result = self.ResultType(ParsePrimitiveType(type));
            return self.ToHumanString(
                value.is_none() ? std::nullopt : std::optional(LiteralOf(result, value)));
          },
          nb::arg("type"), nb::arg("value").none(),
          nb::sig("def to_human_string(self, type: str, value: object) -> str"));
  module.def(
      "literal_to_bytes",
      [](const std::string& type, nb::object value) {
        const std::string bytes = LiteralOf(ParsePrimitiveType(type), value).ToBytes();
        return nb::bytes(bytes.data(), bytes.size());
      },
      nb::arg("type"), nb::arg("value"),
      nb::sig("def literal_to_bytes(type: str, value: object) -> bytes"),
      "The single-value binary form of a value.");
  module.def(
      "literal_from_bytes",
      [](const std::string& type, const nb::bytes& bytes) {
        const auto literal = LiteralFromBytes(ParsePrimitiveType(type),
                                              std::string_view(bytes.c_str(), bytes.size()));
        if (!literal) {
          throw InvalidArgumentError("these bytes are no value of type " + type);
        }
        return LiteralToPython(literal);
      },
      nb::arg("type"), nb::arg("bytes"),
      nb::sig("def literal_from_bytes(type: str, bytes: bytes) -> object"),
      "The value of a single-value binary form; dates and times as integers.");
}

}  // namespace floe::bindings
