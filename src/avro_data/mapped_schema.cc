#include "avro_data/mapped_schema.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "avro/avro_schema.h"
#include "floe/schema/name_mapping.h"

namespace floe::inline v0 {
namespace {

using MappedFields = std::vector<MappedField>;

/// The schema of a value whose inner fields are `mapped`. Only as much of it is copied as is
/// mapped, so that it does not matter how often its records have one another.
AvroSchemaPtr Map(const AvroSchemaPtr& schema, const MappedFields& mapped);

/// An id of its own, else the mapping's.
std::optional<int32_t> IdOf(const std::optional<int32_t>& own, const MappedField* mapped) {
  return own || mapped == nullptr ? own : mapped->field_id;
}

void MapRecord(const MappedFields& mapped, AvroSchema* record) {
  std::set<int32_t> own_ids;
  for (const AvroField& field : record->fields) {
    if (field.field_id) {
      own_ids.insert(*field.field_id);
    }
  }
  for (AvroField& field : record->fields) {
    const MappedField* found = NameMapping::FindAmong(mapped, field.name);
    if (found == nullptr) {
      continue;
    }
    if (found->field_id && !own_ids.contains(*found->field_id)) {
      field.field_id = IdOf(field.field_id, found);
    }
    field.schema = Map(field.schema, found->fields);
  }
}

/// Gives the value of an array or map an id, and maps what is in it.
void MapInner(std::string_view name, const MappedFields& mapped, std::optional<int32_t>* id,
              AvroSchema* schema) {
  if (const MappedField* found = NameMapping::FindAmong(mapped, name)) {
    *id = IdOf(*id, found);
    schema->branches[0] = Map(schema->branches[0], found->fields);
  }
}

AvroSchemaPtr MapUnion(const AvroSchemaPtr& schema, const MappedFields& mapped) {
  std::optional<size_t> value;
  for (size_t i = 0; i < schema->branches.size(); ++i) {
    if (schema->branches[i]->kind != AvroKind::kNull) {
      if (value) {
        return schema;  // a union of several types is no column
      }
      value = i;
    }
  }
  if (!value) {
    return schema;
  }
  auto copy = std::make_shared<AvroSchema>(*schema);
  copy->branches[*value] = Map(copy->branches[*value], mapped);
  return copy;
}

AvroSchemaPtr Map(const AvroSchemaPtr& schema, const MappedFields& mapped) {
  if (mapped.empty()) {
    return schema;
  }
  if (schema->kind == AvroKind::kUnion) {
    return MapUnion(schema, mapped);
  }
  auto copy = std::make_shared<AvroSchema>(*schema);
  switch (schema->kind) {
    case AvroKind::kRecord:
      MapRecord(mapped, copy.get());
      return copy;
    case AvroKind::kArray:
      if (schema->logical_type == "map") {  // of records of key and value
        copy->branches[0] = Map(copy->branches[0], mapped);
      } else {
        MapInner("element", mapped, &copy->element_id, copy.get());
      }
      return copy;
    case AvroKind::kMap: {
      if (const MappedField* key = NameMapping::FindAmong(mapped, "key")) {
        copy->key_id = IdOf(copy->key_id, key);
      }
      MapInner("value", mapped, &copy->value_id, copy.get());
      return copy;
    }
    default:
      return schema;
  }
}

}  // namespace

AvroSchemaPtr WithMappedIds(const AvroSchema& schema, const NameMapping& mapping) {
  return Map(std::make_shared<const AvroSchema>(schema), mapping.fields());
}

}  // namespace floe::inline v0
