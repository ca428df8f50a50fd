#pragma once

#include <parquet/metadata.h>

#include <cstdint>
#include <optional>

#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// Statistics of one Parquet column chunk in Iceberg's terms. Unset is unknown.
struct ChunkStatistics {
  std::optional<int64_t> null_count;
  std::optional<Literal> lower;
  std::optional<Literal> upper;
};

/// Reads the statistics of a column chunk whose values are of `type` (or were promoted to it).
/// `chunk` must outlive nothing: all is copied.
ChunkStatistics ReadChunkStatistics(const parquet::ColumnChunkMetaData& chunk,
                                    const Type& type);

}  // namespace floe::inline v0
