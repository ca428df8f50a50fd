#include "floe/scan/inspect.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>
#include <arrow/table_builder.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/stop_token.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/scan/plan.h"
#include "floe/schema/literal.h"
#include "floe/schema/metrics.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "parquet/arrow_literal.h"
#include "parquet/arrow_schema.h"
#include "parquet/arrow_status.h"
#include "scan/metadata_columns.h"

namespace floe::inline v0 {
namespace {

ArrowContext Building() { return ArrowContext::Internal("building a metadata table"); }

/// A type that a builder can be made for: extension types as what they store.
std::shared_ptr<arrow::DataType> Plain(const std::shared_ptr<arrow::DataType>& type) {
  return type->id() == arrow::Type::EXTENSION
             ? static_cast<const arrow::ExtensionType&>(*type).storage_type()
             : type;
}

std::shared_ptr<arrow::DataType> CountMap() {
  return arrow::map(arrow::int32(), arrow::int64());
}
std::shared_ptr<arrow::DataType> BoundMap() {
  return arrow::map(arrow::int32(), arrow::binary());
}

std::shared_ptr<arrow::DataType> PartitionStruct(const std::vector<Field>& fields) {
  arrow::FieldVector arrow_fields;
  for (const Field& field : fields) {
    arrow_fields.push_back(arrow::field(field.name, Plain(ToArrowType(field.type))));
  }
  return arrow::struct_(arrow_fields);
}

/// Builds a metadata table row by row; columns are addressed by their index.
class TableBuilder {
 public:
  explicit TableBuilder(const std::shared_ptr<arrow::Schema>& schema)
      : builder_(
            ValueOrThrow(arrow::RecordBatchBuilder::Make(schema, arrow::default_memory_pool()),
                         Building())) {}

  template <class BuilderType>
  BuilderType& Column(int index) {
    return *static_cast<BuilderType*>(builder_->GetField(index));
  }
  void Long(int index, const std::optional<int64_t>& value) {
    ThrowIfNotOk(value ? Column<arrow::Int64Builder>(index).Append(*value)
                       : Column<arrow::Int64Builder>(index).AppendNull(),
                 Building());
  }
  void Int(int index, const std::optional<int32_t>& value) {
    ThrowIfNotOk(value ? Column<arrow::Int32Builder>(index).Append(*value)
                       : Column<arrow::Int32Builder>(index).AppendNull(),
                 Building());
  }
  void Text(int index, std::string_view value) {
    ThrowIfNotOk(Column<arrow::StringBuilder>(index).Append(value), Building());
  }
  void Millis(int index, const std::optional<int64_t>& value) {
    ThrowIfNotOk(value ? Column<arrow::TimestampBuilder>(index).Append(*value)
                       : Column<arrow::TimestampBuilder>(index).AppendNull(),
                 Building());
  }
  void Partition(int index, const std::vector<Field>& fields, const PartitionSpec& spec,
                 const PartitionValues& values) {
    auto& column = Column<arrow::StructBuilder>(index);
    ThrowIfNotOk(column.Append(), Building());
    for (size_t f = 0; f < fields.size(); ++f) {
      std::optional<Literal> value;
      for (size_t s = 0; s < spec.fields().size(); ++s) {
        if (spec.fields()[s].field_id == fields[f].id) {
          value = values[s];
        }
      }
      // Another spec's value of the field may be of another type; it has no place here.
      if (value && value->type() != fields[f].type) {
        value.reset();
      }
      AppendLiteral(value, column.field_builder(static_cast<int>(f)));
    }
  }
  template <class Member>
  void Metric(int index, const MetricsById& metrics, Member ColumnMetrics::* member) {
    auto& column = Column<arrow::MapBuilder>(index);
    ThrowIfNotOk(column.Append(), Building());
    for (const auto& [id, one] : metrics) {
      if (const auto& value = one.*member) {
        ThrowIfNotOk(static_cast<arrow::Int32Builder*>(column.key_builder())->Append(id),
                     Building());
        AppendItem(*value, column.item_builder());
      }
    }
  }
  template <class Values>
  void List(int index, const Values& values) {
    auto& column = Column<arrow::ListBuilder>(index);
    ThrowIfNotOk(values.empty() ? column.AppendNull() : column.Append(), Building());
    for (const auto value : values) {
      AppendItem(value, column.value_builder());
    }
  }
  std::shared_ptr<arrow::RecordBatchReader> Finish() {
    auto batch = ValueOrThrow(builder_->Flush(), Building());
    auto schema = batch->schema();
    return ValueOrThrow(arrow::RecordBatchReader::Make({std::move(batch)}, std::move(schema)),
                        Building());
  }

