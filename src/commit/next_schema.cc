#include "commit/next_schema.h"

#include <algorithm>
#include <cstdint>
#include <memory>

#include "floe/commit/change.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

NextSchema MakeNextSchema(const TableMetadata& metadata, const Schema& schema) {
  if (schema.SameColumns(*metadata.schema())) {
    return {};
  }
  NextSchema next;
  next.change.requirements.emplace_back(AssertCurrentSchemaId{metadata.current_schema_id});
  int32_t schema_id = 0;
  for (const SchemaPtr& older : metadata.schemas) {
    if (older->SameColumns(schema)) {
      next.schema = older;
      next.change.updates.emplace_back(SetCurrentSchemaUpdate{older->schema_id()});
      return next;
    }
    schema_id = std::max(schema_id, older->schema_id() + 1);
  }
  next.schema = std::make_shared<const Schema>(schema.WithId(schema_id));
  next.is_new = true;
  next.change.requirements.emplace_back(AssertLastAssignedFieldId{metadata.last_column_id});
  next.change.updates.emplace_back(AddSchemaUpdate{next.schema});
  next.change.updates.emplace_back(SetCurrentSchemaUpdate{kLastAdded});
  return next;
}

bool HasSchema(const TableMetadata& metadata, const Schema& schema, bool is_new) {
  if (!is_new) {
    return metadata.current_schema_id == schema.schema_id();
  }
  return std::ranges::any_of(metadata.schemas, [&](const SchemaPtr& other) {
    return other->schema_id() == schema.schema_id() && other->SameColumns(schema);
  });
}

}  // namespace floe::inline v0
