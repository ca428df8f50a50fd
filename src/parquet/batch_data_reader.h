#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>

#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/schema/schema.h"
#include "parquet/data_file_reader.h"
#include "parquet/row_filter.h"

namespace floe::inline v0 {

/// Rows of one unit of a data file as the file has them.
class FileBatches {
 public:
  FileBatches() = default;
  virtual ~FileBatches() = default;
  FileBatches(const FileBatches&) = delete;
  FileBatches& operator=(const FileBatches&) = delete;

  /// The next rows, of at most `batch_rows`, in the file's order, with field ids in the
  /// schema's metadata; null at the end.
  virtual std::shared_ptr<arrow::RecordBatch> Next() = 0;
};

/// A data file of a format whose columns are all decoded at once, unit by unit: a subclass
/// decodes, this filters, deletes and converts.
class BatchDataReader : public DataFileReader {
 public:
  void ReadUnit(int unit, const ParallelOptions& parallel, const BatchSink& sink) const final;
  int64_t CountUnit(int unit, const StopToken& stop) const final;

 protected:
  enum class Columns : uint8_t {
    kThatSelectRows,  ///< of the filter and the deletes
    kAll,             ///< these and those of the result
  };

  BatchDataReader(std::string location, DataFileReadOptions options);

  /// Begins to decode columns of a unit; rows may have others, too. Calls can run side by side.
  virtual std::unique_ptr<FileBatches> OpenUnit(int unit, Columns columns) const = 0;

  const std::string& location() const { return location_; }
  const DataFileReadOptions& options() const { return options_; }
  /// Null: all rows match.
  const SchemaPtr& filter_columns() const { return filter_columns_; }
  /// Null: deletes are by position, or there are none.
  SchemaPtr delete_columns() const;

 private:
  std::shared_ptr<arrow::RecordBatch> Convert(const arrow::RecordBatch& batch,
                                              const Schema& schema) const;
  RowMask SelectRows(const arrow::RecordBatch& batch, int64_t first_row) const;

  const std::string location_;
  const DataFileReadOptions options_;
  SchemaPtr filter_columns_;
};

}  // namespace floe::inline v0
