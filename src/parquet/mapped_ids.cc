#include "parquet/mapped_ids.h"

#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/schema.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "floe/schema/name_mapping.h"
#include "parquet/arrow_schema.h"

namespace floe::inline v0 {
namespace {

using FieldPtr = std::shared_ptr<arrow::Field>;
using MappedFields = std::vector<MappedField>;

const MappedFields kNothing;
constexpr const char* kElement = "element";  // of lists, in mappings

const MappedFields& Below(const MappedField* mapped) {
  return mapped == nullptr ? kNothing : mapped->fields;
}

/// Ids that fields side by side have of their own.
std::set<int32_t> OwnIds(const arrow::FieldVector& fields) {
  std::set<int32_t> ids;
  for (const FieldPtr& field : fields) {
    if (const auto id = FieldIdOf(*field)) {
      ids.insert(*id);
    }
  }
  return ids;
}

FieldPtr MapField(const FieldPtr& field, const MappedField* mapped,
                  const std::set<int32_t>& own_ids);

arrow::FieldVector MapFields(const arrow::FieldVector& fields, const MappedFields& mapped) {
  const std::set<int32_t> own_ids = OwnIds(fields);
  arrow::FieldVector result;
  for (const FieldPtr& field : fields) {
    result.push_back(MapField(field, NameMapping::FindAmong(mapped, field->name()), own_ids));
  }
  return result;
}

std::shared_ptr<arrow::DataType> MapType(const std::shared_ptr<arrow::DataType>& type,
                                         const MappedField* mapped) {
  const auto inner = [&](const FieldPtr& field, const char* name) {
    return MapField(field, NameMapping::FindAmong(Below(mapped), name), {});
  };
  switch (type->id()) {
    case arrow::Type::STRUCT:
      return arrow::struct_(MapFields(type->fields(), Below(mapped)));
    case arrow::Type::LIST:
      return arrow::list(inner(type->field(0), kElement));
    // By their ARROW:schema: Polars writes large lists.
    case arrow::Type::LARGE_LIST:
      return arrow::large_list(inner(type->field(0), kElement));
    case arrow::Type::FIXED_SIZE_LIST:
      return arrow::fixed_size_list(
          inner(type->field(0), kElement),
          static_cast<const arrow::FixedSizeListType&>(*type).list_size());
    case arrow::Type::LIST_VIEW:
      return arrow::list_view(inner(type->field(0), kElement));
    case arrow::Type::LARGE_LIST_VIEW:
      return arrow::large_list_view(inner(type->field(0), kElement));
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(*type);
      return std::make_shared<arrow::MapType>(inner(map.key_field(), "key"),
                                              inner(map.item_field(), "value"));
    }
    default:
      return type;
  }
}

FieldPtr MapField(const FieldPtr& field, const MappedField* mapped,
                  const std::set<int32_t>& own_ids) {
  FieldPtr typed = field->WithType(MapType(field->type(), mapped));
  if (FieldIdOf(*field) || mapped == nullptr || !mapped->field_id ||
      own_ids.contains(*mapped->field_id)) {
    return typed;
  }
  return typed->WithMetadata(
      arrow::key_value_metadata({"PARQUET:field_id"}, {fmt::to_string(*mapped->field_id)}));
}

/// Puts `field`, which has its ids, in the place of a file's field, and its inner fields in
/// those of the inner ones.
void Replace(const FieldPtr& field, parquet::arrow::SchemaField* file) {
  file->field = field;
  if (arrow::is_nested(field->type()->id())) {
    for (size_t i = 0; i < file->children.size(); ++i) {
      Replace(field->type()->field(static_cast<int>(i)), &file->children[i]);
    }
  }
}

}  // namespace

std::shared_ptr<arrow::Schema> WithMappedIds(const std::shared_ptr<arrow::Schema>& schema,
                                             const NameMapping& mapping) {
  return arrow::schema(MapFields(schema->fields(), mapping.fields()));
}

std::vector<parquet::arrow::SchemaField> WithMappedIds(
    std::vector<parquet::arrow::SchemaField> fields, const NameMapping& mapping) {
  arrow::FieldVector all;
  for (const auto& field : fields) {
    all.push_back(field.field);
  }
  all = MapFields(all, mapping.fields());
  for (size_t i = 0; i < fields.size(); ++i) {
    Replace(all[i], &fields[i]);
  }
  return fields;
}

}  // namespace floe::inline v0
