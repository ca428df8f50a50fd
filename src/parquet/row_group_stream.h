#pragma once

#include <arrow/type_fwd.h>
#include <parquet/arrow/reader.h>
#include <parquet/metadata.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "floe/schema/schema.h"
#include "parquet/arrow_status.h"
#include "parquet/column_conversion.h"
#include "parquet/data_file_reader.h"

namespace floe::inline v0 {

/// A reader of a file whose footer has been read; it reads on the calling thread.
std::unique_ptr<parquet::arrow::FileReader> OpenParquetReader(
    const std::shared_ptr<arrow::io::RandomAccessFile>& file,
    const std::shared_ptr<parquet::FileMetaData>& footer, int64_t batch_rows,
    const ArrowContext& context);

/// An open Parquet file. What it refers to is the owner's.
struct OpenParquetFile {
  const std::shared_ptr<arrow::io::RandomAccessFile>& file;
  const std::shared_ptr<parquet::FileMetaData>& footer;
  const std::string& location;
  const DataFileReadOptions& options;
};

/// Decodes a set of columns of one row group, batch by batch. One thread at a time; does not
/// outlive the file.
class RowGroupStream {
 public:
  /// `leaves` are the Parquet columns of `schema`; none: the file has none of it. `first_row`
  /// is the row group's. Throws IoError, CorruptFileError.
  RowGroupStream(const OpenParquetFile& file, SchemaPtr schema, const std::vector<int>& leaves,
                 int row_group, int64_t first_row);

  /// The next rows; null at the end. Throws IoError, CorruptFileError.
  std::shared_ptr<arrow::RecordBatch> Next();

  const Schema& schema() const { return *schema_; }

 private:
  const std::string* location_;
  SchemaPtr schema_;
  int64_t batch_rows_;
  int64_t next_row_;  ///< position in the file
  int64_t rows_left_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::vector<ColumnConversion> conversion_;
};

}  // namespace floe::inline v0
