#pragma once

#include <arrow/io/type_fwd.h>
#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/io/file_io.h"
#include "floe/schema/schema.h"
#include "parquet/data_file_reader.h"
#include "parquet/row_filter.h"

namespace floe::inline v0 {

/// Reads an ORC data file; its units are stripes, none of which is pruned.
class OrcDataReader final : public DataFileReader {
 public:
  /// Opens the file and plans. Throws IoError, CorruptFileError naming the file, and
  /// UnsupportedError for a file without field ids or with timestamps beyond the years that
  /// nanoseconds reach.
  OrcDataReader(FileIO& io, const std::string& location, const DataFileReadOptions& options);

  const std::vector<int>& units() const override { return units_; }
  int64_t FirstRow(int stripe) const override;
  int64_t DecodedBytes(int stripe) const override;
  void ReadUnit(int stripe, const ParallelOptions& parallel,
                const BatchSink& sink) const override;
  int64_t CountUnit(int stripe, const StopToken& stop) const override;

 private:
  struct Stripe {
    int64_t first_row;
    int64_t row_count;
    int64_t size_bytes;
  };
  class BatchStream;

  std::vector<int> SelectColumns(bool with_result) const;
  std::shared_ptr<arrow::RecordBatch> Convert(const arrow::RecordBatch& batch,
                                              const Schema& schema) const;
  RowMask SelectRows(const arrow::RecordBatch& batch, int64_t first_row) const;

  std::string location_;
  DataFileReadOptions options_;
  SchemaPtr filter_columns_;  ///< null: all rows match
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<Stripe> stripes_;
  std::vector<int> units_;
};

}  // namespace floe::inline v0
