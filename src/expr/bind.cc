#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/transformed.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "schema/describe_columns.h"

namespace floe::inline v0 {
namespace {

using Kind = ConvertedLiteral::Kind;

std::string_view TypeHint(const Type& type) {
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

  /// A column as a predicate sees it.
  struct Term {
    const Schema::Place& place;
    const std::optional<Transform>& transform;
    bool is_in_utc = false;  ///< the literals', where they have no zone
    const Type& column_type() const { return place.field->type; }
    /// Type of what is seen, wide enough for what truncation makes of the smallest decimals.
    Type type() const {
      if (transform && column_type().id() == TypeId::kDecimal &&
          transform->kind() == Transform::Kind::kTruncate) {
        return Type::Decimal(kMaxDecimalPrecision, column_type().scale());
      }
      return transform ? transform->ResultType(column_type()) : column_type();
    }
    std::string ToString() const {
      return transform
                 ? fmt::format("{} of column '{}'", transform->ToString(), place.full_name)
                 : fmt::format("column '{}'", place.full_name);
    }
  };

  [[noreturn]] static void FailType(const Term& term, std::string_view operation) {
    throw InvalidArgumentError(
        fmt::format("the filter can't {} column '{}', which is of type {}", operation,
                    term.place.full_name, term.column_type().ToString()),
        {.column = term.place.full_name});
  }

  BoundExpressionPtr BindPredicate(const Expression& node, Operation operation) const {
    const Schema::Place& place = Find(node.column());
    const Term term{place, WithoutIdentity(node, place), node.is_in_utc()};
    switch (operation) {
      case Operation::kIsNull:
      case Operation::kNotNull:
        return BindNullTest(operation, term);
      case Operation::kIsNan:
      case Operation::kNotNan:
        return BindNanTest(operation, term);
      case Operation::kStartsWith:
      case Operation::kNotStartsWith:
        if (term.column_type().id() != TypeId::kString || IsBucket(term)) {
          FailType(term, IsBucket(term) ? "use like on buckets of" : "use like on");
        }
        return Make(operation, term, {Convert(node.literals()[0], term).value.value()});
      case Operation::kIn:
      case Operation::kNotIn:
        return BindIn(node, operation, term);
      default:
        return BindComparison(node.literals()[0], operation, term);
    }
  }

  /// The transform of a predicate, checked; nothing for identity.
  static const std::optional<Transform>& WithoutIdentity(const Expression& node,
                                                         const Schema::Place& place) {
    static const std::optional<Transform> none;
    const std::optional<Transform>& transform = node.transform();
    if (transform && !transform->CanApplyTo(place.field->type)) {
      FailType({place, none}, fmt::format("apply {} to", transform->ToString()));
    }
    return transform && transform->kind() == Transform::Kind::kIdentity ? none : transform;
  }

  static bool IsBucket(const Term& term) {
    return term.transform && term.transform->kind() == Transform::Kind::kBucket;
  }
  static bool IsVoid(const Term& term) {
    return term.transform && term.transform->kind() == Transform::Kind::kVoid;
  }

  /// A predicate on a term, whose literals have its type.
  BoundExpressionPtr Make(Operation operation, const Term& term,
                          std::vector<Literal> literals) const {
    if (IsVoid(term)) {  // comparisons with null are unknown
      return BoundExpression::False();
    }
    if (!term.transform || literals.empty()) {
      return MakeOnColumn(operation, term, std::move(literals));
    }
    if (IsBucket(term)) {
      return BoundExpression::BucketPredicate(operation, *term.transform, *term.place.field,
                                              term.place.full_name, term.place.path,
                                              std::move(literals));
    }
    const bool is_set = operation == Operation::kIn || operation == Operation::kNotIn;
    const Operation each = !is_set                       ? operation
                           : operation == Operation::kIn ? Operation::kEqual
                                                         : Operation::kNotEqual;
    std::vector<BoundExpressionPtr> parts;
    for (const Literal& literal : literals) {
      parts.push_back(WithoutTransform(each, *term.transform, term.column_type(), literal,
                                       [&](Operation on_column, std::vector<Literal> edges) {
                                         return on_column == Operation::kNotNull
                                                    ? NotNull(term)
                                                    : MakeOnColumn(on_column, term,
                                                                   std::move(edges));
                                       }));
    }
    return operation == Operation::kIn ? BoundExpression::Or(std::move(parts))
                                       : BoundExpression::And(std::move(parts));
  }

  static BoundExpressionPtr MakeOnColumn(Operation operation, const Term& term,
                                         std::vector<Literal> literals) {
    return BoundExpression::Predicate(operation, *term.place.field, term.place.full_name,
                                      term.place.path, std::move(literals));
  }

  BoundExpressionPtr NotNull(const Term& term) const {
    if (IsVoid(term)) {
      return BoundExpression::False();
    }
    return CanBeNull(term.place) ? MakeOnColumn(Operation::kNotNull, term, {})
                                 : BoundExpression::True();
  }

  BoundExpressionPtr BindNullTest(Operation operation, const Term& term) const {
    if (operation == Operation::kNotNull) {
      return NotNull(term);
    }
    if (IsVoid(term)) {
      return BoundExpression::True();
    }
    return CanBeNull(term.place) ? MakeOnColumn(operation, term, {}) : BoundExpression::False();
  }

  BoundExpressionPtr BindNanTest(Operation operation, const Term& term) const {
    const TypeId id = term.type().id();
    if (id == TypeId::kFloat || id == TypeId::kDouble) {
      return Make(operation, term, {});
    }
    if (!term.type().is_primitive()) {
      FailType(term, "look for NaN in");
    }
    return operation == Operation::kIsNan ? BoundExpression::False() : NotNull(term);
  }

  static std::optional<ConvertedLiteral> PeriodOf(const Transform& transform,
                                                  const std::string& text) {
    const auto count = ParsePeriod(transform, text);
    return count ? std::optional(ConvertedLiteral{Kind::kExact, Literal::Int(*count)})
                 : std::nullopt;
  }

  static Literal WithZone(const Literal& literal, const Term& term) {
    const TypeId id = term.type().id();
    const bool is_zoned = id == TypeId::kTimestamptz || id == TypeId::kTimestamptzNs;
    return term.is_in_utc && is_zoned && literal.type().id() == TypeId::kTimestamp
               ? Literal::Timestamp(literal.get<int64_t>(), true)
               : literal;
  }

  static ConvertedLiteral Convert(const Literal& literal, const Term& term) {
    const Type type = term.type();
    if (!type.is_primitive()) {
      FailType(term, "compare");
    }
    if (literal.is_nan()) {
      throw InvalidArgumentError(
          fmt::format("the filter compares column '{}' with NaN, which equals nothing; use "
                      "'is nan'",
                      term.place.full_name),
          {.column = term.place.full_name});
    }
    auto converted = literal.type().id() == TypeId::kString && CountsPeriods(term.transform)
                         ? PeriodOf(*term.transform, literal.get<std::string>())
                         : ConvertLiteral(WithZone(literal, term), type);
    if (!converted) {
      throw InvalidArgumentError(
          fmt::format("the filter compares {} of type {} with {} ({}), which can't be one{}",
                      term.ToString(), type.ToString(), LiteralText(literal),
                      literal.type().ToString(), ConversionHint(literal, term)),
          {.column = term.place.full_name});
    }
    return *std::move(converted);
  }

  BoundExpressionPtr BindIn(const Expression& node, Operation operation,
                            const Term& term) const {
    if (node.literals().empty()) {
      return operation == Operation::kIn ? BoundExpression::False() : BoundExpression::True();
    }
    std::vector<Literal> literals;
    for (const Literal& literal : node.literals()) {
      ConvertedLiteral converted = Convert(literal, term);
      if (converted.kind == Kind::kExact) {
        literals.push_back(*std::move(converted.value));
      }
    }
    if (literals.empty()) {  // no value of the type equals any of them
      return operation == Operation::kIn ? BoundExpression::False() : NotNull(term);
    }
    return Make(operation, term, std::move(literals));
  }

  BoundExpressionPtr BindComparison(const Literal& literal, Operation operation,
                                    const Term& term) const {
    ConvertedLiteral converted = Convert(literal, term);
    if (converted.kind == Kind::kExact) {
      return Make(operation, term, {*std::move(converted.value)});
    }
    if (operation == Operation::kEqual) {
      return BoundExpression::False();
    }
    if (operation == Operation::kNotEqual) {
      return NotNull(term);
    }
    const bool less = operation == Operation::kLess || operation == Operation::kLessOrEqual;
    if (converted.kind == Kind::kFloor) {  // value < literal < next value
      return Make(less ? Operation::kLessOrEqual : Operation::kGreater, term,
                  {*std::move(converted.value)});
    }
    return (converted.kind == Kind::kAboveMax) == less ? NotNull(term)
                                                       : BoundExpression::False();
  }

  /// Hints for literals that look convertible but are not.
  static std::string_view ConversionHint(const Literal& literal, const Term& term) {
    if (literal.type().id() != TypeId::kString) {
      return "";
    }
    if (!CountsPeriods(term.transform)) {
      return TypeHint(term.type());
    }
    switch (term.transform->kind()) {
      case Transform::Kind::kYear:
        return "; write it as '2024'";
      case Transform::Kind::kMonth:
        return "; write it as '2024-01'";
      default:
        return "; write it as '2024-01-31T23'";
    }
  }

  const Schema& schema_;
  bool case_sensitive_;
};

}  // namespace

BoundExpressionPtr Bind(const Expression& filter, const Schema& schema, bool case_sensitive) {
  return Binder(schema, case_sensitive).Bind(filter, /*negated=*/false);
}

}  // namespace floe::inline v0
