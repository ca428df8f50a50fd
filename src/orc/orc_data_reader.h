#pragma once

#include <arrow/io/type_fwd.h>
#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "floe/io/file_io.h"
#include "orc/orc_stripe_check.h"
#include "parquet/batch_data_reader.h"
#include "parquet/data_file_reader.h"

namespace floe::inline v0 {

/// Reads an ORC data file; its units are stripes, none of which is pruned.
class OrcDataReader final : public BatchDataReader {
 public:
  /// Opens the file and plans. Throws IoError, CorruptFileError naming the file, and
  /// UnsupportedError for a file without field ids or with timestamps beyond the years that
  /// nanoseconds reach.
  OrcDataReader(FileIO& io, const std::string& location, const DataFileReadOptions& options);

  const std::vector<int>& units() const override { return units_; }
  int64_t FirstRow(int stripe) const override;
  int64_t DecodedBytes(int stripe) const override;

 private:
  struct Stripe {
    int64_t first_row;
    int64_t row_count;
    int64_t size_bytes;
  };
  class StripeBatches;

  std::unique_ptr<FileBatches> OpenUnit(int stripe, Columns columns) const override;
  std::vector<int> SelectColumns(Columns columns) const;

  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  std::unique_ptr<const OrcStripeCheck> check_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<Stripe> stripes_;
  std::vector<int> units_;
};

}  // namespace floe::inline v0
