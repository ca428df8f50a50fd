#pragma once

#include <arrow/io/type_fwd.h>
#include <parquet/metadata.h>

#include <optional>

#include "floe/expr/bound.h"
#include "io/prefetched_file.h"
#include "parquet/file_columns.h"

namespace floe::inline v0 {

/// Where the dictionary of a chunk is; nothing if it has none, or it is not worth its read.
std::optional<ByteRange> DictionaryRange(const parquet::ColumnChunkMetaData& chunk);

/// Whether a predicate asks for values that a dictionary may show not to be there.
bool AsksForValues(const BoundExpression& predicate);

/// False only if the dictionaries of a row group rule out that any row matches: no value of one
/// satisfies `=`, `in`, `starts with`, or a comparison of buckets. Asks columns all of whose
/// pages are of a dictionary of few bytes and values, with a read each. Throws Parquet's
/// exceptions.
bool MayMatchByDictionaries(const BoundExpression& filter, arrow::io::RandomAccessFile& file,
                            const parquet::RowGroupMetaData& group, const FileColumns& columns);

}  // namespace floe::inline v0
