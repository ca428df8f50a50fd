#pragma once

#include <algorithm>

#include "floe/expr/bound.h"
#include "floe/expr/expression.h"

namespace floe::inline v0 {

/// What a filter comes to if `answer` says what each of its predicates does: `and` and `or` of
/// answers, in order, as far as needed.
template <class Answer>
bool ByPredicates(const BoundExpression& filter, const Answer& answer) {
  const auto recurse = [&](const BoundExpressionPtr& child) {
    return ByPredicates(*child, answer);
  };
  switch (filter.operation()) {
    case Operation::kTrue:
      return true;
    case Operation::kFalse:
      return false;
    case Operation::kAnd:
      return std::ranges::all_of(filter.children(), recurse);
    case Operation::kOr:
      return std::ranges::any_of(filter.children(), recurse);
    default:
      return answer(filter);
  }
}

}  // namespace floe::inline v0
