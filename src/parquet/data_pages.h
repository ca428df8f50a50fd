#pragma once

#include <arrow/io/type_fwd.h>
#include <parquet/metadata.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "floe/schema/type.h"
#include "parquet/column_bounds.h"

namespace floe::inline v0 {

/// A data page of a column outside of lists and maps.
struct DataPage {
  int64_t offset;     ///< in the file, of its header
  int64_t size;       ///< in bytes, with its header
  int64_t first_row;  ///< in the row group
  int64_t row_count;

  int64_t end() const { return offset + size; }
  int64_t end_row() const { return first_row + row_count; }
};

/// Where a column chunk is in the file.
struct ChunkPages {
  int64_t offset;               ///< of the dictionary if there is one, else of the first page
  std::vector<DataPage> pages;  ///< all, in order; not empty
};

/// The pages of a column chunk by its offset index; nothing if it has none, lies in a list or
/// map, is encrypted, or its index can't be true. One small read. Throws Parquet's exceptions
/// for an index that does not decode.
std::optional<ChunkPages> ReadPages(arrow::io::RandomAccessFile& file,
                                    const parquet::RowGroupMetaData& group, int column);

/// What the column index says of each of `pages`, whose values are of `type` or promoted to
/// it; nothing if there is no index, or it can't be true. One small read. Throws like
/// ReadPages().
std::optional<std::vector<ChunkStatistics>> ReadPageStatistics(
    arrow::io::RandomAccessFile& file, const parquet::RowGroupMetaData& group, int column,
    const Type& type, const std::vector<DataPage>& pages);

}  // namespace floe::inline v0
