#include "scan/equality_columns.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/metadata/table_metadata.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

/// The field as files may have it that were written before or after its time.
Field AsOptional(Field field) {
  field.required = false;
  if (field.type.id() == TypeId::kStruct) {
    std::vector<Field> inner;
    for (const Field& child : field.type.fields()) {
      inner.push_back(AsOptional(child));
    }
    field.type = Type::Struct(std::move(inner));
  }
  return field;
}

/// Adds `field`, or what it has more than the field of its id that is there.
void Merge(Field field, std::vector<Field>* fields) {
  const auto known = std::ranges::find(*fields, field.id, &Field::id);
  if (known == fields->end()) {
    const bool is_taken = std::ranges::any_of(
        *fields, [&](const Field& other) { return other.name == field.name; });
    if (is_taken) {
      field.name += "#" + std::to_string(field.id);
    }
    fields->push_back(std::move(field));
    return;
  }
  if (field.type.id() == TypeId::kStruct && known->type.id() == TypeId::kStruct) {
    std::vector<Field> inner = known->type.fields();
    for (const Field& child : field.type.fields()) {
      Merge(child, &inner);
    }
    known->type = Type::Struct(std::move(inner));
  }
}

}  // namespace

EqualityColumn FindEqualityColumn(const TableMetadata& metadata, const Schema& schema,
                                  int32_t field_id) {
  if (const Schema::Place* place = schema.Find(field_id)) {
    return {&schema, place};
  }
  EqualityColumn found;
  for (const SchemaPtr& other : metadata.schemas) {
    const Schema::Place* place = other->Find(field_id);
    if (place != nullptr &&
        (found.schema == nullptr || other->schema_id() > found.schema->schema_id())) {
      found = {other.get(), place};
    }
  }
  return found;
}

SchemaPtr EqualitySchema(const TableMetadata& metadata, const Schema& schema,
                         const std::vector<int32_t>& field_ids) {
  std::vector<std::pair<const Schema*, std::vector<std::string>>> names;  // as first needed
  for (const int32_t id : field_ids) {
    const EqualityColumn column = FindEqualityColumn(metadata, schema, id);
    Check(column.place != nullptr, "an equality column that no schema has");
    auto of_schema =
        std::ranges::find(names, column.schema, [](const auto& n) { return n.first; });
    if (of_schema == names.end()) {
      of_schema = names.insert(names.end(), {column.schema, {}});
    }
    of_schema->second.push_back(column.place->full_name);
  }
  std::vector<Field> fields;
  for (const auto& [from, wanted] : names) {
    const Schema selected = SelectColumns(*from, wanted);
    for (const Field& field : selected.fields()) {
      Merge(AsOptional(field), &fields);
    }
  }
  return std::make_shared<const Schema>(std::move(fields));
}

}  // namespace floe::inline v0
