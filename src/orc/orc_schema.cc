#include "orc/orc_schema.h"

#include <arrow/array.h>
#include <arrow/array/data.h>
#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "parquet/arrow_schema.h"

namespace floe::inline v0 {
namespace {

using FieldPtr = std::shared_ptr<arrow::Field>;
using TypePtr = std::shared_ptr<arrow::DataType>;

std::string AttributeOf(const arrow::Field& field, const std::string& name) {
  return field.metadata() == nullptr ? "" : field.metadata()->Get(name).ValueOr("");
}

FieldPtr FieldWithAttributes(const FieldPtr& field);

TypePtr TypeWithAttributes(const arrow::Field& field) {
  const TypePtr& type = field.type();
  switch (type->id()) {
    case arrow::Type::INT64:
      return AttributeOf(field, "iceberg.long-type") == "TIME"
                 ? arrow::time64(arrow::TimeUnit::MICRO)
                 : type;
    case arrow::Type::STRUCT: {
      arrow::FieldVector fields;
      for (const FieldPtr& inner : type->fields()) {
        fields.push_back(FieldWithAttributes(inner));
      }
      return arrow::struct_(fields);
    }
    case arrow::Type::LIST:
      return arrow::list(FieldWithAttributes(type->field(0)));
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(*type);
      return std::make_shared<arrow::MapType>(FieldWithAttributes(map.key_field()),
                                              FieldWithAttributes(map.item_field()));
    }
    default:
      return type;
  }
}

FieldPtr FieldWithAttributes(const FieldPtr& field) {
  const std::string id = AttributeOf(*field, "iceberg.id");
  const auto metadata =
      id.empty() ? nullptr : arrow::key_value_metadata({"PARQUET:field_id"}, {id});
  return arrow::field(field->name(), TypeWithAttributes(*field), field->nullable(), metadata);
}

bool HasId(const FieldPtr& field) {
  return FieldIdOf(*field).has_value() || std::ranges::any_of(field->type()->fields(), HasId);
}

/// `data` as of another type of the same layout.
std::shared_ptr<arrow::ArrayData> Retyped(const arrow::ArrayData& data, const TypePtr& type) {
  std::shared_ptr<arrow::ArrayData> copy = data.Copy();
  copy->type = type;
  for (size_t i = 0; i < copy->child_data.size(); ++i) {
    copy->child_data[i] =
        Retyped(*copy->child_data[i], type->field(static_cast<int>(i))->type());
  }
  return copy;
}

}  // namespace

std::shared_ptr<arrow::Schema> WithOrcAttributes(const arrow::Schema& schema) {
  arrow::FieldVector fields;
  for (const FieldPtr& field : schema.fields()) {
    fields.push_back(FieldWithAttributes(field));
  }
  return arrow::schema(std::move(fields));
}

bool HasAnyFieldId(const arrow::Schema& schema) {
  return std::ranges::any_of(schema.fields(), HasId);
}

std::shared_ptr<arrow::RecordBatch> WithTypesOf(const arrow::RecordBatch& batch,
                                                const std::shared_ptr<arrow::Schema>& schema) {
  arrow::ArrayVector columns;
  for (int i = 0; i < batch.num_columns(); ++i) {
    columns.push_back(
        arrow::MakeArray(Retyped(*batch.column(i)->data(), schema->field(i)->type())));
  }
  return arrow::RecordBatch::Make(schema, batch.num_rows(), std::move(columns));
}

}  // namespace floe::inline v0
