#include "parquet/row_group_statistics.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "floe/expr/prune.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/column_bounds.h"
#include "parquet/file_columns.h"

namespace floe::inline v0 {

std::optional<std::string_view> BoundBytes::Keep(const std::optional<Literal>& bound) const {
  if (!bound) {
    return std::nullopt;
  }
  kept_.push_back(std::make_unique<std::string>(bound->ToBytes()));
  return *kept_.back();
}

ColumnStatistics RowGroupStatistics::OfColumn(int32_t field_id) const {
  ColumnStatistics column;
  const Type& type = schema_.Find(field_id)->field->type;
  if (!type.is_primitive()) {
    return column;  // only primitives are columns of a file
  }
  const std::optional<int> leaf = columns_.FindLeaf(field_id);
  if (!leaf && (constants_.contains(field_id) || HasDefault(field_id))) {
    return column;
  }
  if (!leaf) {
    // The file does not have the column: all its values are null.
    column.value_count = row_count();
    column.null_count = row_count();
    return column;
  }
  const auto chunk = group_.ColumnChunk(*leaf);
  const ChunkStatistics statistics = ReadChunkStatistics(*chunk, type);
  column.value_count = chunk->num_values();
  column.null_count = statistics.null_count;
  column.lower_bound = bounds_.Keep(statistics.lower);
  column.upper_bound = bounds_.Keep(statistics.upper);
  return column;
}

/// Whether the column, or a struct that it lies in, has an initial default.
bool RowGroupStatistics::HasDefault(int32_t field_id) const {
  for (const auto* at = schema_.Find(field_id); at != nullptr;
       at = schema_.Find(at->parent_id)) {
    if (!at->field->initial_default.is_null()) {
      return true;
    }
  }
  return false;
}

}  // namespace floe::inline v0
