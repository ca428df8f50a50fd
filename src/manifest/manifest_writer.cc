#include "floe/manifest/manifest_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "avro/avro_container.h"
#include "base/json_writer.h"
#include "floe/base/error.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_file.h"
#include "floe/partition/spec.h"
#include "floe/schema/literal.h"
#include "floe/schema/metrics.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "manifest/avro_writing.h"
#include "manifest/manifest_fields.h"
#include "partition/spec_json.h"

namespace floe::inline v0 {

namespace ids = manifest_field;

namespace {

constexpr std::string_view kLong = "\"long\"";
constexpr std::string_view kInt = "\"int\"";
constexpr std::string_view kString = "\"string\"";
constexpr std::string_view kBytes = "\"bytes\"";

std::string PartitionRecordJson(const Type& partition_type) {
  AvroSchemaWriter record;
  record.Begin("r102");
  std::set<std::string> names;
  std::set<std::string> types;
  for (const Field& field : partition_type.fields()) {
    const std::string suffix = fmt::format("_{}", field.id);
    std::string name = AvroName(field.name);
    while (!names.insert(name).second) {  // of two names that Avro does not allow
      name += suffix;
    }
    std::string type = AvroTypeJson(field.type);
    if (!types.insert(type).second) {
      type = AvroTypeJson(field.type, suffix);
    }
    record.OptionalField(name, field.id, type);
  }
  return record.Finish();
}

std::string DataFileRecordJson(const Type& partition_type) {
  AvroSchemaWriter record;
  record.Begin("r2");
  record.Field("content", ids::kContent, kInt);
  record.Field("file_path", ids::kFilePath, kString);
  record.Field("file_format", ids::kFileFormat, kString);
  record.Field("partition", ids::kPartition, PartitionRecordJson(partition_type));
  record.Field("record_count", ids::kRecordCount, kLong);
  record.Field("file_size_in_bytes", ids::kFileSize, kLong);
  record.OptionalField("column_sizes", ids::kColumnSizes,
                       AvroSchemaWriter::MapJson(117, 118, kLong));
  record.OptionalField("value_counts", ids::kValueCounts,
                       AvroSchemaWriter::MapJson(119, 120, kLong));
  record.OptionalField("null_value_counts", ids::kNullValueCounts,
                       AvroSchemaWriter::MapJson(121, 122, kLong));
  record.OptionalField("nan_value_counts", ids::kNanValueCounts,
                       AvroSchemaWriter::MapJson(138, 139, kLong));
  record.OptionalField("lower_bounds", ids::kLowerBounds,
                       AvroSchemaWriter::MapJson(126, 127, kBytes));
  record.OptionalField("upper_bounds", ids::kUpperBounds,
                       AvroSchemaWriter::MapJson(129, 130, kBytes));
  record.OptionalField("key_metadata", ids::kKeyMetadata, kBytes);
  record.OptionalField("split_offsets", ids::kSplitOffsets,
                       AvroSchemaWriter::ListJson(133, kLong));
  record.OptionalField("equality_ids", ids::kEqualityIds,
                       AvroSchemaWriter::ListJson(136, kInt));
  record.OptionalField("sort_order_id", ids::kSortOrderId, kInt);
  return record.Finish();
}

std::string EntrySchemaJson(const Type& partition_type) {
  AvroSchemaWriter record;
  record.Begin("manifest_entry");
  record.Field("status", ids::kStatus, kInt);
  record.OptionalField("snapshot_id", ids::kSnapshotId, kLong);
  record.OptionalField("sequence_number", ids::kSequenceNumber, kLong);
  record.OptionalField("file_sequence_number", ids::kFileSequenceNumber, kLong);
  record.Field("data_file", ids::kDataFile, DataFileRecordJson(partition_type));
  return record.Finish();
}

/// Writes one member of all columns' metrics as an optional map; `put` writes a value.
template <class T, class Put>
void PutMetric(const MetricsById& metrics, std::optional<T> ColumnMetrics::* member,
               const Put& put, std::string* out) {
  const auto count = std::ranges::count_if(
      metrics, [&](const auto& item) { return (item.second.*member).has_value(); });
  if (count == 0) {
    PutNull(out);
    return;
  }
  PutSome(out);
  PutLong(count, out);
  for (const auto& [id, column] : metrics) {
    if (const auto& value = column.*member) {
      PutLong(id, out);
      put(*value, out);
    }
  }
  PutLong(0, out);
}

template <class Int>
void PutOptionalList(const std::vector<Int>& values, std::string* out) {
  if (values.empty()) {
    PutNull(out);
    return;
  }
  PutSome(out);
  PutLong(static_cast<int64_t>(values.size()), out);
  for (const Int value : values) {
    PutLong(value, out);
  }
  PutLong(0, out);
}

void PutDataFile(const DataFile& file, std::string* out) {
  PutLong(static_cast<int64_t>(file.content), out);
  PutBytes(file.file_path, out);
  PutBytes(FileFormatName(file.file_format), out);
  for (const std::optional<Literal>& value : file.partition) {
    if (value) {
      PutSome(out);
      PutLiteral(*value, out);
    } else {
      PutNull(out);
    }
  }
  PutLong(file.record_count, out);
  PutLong(file.file_size_in_bytes, out);
  PutMetric(file.metrics, &ColumnMetrics::size_bytes, PutLong, out);
  PutMetric(file.metrics, &ColumnMetrics::value_count, PutLong, out);
  PutMetric(file.metrics, &ColumnMetrics::null_count, PutLong, out);
  PutMetric(file.metrics, &ColumnMetrics::nan_count, PutLong, out);
  PutMetric(file.metrics, &ColumnMetrics::lower_bound, PutBytes, out);
  PutMetric(file.metrics, &ColumnMetrics::upper_bound, PutBytes, out);
  PutOptionalBytes(file.key_metadata, out);
  PutOptionalList(file.split_offsets, out);
  PutOptionalList(file.equality_ids, out);
  PutOptionalLong(
      file.sort_order_id ? std::optional<int64_t>(*file.sort_order_id) : std::nullopt, out);
}

/// Range of the values of one partition field.
class SummaryBuilder {
 public:
  void Add(const std::optional<Literal>& value) {
    if (!value) {
      contains_null_ = true;
    } else if (value->is_nan()) {
      contains_nan_ = true;
    } else {
      if (!lower_ || value->Compare(*lower_) < 0) {
        lower_ = value;
      }
      if (!upper_ || value->Compare(*upper_) > 0) {
        upper_ = value;
      }
    }
  }
  OwnedFieldSummary Build() const {
    const auto bytes = [](const std::optional<Literal>& value) {
      return value ? std::optional(value->ToBytes()) : std::nullopt;
    };
    return {contains_null_, contains_nan_, bytes(lower_), bytes(upper_)};
  }

