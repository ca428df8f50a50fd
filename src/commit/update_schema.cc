#include "floe/commit/update_schema.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "commit/next_schema.h"
#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/metadata/update.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/name_mapping.h"
#include "floe/schema/schema.h"
#include "floe/schema/schema_editor.h"
#include "floe/schema/type.h"
#include "floe/schema/version_rules.h"
#include "floe/table/table.h"

namespace floe::inline v0 {
namespace {

bool IsVoid(const PartitionField& field) {
  return field.transform.kind() == Transform::Kind::kVoid;
}

/// Columns that new files are partitioned by must stay.
void CheckPartitionSources(const TableMetadata& metadata, const Schema& schema) {
  for (const PartitionField& field : metadata.spec()->fields()) {
    const std::vector<int32_t> sources =
        field.source_ids.empty() ? std::vector{field.source_id} : field.source_ids;
    for (const int32_t source_id : sources) {
      const Schema::Place* before = metadata.schema()->Find(source_id);
      if (!IsVoid(field) && before != nullptr && schema.Find(source_id) == nullptr) {
        throw SchemaEvolutionError(
            fmt::format(
                "can't delete column '{}': partition field '{}' is made from it; remove "
                "that from the partition spec first",
                before->full_name, field.name),
            {.column = before->full_name});
      }
    }
  }
}

/// A column that rows are to be sorted by must stay.
void CheckSortSources(const TableMetadata& metadata, const Schema& schema) {
  for (const SortField& field : metadata.sort_order().fields) {
    for (const int32_t source_id : field.source_ids) {
      const Schema::Place* before = metadata.schema()->Find(source_id);
      if (before != nullptr && schema.Find(source_id) == nullptr) {
        throw SchemaEvolutionError(
            fmt::format(
                "can't delete column '{}': the table's sort order has {} of it; replace "
                "the sort order first",
                before->full_name, field.transform),
            {.column = before->full_name});
      }
    }
  }
}

/// Partition fields and columns share their names in other engines.
void CheckPartitionNames(const TableMetadata& metadata, const Schema& schema) {
  const auto clashes = [](const Schema& columns, const PartitionField& field) {
    const Schema::Place* column = columns.Find(field.name);
    const bool as_column =
        IsVoid(field) || field.transform.kind() == Transform::Kind::kIdentity;
    return column != nullptr && !(as_column && column->field->id == field.source_id);
  };
  for (const PartitionSpecPtr& spec : metadata.partition_specs) {
    for (const PartitionField& field : spec->fields()) {
      if (clashes(schema, field) && !clashes(*metadata.schema(), field)) {
        throw SchemaEvolutionError(
            fmt::format("can't have a column '{}': a partition field of spec {} has that name, "
                        "and is {} of column id {}; give the column another name",
                        field.name, spec->spec_id(), field.transform.ToString(),
                        field.source_id),
            {.column = field.name});
      }
    }
  }
}

void EvolveNameMapping(const TableMetadata& metadata, const Schema& schema,
                       AppliedChange* change) {
  const auto mapping = FindProperty(metadata.properties, kNameMappingProperty);
  if (!mapping) {
    return;
  }
  const NameMapping before = NameMapping::Parse(std::string(*mapping));
  const NameMapping after = before.Evolved(*metadata.schema(), schema);
  if (!(after == before)) {
    change->updates.emplace_back(
        SetPropertiesUpdate{{{std::string(kNameMappingProperty), after.ToJson()}}});
  }
}

/// Properties of columns follow their names, as in Java.
void MoveColumnProperties(const TableMetadata& metadata, const Schema& schema,
                          AppliedChange* change) {
  namespace props = table_properties;
  RemovePropertiesUpdate removed;
  SetPropertiesUpdate set;
  for (const auto& [name, value] : metadata.properties) {
    for (const TableProperty* prefix :
         {&props::kMetricsColumnPrefix, &props::kBloomColumnPrefix,
          &props::kBloomFppColumnPrefix, &props::kBloomNdvColumnPrefix}) {
      if (!name.starts_with(prefix->name)) {
        continue;
      }
      const std::string column = name.substr(prefix->name.size());
      const Schema::Place* before = metadata.schema()->Find(column);
      const Schema::Place* after = before == nullptr ? nullptr : schema.Find(before->field->id);
      if (before == nullptr || (after != nullptr && after->full_name == column)) {
        continue;
      }
      removed.removals.push_back(name);
      if (after != nullptr) {
        set.updates.emplace_back(std::string(prefix->name) + after->full_name, value);
      }
    }
  }
  if (!removed.removals.empty()) {
    change->updates.emplace_back(std::move(removed));
  }
  if (!set.updates.empty()) {
    change->updates.emplace_back(std::move(set));
  }
}

/// A type of a later format version than the table's.
void CheckTypes(const TableMetadata& metadata, const Schema& schema) {
  try {
    CheckNewSchema(schema, metadata.format_version);
  } catch (const InvalidArgumentError& error) {
    throw SchemaEvolutionError("can't change the schema so: " + error.message(),
                               error.details());
  }
}

}  // namespace

SchemaEditor UpdateSchema::EditorFor(const TableMetadata& metadata, const Options& options) {
  return {metadata.schema(),
          {.last_column_id = metadata.last_column_id,
           .allow_incompatible = options.allow_incompatible,
           .format_version = metadata.format_version,
           .case_sensitive = options.case_sensitive}};
}

AppliedChange UpdateSchema::Apply(const Table& base) {
  const TableMetadata& metadata = base.metadata();
  SchemaEditor editor = EditorFor(metadata, options_);
  edit_(editor);
  const Schema schema = editor.Build();
  CheckPartitionSources(metadata, schema);
  CheckSortSources(metadata, schema);
  CheckPartitionNames(metadata, schema);
  CheckTypes(metadata, schema);
  NextSchema next = MakeNextSchema(metadata, schema);
  if (!next.change.updates.empty()) {
    EvolveNameMapping(metadata, schema, &next.change);
    MoveColumnProperties(metadata, schema, &next.change);
  }
  applied_ = std::move(next.schema);
  is_new_ = next.is_new;
  return std::move(next.change);
}

bool UpdateSchema::IsIn(const TableMetadata& metadata) const {
  return applied_ == nullptr || HasSchema(metadata, *applied_, is_new_);
}

}  // namespace floe::inline v0
