#pragma once

#include <arrow/type_fwd.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/expr/bound.h"
#include "floe/io/file_io.h"
#include "floe/schema/schema.h"
#include "parquet/file_columns.h"
#include "parquet/row_filter.h"
#include "parquet/selected_rows.h"

namespace floe::inline v0 {

/// What to read of a data file.
struct DataFileReadOptions {
  SchemaPtr projection;         ///< columns of the result
  SchemaPtr filter_schema;      ///< has the columns that the filter reads
  BoundExpressionPtr filter;    ///< bound to filter_schema; True() for all rows
  int64_t batch_rows = 65'536;  ///< at most
  bool prune_row_groups = true;
};

/// Takes batches of rows; false if it wants no more.
using BatchSink = std::function<bool(std::shared_ptr<arrow::RecordBatch>)>;

/// Reads a Parquet data file as rows of an Iceberg schema: columns are found by field id,
/// promoted, and null where the file does not have them. Immutable once open; thread-safe.
class DataFileReader {
 public:
  /// Opens the file and plans. Throws IoError, CorruptFileError naming the file,
  /// UnsupportedError for a file without field ids.
  DataFileReader(FileIO& io, const std::string& location, const DataFileReadOptions& options);

  /// Row groups that may hold matching rows, in the file's order.
  const std::vector<int>& row_groups() const { return row_groups_; }
  /// Memory that a row group takes once decoded, roughly.
  int64_t DecodedBytes(int row_group) const;

  /// Decodes one row group and hands out its matching rows in batches, in order. Stops early
  /// when `sink` returns false. Each call has a state of its own, so that row groups can be
  /// read side by side; with `parallel` of more than one thread, columns are, too.
  void ReadRowGroup(int row_group, const ParallelOptions& parallel,
                    const BatchSink& sink) const;

  /// Number of matching rows; decodes filter columns only.
  int64_t CountRowGroup(int row_group, const StopToken& stop) const;

 private:
  /// Columns that are decoded together.
  struct ColumnSet {
    SchemaPtr schema;
    std::vector<int> leaves;  ///< Parquet columns; empty: the file has none of them
  };
  class BatchStream;

  ColumnSet SelectLeaves(SchemaPtr schema) const;
  std::vector<ColumnSet> SplitResultColumns(int row_group, size_t parts) const;
  bool MayMatch(int row_group) const;
  int64_t RowsIn(int row_group) const;
  std::shared_ptr<arrow::RecordBatch> NextOfAll(
      std::vector<std::unique_ptr<BatchStream>>& streams,
      const ParallelOptions& parallel) const;
  const parquet::arrow::SchemaField* SelectableLeaf(const Field& field) const;
  std::shared_ptr<arrow::Array> ReadSparseColumn(int row_group, const Field& field,
                                                 const parquet::arrow::SchemaField& leaf,
                                                 const std::vector<RowRun>& runs) const;
  std::vector<std::shared_ptr<arrow::Array>> ReadFilteredColumns(int row_group,
                                                                 std::vector<Field> fields,
                                                                 const RowMask& mask,
                                                                 const StopToken& stop) const;
  void ReadDense(int row_group, const RowMask& mask, const ParallelOptions& parallel,
                 const BatchSink& sink) const;
  std::shared_ptr<arrow::RecordBatch> ReadSparse(int row_group, const RowMask& mask,
                                                 const std::vector<RowRun>& runs,
                                                 const ParallelOptions& parallel) const;
  RowMask EvaluateFilter(int row_group, const StopToken& stop) const;

  std::string location_;
  DataFileReadOptions options_;
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  std::shared_ptr<parquet::FileMetaData> footer_;
  std::unique_ptr<parquet::arrow::FileReader> schema_reader_;
  std::unique_ptr<const FileColumns> columns_;
  ColumnSet filter_columns_;
  ColumnSet result_columns_;
  std::vector<int> row_groups_;
};

}  // namespace floe::inline v0
