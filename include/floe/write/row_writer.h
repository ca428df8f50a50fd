#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/expr/expression.h"
#include "floe/manifest/data_file.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

struct RowWriterOptions {
  /// Rows waiting to be encoded may take about this much memory.
  int64_t memory_bytes = int64_t{1} << 30U;
  /// Every row must satisfy this, or Write() throws; null: no such check.
  ExpressionPtr required_filter;
  bool case_sensitive = true;  ///< names in `required_filter`
  /// Rows come with `_row_id` and `_last_updated_sequence_number`, and keep them
  /// (specification, "Row Lineage"); without, a commit gives them new ones.
  bool keeps_row_lineage = false;
  ParallelOptions parallel;  ///< `stop` is heeded between row groups
};

/// Writes rows into data files of a table: by partition of its default spec, rolled at the
/// table's target size. One thread at a time. Nothing of it is in the table before a commit.
///
/// Rows wait in buffers, one for each partition, and are encoded when a row group is full or,
/// the largest first, when the memory is used up. Partitions are encoded in parallel.
class RowWriter {
 public:
  /// Takes batches of schema `input`. Throws SchemaMismatchError listing every column that
  /// does not fit the table, InvalidArgumentError or UnsupportedError for its properties.
  RowWriter(const Table& table, const std::shared_ptr<arrow::Schema>& input,
            RowWriterOptions options = {});
  /// Removes files of a write that was not finished.
  ~RowWriter();
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;

  /// Throws SchemaMismatchError for values that don't fit, InvalidArgumentError for rows
  /// outside the required filter, CancelledError, errors of the storage.
  void Write(const arrow::RecordBatch& batch);
  /// Encodes what is left and closes all files.
  std::vector<DataFile> Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace floe::inline v0
