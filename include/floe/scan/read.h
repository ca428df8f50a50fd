#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>

#include "floe/scan/plan.h"

namespace floe::inline v0 {

/// Arrow schema of what a scan yields; fields carry their ids as `PARQUET:field_id`.
std::shared_ptr<arrow::Schema> ArrowSchemaOf(const TableScan& scan);

/// Plans and streams batches in task order; files and row groups are decoded in parallel,
/// ahead of the caller, within the scan's memory budget.
///
/// The reader owns its files and threads' work, may outlive `scan`, and is to be used by one
/// thread at a time. Errors reach the caller as arrow::Status; those of floe keep their class
/// inside (bindings throw them again). Destroying the reader ends what is under way.
std::shared_ptr<arrow::RecordBatchReader> OpenReader(const TableScan& scan);

/// Reads everything at once, in task order. Throws floe's errors.
std::shared_ptr<arrow::Table> ReadTable(const TableScan& scan);

/// Number of rows; from metadata alone where that is enough, else by reading filter columns.
int64_t CountRows(const TableScan& scan);

}  // namespace floe::inline v0
