#include "floe/metadata/update.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "floe/base/error.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

std::string SnapshotText(const std::optional<int64_t>& id) {
  return id ? fmt::format("snapshot {}", *id) : "nothing";
}

std::optional<int64_t> RefTarget(const TableMetadata& metadata, const std::string& name) {
  const auto ref = metadata.refs.find(name);
  return ref == metadata.refs.end() ? std::nullopt : std::optional(ref->second.snapshot_id);
}

std::optional<std::string> Broken(const TableMetadata& metadata,
                                  const TableRequirement& requirement) {
  return std::visit(
      Overloaded{
          [&](const AssertTableUuid& r) -> std::optional<std::string> {
            if (metadata.table_uuid == r.uuid) {
              return std::nullopt;
            }
            return fmt::format("the table was replaced: its uuid is {}, expected {}",
                               metadata.table_uuid, r.uuid);
          },
          [&](const AssertRefSnapshotId& r) -> std::optional<std::string> {
            const auto found = RefTarget(metadata, r.ref);
            if (found == r.snapshot_id) {
              return std::nullopt;
            }
            return fmt::format("{} has moved: it points to {}, expected {}", r.ref,
                               SnapshotText(found), SnapshotText(r.snapshot_id));
          },
          [&](const AssertLastAssignedFieldId& r) -> std::optional<std::string> {
            if (metadata.last_column_id == r.last_assigned_field_id) {
              return std::nullopt;
            }
            return fmt::format("columns were added: the last id is {}, expected {}",
                               metadata.last_column_id, r.last_assigned_field_id);
          },
          [&](const AssertCurrentSchemaId& r) -> std::optional<std::string> {
            if (metadata.current_schema_id == r.current_schema_id) {
              return std::nullopt;
            }
            return fmt::format("the schema changed: its id is {}, expected {}",
                               metadata.current_schema_id, r.current_schema_id);
          },
      },
      requirement);
}

void SetRef(const SetSnapshotRefUpdate& update, const TableMetadata& base,
            TableMetadata* metadata) {
  const int64_t id = update.ref.snapshot_id;
  const SnapshotPtr snapshot = metadata->FindSnapshot(id);
  Check(snapshot != nullptr, "a ref to a snapshot that is not in the table");
  metadata->refs[update.ref_name] = update.ref;
  if (update.ref_name == kMainBranch) {
    // A new snapshot is current from its own time on, an old one from now on.
    const bool is_new = base.FindSnapshot(id) == nullptr;
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): Check() has thrown
    const int64_t since = is_new ? snapshot->timestamp_ms : metadata->last_updated_ms;
    metadata->snapshot_log.push_back({since, id});
  }
}

void AddSnapshot(const SnapshotPtr& snapshot, TableMetadata* metadata) {
  Check(metadata->FindSnapshot(snapshot->snapshot_id) == nullptr,
        "a snapshot id that the table has already");
  Check(snapshot->sequence_number > metadata->last_sequence_number,
        "a snapshot with an old sequence number");
  metadata->snapshots.push_back(snapshot);
  metadata->last_sequence_number = snapshot->sequence_number;
}

void AddSchema(const SchemaPtr& schema, TableMetadata* metadata) {
  metadata->schemas.push_back(schema);
  metadata->last_column_id = std::max(metadata->last_column_id, schema->highest_field_id());
}

void LogPrevious(const TableMetadata& base, const std::string& base_location,
                 TableMetadata* metadata) {
  if (base_location.empty()) {
    return;
  }
  metadata->metadata_log.push_back({base.last_updated_ms, base_location});
  const auto keep = static_cast<size_t>(std::max(
      int64_t{1},
      IntegerProperty(metadata->properties, table_properties::kMetadataPreviousVersions)));
  auto& log = metadata->metadata_log;
  if (log.size() > keep) {
    log.erase(log.begin(), log.end() - static_cast<std::ptrdiff_t>(keep));
  }
}

}  // namespace

std::optional<std::string> FindConflict(const TableMetadata& metadata,
                                        const std::vector<TableRequirement>& requirements,
                                        const std::vector<TableUpdate>& updates) {
  for (const TableRequirement& requirement : requirements) {
    if (auto broken = Broken(metadata, requirement)) {
      return broken;
    }
  }
  for (const TableUpdate& update : updates) {
    const auto* add = std::get_if<AddSnapshotUpdate>(&update);
    if (add != nullptr && add->snapshot->sequence_number <= metadata.last_sequence_number) {
      return fmt::format("another branch has moved: sequence number {} is taken",
                         add->snapshot->sequence_number);
    }
  }
  return std::nullopt;
}

TableMetadata ApplyUpdates(const TableMetadata& base, const std::vector<TableUpdate>& updates,
                           const std::string& base_location, int64_t now_ms) {
  TableMetadata metadata = base;
  // Times never run backwards, whatever the clocks of the writers say.
  metadata.last_updated_ms = std::max(now_ms, base.last_updated_ms);
  for (const TableUpdate& update : updates) {
    std::visit(Overloaded{
                   [&](const AddSchemaUpdate& u) { AddSchema(u.schema, &metadata); },
                   [&](const SetCurrentSchemaUpdate& u) {
                     metadata.current_schema_id = metadata.SchemaById(u.schema_id)->schema_id();
                   },
                   [&](const AddSnapshotUpdate& u) { AddSnapshot(u.snapshot, &metadata); },
                   [&](const SetSnapshotRefUpdate& u) { SetRef(u, base, &metadata); },
               },
               update);
  }
  LogPrevious(base, base_location, &metadata);
  return metadata;
}

}  // namespace floe::inline v0
