#include "parquet/data_pages.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <parquet/exception.h>
#include <parquet/index_location.h>
#include <parquet/metadata.h>
#include <parquet/page_index.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "floe/schema/type.h"
#include "parquet/buffer_pool.h"
#include "parquet/column_bounds.h"

namespace floe::inline v0 {
namespace {

/// The bytes of an index; null if it is not in the file.
std::shared_ptr<arrow::Buffer> ReadIndex(arrow::io::RandomAccessFile& file,
                                         const parquet::IndexLocation& location) {
  PARQUET_ASSIGN_OR_THROW(const int64_t size, file.GetSize());
  if (location.offset < 0 || location.length <= 0 || location.offset > size ||
      location.length > size - location.offset) {
    return nullptr;
  }
  PARQUET_ASSIGN_OR_THROW(auto bytes, file.ReadAt(location.offset, location.length));
  return bytes->size() == location.length ? std::move(bytes) : nullptr;
}

bool IsRepeated(const parquet::RowGroupMetaData& group, int column) {
  return group.schema()->Column(column)->max_repetition_level() > 0;
}

/// The pages in order, one after the other, with all rows; nothing if they are not.
std::optional<ChunkPages> ToPages(const std::vector<parquet::PageLocation>& locations,
                                  const parquet::ColumnChunkMetaData& chunk, int64_t rows) {
  ChunkPages result{chunk.data_page_offset(), {}};
  if (chunk.has_dictionary_page() && chunk.dictionary_page_offset() > 0) {
    result.offset = std::min(result.offset, chunk.dictionary_page_offset());
  }
  if (result.offset < 0 || chunk.total_compressed_size() < 0) {
    return std::nullopt;
  }
  int64_t bytes_before = 0;  // in the chunk
  for (size_t i = 0; i < locations.size(); ++i) {
    const parquet::PageLocation& at = locations[i];
    const int64_t end_row = i + 1 < locations.size() ? locations[i + 1].first_row_index : rows;
    if (at.offset < result.offset || at.compressed_page_size <= 0 ||
        at.offset - result.offset < bytes_before ||
        at.offset - result.offset > chunk.total_compressed_size() - at.compressed_page_size ||
        at.first_row_index < 0 || at.first_row_index >= end_row ||
        (i == 0 && at.first_row_index != 0)) {
      return std::nullopt;
    }
    bytes_before = at.offset - result.offset + at.compressed_page_size;
    result.pages.push_back(
        {at.offset, at.compressed_page_size, at.first_row_index, end_row - at.first_row_index});
  }
  return result.pages.empty() ? std::nullopt : std::optional(std::move(result));
}

/// Whether an index has as many entries as there are pages, and no more nulls than rows.
bool IsConsistent(const parquet::ColumnIndex& index, const std::vector<DataPage>& pages) {
  if (index.null_pages().size() != pages.size() ||
      index.encoded_min_values().size() != pages.size() ||
      index.encoded_max_values().size() != pages.size() ||
      (index.has_null_counts() && index.null_counts().size() != pages.size())) {
    return false;
  }
  for (size_t i = 0; index.has_null_counts() && i < pages.size(); ++i) {
    const int64_t nulls = index.null_counts()[i];
    if (nulls < 0 || nulls > pages[i].row_count ||
        (index.null_pages()[i] && nulls != pages[i].row_count)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<ChunkPages> ReadPages(arrow::io::RandomAccessFile& file,
                                    const parquet::RowGroupMetaData& group, int column) {
  const auto chunk = group.ColumnChunk(column);
  const auto location = chunk->GetOffsetIndexLocation();
  if (!location || IsRepeated(group, column) || chunk->crypto_metadata() != nullptr) {
    return std::nullopt;
  }
  const auto bytes = ReadIndex(file, *location);
  if (bytes == nullptr) {
    return std::nullopt;
  }
  const auto index = parquet::OffsetIndex::Make(bytes->data(), bytes->size(),
                                                parquet::ReaderProperties(BufferPool()));
  return ToPages(index->page_locations(), *chunk, group.num_rows());
}

std::optional<std::vector<ChunkStatistics>> ReadPageStatistics(
    arrow::io::RandomAccessFile& file, const parquet::RowGroupMetaData& group, int column,
    const Type& type, const std::vector<DataPage>& pages) {
  const auto location = group.ColumnChunk(column)->GetColumnIndexLocation();
  const auto bytes = location ? ReadIndex(file, *location) : nullptr;
  if (bytes == nullptr) {
    return std::nullopt;
  }
  const parquet::ColumnDescriptor& descriptor = *group.schema()->Column(column);
  const auto index = parquet::ColumnIndex::Make(descriptor, bytes->data(), bytes->size(),
                                                parquet::ReaderProperties(BufferPool()));
  if (!IsConsistent(*index, pages)) {
    return std::nullopt;
  }
  std::vector<ChunkStatistics> statistics(pages.size());
  for (size_t i = 0; i < pages.size(); ++i) {
    if (index->null_pages()[i]) {
      statistics[i].null_count = pages[i].row_count;
      continue;
    }
    statistics[i] = ReadBounds(descriptor, type, index->encoded_min_values()[i],
                               index->encoded_max_values()[i]);
    if (index->has_null_counts()) {
      statistics[i].null_count = index->null_counts()[i];
    }
  }
  return statistics;
}

}  // namespace floe::inline v0
