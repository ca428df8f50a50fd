#include "floe/expr/bound.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/expr/expression.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

std::shared_ptr<BoundExpression> BoundExpression::Make(Operation operation) {
  struct Open : BoundExpression {};
  auto made = std::make_shared<Open>();
  made->operation_ = operation;
  return made;
}

BoundExpressionPtr BoundExpression::True() { return Make(Operation::kTrue); }
BoundExpressionPtr BoundExpression::False() { return Make(Operation::kFalse); }

BoundExpressionPtr BoundExpression::Join(Operation operation,
                                         std::vector<BoundExpressionPtr> children) {
  const Operation neutral = operation == Operation::kAnd ? Operation::kTrue : Operation::kFalse;
  const Operation dominant =
      operation == Operation::kAnd ? Operation::kFalse : Operation::kTrue;
  std::vector<BoundExpressionPtr> kept;
  for (BoundExpressionPtr& child : children) {
    if (child->operation() == dominant) {
      return child;
    }
    if (child->operation() == operation) {
      kept.insert(kept.end(), child->children().begin(), child->children().end());
    } else if (child->operation() != neutral) {
      kept.push_back(std::move(child));
    }
  }
  if (kept.empty()) {
    return Make(neutral);
  }
  if (kept.size() == 1) {
    return kept[0];
  }
  auto made = Make(operation);
  made->children_ = std::move(kept);
  return made;
}

BoundExpressionPtr BoundExpression::And(std::vector<BoundExpressionPtr> children) {
  return Join(Operation::kAnd, std::move(children));
}

BoundExpressionPtr BoundExpression::Or(std::vector<BoundExpressionPtr> children) {
  return Join(Operation::kOr, std::move(children));
}

BoundExpressionPtr BoundExpression::Predicate(Operation operation, const Field& field,
                                              std::string column, std::vector<int> path,
                                              std::vector<Literal> literals) {
  if (operation == Operation::kIn || operation == Operation::kNotIn) {
    std::ranges::sort(literals,
                      [](const Literal& a, const Literal& b) { return a.Compare(b) < 0; });
    const auto repeated = std::ranges::unique(literals);
    literals.erase(repeated.begin(), repeated.end());
    if (literals.size() == 1) {
      operation = operation == Operation::kIn ? Operation::kEqual : Operation::kNotEqual;
    }
  }
  auto made = Make(operation);
  made->field_id_ = field.id;
  made->type_ = field.type;
  made->column_ = std::move(column);
  made->path_ = std::move(path);
  made->literals_ = std::move(literals);
  return made;
}

BoundExpressionPtr BoundExpression::BucketPredicate(Operation operation,
                                                    const Transform& bucket, const Field& field,
                                                    std::string column, std::vector<int> path,
                                                    std::vector<Literal> literals) {
  auto made = std::const_pointer_cast<BoundExpression>(
      Predicate(operation, field, std::move(column), std::move(path), std::move(literals)));
  made->bucket_ = bucket;
  return made;
}

std::string BoundExpression::ToString() const {
  if (is_true() || is_false()) {
    return is_true() ? "true" : "false";
  }
  if (IsPredicate(operation_)) {
    return (bucket_ ? Expression::TransformPredicate(operation_, *bucket_, column_, literals_)
                    : Expression::Predicate(operation_, column_, literals_))
        ->ToString();
  }
  std::string out = "(";
  for (const BoundExpressionPtr& child : children_) {
    out.append(out.size() == 1                 ? ""
               : operation_ == Operation::kAnd ? " and "
                                               : " or ")
        .append(child->ToString());
  }
  return out + ")";
}

namespace {

void CollectColumns(const BoundExpression& filter, std::set<int32_t>* ids) {
  if (IsPredicate(filter.operation())) {
    ids->insert(filter.field_id());
  }
  for (const BoundExpressionPtr& child : filter.children()) {
    CollectColumns(*child, ids);
  }
}

/// `literals` are in order, and none is NaN.
bool Contains(const std::vector<Literal>& literals, const Literal& value) {
  if (value.is_nan()) {
    return false;
  }
  const auto at = std::ranges::partition_point(literals, [&](const Literal& literal) {
    return CompareValues(literal, value).value() < 0;
  });
  return at != literals.end() && CompareValues(*at, value).value() == 0;
}

}  // namespace

std::vector<int32_t> ColumnsOf(const BoundExpression& filter) {
  std::set<int32_t> ids;
  CollectColumns(filter, &ids);
  return {ids.begin(), ids.end()};
}

std::optional<std::strong_ordering> CompareValues(const Literal& a, const Literal& b) {
  if (a.is_nan() || b.is_nan()) {
    return std::nullopt;
  }
  if (a.type().id() == TypeId::kFloat && a.get<float>() == b.get<float>()) {
    return std::strong_ordering::equal;
  }
  if (a.type().id() == TypeId::kDouble && a.get<double>() == b.get<double>()) {
    return std::strong_ordering::equal;
  }
  return a.Compare(b);
}

namespace {

bool EvaluateOn(const BoundExpression& predicate, const std::optional<Literal>& value) {
  const Operation operation = predicate.operation();
  if (operation == Operation::kIsNull || operation == Operation::kNotNull) {
    return value.has_value() == (operation == Operation::kNotNull);
  }
  if (!value) {
    return false;
  }
  if (operation == Operation::kIsNan || operation == Operation::kNotNan) {
    return value->is_nan() == (operation == Operation::kIsNan);
  }
  const std::vector<Literal>& literals = predicate.literals();
  if (operation == Operation::kIn || operation == Operation::kNotIn) {
    return Contains(literals, *value) == (operation == Operation::kIn);
  }
  const Literal& literal = literals[0];
  if (operation == Operation::kStartsWith || operation == Operation::kNotStartsWith) {
    return value->get<std::string>().starts_with(literal.get<std::string>()) ==
           (operation == Operation::kStartsWith);
  }
  const auto order = CompareValues(*value, literal);
  switch (operation) {
    case Operation::kLess:
      return order && *order < 0;
    case Operation::kLessOrEqual:
      return order && *order <= 0;
    case Operation::kGreater:
      return order && *order > 0;
    case Operation::kGreaterOrEqual:
      return order && *order >= 0;
    case Operation::kEqual:
      return order && *order == 0;
    case Operation::kNotEqual:
      return !order || *order != 0;
    default:
      throw InternalError("not a predicate");
  }
}

}  // namespace

bool EvaluatePredicate(const BoundExpression& predicate, const std::optional<Literal>& value) {
  return predicate.bucket() && value ? EvaluateOn(predicate, predicate.bucket()->Apply(*value))
                                     : EvaluateOn(predicate, value);
}

}  // namespace floe::inline v0
