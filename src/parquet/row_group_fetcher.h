#pragma once

#include <arrow/io/interfaces.h>
#include <parquet/metadata.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "floe/base/stop_token.h"
#include "floe/expr/bound.h"
#include "floe/io/file_io.h"
#include "io/prefetched_file.h"
#include "parquet/file_columns.h"
#include "parquet/row_run.h"

namespace floe::inline v0 {

/// Reads ahead what the row groups of a Parquet file take, where the file is far away. Other
/// files are left to be read as they are. Columns are numbered as in the file. Immutable and
/// thread-safe. Throws what reading throws, and Parquet's exceptions.
class RowGroupFetcher {
 public:
  using KeptPtr = PrefetchedFile::KeptPtr;

  /// Takes an open file.
  RowGroupFetcher(std::shared_ptr<InputFile> file, bool is_far);

  bool is_far() const { return prefetched_ != nullptr; }
  /// The file as Arrow reads it, with what is kept.
  const std::shared_ptr<arrow::io::RandomAccessFile>& file() const { return file_; }

  /// Bytes of some columns, encoded.
  static int64_t ChunkBytes(const parquet::RowGroupMetaData& group,
                            std::span<const int> columns);

  KeptPtr FetchChunks(const parquet::RowGroupMetaData& group, const std::vector<int>& columns,
                      const StopToken& stop) const;
  /// Page indexes.
  KeptPtr FetchIndexes(const parquet::RowGroupMetaData& group, const std::vector<int>& columns,
                       const StopToken& stop) const;
  /// The pages that have rows of `runs`, of each column that has an index; the others whole.
  KeptPtr FetchPages(const parquet::RowGroupMetaData& group, const std::vector<int>& columns,
                     const std::vector<RowRun>& runs, const StopToken& stop) const;
  /// Dictionaries and Bloom filters that a filter may be tested on.
  KeptPtr FetchDictionaries(std::span<const std::unique_ptr<parquet::RowGroupMetaData>> groups,
                            const BoundExpression& filter, const FileColumns& columns) const;

 private:
  const std::shared_ptr<PrefetchedFile> prefetched_;  ///< null: the file is near
  const std::shared_ptr<arrow::io::RandomAccessFile> file_;
};

}  // namespace floe::inline v0