 private:
  bool contains_null_ = false;
  bool contains_nan_ = false;
  std::optional<Literal> lower_;
  std::optional<Literal> upper_;
};

std::map<std::string, std::string> HeaderOf(const Schema& schema, const PartitionSpec& spec) {
  JsonWriter fields;
  WritePartitionFields(spec.fields(), &fields);
  return {{"schema", SchemaToJson(schema)},
          {"schema-id", std::to_string(schema.schema_id())},
          {"partition-spec", std::move(fields).Take()},
          {"partition-spec-id", std::to_string(spec.spec_id())},
          {"format-version", "2"},
          {"content", "data"}};
}

}  // namespace

struct ManifestWriter::State {
  AvroContainerWriter container;
  ManifestFile manifest;
  std::vector<SummaryBuilder> summaries;
};

ManifestWriter::ManifestWriter(const Schema& schema, const PartitionSpec& spec,
                               const Type& partition_type, int64_t snapshot_id,
                               std::string_view sync)
    : state_(std::make_unique<State>(State{
          AvroContainerWriter(EntrySchemaJson(partition_type), HeaderOf(schema, spec), sync),
          {},
          std::vector<SummaryBuilder>(spec.fields().size())})) {
  ManifestFile& manifest = state_->manifest;
  manifest.partition_spec_id = spec.spec_id();
  manifest.added_snapshot_id = snapshot_id;
  for (auto* count : {&manifest.added_files_count, &manifest.existing_files_count,
                      &manifest.deleted_files_count, &manifest.added_rows_count,
                      &manifest.existing_rows_count, &manifest.deleted_rows_count}) {
    *count = 0;
  }
}

ManifestWriter::~ManifestWriter() = default;

void ManifestWriter::Add(const ManifestEntry& entry) {
  const DataFile& file = entry.data_file;
  Check(file.partition.size() == state_->summaries.size(),
        "a file's partition does not follow the manifest's spec");
  std::string* out = state_->container.object();
  PutLong(static_cast<int64_t>(entry.status), out);
  PutOptionalLong(entry.snapshot_id, out);
  PutOptionalLong(entry.sequence_number, out);
  PutOptionalLong(entry.file_sequence_number, out);
  PutDataFile(file, out);
  state_->container.EndObject();

  ManifestFile& manifest = state_->manifest;
  const auto count = [&](std::optional<int64_t>& files, std::optional<int64_t>& rows) {
    ++*files;
    *rows += file.record_count;
  };
  switch (entry.status) {
    case EntryStatus::kAdded:
      count(manifest.added_files_count, manifest.added_rows_count);
      break;
    case EntryStatus::kExisting:
      count(manifest.existing_files_count, manifest.existing_rows_count);
      break;
    case EntryStatus::kDeleted:
      count(manifest.deleted_files_count, manifest.deleted_rows_count);
      break;
  }
  if (entry.status != EntryStatus::kDeleted && entry.sequence_number) {
    manifest.min_sequence_number = std::min(
        manifest.min_sequence_number.value_or(*entry.sequence_number), *entry.sequence_number);
  }
  for (size_t i = 0; i < file.partition.size(); ++i) {
    state_->summaries[i].Add(file.partition[i]);
  }
}

ManifestWriter::Finished ManifestWriter::Finish() && {
  Finished finished{std::move(state_->container).Finish(), std::move(state_->manifest)};
  finished.manifest.manifest_length = static_cast<int64_t>(finished.content.size());
  for (const SummaryBuilder& summary : state_->summaries) {
    finished.manifest.partitions.push_back(summary.Build());
  }
  return finished;
}

}  // namespace floe::inline v0
