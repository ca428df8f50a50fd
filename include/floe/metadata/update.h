#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// @name What a commit changes (REST specification, `TableUpdate`)
/// @{
struct AddSchemaUpdate {
  SchemaPtr schema;  ///< its id is the one to have
};
struct SetCurrentSchemaUpdate {
  int32_t schema_id;
};
struct AddSnapshotUpdate {
  SnapshotPtr snapshot;
};
struct SetSnapshotRefUpdate {
  std::string ref_name;
  SnapshotRef ref;
};
using TableUpdate = std::variant<AddSchemaUpdate, SetCurrentSchemaUpdate, AddSnapshotUpdate,
                                 SetSnapshotRefUpdate>;
/// @}

/// @name What must hold for it (REST specification, `TableRequirement`)
/// @{
struct AssertTableUuid {
  std::string uuid;
};
struct AssertRefSnapshotId {
  std::string ref;
  std::optional<int64_t> snapshot_id;  ///< nothing: the ref must not exist
};
struct AssertLastAssignedFieldId {
  int32_t last_assigned_field_id;
};
struct AssertCurrentSchemaId {
  int32_t current_schema_id;
};
using TableRequirement = std::variant<AssertTableUuid, AssertRefSnapshotId,
                                      AssertLastAssignedFieldId, AssertCurrentSchemaId>;
/// @}

/// Why `updates` can't be made on `metadata`, in words: the first of `requirements` that it
/// breaks, or a sequence number that others have taken. Nothing if they can.
std::optional<std::string> FindConflict(const TableMetadata& metadata,
                                        const std::vector<TableRequirement>& requirements,
                                        const std::vector<TableUpdate>& updates);

/// `base` with `updates` applied in order, dated `now_ms`. `base_location` is the metadata
/// file of `base`; it goes to the metadata log, which keeps as many entries as the table's
/// `write.metadata.previous-versions-max` says.
TableMetadata ApplyUpdates(const TableMetadata& base, const std::vector<TableUpdate>& updates,
                           const std::string& base_location, int64_t now_ms);

}  // namespace floe::inline v0
