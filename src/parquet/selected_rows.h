#pragma once

#include <arrow/type_fwd.h>
#include <parquet/file_reader.h>
#include <parquet/schema.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "parquet/row_filter.h"

namespace floe::inline v0 {

/// Rows that follow one another: `skip` rows to pass over, then `take` rows to keep.
struct RowRun {
  int64_t skip;
  int64_t take;
};

/// The runs of a mask; what comes after the last kept row is left out.
std::vector<RowRun> RunsOf(const RowMask& mask);

/// Whether ReadSelectedRows() can decode a Parquet column to an Arrow type: primitives outside
/// of structs, lists and maps, but for decimals in bytes and types of Arrow's extensions.
bool CanReadSelectedRows(const parquet::ColumnDescriptor& column, const arrow::DataType& type);

/// Decodes the rows of one column of a row group that `runs` keep, as an array of `type`. The
/// others are decompressed with their pages, and passed over. Throws CorruptFileError naming
/// the file if it has fewer rows. Calls for different columns can run side by side.
std::shared_ptr<arrow::Array> ReadSelectedRows(parquet::RowGroupReader& group, int column,
                                               const std::shared_ptr<arrow::DataType>& type,
                                               const std::vector<RowRun>& runs,
                                               const std::string& location);

}  // namespace floe::inline v0
