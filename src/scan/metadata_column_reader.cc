#include "scan/metadata_column_reader.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/builder.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/scan/plan.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_literal.h"
#include "parquet/arrow_schema.h"
#include "parquet/arrow_status.h"
#include "parquet/data_file_reader.h"
#include "scan/metadata_columns.h"
#include "schema/reserved_ids.h"

namespace floe::inline v0 {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

ArrowContext Adding() { return ArrowContext::Internal("adding metadata columns"); }

bool IsOfFile(const Field& field) {
  return !IsMetadataColumn(field.id) || field.id == kRowIdColumnId ||
         field.id == kLastUpdatedColumnId;
}

/// A literal, or null, for each of `count` rows.
ArrayPtr Repeat(const std::optional<Literal>& value, const Type& type, int64_t count) {
  const auto wanted = ToArrowType(type);
  const bool extends = wanted->id() == arrow::Type::EXTENSION;
  const auto stored =
      extends ? static_cast<const arrow::ExtensionType&>(*wanted).storage_type() : wanted;
  const auto builder = ValueOrThrow(arrow::MakeBuilder(stored), Adding());
  AppendLiteral(value, builder.get());
  const ArrayPtr one = ValueOrThrow(builder->Finish(), Adding());
  const auto scalar = ValueOrThrow(one->GetScalar(0), Adding());
  const ArrayPtr many = ValueOrThrow(arrow::MakeArrayFromScalar(*scalar, count), Adding());
  return extends ? arrow::ExtensionType::WrapArray(wanted, many) : many;
}

/// The values of `stored`, and where they are null those of `inherit` by row.
template <class Inherit>
ArrayPtr Coalesce(const arrow::Int64Array& stored, const Inherit& inherit) {
  arrow::Int64Builder builder;
  ThrowIfNotOk(builder.Reserve(stored.length()), Adding());
  for (int64_t row = 0; row < stored.length(); ++row) {
    builder.UnsafeAppend(stored.IsNull(row) ? inherit(row) : stored.Value(row));
  }
  return ValueOrThrow(builder.Finish(), Adding());
}

class MetadataColumnReader final : public DataFileReader {
 public:
  MetadataColumnReader(const TableScan& scan, const ScanTask& task, SchemaPtr columns,
                       std::unique_ptr<DataFileReader> file, bool inherits)
      : task_(task),
        projection_(scan.projection()),
        read_(std::move(columns)),
        schema_(ToArrowSchema(*projection_)),
        metadata_(scan.table().metadata_ptr()),
        file_(std::move(file)),
        inherits_(inherits) {}

  const std::vector<int>& units() const override { return file_->units(); }
  int64_t FirstRow(int unit) const override { return file_->FirstRow(unit); }
  int64_t DecodedBytes(int unit) const override { return file_->DecodedBytes(unit); }
  void Prepare(int unit, const StopToken& stop) const override { file_->Prepare(unit, stop); }
  void ReadUnit(int unit, const ParallelOptions& parallel,
                const BatchSink& sink) const override {
    file_->ReadUnit(unit, parallel, [&](const std::shared_ptr<arrow::RecordBatch>& rows) {
      return sink(WithMetadata(*rows));
    });
  }
  int64_t CountUnit(int unit, const StopToken& stop) const override {
    return file_->CountUnit(unit, stop);
  }

 private:
  ArrayPtr Read(const arrow::RecordBatch& rows, int32_t field_id) const {
    return rows.column(read_->Find(field_id)->path[0]);
  }

  ArrayPtr PartitionColumn(const Type& type, int64_t count) const {
    const PartitionSpec& spec = *metadata_->SpecById(task_.spec_id());
    const PartitionValues values = task_.partition();
    arrow::ArrayVector columns;
    arrow::FieldVector fields;
    for (const Field& field : type.fields()) {
      std::optional<Literal> value;
      for (size_t i = 0; i < spec.fields().size(); ++i) {
        if (spec.fields()[i].field_id == field.id) {
          value = values[i];
        }
      }
      // Another spec's value of the field may be of another type; it has no place here.
      if (value && value->type() != field.type) {
        value.reset();
      }
      columns.push_back(Repeat(value, field.type, count));
      fields.push_back(ToArrowField(field));
    }
    return std::make_shared<arrow::StructArray>(arrow::struct_(fields), count, columns);
  }

