#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/metadata/encryption_key.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/statistics_file.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// The format versions that floe reads and writes.
inline constexpr int kMinFormatVersion = 1;
inline constexpr int kMaxFormatVersion = 3;
/// The one of a new table that asks for none.
inline constexpr int kDefaultFormatVersion = 2;

/// One line of the snapshot log: the current snapshot from `timestamp_ms` on. `extras` are
/// members of its JSON that floe does not know.
struct SnapshotLogEntry {
  int64_t timestamp_ms;
  int64_t snapshot_id;
  std::vector<std::pair<std::string, std::string>> extras = {};
  bool operator==(const SnapshotLogEntry&) const = default;
};

/// One line of the metadata log: a metadata file of the past.
struct MetadataLogEntry {
  int64_t timestamp_ms;
  std::string metadata_file;
  std::vector<std::pair<std::string, std::string>> extras = {};
  bool operator==(const MetadataLogEntry&) const = default;
};

/// Everything a table's metadata file says (specification, "Table Metadata"). A value; share
/// it as shared_ptr<const TableMetadata>, which is thread-safe.
struct TableMetadata {
  int format_version = kDefaultFormatVersion;
  /// Empty only for a table of version 1 that was made without one.
  std::string table_uuid;
  std::string location;
  int64_t last_sequence_number = 0;
  int64_t last_updated_ms = 0;
  int32_t last_column_id = 0;
  std::vector<SchemaPtr> schemas;
  int32_t current_schema_id = 0;
  std::vector<PartitionSpecPtr> partition_specs;
  int32_t default_spec_id = 0;
  int32_t last_partition_id = kFirstPartitionFieldId - 1;
  std::vector<SortOrder> sort_orders;
  int32_t default_sort_order_id = kUnsortedOrderId;
  Properties properties;
  std::vector<SnapshotPtr> snapshots;
  std::map<std::string, SnapshotRef, std::less<>> refs;
  std::vector<SnapshotLogEntry> snapshot_log;
  std::vector<MetadataLogEntry> metadata_log;
  std::vector<StatisticsFile> statistics;
  std::vector<PartitionStatisticsFile> partition_statistics;
  /// First row id that no row has yet; 0 before version 3.
  int64_t next_row_id = 0;
  std::vector<EncryptionKey> encryption_keys;  ///< version 3
  /// Members floe does not know: written back as they are.
  std::vector<std::pair<std::string, std::string>> extras;

  const SchemaPtr& schema() const { return SchemaById(current_schema_id); }
  /// Throws InternalError for an id that is not there (readers check them all).
  const SchemaPtr& SchemaById(int32_t schema_id) const;
  const PartitionSpecPtr& spec() const { return SpecById(default_spec_id); }
  /// Throws CorruptFileError naming the table if the id, which files refer to, is not there.
  const PartitionSpecPtr& SpecById(int32_t spec_id) const;
  /// The order that writers should sort by.
  SortOrder sort_order() const;
  /// nullptr if there is none.
  SnapshotPtr FindSnapshot(int64_t snapshot_id) const;
  /// Head of `main`; nullptr for a table that has never been written.
  SnapshotPtr current_snapshot() const;
  /// Schema that `snapshot` was written with, the current one if it does not say.
  const SchemaPtr& SchemaOf(const Snapshot& snapshot) const;
};

using TableMetadataPtr = std::shared_ptr<const TableMetadata>;

/// Reads a metadata file's text; `location` names it in errors. Throws CorruptFileError for
/// damage (with the place in the file), UnsupportedError for a later format version.
TableMetadataPtr ParseTableMetadata(std::string text, const std::string& location);

/// The text of a metadata file.
std::string TableMetadataToJson(const TableMetadata& metadata);

/// What a new table is made of.
struct NewTable {
  Schema schema;       ///< ids are reassigned
  PartitionSpec spec;  ///< over the ids of `schema`; field ids of 0 are assigned
  std::string location;
  Properties properties;
  int format_version = kDefaultFormatVersion;
  SortOrder sort_order = {};  ///< over the ids of `schema`; its id is assigned
};

/// Metadata of a new, empty table. Throws InvalidArgumentError for a spec or sort order that
/// does not fit the schema.
TableMetadata MakeTableMetadata(const NewTable& table, std::string table_uuid, int64_t now_ms);

}  // namespace floe::inline v0
