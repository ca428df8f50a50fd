#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "floe/expr/expression.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/rng.h"

namespace floe::testing {

/// One type of each kind, with several parameters for decimal and fixed.
std::vector<Type> AllPrimitiveTypes();

/// A value of a primitive type: often a small one, so that two draws meet, often one at the
/// edge of the type, else any. Floats are NaN, infinite and −0 at times; strings are UTF-8.
Literal RandomLiteral(Rng& rng, const Type& type);

/// UTF-8 text of up to `max_code_points`, with code points of every length.
std::string RandomText(Rng& rng, size_t max_code_points);

/// A schema of nested types with distinct ids in random order, docs and unknown members.
Schema RandomSchema(Rng& rng);

/// Transforms that apply to a type, of several parameters.
std::vector<Transform> TransformsFor(const Type& type);

/// A filter on one column, or a transform of it, with literals drawn from `pool` (values of the
/// column) or near them; any operation that suits the type.
ExpressionPtr RandomPredicate(Rng& rng, const Field& field, const std::vector<Literal>& pool);

/// Predicates on `field` joined by and, or and not.
ExpressionPtr RandomFilter(Rng& rng, const Field& field, const std::vector<Literal>& pool);

}  // namespace floe::testing