  ArrayPtr RowIds(const arrow::RecordBatch& rows) const {
    ArrayPtr stored = Read(rows, kRowIdColumnId);
    const std::optional<int64_t> first = task_.first_row_id();
    if (!first || !inherits_) {
      return stored;
    }
    const ArrayPtr positions = Read(rows, kPositionColumnId);
    const auto& at = static_cast<const arrow::Int64Array&>(*positions);
    return Coalesce(static_cast<const arrow::Int64Array&>(*stored),
                    [&](int64_t row) { return *first + at.Value(row); });
  }

  ArrayPtr ColumnFor(const Field& field, const arrow::RecordBatch& rows) const {
    switch (field.id) {
      case kFileColumnId:
        return Repeat(Literal::String(std::string(task_.file_path())), field.type,
                      rows.num_rows());
      case kSpecIdColumnId:
        return Repeat(Literal::Int(task_.spec_id()), field.type, rows.num_rows());
      case kPartitionColumnId:
        return PartitionColumn(field.type, rows.num_rows());
      case kRowIdColumnId:
        return RowIds(rows);
      case kLastUpdatedColumnId: {
        ArrayPtr stored = Read(rows, kLastUpdatedColumnId);
        return !inherits_ ? std::move(stored)
                          : Coalesce(static_cast<const arrow::Int64Array&>(*stored),
                                     [&](int64_t) { return task_.sequence_number(); });
      }
      default:
        return Read(rows, field.id);
    }
  }

  std::shared_ptr<arrow::RecordBatch> WithMetadata(const arrow::RecordBatch& rows) const {
    arrow::ArrayVector columns;
    arrow::FieldVector fields;
    for (const Field& field : projection_->fields()) {
      columns.push_back(ColumnFor(field, rows));
      fields.push_back(
          schema_->field(static_cast<int>(fields.size()))->WithType(columns.back()->type()));
    }
    return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), rows.num_rows(),
                                    std::move(columns));
  }

  const ScanTask task_;
  const SchemaPtr projection_;
  const SchemaPtr read_;  ///< columns of `file_`
  const std::shared_ptr<arrow::Schema> schema_;
  const TableMetadataPtr metadata_;
  const std::unique_ptr<DataFileReader> file_;
  const bool inherits_;
};

}  // namespace

SchemaPtr ColumnsOfFile(const SchemaPtr& projection) {
  std::vector<Field> fields;
  for (const Field& field : projection->fields()) {
    if (IsOfFile(field)) {
      fields.push_back(field);
    }
  }
  const bool has_metadata = std::ranges::any_of(
      projection->fields(), [](const Field& field) { return IsMetadataColumn(field.id); });
  if (!has_metadata) {
    return projection;
  }
  // Positions are there for row ids, and for their number where the file has nothing to tell.
  std::string name = "_pos";
  while (projection->Find(name) != nullptr) {
    name += '_';  // the table has a column of that name
  }
  fields.push_back({.id = kPositionColumnId, .name = name, .type = Type::Of(TypeId::kLong)});
  return std::make_shared<const Schema>(std::move(fields), projection->schema_id());
}

std::unique_ptr<DataFileReader> AddMetadataColumns(const TableScan& scan, const ScanTask& task,
                                                   SchemaPtr columns,
                                                   std::unique_ptr<DataFileReader> file,
                                                   bool inherits) {
  return std::make_unique<MetadataColumnReader>(scan, task, std::move(columns), std::move(file),
                                                inherits);
}

}  // namespace floe::inline v0
