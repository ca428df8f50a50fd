#include "scan/metadata_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "schema/reserved_ids.h"

namespace floe::inline v0 {
namespace {

struct MetadataColumn {
  std::string_view name;
  int32_t field_id;
  TypeId type;
  bool required;
};

constexpr std::array<MetadataColumn, 6> kColumns = {{
    {"_file", kFileColumnId, TypeId::kString, true},
    {"_pos", kPositionColumnId, TypeId::kLong, true},
    {"_spec_id", kSpecIdColumnId, TypeId::kInt, true},
    {"_partition", kPartitionColumnId, TypeId::kStruct, true},
    {"_row_id", kRowIdColumnId, TypeId::kLong, false},
    {"_last_updated_sequence_number", kLastUpdatedColumnId, TypeId::kLong, false},
}};
constexpr std::string_view kAllColumns = "*";

}  // namespace

std::vector<Field> AllPartitionFields(const TableMetadata& metadata) {
  std::map<int32_t, Field> by_id;
  for (const PartitionSpecPtr& spec : metadata.partition_specs) {
    const Type type = PartitionType(*spec, *metadata.schema(), metadata.schemas);
    for (size_t i = 0; i < spec->fields().size(); ++i) {
      const Field& field = type.fields()[i];
      const auto [known, is_new] = by_id.try_emplace(field.id, field);
      if (spec->fields()[i].transform.kind() != Transform::Kind::kVoid) {
        known->second = field;
      } else if (!is_new) {
        // Version 1 keeps what is removed as void: what it was has the values, and their type.
        known->second.name = field.name;
      }
    }
  }
  // Of fields with one name, one is in use at most.
  std::set<std::string> names;
  for (const PartitionField& field : metadata.spec()->fields()) {
    names.insert(by_id.at(field.field_id).name);
  }
  for (auto& [id, field] : by_id) {
    const bool in_use =
        std::ranges::any_of(metadata.spec()->fields(),
                            [&](const PartitionField& own) { return own.field_id == id; });
    if (!in_use && !names.insert(field.name).second) {
      field.name = fmt::format("{}_{}", field.name, id);
    }
  }
  std::vector<Field> fields;
  for (auto& [id, field] : by_id) {
    fields.push_back(std::move(field));
  }
  return fields;
}

std::optional<Field> FindMetadataColumn(const TableMetadata& metadata, std::string_view name) {
  const auto found = std::ranges::find(kColumns, name, &MetadataColumn::name);
  if (found == kColumns.end()) {
    return std::nullopt;
  }
  Type type = found->type == TypeId::kStruct ? Type::Struct(AllPartitionFields(metadata))
                                             : Type::Of(found->type);
  return Field{.id = found->field_id,
               .name = std::string(name),
               .type = std::move(type),
               .required = found->required};
}

bool IsMetadataColumn(int32_t field_id) {
  return std::ranges::find(kColumns, field_id, &MetadataColumn::field_id) != kColumns.end();
}

Schema SelectScanColumns(const TableMetadata& metadata, const Schema& schema,
                         const std::vector<std::string>& names, bool case_sensitive) {
  std::vector<std::string> columns;
  std::vector<Field> added;
  bool takes_all = false;
  for (const std::string& name : names) {
    std::optional<Field> metadata_column;
    if (schema.Find(name, case_sensitive) == nullptr) {
      metadata_column = FindMetadataColumn(metadata, name);
    }
    if (metadata_column) {
      if (std::ranges::find(added, metadata_column->id, &Field::id) == added.end()) {
        added.push_back(std::move(*metadata_column));
      }
    } else if (name == kAllColumns) {
      takes_all = true;
    } else {
      columns.push_back(name);
    }
  }
  const Schema selected = SelectColumns(schema, columns, case_sensitive);
  std::vector<Field> fields = takes_all ? schema.fields() : selected.fields();
  fields.insert(fields.end(), added.begin(), added.end());
  return Schema(std::move(fields), schema.schema_id());
}

}  // namespace floe::inline v0
