#pragma once

#include "floe/expr/bound.h"
#include "floe/partition/spec.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// What is left of `filter` for the rows of one partition: predicates that all of them satisfy
/// are taken as true, those that none does as false. The result keeps the same rows of the
/// partition as the filter. `partition_type` is PartitionType() of the spec.
BoundExpressionPtr ResidualFor(const BoundExpressionPtr& filter, const PartitionSpec& spec,
                               const Type& partition_type, const PartitionValues& partition);

}  // namespace floe::inline v0
