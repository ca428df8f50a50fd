#pragma once

#include "floe/commit/transaction.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// @name Rows out of a table
/// Takes all rows that match `filter` (those for which it is true, not null) out of the branch,
/// in one snapshot; without a match there is none. Data files all of whose rows match are
/// removed. What becomes of the others, the table's property `write.delete.mode` says:
///
/// - `copy-on-write`: their other rows are written to new files of the default spec. In tables
///   with row lineage they keep their row ids and sequence numbers.
/// - `merge-on-read`: deletion vectors in format version 3, with the rows deleted before, which
///   they take the place of; position delete files in version 2.
///
/// `evolve_schema` and `required_filter` of the options have no meaning here. Errors:
/// InvalidArgumentError for a filter that does not fit the table, UnsupportedError for
/// merge-on-read in version 1, CommitConflictError (see RowDelta), CancelledError, and those of
/// storage and catalog; nothing is deleted then, and files that were written are removed.
/// @{
Table DeleteRows(const Table& table, const ExpressionPtr& filter,
                 const WriteOptions& options = {});
/// As one of several changes, on what those before it leave.
void DeleteRows(Transaction* transaction, const ExpressionPtr& filter,
                const WriteOptions& options = {});
/// @}

}  // namespace floe::inline v0
