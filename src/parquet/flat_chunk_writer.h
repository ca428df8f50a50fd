#pragma once

#include <arrow/type_fwd.h>
#include <parquet/column_writer.h>
#include <parquet/properties.h>
#include <parquet/schema.h>
#include <parquet/size_statistics.h>
#include <parquet/statistics.h>

#include <cstdint>

#include "floe/schema/type.h"

namespace floe::inline v0 {

/// Whether WriteFlatChunk() writes columns of `type`, at the top level of a schema, into files
/// with these properties.
bool IsFlatChunk(const Type& type, const parquet::ColumnDescriptor& column,
                 const parquet::WriterProperties& properties);

/// What was written of a column in a row group. Its statistics are not written yet.
struct FlatChunk {
  parquet::EncodedStatistics statistics;
  parquet::SizeStatistics size_statistics;
  int64_t bytes = 0;  ///< before compression
  bool has_dictionary = false;
  bool dictionary_is_poor = false;  ///< would have been larger with one, or it with others
};

/// Encodes a column of a row group into pages: by a dictionary if `may_have_dictionary` and it
/// pays, else plainly. `arrays` are its values, as FlatValues takes them; a required column has
/// no nulls. Other threads may write other columns meanwhile. Throws Parquet's exceptions.
///
/// Unlike Arrow's writer it sees all values before it decides, so that a chunk has one
/// encoding.
FlatChunk WriteFlatChunk(const parquet::ColumnDescriptor& column,
                         const parquet::WriterProperties& properties,
                         const arrow::ArrayVector& arrays, bool may_have_dictionary,
                         parquet::PageWriter* pages);

}  // namespace floe::inline v0
