#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "floe/metadata/encryption_key.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/statistics_file.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// Stands for the id of what was added last in the same commit: a schema, spec or sort order.
inline constexpr int32_t kLastAdded = -1;

/// @name What a commit changes (REST specification, `TableUpdate`)
/// @{
struct AssignUuidUpdate {
  std::string uuid;
};
struct UpgradeFormatVersionUpdate {
  int format_version;
};
struct AddSchemaUpdate {
  SchemaPtr schema;  ///< its id is the one to have
};
struct SetCurrentSchemaUpdate {
  int32_t schema_id;  ///< or kLastAdded
};
struct AddSpecUpdate {
  PartitionSpecPtr spec;  ///< its id is the one to have
};
struct SetDefaultSpecUpdate {
  int32_t spec_id;  ///< or kLastAdded
};
struct AddSortOrderUpdate {
  SortOrder sort_order;  ///< its id is the one to have
};
struct SetDefaultSortOrderUpdate {
  int32_t sort_order_id;  ///< or kLastAdded
};
struct AddSnapshotUpdate {
  SnapshotPtr snapshot;
};
struct SetSnapshotRefUpdate {
  std::string ref_name;
  SnapshotRef ref;
};
/// Refs and statistics of the snapshots go with them.
struct RemoveSnapshotsUpdate {
  std::vector<int64_t> snapshot_ids;
};
struct RemoveSnapshotRefUpdate {
  std::string ref_name;
};
struct SetLocationUpdate {
  std::string location;
};
struct SetPropertiesUpdate {
  Properties updates;
};
struct RemovePropertiesUpdate {
  std::vector<std::string> removals;
};
/// Replaces those of the same snapshot.
struct SetStatisticsUpdate {
  StatisticsFile statistics;
};
struct RemoveStatisticsUpdate {
  int64_t snapshot_id;
};
struct SetPartitionStatisticsUpdate {
  PartitionStatisticsFile partition_statistics;
};
struct RemovePartitionStatisticsUpdate {
  int64_t snapshot_id;
};
struct RemovePartitionSpecsUpdate {
  std::vector<int32_t> spec_ids;
};
struct RemoveSchemasUpdate {
  std::vector<int32_t> schema_ids;
};
struct AddEncryptionKeyUpdate {
  EncryptionKey encryption_key;
};
struct RemoveEncryptionKeyUpdate {
  std::string key_id;
};
using TableUpdate =
    std::variant<AssignUuidUpdate, UpgradeFormatVersionUpdate, AddSchemaUpdate,
                 SetCurrentSchemaUpdate, AddSpecUpdate, SetDefaultSpecUpdate,
                 AddSortOrderUpdate, SetDefaultSortOrderUpdate, AddSnapshotUpdate,
                 SetSnapshotRefUpdate, RemoveSnapshotsUpdate, RemoveSnapshotRefUpdate,
                 SetLocationUpdate, SetPropertiesUpdate, RemovePropertiesUpdate,
                 SetStatisticsUpdate, RemoveStatisticsUpdate, SetPartitionStatisticsUpdate,
                 RemovePartitionStatisticsUpdate, RemovePartitionSpecsUpdate,
                 RemoveSchemasUpdate, AddEncryptionKeyUpdate, RemoveEncryptionKeyUpdate>;
/// @}

/// @name What must hold for it (REST specification, `TableRequirement`)
/// @{
struct AssertCreate {};  ///< the table must not exist
struct AssertTableUuid {
  std::string uuid;
};
struct AssertRefSnapshotId {
  std::string ref;
  std::optional<int64_t> snapshot_id;  ///< nothing: the ref must not exist
  /// The ref as the update was made from it: its retention must be the same, too, where the
  /// catalog is ours; the REST protocol can't say it. Nothing: only the snapshot counts.
  std::optional<SnapshotRef> ref_before = {};
};
struct AssertLastAssignedFieldId {
  int32_t last_assigned_field_id;
};
struct AssertCurrentSchemaId {
  int32_t current_schema_id;
};
struct AssertLastAssignedPartitionId {
  int32_t last_assigned_partition_id;
};
struct AssertDefaultSpecId {
  int32_t default_spec_id;
};
struct AssertDefaultSortOrderId {
  int32_t default_sort_order_id;
};
using TableRequirement =
    std::variant<AssertCreate, AssertTableUuid, AssertRefSnapshotId, AssertLastAssignedFieldId,
                 AssertCurrentSchemaId, AssertLastAssignedPartitionId, AssertDefaultSpecId,
                 AssertDefaultSortOrderId>;
/// @}

/// Why `updates` can't be made on `metadata`, in words: the first of `requirements` that it
/// breaks, or a sequence number that others have taken. Nothing if they can.
std::optional<std::string> FindConflict(const TableMetadata& metadata,
                                        const std::vector<TableRequirement>& requirements,
                                        const std::vector<TableUpdate>& updates);

/// `base` with `updates` applied in order, dated `now_ms`. Throws InternalError for one that
/// can't be made: whoever asks for updates makes sure that they can. `base_location` is the
/// metadata file of `base`; it goes to the metadata log, which keeps as many entries as the
/// table's `write.metadata.previous-versions-max` says.
TableMetadata ApplyUpdates(const TableMetadata& base, const std::vector<TableUpdate>& updates,
                           const std::string& base_location, int64_t now_ms);

}  // namespace floe::inline v0
