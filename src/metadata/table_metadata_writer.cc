#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "metadata/snapshot_json.h"
#include "metadata/statistics_json.h"
#include "partition/sort_order_json.h"
#include "partition/spec_json.h"
#include "schema/schema_json.h"

namespace floe::inline v0 {
namespace {

void WriteScalars(const TableMetadata& metadata, JsonWriter* writer) {
  writer->Member("format-version", metadata.format_version);
  if (metadata.format_version > 1 || !metadata.table_uuid.empty()) {
    writer->Member("table-uuid", metadata.table_uuid);
  }
  writer->Member("location", metadata.location);
  if (metadata.format_version > 1) {
    writer->Member("last-sequence-number", metadata.last_sequence_number);
  }
  writer->Member("last-updated-ms", metadata.last_updated_ms)
      .Member("last-column-id", metadata.last_column_id)
      .Member("current-schema-id", metadata.current_schema_id)
      .Member("default-spec-id", metadata.default_spec_id)
      .Member("last-partition-id", metadata.last_partition_id)
      .Member("default-sort-order-id", metadata.default_sort_order_id);
  if (metadata.format_version > 2) {
    writer->Member("next-row-id", metadata.next_row_id);
  }
}

/// What readers of version 1 look for, who do not know of lists of schemas and specs.
void WriteForVersion1(const TableMetadata& metadata, JsonWriter* writer) {
  writer->Key("schema");
  WriteSchema(*metadata.schema(), writer);
  writer->Key("partition-spec");
  WritePartitionFields(metadata.spec()->fields(), writer);
}

template <class T>
void WriteList(const std::vector<T>& items, void (*write)(const T&, JsonWriter*),
               JsonWriter* writer) {
  writer->BeginArray();
  for (const T& item : items) {
    write(item, writer);
  }
  writer->EndArray();
}

void WriteSchemasAndSpecs(const TableMetadata& metadata, JsonWriter* writer) {
  if (metadata.format_version == 1) {
    WriteForVersion1(metadata, writer);
  }
  writer->Key("schemas").BeginArray();
  for (const SchemaPtr& schema : metadata.schemas) {
    WriteSchema(*schema, writer);
  }
  writer->EndArray().Key("partition-specs").BeginArray();
  for (const PartitionSpecPtr& spec : metadata.partition_specs) {
    WritePartitionSpec(*spec, writer);
  }
  WriteList(metadata.sort_orders, WriteSortOrder, &writer->EndArray().Key("sort-orders"));
  writer->Key("properties");
  WriteProperties(metadata.properties, writer);
}

void WriteStatistics(const TableMetadata& metadata, JsonWriter* writer) {
  WriteList(metadata.statistics, WriteStatisticsFile, &writer->Key("statistics"));
  WriteList(metadata.partition_statistics, WritePartitionStatisticsFile,
            &writer->Key("partition-statistics"));
  if (!metadata.encryption_keys.empty()) {
    WriteList(metadata.encryption_keys, WriteEncryptionKey, &writer->Key("encryption-keys"));
  }
}

void WriteSnapshotsAndLogs(const TableMetadata& metadata, JsonWriter* writer) {
  if (const auto main = metadata.refs.find(kMainBranch); main != metadata.refs.end()) {
    writer->Member("current-snapshot-id", main->second.snapshot_id);
  }
  writer->Key("refs").BeginObject();
  for (const auto& [name, ref] : metadata.refs) {
    writer->Key(name);
    WriteSnapshotRef(ref, writer);
  }
  writer->EndObject().Key("snapshots").BeginArray();
  for (const SnapshotPtr& snapshot : metadata.snapshots) {
    WriteSnapshot(*snapshot, metadata.format_version, writer);
  }
  writer->EndArray().Key("snapshot-log").BeginArray();
  for (const SnapshotLogEntry& entry : metadata.snapshot_log) {
    writer->BeginObject().Member("timestamp-ms", entry.timestamp_ms);
    writer->Member("snapshot-id", entry.snapshot_id).Extras(entry.extras).EndObject();
  }
  writer->EndArray().Key("metadata-log").BeginArray();
  for (const MetadataLogEntry& entry : metadata.metadata_log) {
    writer->BeginObject().Member("timestamp-ms", entry.timestamp_ms);
    writer->Member("metadata-file", entry.metadata_file).Extras(entry.extras).EndObject();
  }
  writer->EndArray();
}

}  // namespace

std::string TableMetadataToJson(const TableMetadata& metadata) {
  JsonWriter writer;
  // Nearly all of a long text are its snapshots, which then need not be moved as it grows.
  constexpr size_t kSnapshotAndLogEntry = 128;
  size_t size = 0;
  for (const SnapshotPtr& snapshot : metadata.snapshots) {
    size += snapshot->raw_json.size() + kSnapshotAndLogEntry;
  }
  writer.Reserve(size + size / 16);
  writer.BeginObject();
  WriteScalars(metadata, &writer);
  WriteSchemasAndSpecs(metadata, &writer);
  WriteSnapshotsAndLogs(metadata, &writer);
  WriteStatistics(metadata, &writer);
  writer.Extras(metadata.extras).EndObject();
  return std::move(writer).Take();
}

}  // namespace floe::inline v0
