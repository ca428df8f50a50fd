#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// One byte a row: 1 where the filter is true.
using RowMask = std::vector<uint8_t>;

/// Finds the column that a predicate reads; its nulls include those of structs above it. A
/// column that the rows do not have is a null pointer: all its values are null.
using ColumnSource =
    std::function<std::shared_ptr<arrow::Array>(const BoundExpression& predicate)>;

/// Evaluates a filter on `row_count` rows. Columns are Arrow arrays of the types that
/// ToArrowType() gives, strings and binaries of any layout.
RowMask EvaluateRows(const BoundExpression& filter, int64_t row_count,
                     const ColumnSource& columns);

int64_t CountRows(const RowMask& mask);

/// The column `field_id` of a batch that has the columns of `schema`, with the nulls of the
/// structs above it; null if the schema does not have it.
std::shared_ptr<arrow::Array> ColumnOfBatch(const Schema& schema,
                                            const arrow::RecordBatch& batch, int32_t field_id);

/// Columns of a batch that has the columns of `schema`, found by field id. Both must outlive
/// the result.
ColumnSource ColumnsOfBatch(const Schema& schema, const arrow::RecordBatch& batch);

/// The rows of `batch` where `mask` is set.
std::shared_ptr<arrow::RecordBatch> FilterBatch(
    const std::shared_ptr<arrow::RecordBatch>& batch, const RowMask& mask);

}  // namespace floe::inline v0
