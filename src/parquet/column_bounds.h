#pragma once

#include <parquet/metadata.h>
#include <parquet/schema.h>

#include <cstdint>
#include <optional>
#include <string>

#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// Statistics of one Parquet column chunk, or one page of it, in Iceberg's terms. Unset is
/// unknown.
struct ChunkStatistics {
  std::optional<int64_t> null_count;
  std::optional<Literal> lower;
  std::optional<Literal> upper;
};

/// Reads the statistics of a column chunk whose values are of `type` (or were promoted to it).
/// `chunk` must outlive nothing: all is copied.
ChunkStatistics ReadChunkStatistics(const parquet::ColumnChunkMetaData& chunk,
                                    const Type& type);

/// Bounds of some values of a column, as Parquet has them in page indexes; unset where they
/// can't be relied on.
ChunkStatistics ReadBounds(const parquet::ColumnDescriptor& column, const Type& type,
                           const std::string& encoded_min, const std::string& encoded_max);

/// A value of a column as one of `type`; nothing if it stands for none, or would be rounded.
/// `encoded` is as Parquet's PLAIN encoding has it, without a length.
std::optional<Literal> ReadValue(const parquet::ColumnDescriptor& column, const Type& type,
                                 const std::string& encoded);

/// A time or timestamp of a table as the column's integer for it; nothing if the column's unit
/// is another in a way that several values, or none, stand for it.
std::optional<int64_t> StoredTime(const parquet::ColumnDescriptor& column, const Type& type,
                                  int64_t value);

}  // namespace floe::inline v0
