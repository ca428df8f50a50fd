#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <vector>

#include "floe/schema/schema.h"
#include "parquet/column_conversion.h"

namespace floe::inline v0 {

/// Turns a caller's batches into batches of a table's columns: by name, in the table's order,
/// with the types that ToArrowType() gives (strings and binaries keep their layout). Only
/// conversions that lose nothing are made; missing optional columns become nulls.
/// Immutable and thread-safe.
class InputConverter {
 public:
  /// Throws SchemaMismatchError listing every column that does not fit: of a type that can't
  /// be converted without loss, required and missing, or unknown to the table. Both schemas
  /// are kept. Columns of string views stay so only if `keeps_views`: Arrow can't sort them.
  InputConverter(std::shared_ptr<arrow::Schema> input, SchemaPtr table, bool keeps_views);

  /// Throws SchemaMismatchError for nulls in a required column and for values that would lose
  /// precision, naming the column.
  std::shared_ptr<arrow::RecordBatch> Convert(const arrow::RecordBatch& batch) const;

 private:
  std::shared_ptr<arrow::Schema> input_;
  SchemaPtr table_;
  std::vector<ColumnConversion> columns_;
};

}  // namespace floe::inline v0