 private:
  static void AppendItem(int64_t value, arrow::ArrayBuilder* builder) {
    ThrowIfNotOk(static_cast<arrow::Int64Builder*>(builder)->Append(value), Building());
  }
  static void AppendItem(int32_t value, arrow::ArrayBuilder* builder) {
    ThrowIfNotOk(static_cast<arrow::Int32Builder*>(builder)->Append(value), Building());
  }
  static void AppendItem(const std::string& value, arrow::ArrayBuilder* builder) {
    ThrowIfNotOk(static_cast<arrow::BinaryBuilder*>(builder)->Append(value), Building());
  }

  std::unique_ptr<arrow::RecordBatchBuilder> builder_;
};

std::shared_ptr<arrow::Field> Required(const char* name,
                                       std::shared_ptr<arrow::DataType> type) {
  return arrow::field(name, std::move(type), /*nullable=*/false);
}

std::shared_ptr<arrow::RecordBatchReader> InspectSnapshots(const Table& table) {
  TableBuilder rows(arrow::schema(
      {Required("committed_at", arrow::timestamp(arrow::TimeUnit::MILLI)),
       Required("snapshot_id", arrow::int64()), arrow::field("parent_id", arrow::int64()),
       arrow::field("operation", arrow::utf8()), Required("manifest_list", arrow::utf8()),
       arrow::field("summary", arrow::map(arrow::utf8(), arrow::utf8()))}));
  for (const SnapshotPtr& snapshot : table.metadata().snapshots) {
    rows.Millis(0, snapshot->timestamp_ms);
    rows.Long(1, snapshot->snapshot_id);
    rows.Long(2, snapshot->parent_snapshot_id);
    rows.Text(3, snapshot->operation);
    rows.Text(4, snapshot->manifest_list);
    auto& summary = rows.Column<arrow::MapBuilder>(5);
    ThrowIfNotOk(summary.Append(), Building());
    for (const auto& [key, value] : snapshot->summary.ToProperties()) {
      ThrowIfNotOk(static_cast<arrow::StringBuilder*>(summary.key_builder())->Append(key),
                   Building());
      ThrowIfNotOk(static_cast<arrow::StringBuilder*>(summary.item_builder())->Append(value),
                   Building());
    }
  }
  return rows.Finish();
}

std::shared_ptr<arrow::RecordBatchReader> InspectFiles(const TableScan& scan,
                                                       const std::vector<DataFile>& files) {
  const TableMetadata& metadata = scan.table().metadata();
  const std::vector<Field> partition = AllPartitionFields(metadata);
  TableBuilder rows(arrow::schema(
      {Required("content", arrow::int32()), Required("file_path", arrow::utf8()),
       Required("file_format", arrow::utf8()), Required("spec_id", arrow::int32()),
       Required("partition", PartitionStruct(partition)),
       Required("record_count", arrow::int64()), Required("file_size_in_bytes", arrow::int64()),
       arrow::field("column_sizes", CountMap()), arrow::field("value_counts", CountMap()),
       arrow::field("null_value_counts", CountMap()),
       arrow::field("nan_value_counts", CountMap()), arrow::field("lower_bounds", BoundMap()),
       arrow::field("upper_bounds", BoundMap()),
       arrow::field("split_offsets", arrow::list(arrow::int64())),
       arrow::field("equality_ids", arrow::list(arrow::int32())),
       arrow::field("sort_order_id", arrow::int32())}));
  for (const DataFile& file : files) {
    rows.Int(0, static_cast<int32_t>(file.content));
    rows.Text(1, file.file_path);
    rows.Text(2, FileFormatName(file.file_format));
    rows.Int(3, file.spec_id);
    rows.Partition(4, partition, *metadata.SpecById(file.spec_id), file.partition);
    rows.Long(5, file.record_count);
    rows.Long(6, file.file_size_in_bytes);
    rows.Metric(7, file.metrics, &ColumnMetrics::size_bytes);
    rows.Metric(8, file.metrics, &ColumnMetrics::value_count);
    rows.Metric(9, file.metrics, &ColumnMetrics::null_count);
    rows.Metric(10, file.metrics, &ColumnMetrics::nan_count);
    rows.Metric(11, file.metrics, &ColumnMetrics::lower_bound);
    rows.Metric(12, file.metrics, &ColumnMetrics::upper_bound);
    rows.List(13, file.split_offsets);
    rows.List(14, file.equality_ids);
    rows.Int(15, file.sort_order_id);
  }
  return rows.Finish();
}

std::vector<DataFile> DataFilesOf(const TableScan& scan) {
  std::vector<DataFile> files;
  for (const ScanTask& task : scan.Plan(/*keep_details=*/true)) {
    files.push_back(task.data_file());
  }
  return files;
}

void AddDeleteFiles(const TableScan& scan, std::vector<DataFile>* files) {
  for (const ManifestEntriesPtr& entries : scan.ReadDeleteManifests()) {
    for (size_t i = 0; i < entries->size(); ++i) {
      files->push_back(entries->ToDataFile(i));
    }
  }
}

struct PartitionTotals {
  int32_t spec_id = 0;
  PartitionValues values;
  int64_t records = 0;
  int32_t files = 0;
  int64_t bytes = 0;
};

std::shared_ptr<arrow::RecordBatchReader> InspectPartitions(const TableScan& scan) {
  const TableMetadata& metadata = scan.table().metadata();
  const std::vector<Field> partition = AllPartitionFields(metadata);
  std::map<std::pair<int32_t, std::string>, PartitionTotals> totals;
  for (const ScanTask& task : scan.Plan()) {
    PartitionValues values = task.partition();
    PartitionTotals& total = totals[{task.spec_id(), PartitionKey(values)}];
    total.spec_id = task.spec_id();
    total.values = std::move(values);
    total.records += task.record_count();
    ++total.files;
    total.bytes += task.file_size_in_bytes();
  }
  TableBuilder rows(arrow::schema(
      {Required("partition", PartitionStruct(partition)), Required("spec_id", arrow::int32()),
       Required("record_count", arrow::int64()), Required("file_count", arrow::int32()),
       Required("total_data_file_size_in_bytes", arrow::int64())}));
  for (const auto& [key, total] : totals) {
    rows.Partition(0, partition, *metadata.SpecById(total.spec_id), total.values);
    rows.Int(1, total.spec_id);
    rows.Long(2, total.records);
    rows.Int(3, total.files);
    rows.Long(4, total.bytes);
  }
  return rows.Finish();
}

}  // namespace

std::shared_ptr<arrow::RecordBatchReader> InspectTable(const Table& table,
                                                       const std::string& what,
                                                       std::optional<int64_t> snapshot_id,
                                                       const StopToken& stop) {
  if (what == "snapshots") {
    return InspectSnapshots(table.WithAllSnapshots());
  }
  ScanOptions options;
  options.snapshot_id = snapshot_id;
  options.parallel.stop = stop;
  if (what == "files" || what == "data_files" || what == "delete_files") {
    const TableScan scan(table, std::move(options));
    std::vector<DataFile> files;
    if (what != "delete_files") {
      files = DataFilesOf(scan);
    }
    if (what != "data_files") {
      AddDeleteFiles(scan, &files);
    }
    return InspectFiles(scan, files);
  }
  if (what == "partitions") {
    return InspectPartitions(TableScan(table, std::move(options)));
  }
  throw InvalidArgumentError(fmt::format(
      "'{}' is not a metadata table; expected snapshots, files, data_files, delete_files "
      "or partitions",
      what));
}

}  // namespace floe::inline v0
