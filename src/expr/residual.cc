#include "floe/expr/residual.h"

#include <utility>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/expr/prune.h"
#include "floe/partition/spec.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

BoundExpressionPtr ResidualFor(const BoundExpressionPtr& filter, const PartitionSpec& spec,
                               const Type& partition_type, const PartitionValues& partition) {
  if (filter->is_true() || filter->is_false() || spec.is_unpartitioned()) {
    return filter;
  }
  if (IsPredicate(filter->operation())) {
    if (EvaluatePartition(*ProjectStrict(*filter, spec, partition_type), partition)) {
      return BoundExpression::True();
    }
    return EvaluatePartition(*ProjectInclusive(*filter, spec, partition_type), partition)
               ? filter
               : BoundExpression::False();
  }
  std::vector<BoundExpressionPtr> rest;
  for (const BoundExpressionPtr& child : filter->children()) {
    rest.push_back(ResidualFor(child, spec, partition_type, partition));
  }
  return filter->operation() == Operation::kAnd ? BoundExpression::And(std::move(rest))
                                                : BoundExpression::Or(std::move(rest));
}

}  // namespace floe::inline v0
