#pragma once

#include <arrow/io/type_fwd.h>
#include <parquet/metadata.h>

#include <optional>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/expr/prune.h"
#include "floe/schema/schema.h"
#include "parquet/file_columns.h"
#include "parquet/row_run.h"

namespace floe::inline v0 {

/// Rows of a row group that may match a filter by the page indexes of the filter's columns;
/// empty: none; nothing: no index says more than `statistics`, those of the whole row group.
/// `schema` has the filter's columns. Throws Parquet's exceptions.
std::optional<std::vector<RowRun>> RowsLeftByPages(arrow::io::RandomAccessFile& file,
                                                   const parquet::RowGroupMetaData& group,
                                                   const BoundExpression& filter,
                                                   const Schema& schema,
                                                   const FileColumns& columns,
                                                   const StatisticsSource& statistics);

}  // namespace floe::inline v0
