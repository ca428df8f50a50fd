#pragma once

#include <string>
#include <string_view>

#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// @name Filters as JSON (the REST catalog's `Expression`)
/// Literals are in single-value JSON form. What is always true (false) is a bare `true`
/// (`false`), as Java and PyIceberg write it. Infinite numbers have no form: writing them
/// throws InvalidArgumentError.
/// @{

/// Literals have the types they were written with. For another system that does not convert
/// them, write the bound filter.
std::string ExpressionToJson(const Expression& filter);

/// Literals have the types of their columns. Transforms other than bucket have become ranges.
std::string ExpressionToJson(const BoundExpression& filter);

/// The shape of a filter, for those who must not see its values: "(value)" stands for each,
/// "(7 values)" for a set.
std::string ExpressionToJsonWithoutValues(const Expression& filter);

/// Reads a filter. Literals are texts, booleans and numbers, which Bind() converts; nesting is
/// limited to 200 levels. Throws ParseError with the place in the text.
ExpressionPtr ExpressionFromJson(std::string text);

/// The same with literals of the types of their columns, so that binary values, too, are read
/// as what they are.
ExpressionPtr ExpressionFromJson(std::string text, const Schema& schema,
                                 bool case_sensitive = true);
/// @}

/// The specification's name of an operation, such as `lt-eq`.
std::string_view OperationName(Operation operation);

}  // namespace floe::inline v0
