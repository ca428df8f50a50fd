#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "schema/describe_columns.h"

namespace floe::inline v0 {
namespace {

using Kind = ConvertedLiteral::Kind;

/// Hints for literals that look convertible but are not.
std::string_view ConversionHint(const Literal& literal, const Type& type) {
  if (literal.type().id() != TypeId::kString) {
    return "";
  }
  switch (type.id()) {
    case TypeId::kTimestamptz:
      return "; write it as '2024-01-31T00:00:00+00:00', with its zone";
    case TypeId::kTimestamp:
      return "; write it as '2024-01-31T00:00:00', without a zone";
    case TypeId::kDate:
      return "; write it as '2024-01-31'";
    case TypeId::kTime:
      return "; write it as '23:59:59'";
    default:
      return "";
  }
}

class Binder {
 public:
  Binder(const Schema& schema, bool case_sensitive)
      : schema_(schema), case_sensitive_(case_sensitive) {}

  BoundExpressionPtr Bind(const Expression& node, bool negated) const {
    switch (node.operation()) {
      case Operation::kTrue:
      case Operation::kFalse:
        return (node.operation() == Operation::kTrue) != negated ? BoundExpression::True()
                                                                 : BoundExpression::False();
      case Operation::kNot:
        return Bind(*node.children()[0], !negated);
      case Operation::kAnd:
      case Operation::kOr: {
        std::vector<BoundExpressionPtr> children;
        for (const ExpressionPtr& child : node.children()) {
          children.push_back(Bind(*child, negated));
        }
        return (node.operation() == Operation::kAnd) != negated
                   ? BoundExpression::And(std::move(children))
                   : BoundExpression::Or(std::move(children));
      }
      default:
        return BindPredicate(node, negated ? Negate(node.operation()) : node.operation());
    }
  }

 private:
  const Schema::Place& Find(const std::string& column) const {
    const Schema::Place* place = schema_.Find(column, case_sensitive_);
    if (place == nullptr) {
      throw InvalidArgumentError(
          fmt::format("the filter names column '{}', which the table does not have; {}", column,
                      DescribeColumns(schema_, column)),
          {.column = column});
    }
    if (place->in_list_or_map) {
      throw InvalidArgumentError(
          fmt::format("the filter names '{}', which lies in a list or map; only columns and "
                      "fields of structs can be filtered",
                      column),
          {.column = column});
    }
    return *place;
  }

  /// True if the column or a struct above it may be null.
  bool CanBeNull(const Schema::Place& place) const {
    for (const Schema::Place* at = &place; at != nullptr; at = schema_.Find(at->parent_id)) {
      if (!at->field->required) {
        return true;
      }
    }
    return false;
  }

  [[noreturn]] static void FailType(const Schema::Place& place, std::string_view operation) {
    throw InvalidArgumentError(
        fmt::format("the filter can't {} column '{}', which is of type {}", operation,
                    place.full_name, place.field->type.ToString()),
        {.column = place.full_name});
  }

  BoundExpressionPtr BindPredicate(const Expression& node, Operation operation) const {
    const Schema::Place& place = Find(node.column());
    switch (operation) {
      case Operation::kIsNull:
      case Operation::kNotNull:
        if (!CanBeNull(place)) {
          return operation == Operation::kIsNull ? BoundExpression::False()
                                                 : BoundExpression::True();
        }
        return Make(operation, place, {});
      case Operation::kIsNan:
      case Operation::kNotNan:
        return BindNanTest(operation, place);
      case Operation::kStartsWith:
      case Operation::kNotStartsWith:
        if (place.field->type.id() != TypeId::kString) {
          FailType(place, "use like on");
        }
        return Make(operation, place, {Convert(node.literals()[0], place).value.value()});
      case Operation::kIn:
      case Operation::kNotIn:
        return BindIn(node, operation, place);
      default:
        return BindComparison(node.literals()[0], operation, place);
    }
  }

  static BoundExpressionPtr Make(Operation operation, const Schema::Place& place,
                                 std::vector<Literal> literals) {
    return BoundExpression::Predicate(operation, *place.field, place.full_name, place.path,
                                      std::move(literals));
  }

  BoundExpressionPtr NotNull(const Schema::Place& place) const {
    return CanBeNull(place) ? Make(Operation::kNotNull, place, {}) : BoundExpression::True();
  }

  BoundExpressionPtr BindNanTest(Operation operation, const Schema::Place& place) const {
    const TypeId id = place.field->type.id();
    if (id == TypeId::kFloat || id == TypeId::kDouble) {
      return Make(operation, place, {});
    }
    if (!place.field->type.is_primitive()) {
      FailType(place, "look for NaN in");
    }
    return operation == Operation::kIsNan ? BoundExpression::False() : NotNull(place);
  }

  static ConvertedLiteral Convert(const Literal& literal, const Schema::Place& place) {
    const Type& type = place.field->type;
    if (!type.is_primitive()) {
      FailType(place, "compare");
    }
    if (literal.is_nan()) {
      throw InvalidArgumentError(
          fmt::format("the filter compares column '{}' with NaN, which equals nothing; use "
                      "'is nan'",
                      place.full_name),
          {.column = place.full_name});
    }
    auto converted = ConvertLiteral(literal, type);
    if (!converted) {
      throw InvalidArgumentError(
          fmt::format("the filter compares column '{}' of type {} with {} ({}), which can't "
                      "be one{}",
                      place.full_name, type.ToString(), LiteralText(literal),
                      literal.type().ToString(), ConversionHint(literal, type)),
          {.column = place.full_name});
    }
    return *std::move(converted);
  }

  BoundExpressionPtr BindIn(const Expression& node, Operation operation,
                            const Schema::Place& place) const {
    if (node.literals().empty()) {
      return operation == Operation::kIn ? BoundExpression::False() : BoundExpression::True();
    }
    std::vector<Literal> literals;
    for (const Literal& literal : node.literals()) {
      ConvertedLiteral converted = Convert(literal, place);
      if (converted.kind == Kind::kExact) {
        literals.push_back(*std::move(converted.value));
      }
    }
    if (literals.empty()) {  // no value of the type equals any of them
      return operation == Operation::kIn ? BoundExpression::False() : NotNull(place);
    }
    return Make(operation, place, std::move(literals));
  }

  BoundExpressionPtr BindComparison(const Literal& literal, Operation operation,
                                    const Schema::Place& place) const {
    ConvertedLiteral converted = Convert(literal, place);
    if (converted.kind == Kind::kExact) {
      return Make(operation, place, {*std::move(converted.value)});
    }
    if (operation == Operation::kEqual) {
      return BoundExpression::False();
    }
    if (operation == Operation::kNotEqual) {
      return NotNull(place);
    }
    const bool less = operation == Operation::kLess || operation == Operation::kLessOrEqual;
    if (converted.kind == Kind::kFloor) {  // value < literal < next value
      return Make(less ? Operation::kLessOrEqual : Operation::kGreater, place,
                  {*std::move(converted.value)});
    }
    return (converted.kind == Kind::kAboveMax) == less ? NotNull(place)
                                                       : BoundExpression::False();
  }

  const Schema& schema_;
  bool case_sensitive_;
};

}  // namespace

BoundExpressionPtr Bind(const Expression& filter, const Schema& schema, bool case_sensitive) {
  return Binder(schema, case_sensitive).Bind(filter, /*negated=*/false);
}

}  // namespace floe::inline v0
