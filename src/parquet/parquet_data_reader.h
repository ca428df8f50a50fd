#pragma once

#include <arrow/type_fwd.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/io/file_io.h"
#include "floe/schema/schema.h"
#include "parquet/data_file_reader.h"
#include "parquet/file_columns.h"
#include "parquet/row_filter.h"
#include "parquet/row_group_fetcher.h"
#include "parquet/row_group_stream.h"
#include "parquet/row_run.h"

namespace floe::inline v0 {

/// Reads a Parquet data file; its units are row groups.
class ParquetDataReader final : public DataFileReader {
 public:
  /// Opens the file and plans. Throws IoError, CorruptFileError naming the file,
  /// UnsupportedError for a file without field ids.
  ParquetDataReader(FileIO& io, const std::string& location,
                    const DataFileReadOptions& options);

  const std::vector<int>& units() const override { return row_groups_; }
  int64_t FirstRow(int row_group) const override;
  int64_t DecodedBytes(int row_group) const override;
  void Prepare(int row_group, const StopToken& stop) const override;
  void ReadUnit(int row_group, const ParallelOptions& parallel,
                const BatchSink& sink) const override;
  int64_t CountUnit(int row_group, const StopToken& stop) const override;

 private:
  /// Columns that are decoded together.
  struct ColumnSet {
    SchemaPtr schema;
    std::vector<int> leaves;  ///< Parquet columns; empty: the file has none of them
  };
  /// Which rows of a row group are to be read, and what is in memory of it.
  struct Selected {
    bool takes_all_rows = false;
    RowMask mask;  ///< of the rows, unless all are taken
    std::vector<RowGroupFetcher::KeptPtr> kept;
  };

  ColumnSet SelectLeaves(SchemaPtr schema) const;
  void CheckFooter();
  std::vector<ColumnSet> SplitResultColumns(int row_group, size_t parts) const;
  RowGroupStream StreamOf(int row_group, const ColumnSet& columns) const;
  std::vector<int> SelectingLeaves() const;
  RowGroupFetcher::KeptPtr FetchToSelect(int row_group, const StopToken& stop) const;
  RowGroupFetcher::KeptPtr FetchSelected(int row_group, const RowMask& mask,
                                         const StopToken& stop) const;
  Selected Select(int row_group, const StopToken& stop) const;
  Selected TakeSelected(int row_group, const StopToken& stop) const;
  bool TakesAllRows(int row_group) const;
  int64_t RowsIn(int row_group) const;
  std::shared_ptr<arrow::RecordBatch> NextOfAll(std::vector<RowGroupStream>& streams,
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
  std::shared_ptr<arrow::RecordBatch> ReadSparse(int row_group, const Schema& schema,
                                                 const RowMask& mask,
                                                 const std::vector<RowRun>& runs,
                                                 const ParallelOptions& parallel) const;
  std::optional<std::vector<RowRun>> RowsLeftByIndexes(int row_group) const;
  RowMask EvaluateFilterOn(int row_group, const std::vector<RowRun>& runs,
                           const StopToken& stop) const;
  RowMask EvaluateFilter(int row_group, const StopToken& stop) const;
  void ClearDeleted(int row_group, const StopToken& stop, RowMask* mask) const;
  RowMask SelectRows(int row_group, const StopToken& stop) const;

  std::string location_;
  DataFileReadOptions options_;
  std::unique_ptr<const RowGroupFetcher> fetcher_;
  std::shared_ptr<arrow::io::RandomAccessFile> file_;  ///< by way of fetcher_
  std::shared_ptr<parquet::FileMetaData> footer_;
  std::unique_ptr<parquet::arrow::FileReader> schema_reader_;
  std::unique_ptr<const FileColumns> columns_;
  ColumnSet filter_columns_;
  ColumnSet delete_columns_;  ///< without a schema: deletes are by position
  ColumnSet result_columns_;
  std::vector<int64_t> first_rows_;  ///< of each row group
  std::vector<int> row_groups_;

  mutable std::mutex mutex_;
  mutable std::map<int, Selected> prepared_;  // guarded by mutex_
};

}  // namespace floe::inline v0
