#include "parquet/selected_pages.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/io/memory.h>
#include <fmt/format.h>
#include <parquet/column_reader.h>
#include <parquet/exception.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "io/prefetched_file.h"
#include "parquet/buffer_pool.h"
#include "parquet/data_pages.h"
#include "parquet/row_run.h"

namespace floe::inline v0 {
namespace {

[[noreturn]] void ThrowOtherPages(const std::string& location) {
  throw CorruptFileError(
      fmt::format("data file {} has other pages than its offset index says", location),
      {.path = location});
}

struct Selection {
  std::vector<DataPage> pages;
  std::vector<RowRun> runs;  ///< among the rows of `pages`
};

Selection Select(const std::vector<DataPage>& pages, const std::vector<RowRun>& runs) {
  Selection selection;
  size_t page = 0;       // after the last one that is selected
  int64_t page_row = 0;  // after the rows of that
  int64_t row = 0;
  for (const RowRun& run : runs) {
    const int64_t begin = row + run.skip;
    row = begin + run.take;
    while (page < pages.size() && pages[page].end_row() <= begin) {
      ++page;
    }
    const int64_t next_row = page < pages.size() ? pages[page].first_row : page_row;
    // Rows of the pages between the last selected one and the next are not there.
    selection.runs.push_back({run.skip - (next_row - page_row), run.take});
    while (page < pages.size() && pages[page].first_row < row) {
      selection.pages.push_back(pages[page]);
      page_row = pages[page].end_row();
      ++page;
    }
  }
  return selection;
}

/// The dictionary, if there is one, and the pages, as few ranges.
std::vector<ByteRange> RangesOf(const ChunkPages& chunk, const std::vector<DataPage>& pages) {
  std::vector<ByteRange> pieces = {{chunk.offset, chunk.pages.front().offset - chunk.offset}};
  for (const DataPage& page : pages) {
    if (pieces.back().end() == page.offset) {
      pieces.back().size += page.size;
    } else {
      pieces.push_back({page.offset, page.size});
    }
  }
  return pieces;
}

/// The dictionary, if there is one, and the pages, one after the other.
std::shared_ptr<arrow::Buffer> ReadBytes(arrow::io::RandomAccessFile& file,
                                         const ChunkPages& chunk,
                                         const std::vector<DataPage>& pages,
                                         const std::string& location) {
  const std::vector<ByteRange> pieces = RangesOf(chunk, pages);
  int64_t total = 0;
  for (const ByteRange& piece : pieces) {
    total += piece.size;
  }
  PARQUET_ASSIGN_OR_THROW(const int64_t file_size, file.GetSize());
  if (pages.back().end() > file_size) {
    ThrowOtherPages(location);
  }
  PARQUET_ASSIGN_OR_THROW(std::shared_ptr<arrow::Buffer> bytes,
                          arrow::AllocateBuffer(total, BufferPool()));
  uint8_t* out = bytes->mutable_data();
  for (const ByteRange& piece : pieces) {
    PARQUET_ASSIGN_OR_THROW(const int64_t got, file.ReadAt(piece.offset, piece.size, out));
    if (got != piece.size) {
      ThrowOtherPages(location);
    }
    out += got;
  }
  return bytes;
}

/// Fails unless each page that comes has as many rows as the index says.
std::function<bool(const parquet::DataPageStats&)> CheckPages(std::vector<DataPage> pages,
                                                              const std::string& location) {
  return [pages = std::move(pages), next = size_t{0},
          location](const parquet::DataPageStats& page) mutable {
    if (next == pages.size() || page.num_values != pages[next].row_count) {
      ThrowOtherPages(location);
    }
    ++next;
    return false;  // not to be left out
  };
}

/// A chunk of which some pages are to be read, and others not.
struct SelectedChunk {
  ChunkPages all;
  Selection selection;
};

std::optional<SelectedChunk> SelectChunk(arrow::io::RandomAccessFile& file,
                                         const parquet::RowGroupMetaData& group, int column,
                                         const std::vector<RowRun>& runs) {
  auto chunk = ReadPages(file, group, column);
  if (!chunk || chunk->pages.size() == 1) {
    return std::nullopt;
  }
  Selection selection = Select(chunk->pages, runs);
  if (selection.pages.empty() || selection.pages.size() == chunk->pages.size()) {
    return std::nullopt;
  }
  return SelectedChunk{*std::move(chunk), std::move(selection)};
}

}  // namespace

std::vector<ByteRange> SelectedPageRanges(arrow::io::RandomAccessFile& file,
                                          const parquet::RowGroupMetaData& group, int column,
                                          const std::vector<RowRun>& runs) {
  const auto chunk = SelectChunk(file, group, column, runs);
  return chunk ? RangesOf(chunk->all, chunk->selection.pages) : std::vector<ByteRange>();
}

std::optional<SelectedPages> MakeSelectedPages(arrow::io::RandomAccessFile& file,
                                               const parquet::RowGroupMetaData& group,
                                               int column, const std::vector<RowRun>& runs,
                                               const std::string& location) {
  auto chunk = SelectChunk(file, group, column, runs);
  if (!chunk) {
    return std::nullopt;
  }
  Selection& selection = chunk->selection;
  int64_t rows = 0;
  for (const DataPage& page : selection.pages) {
    rows += page.row_count;
  }
  const auto stream = std::make_shared<arrow::io::BufferReader>(
      ReadBytes(file, chunk->all, selection.pages, location));
  auto reader = parquet::PageReader::Open(
      stream, rows, group.ColumnChunk(column)->compression(),
      parquet::ReaderProperties(BufferPool()), *group.schema()->Column(column));
  reader->set_data_page_filter(CheckPages(std::move(selection.pages), location));
  return SelectedPages{std::move(reader), std::move(selection.runs)};
}

}  // namespace floe::inline v0
