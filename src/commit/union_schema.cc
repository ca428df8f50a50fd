#include "floe/commit/union_schema.h"

#include <optional>
#include <utility>

#include "commit/next_schema.h"
#include "floe/commit/change.h"
#include "floe/metadata/table_metadata.h"
#include "floe/schema/schema.h"
#include "floe/schema/union.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

AppliedChange UnionSchema::Apply(const Table& base) {
  const TableMetadata& metadata = base.metadata();
  const std::optional<Schema> widened =
      UnionByName(*metadata.schema(), input_, metadata.last_column_id, metadata.format_version);
  if (!widened) {
    return {};
  }
  NextSchema next = MakeNextSchema(metadata, *widened);
  applied_ = std::move(next.schema);
  is_new_ = next.is_new;
  return std::move(next.change);
}

bool UnionSchema::IsIn(const TableMetadata& metadata) const {
  return applied_ == nullptr || HasSchema(metadata, *applied_, is_new_);
}

}  // namespace floe::inline v0
