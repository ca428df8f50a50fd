#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// True for years, months and hours, which texts count from 0 and the transform from 1970.
bool CountsPeriods(const std::optional<Transform>& transform);

/// A year ("2024"), month ("2024-01") or hour ("2024-01-31T23", with a blank or `-` for the T,
/// too) as the transform counts it. Nothing for other texts and transforms.
std::optional<int32_t> ParsePeriod(const Transform& transform, std::string_view text);

/// Makes predicates on one column.
using MakePredicate =
    std::function<BoundExpressionPtr(Operation operation, std::vector<Literal> literals)>;

/// `operation` on values seen through `transform`, as a filter on the values themselves that
/// holds for the same ones: `day(ts) = '2024-01-31'` as a range of ts. For transforms that
/// preserve the order, identity aside. `value` is of the transform's result type; the
/// operation is a comparison, or starts with and its opposite for text. `predicate` makes the
/// predicates on the column, which is of type `source`.
BoundExpressionPtr WithoutTransform(Operation operation, const Transform& transform,
                                    const Type& source, const Literal& value,
                                    const MakePredicate& predicate);

}  // namespace floe::inline v0
