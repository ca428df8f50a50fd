#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "floe/base/error.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/expr/expression_json.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"
#include "literals.h"

namespace floe::bindings {
namespace {

Operation OperationOf(const std::string& name) {
  for (auto operation = Operation::kIsNull; operation <= Operation::kNotStartsWith;
       operation = static_cast<Operation>(static_cast<uint8_t>(operation) + 1)) {
    if (OperationName(operation) == name) {
      return operation;
    }
  }
  throw InvalidArgumentError(fmt::format("'{}' is not an operation of a filter", name));
}

std::vector<Literal> LiteralsOf(const std::vector<nb::object>& values) {
  std::vector<Literal> literals;
  for (const nb::object& value : values) {
    literals.push_back(LiteralFromPython(value));
  }
  return literals;
}

ExpressionPtr MakePredicate(const std::string& operation, std::string column,
                            const std::vector<nb::object>& values,
                            const std::optional<std::string>& transform) {
  std::vector<Literal> literals = LiteralsOf(values);
  return transform ? Expression::TransformPredicate(OperationOf(operation),
                                                    Transform::Parse(*transform),
                                                    std::move(column), std::move(literals))
                   : Expression::Predicate(OperationOf(operation), std::move(column),
                                           std::move(literals));
}

}  // namespace

void RegisterExpressions(nb::module_& module) {
  nb::class_<Expression>(module, "Expression", "A row filter. Immutable.")
      .def_static("always_true", [] { return Expression::True(); })
      .def_static("always_false", [] { return Expression::False(); })
      .def_static(
          "conjunction",
          [](std::vector<ExpressionPtr> c) { return Expression::And(std::move(c)); },
          nb::arg("children"))
      .def_static(
          "disjunction",
          [](std::vector<ExpressionPtr> c) { return Expression::Or(std::move(c)); },
          nb::arg("children"))
      .def_static(
          "negation", [](ExpressionPtr c) { return Expression::Not(std::move(c)); },
          nb::arg("child"))
      .def_static("predicate", &MakePredicate, nb::arg("operation"), nb::arg("column"),
                  nb::arg("values"), nb::arg("transform") = nb::none(),
                  nb::sig("def predicate(operation: str, column: str, values: "
                          "collections.abc.Sequence[object], transform: str | None = None) "
                          "-> Expression"),
                  "operation: the REST specification's name, such as 'lt-eq'; transform: "
                  "'bucket[16]'.")
      .def_static(
          "predicate_in_utc",
          [](const std::string& operation, std::string column,
             const std::vector<nb::object>& values) {
            return Expression::PredicateInUtc(OperationOf(operation), std::move(column),
                                              LiteralsOf(values));
          },
          nb::arg("operation"), nb::arg("column"), nb::arg("values"),
          nb::sig("def predicate_in_utc(operation: str, column: str, values: "
                  "collections.abc.Sequence[object]) -> Expression"),
          "The same where datetimes without a zone are in UTC if the column has a zone.")
      .def_static(
          "parse", [](const std::string& text) { return ParseExpression(text); },
          nb::arg("text"), "Reads filter text; raises ParseError.")
      .def(
          "bind",
          [](const Expression& self, std::string schema_json, bool case_sensitive) {
            return Bind(self, SchemaFromJson(std::move(schema_json)), case_sensitive)
                ->ToString();
          },
          nb::arg("schema_json"), nb::arg("case_sensitive") = true,
          "The text of the filter after binding; raises InvalidArgumentError.")
      .def_static(
          "from_json",
          [](std::string text, const std::optional<std::string>& schema_json) {
            return schema_json
                       ? ExpressionFromJson(std::move(text), SchemaFromJson(*schema_json))
                       : ExpressionFromJson(std::move(text));
          },
          nb::arg("text"), nb::arg("schema_json") = nb::none(),
          "Reads the REST catalog's form of a filter; raises ParseError.")
      .def(
          "to_json",
          [](const Expression& self, const std::optional<std::string>& schema_json) {
            return schema_json ? ExpressionToJson(*Bind(self, SchemaFromJson(*schema_json)))
                               : ExpressionToJson(self);
          },
          nb::arg("schema_json") = nb::none(),
          "The REST catalog's form of the filter; with a schema, bound to it.")
      .def("to_sanitized_string", &Expression::ToSanitizedString,
           "The text of the filter without its literals.")
      .def("__str__", &Expression::ToString);
}

}  // namespace floe::bindings
