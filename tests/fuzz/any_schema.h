#pragma once

#include "floe/expr/bound.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"

namespace floe::fuzz {

/// A column of each primitive type, named as the type (`long`, `decimal`), and a struct `st`
/// with an int `x`.
const Schema& AnySchema();

/// A spec with each transform over some column of AnySchema().
const PartitionSpec& AnySpec();

/// PartitionType() of AnySpec().
const Type& AnyPartitionType();

/// Prints, projects and evaluates a bound filter.
void Exercise(const BoundExpression& filter);

}  // namespace floe::fuzz
