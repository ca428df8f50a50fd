#pragma once

#include <parquet/file_reader.h>

#include <string>
#include <vector>

#include "parquet/data_file_reader.h"
#include "parquet/file_columns.h"
#include "parquet/row_group_fetcher.h"

namespace floe::inline v0 {

/// The row groups of a file that may hold matching rows by their statistics, Bloom filters and
/// dictionaries; all if `options` says not to leave any out. Throws IoError, CorruptFileError.
std::vector<int> MatchingRowGroups(const DataFileReadOptions& options,
                                   const std::string& location,
                                   parquet::ParquetFileReader& reader,
                                   const FileColumns& columns, const RowGroupFetcher& fetcher);

}  // namespace floe::inline v0
