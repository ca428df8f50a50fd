#include "commit/next_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

namespace {

/// Files keep the partition values that they were written with, also those of earlier specs.
void CheckPartitionValues(const TableMetadata& metadata, const Schema& schema) {
  for (const PartitionSpecPtr& spec : metadata.partition_specs) {
    for (const PartitionField& field : spec->fields()) {
      const Schema::Place* before = metadata.schema()->Find(field.source_id);
      const Schema::Place* after = schema.Find(field.source_id);
      if (before == nullptr || after == nullptr) {
        continue;
      }
      const Type& from = before->field->type;
      const Type& to = after->field->type;
      if (!field.transform.KeepsValues(from, to)) {
        throw IncompatibleSchemaChangeError(
            fmt::format("can't change the type of column '{}' from {} to {}: partition field "
                        "'{}' of spec {} is {} of it, and the partition values of files that "
                        "have it would be wrong; add a new column instead",
                        before->full_name, from.ToString(), to.ToString(), field.name,
                        spec->spec_id(), field.transform.ToString()),
            {.column = before->full_name});
      }
    }
  }
}

/// Of transforms that floe does not know, it can't tell.
bool MayApplyTo(const Type& type, const std::string& transform) {
  try {
    return Transform::Parse(transform).CanApplyTo(type);
  } catch (const ParseError&) {
    return true;
  }
}

/// A column that rows are to be sorted by must keep to types that can be.
void CheckSortTypes(const TableMetadata& metadata, const Schema& schema) {
  for (const SortField& field : metadata.sort_order().fields) {
    const Schema::Place* before = metadata.schema()->Find(field.source_ids.front());
    const Schema::Place* after = schema.Find(field.source_ids.front());
    if (before == nullptr || after == nullptr || before->field->type == after->field->type ||
        MayApplyTo(after->field->type, field.transform)) {
      continue;
    }
    throw IncompatibleSchemaChangeError(
        fmt::format(
            "can't change the type of column '{}' from {} to {}: the table's sort order "
            "has {} of it, which can't be applied to that type; replace the sort order "
            "first",
            before->full_name, before->field->type.ToString(), after->field->type.ToString(),
            field.transform),
        {.column = before->full_name});
  }
}

}  // namespace

NextSchema MakeNextSchema(const TableMetadata& metadata, const Schema& schema) {
  if (schema.SameColumns(*metadata.schema())) {
    return {};
  }
  CheckPartitionValues(metadata, schema);
  CheckSortTypes(metadata, schema);
  NextSchema next;
  // What was checked must still be what uses the columns.
  next.change.requirements.emplace_back(AssertDefaultSpecId{metadata.default_spec_id});
  next.change.requirements.emplace_back(
      AssertDefaultSortOrderId{metadata.default_sort_order_id});
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
