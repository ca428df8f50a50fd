#include "floe/manifest/manifest_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
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
#include "manifest/manifest_schema.h"
#include "partition/spec_json.h"

namespace floe::inline v0 {

namespace ids = manifest_field;

namespace {

/// What version 1 wants to be told of blocks; its readers don't look at it.
constexpr int64_t kDefaultBlockSize = int64_t{64} << 20U;

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

void PutPartition(const PartitionValues& partition, const std::vector<TypeId>& types,
                  std::string* out) {
  for (size_t i = 0; i < partition.size(); ++i) {
    const std::optional<Literal>& value = partition[i];
    if (value && types[i] == TypeId::kUnknown) {
      throw UnsupportedError(
          "partition values of a transform that floe does not know can't be written; use the "
          "engine that wrote the table");
    }
    if (value) {
      PutSome(out);
      PutLiteral(*value, out);
    } else {
      PutNull(out);
    }
  }
}

void PutDataFileField(int32_t field_id, const DataFile& file,
                      const std::vector<TypeId>& partition_types, std::string* out) {
  switch (field_id) {
    case ids::kContent:
      return PutLong(static_cast<int64_t>(file.content), out);
    case ids::kFilePath:
      return PutBytes(file.file_path, out);
    case ids::kFileFormat:
      return PutBytes(FileFormatName(file.file_format), out);
    case ids::kPartition:
      return PutPartition(file.partition, partition_types, out);
    case ids::kRecordCount:
      return PutLong(file.record_count, out);
    case ids::kFileSize:
      return PutLong(file.file_size_in_bytes, out);
    case ids::kBlockSize:
      return PutLong(kDefaultBlockSize, out);
    case ids::kColumnSizes:
      return PutMetric(file.metrics, &ColumnMetrics::size_bytes, PutLong, out);
    case ids::kValueCounts:
      return PutMetric(file.metrics, &ColumnMetrics::value_count, PutLong, out);
    case ids::kNullValueCounts:
      return PutMetric(file.metrics, &ColumnMetrics::null_count, PutLong, out);
    case ids::kNanValueCounts:
      return PutMetric(file.metrics, &ColumnMetrics::nan_count, PutLong, out);
    case ids::kLowerBounds:
      return PutMetric(file.metrics, &ColumnMetrics::lower_bound, PutBytes, out);
    case ids::kUpperBounds:
      return PutMetric(file.metrics, &ColumnMetrics::upper_bound, PutBytes, out);
    case ids::kKeyMetadata:
      return PutOptionalBytes(file.key_metadata, out);
    case ids::kSplitOffsets:
      return PutOptionalList(file.split_offsets, out);
    case ids::kEqualityIds:
      return PutOptionalList(file.equality_ids, out);
    case ids::kSortOrderId:
      return PutOptionalLong(file.sort_order_id, out);
    case ids::kFirstRowId:
      return PutOptionalLong(file.first_row_id, out);
    case ids::kReferencedDataFile:
      return PutOptionalBytes(file.referenced_data_file, out);
    case ids::kContentOffset:
      return PutOptionalLong(file.content_offset, out);
    case ids::kContentSize:
      return PutOptionalLong(file.content_size_in_bytes, out);
    default:
      throw InternalError("a field of data files that is not written");
  }
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

std::vector<TypeId> TypesOf(const Type& partition_type) {
  std::vector<TypeId> types;
  for (const Field& field : partition_type.fields()) {
    types.push_back(field.type.id());
  }
  return types;
}

std::map<std::string, std::string> HeaderOf(const Schema& schema, const PartitionSpec& spec,
                                            const ManifestWriteOptions& options) {
  JsonWriter fields;
  WritePartitionFields(spec.fields(), &fields);
  std::map<std::string, std::string> header = {
      {"schema", SchemaToJson(schema)},
      {"schema-id", std::to_string(schema.schema_id())},
      {"partition-spec", std::move(fields).Take()},
      {"partition-spec-id", std::to_string(spec.spec_id())},
      {"format-version", std::to_string(options.format_version)}};
  if (options.format_version >= 2) {
    header["content"] = options.content == ManifestContent::kData ? "data" : "deletes";
  }
  return header;
}

}  // namespace

struct ManifestWriter::State {
  int format_version;
  std::vector<ManifestField> entry_fields;
  std::vector<ManifestField> file_fields;
  std::vector<TypeId> partition_types;
  AvroContainerWriter container;
  ManifestFile manifest;
  std::vector<SummaryBuilder> summaries;

  void PutEntry(const ManifestEntry& entry, std::string* out) const;
};

void ManifestWriter::State::PutEntry(const ManifestEntry& entry, std::string* out) const {
  for (const ManifestField& field : entry_fields) {
    switch (field.id) {
      case ids::kStatus:
        PutLong(static_cast<int64_t>(entry.status), out);
        break;
      case ids::kSnapshotId:
        if (!field.is_required_in(format_version)) {
          PutSome(out);
        }
        PutLong(entry.snapshot_id, out);
        break;
      case ids::kSequenceNumber:
        PutOptionalLong(entry.sequence_number, out);
        break;
      case ids::kFileSequenceNumber:
        PutOptionalLong(entry.file_sequence_number, out);
        break;
      default:
        for (const ManifestField& member : file_fields) {
          PutDataFileField(member.id, entry.data_file, partition_types, out);
        }
    }
  }
}

ManifestWriter::ManifestWriter(const Schema& schema, const PartitionSpec& spec,
                               const Type& partition_type, int64_t snapshot_id,
                               std::string_view sync, const ManifestWriteOptions& options)
    : state_(std::make_unique<State>(
          State{options.format_version,
                ManifestEntryFields(options.format_version),
                DataFileFields(options.format_version),
                TypesOf(partition_type),
                AvroContainerWriter(ManifestSchemaJson(options.format_version, partition_type),
                                    HeaderOf(schema, spec, options), sync, options.compression),
                {},
                std::vector<SummaryBuilder>(spec.fields().size())})) {
  CheckWritable(spec, schema, partition_type);
  Check(options.format_version >= 2 || options.content == ManifestContent::kData,
        "version 1 has no delete manifests");
  ManifestFile& manifest = state_->manifest;
  manifest.partition_spec_id = spec.spec_id();
  manifest.content = options.content;
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
  Check(file.partition.size() == state_->summaries.size() &&
            file.partition.size() == state_->partition_types.size(),
        "a file's partition does not follow the manifest's spec");
  const bool is_data = file.content == FileContent::kData;
  Check(is_data == (state_->manifest.content == ManifestContent::kData),
        "a manifest has either data files or delete files");
  Check(state_->format_version >= 3 || !file.content_offset, "deletion vectors need version 3");
  state_->PutEntry(entry, state_->container.object());
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
