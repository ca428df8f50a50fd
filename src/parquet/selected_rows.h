#pragma once

#include <arrow/io/type_fwd.h>
#include <arrow/type_fwd.h>
#include <parquet/file_reader.h>
#include <parquet/schema.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "parquet/row_filter.h"
#include "parquet/row_run.h"

namespace floe::inline v0 {

/// The runs of a mask; what comes after the last kept row is left out.
std::vector<RowRun> RunsOf(const RowMask& mask);

/// The rows that runs keep.
int64_t CountRows(const std::vector<RowRun>& runs);

/// Whether ReadSelectedRows() can decode a Parquet column to an Arrow type: primitives outside
/// of structs, lists and maps, but for decimals in byte arrays of no one length.
bool CanReadSelectedRows(const parquet::ColumnDescriptor& column, const arrow::DataType& type);

/// Decodes the rows of one column of a row group that `runs` keep, as an array of `type`. Pages
/// without any are neither read nor decompressed where the column has an offset index; else
/// they are passed over. Throws CorruptFileError naming the file if it has fewer rows, or its
/// pages are not as the index says. Calls for different columns can run side by side.
std::shared_ptr<arrow::Array> ReadSelectedRows(arrow::io::RandomAccessFile& file,
                                               parquet::RowGroupReader& group, int column,
                                               const std::shared_ptr<arrow::DataType>& type,
                                               const std::vector<RowRun>& runs,
                                               const std::string& location);

}  // namespace floe::inline v0
