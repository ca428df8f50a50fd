#pragma once

#include <arrow/io/type_fwd.h>
#include <parquet/column_reader.h>
#include <parquet/metadata.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/prefetched_file.h"
#include "parquet/row_run.h"

namespace floe::inline v0 {

/// The pages of a column chunk that have rows to keep.
struct SelectedPages {
  std::unique_ptr<parquet::PageReader> reader;  ///< the dictionary, and these pages
  std::vector<RowRun> runs;                     ///< what to keep of the rows of these pages
};

/// Where the pages are that MakeSelectedPages() reads; empty if it reads none. Reads the index.
std::vector<ByteRange> SelectedPageRanges(arrow::io::RandomAccessFile& file,
                                          const parquet::RowGroupMetaData& group, int column,
                                          const std::vector<RowRun>& runs);

/// Reads the pages that have rows of `runs`; nothing if the column has no usable offset index,
/// or nothing would be saved. `location` is the file's. Throws Parquet's exceptions;
/// CorruptFileError, also later from the reader, if the pages are not as the index says.
std::optional<SelectedPages> MakeSelectedPages(arrow::io::RandomAccessFile& file,
                                               const parquet::RowGroupMetaData& group,
                                               int column, const std::vector<RowRun>& runs,
                                               const std::string& location);

}  // namespace floe::inline v0
