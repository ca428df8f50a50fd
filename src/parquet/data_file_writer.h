#pragma once

#include <arrow/type_fwd.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/io/file_io.h"
#include "floe/schema/metrics.h"
#include "floe/schema/schema.h"
#include "parquet/leaf_levels.h"
#include "parquet/parquet_file_builder.h"

namespace floe::inline v0 {

/// How data files are encoded, and what is kept about their columns.
struct ParquetWriteOptions {
  std::shared_ptr<parquet::WriterProperties> properties;
  std::map<int32_t, MetricsMode> metrics_modes;  ///< of each leaf column, by field id
};

/// Writes one Parquet data file, a row group at a time. Batches have the schema's columns as
/// Arrow arrays of the types that ToArrowType() gives, or string and binary arrays of any
/// layout. One thread at a time. Destroyed without Close(), the file is removed.
class ParquetDataWriter {
 public:
  /// `io` and `schema` must outlive the writer. Throws errors of the storage.
  ParquetDataWriter(FileIO& io, const std::string& location, const Schema& schema,
                    ParquetWriteOptions options);
  ~ParquetDataWriter();
  ParquetDataWriter(const ParquetDataWriter&) = delete;
  ParquetDataWriter& operator=(const ParquetDataWriter&) = delete;

  const std::string& location() const { return output_->location(); }
  /// Bytes in the file so far.
  int64_t position() const { return output_->position(); }
  int64_t row_count() const { return row_count_; }

  /// Encodes all rows of `batches` as a row group; columns are encoded in parallel as
  /// `parallel` says, the costly ones first.
  void WriteRowGroup(const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches,
                     const ParallelOptions& parallel);

  struct Written {
    int64_t size_bytes;
    int64_t row_count;
    MetricsById metrics;
    std::vector<int64_t> split_offsets;  ///< where the row groups begin
    /// Paths of columns whose dictionaries made them larger, not smaller.
    std::vector<std::string> poor_dictionaries;
  };
  /// Finishes the file and closes it.
  Written Close();

 private:
  struct LeafState {
    LeafPath path;
    int64_t nan_count = 0;
    int64_t cost = 0;  ///< bytes it took last time, to begin with the costly ones
    bool dictionary_is_poor = false;
  };
  struct LeafChunk;
  void WriteLeaf(LeafState& leaf, LeafChunk& chunk,
                 const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) const;
  MetricsById ReadMetrics(const parquet::FileMetaData& footer) const;

  const ParquetWriteOptions options_;
  const std::shared_ptr<parquet::WriterProperties> repeated_properties_;
  std::unique_ptr<OutputFile> output_;
  std::vector<LeafState> leaves_;
  std::unique_ptr<ParquetFileBuilder> file_;  // null once it is closed
  int64_t row_count_ = 0;
};

}  // namespace floe::inline v0
