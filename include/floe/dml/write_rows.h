#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <string>

#include "floe/base/stop_token.h"
#include "floe/commit/overwrite_files.h"
#include "floe/commit/transaction.h"
#include "floe/expr/expression.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

struct WriteOptions {
  /// Widen the table's schema where the data has more columns or wider types. The schema is
  /// committed before the data is written.
  bool evolve_schema = false;
  /// Goes into the snapshot's summary.
  Properties snapshot_properties;
  /// Every row must satisfy this, or nothing is written; null: no such check.
  ExpressionPtr required_filter;
  /// See HeadForWriting().
  WriteBranch branch = std::string(kMainBranch);
  Isolation isolation = Isolation::kSerializable;  ///< of overwrites and deletes
  bool case_sensitive = true;                      ///< of filters
  /// Rows waiting to be encoded may take about this much memory.
  int64_t memory_bytes = int64_t{1} << 30U;
  RetryPolicy retry;
  StopToken stop;
};

/// @name Rows into a table
/// Each takes all batches of `rows` and returns the table with one more snapshot. Either all
/// rows are in the table afterwards, or an error was thrown and none is (unless it was
/// CommitStateUnknownError). Data files of a write that failed are removed.
///
/// Errors: SchemaMismatchError for data that does not fit, CommitConflictError, CancelledError,
/// UnsupportedError, and those of storage and catalog. An error that `rows` returns is thrown.
/// @{

/// Adds the rows.
Table AppendRows(const Table& table, arrow::RecordBatchReader& rows,
                 const WriteOptions& options = {});

/// Replaces all rows that match `filter` (True() for the whole table), in one snapshot. Files
/// are replaced without being read where partitions and bounds tell that all of their rows
/// match; what becomes of the other rows of others: see DeleteRows().
Table OverwriteRows(const Table& table, const ExpressionPtr& filter,
                    arrow::RecordBatchReader& rows, const WriteOptions& options = {});

/// Replaces the partitions that the rows fall into; others stay. Throws UnsupportedError for
/// a table without partitions.
Table OverwritePartitions(const Table& table, arrow::RecordBatchReader& rows,
                          const WriteOptions& options = {});
/// @}

/// @name Rows into an open transaction
/// The same, as one of several changes: rows are written for the table as the transaction has
/// it, and in the table once that is committed. What is thrown leaves the transaction without
/// the write. A widened schema is part of the transaction.
/// @{
void AppendRows(Transaction* transaction, arrow::RecordBatchReader& rows,
                const WriteOptions& options = {});
void OverwriteRows(Transaction* transaction, const ExpressionPtr& filter,
                   arrow::RecordBatchReader& rows, const WriteOptions& options = {});
void OverwritePartitions(Transaction* transaction, arrow::RecordBatchReader& rows,
                         const WriteOptions& options = {});
/// @}

}  // namespace floe::inline v0
