#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "floe/commit/row_delta.h"
#include "floe/commit/transaction.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/scan/plan.h"
#include "floe/scan/row_finder.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// How the rows that match a filter leave a branch: found once, in the table as a transaction
/// has it. One thread at a time.
class DeletePlan {
 public:
  /// Finds the rows. Reads the files of which partitions and bounds don't tell whether all rows
  /// match. Errors: see DeleteRows().
  DeletePlan(Transaction* transaction, ExpressionPtr filter, const WriteOptions& options);

  bool has_rows() const { return !whole_.empty() || !cut_.empty(); }
  /// Whether partitions and bounds tell of each file all that is to be known, now.
  bool follows_files() const { return follows_files_; }

  /// Writes delete files, or the other rows of files again, as the table's property
  /// `write.delete.mode` says; once. What others added since `seen` is validated against. The
  /// paths of what is written go to `written`.
  std::shared_ptr<RowDelta> Write(const Table& seen, std::vector<std::string>* written);

 private:
  /// A data file some of whose rows go.
  struct CutFile {
    ScanTask task;
    FoundRows rows;
  };

  void WriteDeletes(RowDelta* change, std::vector<std::string>* written) const;
  void WriteRest(RowDelta* change, std::vector<std::string>* written);

  const Table table_;
  const int64_t known_sequence_number_;  // of what the transaction itself did not add
  const ExpressionPtr filter_;
  const WriteOptions options_;
  const TableScan scan_;
  bool follows_files_ = true;
  std::vector<std::string> whole_;  // data files all of whose rows go
  std::vector<CutFile> cut_;
};

}  // namespace floe::inline v0
