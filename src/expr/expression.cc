#include "floe/expr/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"

namespace floe::inline v0 {

namespace {

/// Deeper ones would overflow the stack of whoever walks over them.
constexpr int kMaxDepth = 1'000;

}  // namespace

std::shared_ptr<Expression> Expression::Make(Operation operation,
                                             std::vector<ExpressionPtr> children) {
  struct Open : Expression {};
  auto made = std::make_shared<Open>();
  made->operation_ = operation;
  for (const ExpressionPtr& child : children) {
    made->depth_ = std::max(made->depth_, child->depth_ + 1);
  }
  if (made->depth_ > kMaxDepth) {
    throw InvalidArgumentError(
        fmt::format("the filter is nested deeper than {} levels; compare one column with "
                    "many values by in",
                    kMaxDepth));
  }
  made->children_ = std::move(children);
  return made;
}

ExpressionPtr Expression::True() { return Make(Operation::kTrue, {}); }
ExpressionPtr Expression::False() { return Make(Operation::kFalse, {}); }

namespace {

/// `children` with the children of nodes of kind `operation` in their place.
std::vector<ExpressionPtr> Flatten(Operation operation, std::vector<ExpressionPtr> children) {
  Check(!children.empty(), "and/or without children");
  const auto is_same = [&](const ExpressionPtr& child) {
    return child->operation() == operation;
  };
  if (std::ranges::none_of(children, is_same)) {
    return children;
  }
  std::vector<ExpressionPtr> flat;
  for (ExpressionPtr& child : children) {
    if (is_same(child)) {
      flat.insert(flat.end(), child->children().begin(), child->children().end());
    } else {
      flat.push_back(std::move(child));
    }
  }
  return flat;
}

}  // namespace

ExpressionPtr Expression::And(std::vector<ExpressionPtr> children) {
  return Make(Operation::kAnd, Flatten(Operation::kAnd, std::move(children)));
}

ExpressionPtr Expression::Or(std::vector<ExpressionPtr> children) {
  return Make(Operation::kOr, Flatten(Operation::kOr, std::move(children)));
}

ExpressionPtr Expression::Not(ExpressionPtr child) {
  return Make(Operation::kNot, {std::move(child)});
}

ExpressionPtr Expression::Predicate(Operation operation, std::string column,
                                    std::vector<Literal> literals) {
  Check(IsPredicate(operation), "a predicate is an operation on a column");
  const bool any_count = operation == Operation::kIn || operation == Operation::kNotIn;
  const size_t wanted = operation < Operation::kLess ? 0 : 1;
  Check(any_count || literals.size() == wanted, "wrong number of literals for a predicate");
  auto made = Make(operation, {});
  made->column_ = std::move(column);
  made->literals_ = std::move(literals);
  return made;
}

ExpressionPtr Expression::TransformPredicate(Operation operation, const Transform& transform,
                                             std::string column,
                                             std::vector<Literal> literals) {
  auto made = std::const_pointer_cast<Expression>(
      Predicate(operation, std::move(column), std::move(literals)));
  made->transform_ = transform;
  return made;
}

ExpressionPtr Expression::PredicateInUtc(Operation operation, std::string column,
                                         std::vector<Literal> literals) {
  auto made = std::const_pointer_cast<Expression>(
      Predicate(operation, std::move(column), std::move(literals)));
  made->is_in_utc_ = true;
  return made;
}

Operation Negate(Operation operation) {
  switch (operation) {
    case Operation::kIsNull:
      return Operation::kNotNull;
    case Operation::kNotNull:
      return Operation::kIsNull;
    case Operation::kIsNan:
      return Operation::kNotNan;
    case Operation::kNotNan:
      return Operation::kIsNan;
    case Operation::kLess:
      return Operation::kGreaterOrEqual;
    case Operation::kLessOrEqual:
      return Operation::kGreater;
    case Operation::kGreater:
      return Operation::kLessOrEqual;
    case Operation::kGreaterOrEqual:
      return Operation::kLess;
    case Operation::kEqual:
      return Operation::kNotEqual;
    case Operation::kNotEqual:
      return Operation::kEqual;
    case Operation::kIn:
      return Operation::kNotIn;
    case Operation::kNotIn:
      return Operation::kIn;
    case Operation::kStartsWith:
      return Operation::kNotStartsWith;
    case Operation::kNotStartsWith:
      return Operation::kStartsWith;
    default:
      throw InternalError("only a predicate can be negated");
  }
}

}  // namespace floe::inline v0
