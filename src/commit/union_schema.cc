#include "floe/commit/union_schema.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "floe/commit/change.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
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
  int32_t schema_id = 0;
  for (const SchemaPtr& schema : metadata.schemas) {
    schema_id = std::max(schema_id, schema->schema_id() + 1);
  }
  applied_ = std::make_shared<const Schema>(widened->WithId(schema_id));
  return {{AssertLastAssignedFieldId{metadata.last_column_id},
           AssertCurrentSchemaId{metadata.current_schema_id}},
          {AddSchemaUpdate{applied_}, SetCurrentSchemaUpdate{kLastAdded}},
          {}};
}

bool UnionSchema::IsIn(const TableMetadata& metadata) const {
  return applied_ == nullptr ||
         std::ranges::any_of(metadata.schemas, [&](const SchemaPtr& schema) {
           return schema->schema_id() == applied_->schema_id() &&
                  schema->SameColumns(*applied_);
         });
}

}  // namespace floe::inline v0
