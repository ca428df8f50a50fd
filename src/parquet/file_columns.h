#pragma once

#include <arrow/type_fwd.h>
#include <parquet/arrow/schema.h>

#include <string>
#include <vector>

#include "floe/schema/schema.h"
#include "parquet/column_conversion.h"

namespace floe::inline v0 {

/// Parquet columns of a file that hold the primitives of `schema`, by field id. A struct that
/// has none of the wanted fields in the file is represented by one of its columns, as its
/// nulls are needed. Throws UnsupportedError naming the file if it has no field ids.
std::vector<int> FindLeafColumns(const parquet::arrow::SchemaManifest& file,
                                 const Schema& schema, const std::string& location);

/// How batches that were read with schema `read` (field ids in its metadata) become rows of
/// `schema`. Throws CorruptFileError if a column's type can't be promoted or a required one is
/// missing.
std::vector<ColumnConversion> PlanFileConversion(const arrow::Schema& read,
                                                 const Schema& schema,
                                                 const std::string& location);

}  // namespace floe::inline v0
