#include "parquet/row_group_fetcher.h"

#include <parquet/metadata.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "floe/base/stop_token.h"
#include "floe/expr/bound.h"
#include "floe/io/file_io.h"
#include "io/prefetched_file.h"
#include "parquet/arrow_file.h"
#include "parquet/dictionary_filter.h"
#include "parquet/file_columns.h"
#include "parquet/row_run.h"
#include "parquet/selected_pages.h"

namespace floe::inline v0 {
namespace {

ByteRange ChunkRange(const parquet::ColumnChunkMetaData& chunk) {
  int64_t offset = chunk.data_page_offset();
  if (chunk.has_dictionary_page() && chunk.dictionary_page_offset() > 0) {
    offset = std::min(offset, chunk.dictionary_page_offset());
  }
  return {offset, chunk.total_compressed_size()};
}

/// Columns that a filter asks for single values of.
void FindAsked(const BoundExpression& filter, const FileColumns& columns,
               std::set<int>* leaves) {
  for (const BoundExpressionPtr& child : filter.children()) {
    FindAsked(*child, columns, leaves);
  }
  if (filter.children().empty() && AsksForValues(filter)) {
    if (const std::optional<int> leaf = columns.FindLeaf(filter.field_id())) {
      leaves->insert(*leaf);
    }
  }
}

}  // namespace

RowGroupFetcher::RowGroupFetcher(std::shared_ptr<InputFile> file, bool is_far)
    : prefetched_(is_far ? std::make_shared<PrefetchedFile>(file) : nullptr),
      file_(
          MakeArrowInput(is_far ? std::shared_ptr<InputFile>(prefetched_) : std::move(file))) {}

int64_t RowGroupFetcher::ChunkBytes(const parquet::RowGroupMetaData& group,
                                    std::span<const int> columns) {
  int64_t bytes = 0;
  for (const int column : columns) {
    bytes += group.ColumnChunk(column)->total_compressed_size();
  }
  return bytes;
}

RowGroupFetcher::KeptPtr RowGroupFetcher::FetchChunks(const parquet::RowGroupMetaData& group,
                                                      const std::vector<int>& columns,
                                                      const StopToken& stop) const {
  if (!is_far()) {
    return nullptr;
  }
  std::vector<ByteRange> ranges;
  std::ranges::transform(columns, std::back_inserter(ranges),
                         [&](int column) { return ChunkRange(*group.ColumnChunk(column)); });
  return prefetched_->Fetch(std::move(ranges), stop);
}

RowGroupFetcher::KeptPtr RowGroupFetcher::FetchIndexes(const parquet::RowGroupMetaData& group,
                                                       const std::vector<int>& columns,
                                                       const StopToken& stop) const {
  if (!is_far()) {
    return nullptr;
  }
  std::vector<ByteRange> ranges;
  for (const int column : columns) {
    const auto chunk = group.ColumnChunk(column);
    for (const auto& index :
         {chunk->GetColumnIndexLocation(), chunk->GetOffsetIndexLocation()}) {
      if (index) {
        ranges.push_back({index->offset, index->length});
      }
    }
  }
  return prefetched_->Fetch(std::move(ranges), stop);
}

RowGroupFetcher::KeptPtr RowGroupFetcher::FetchPages(const parquet::RowGroupMetaData& group,
                                                     const std::vector<int>& columns,
                                                     const std::vector<RowRun>& runs,
                                                     const StopToken& stop) const {
  if (!is_far()) {
    return nullptr;
  }
  KeptPtr indexes = FetchIndexes(group, columns, stop);
  std::vector<ByteRange> ranges;
  for (const int column : columns) {
    const std::vector<ByteRange> pages = SelectedPageRanges(*file_, group, column, runs);
    ranges.insert(ranges.end(), pages.begin(), pages.end());
    if (pages.empty()) {
      ranges.push_back(ChunkRange(*group.ColumnChunk(column)));
    }
  }
  // What reads the pages asks for the indexes again.
  return std::make_shared<const std::pair<KeptPtr, KeptPtr>>(
      std::move(indexes), prefetched_->Fetch(std::move(ranges), stop));
}

RowGroupFetcher::KeptPtr RowGroupFetcher::FetchDictionaries(
    std::span<const std::unique_ptr<parquet::RowGroupMetaData>> groups,
    const BoundExpression& filter, const FileColumns& columns) const {
  if (!is_far()) {
    return nullptr;
  }
  std::set<int> asked;
  FindAsked(filter, columns, &asked);
  std::vector<ByteRange> ranges;
  for (const auto& group : groups) {
    for (const int column : asked) {
      const auto chunk = group->ColumnChunk(column);
      if (const auto dictionary = DictionaryRange(*chunk)) {
        ranges.push_back(*dictionary);
      }
      if (chunk->bloom_filter_offset() && chunk->bloom_filter_length()) {
        ranges.push_back({*chunk->bloom_filter_offset(), *chunk->bloom_filter_length()});
      }
    }
  }
  return prefetched_->Fetch(std::move(ranges), {});
}

}  // namespace floe::inline v0
