#pragma once

#include <parquet/bloom_filter_reader.h>
#include <parquet/metadata.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "floe/expr/bound.h"

namespace floe::inline v0 {

/// The Parquet column that holds a primitive field's values; nothing if the file has none.
using LeafOfField = std::function<std::optional<int>(int32_t field_id)>;

/// False only if the Bloom filters of a row group rule out that any row matches: none of the
/// values that `=` or `in` asks for is in the column. Reads the filters that it needs, one
/// request each. Throws Parquet's exceptions.
bool MayMatchByBloomFilters(const BoundExpression& filter, parquet::BloomFilterReader& reader,
                            int row_group, const parquet::RowGroupMetaData& metadata,
                            const LeafOfField& leaf_of_field);

}  // namespace floe::inline v0
