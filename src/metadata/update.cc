#include "floe/metadata/update.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "floe/base/error.h"
#include "floe/metadata/encryption_key.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/snapshot_changes.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/schema/version_rules.h"

namespace floe::inline v0 {
namespace {

/// Applies updates to a copy of a table's metadata.
class Updater {
 public:
  Updater(const TableMetadata& base, int64_t now_ms) : metadata_(base) {
    // Times never run backwards, whatever the clocks of the writers say.
    metadata_.last_updated_ms = std::max(now_ms, base.last_updated_ms);
  }

  TableMetadata Finish() && {
    DropIntermediateLogEntries();
    return std::move(metadata_);
  }

  void operator()(const AssignUuidUpdate& update) { metadata_.table_uuid = update.uuid; }

  void operator()(const UpgradeFormatVersionUpdate& update) {
    RaiseFormatVersion(update.format_version, &metadata_);
  }

  void operator()(const AddSchemaUpdate& update) {
    CheckNewSchema(*update.schema, metadata_.format_version);
    const int32_t id = update.schema->schema_id();
    CheckNew(metadata_.schemas, id, [](const SchemaPtr& s) { return s->schema_id(); });
    metadata_.schemas.push_back(update.schema);
    metadata_.last_column_id =
        std::max(metadata_.last_column_id, update.schema->highest_field_id());
    added_schema_id_ = id;
  }

  void operator()(const SetCurrentSchemaUpdate& update) {
    const int32_t id = Resolve(update.schema_id, added_schema_id_);
    metadata_.current_schema_id = metadata_.SchemaById(id)->schema_id();
  }

  void operator()(const AddSpecUpdate& update) {
    const int32_t id = update.spec->spec_id();
    CheckNew(metadata_.partition_specs, id,
             [](const PartitionSpecPtr& s) { return s->spec_id(); });
    metadata_.partition_specs.push_back(update.spec);
    metadata_.last_partition_id =
        std::max(metadata_.last_partition_id, update.spec->highest_field_id());
    added_spec_id_ = id;
  }

  void operator()(const SetDefaultSpecUpdate& update) {
    const int32_t id = Resolve(update.spec_id, added_spec_id_);
    Check(std::ranges::any_of(metadata_.partition_specs,
                              [&](const PartitionSpecPtr& s) { return s->spec_id() == id; }),
          "a default spec that the table does not have");
    metadata_.default_spec_id = id;
  }

  void operator()(const AddSortOrderUpdate& update) {
    const int32_t id = update.sort_order.order_id;
    CheckNew(metadata_.sort_orders, id, [](const SortOrder& s) { return s.order_id; });
    metadata_.sort_orders.push_back(update.sort_order);
    added_sort_order_id_ = id;
  }

  void operator()(const SetDefaultSortOrderUpdate& update) {
    const int32_t id = Resolve(update.sort_order_id, added_sort_order_id_);
    Check(std::ranges::any_of(metadata_.sort_orders,
                              [&](const SortOrder& s) { return s.order_id == id; }),
          "a default sort order that the table does not have");
    metadata_.default_sort_order_id = id;
  }

  void operator()(const AddSnapshotUpdate& update) {
    AddSnapshot(update.snapshot, &metadata_);
    added_snapshots_.insert(update.snapshot->snapshot_id);
  }

  void operator()(const SetSnapshotRefUpdate& update) {
    const int64_t id = update.ref.snapshot_id;
    const SnapshotPtr snapshot = metadata_.FindSnapshot(id);
    Check(snapshot != nullptr, "a ref to a snapshot that is not in the table");
    const bool is_main = update.ref_name == kMainBranch;
    Check(!is_main || update.ref.kind == SnapshotRef::Kind::kBranch, "main as a tag");
    metadata_.refs[update.ref_name] = update.ref;
    if (is_main) {
      // A new snapshot is current from its own time on, an old one from now on.
      const bool is_new = added_snapshots_.contains(id);
      // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): Check() has thrown
      const int64_t since = is_new ? snapshot->timestamp_ms : metadata_.last_updated_ms;
      metadata_.snapshot_log.push_back({since, id});
    }
  }

  void operator()(const RemoveSnapshotsUpdate& update) {
    const std::set<int64_t> removed(update.snapshot_ids.begin(), update.snapshot_ids.end());
    std::erase_if(metadata_.snapshots, [&](const SnapshotPtr& snapshot) {
      return removed.contains(snapshot->snapshot_id);
    });
    std::erase_if(metadata_.refs,
                  [&](const auto& item) { return removed.contains(item.second.snapshot_id); });
    EraseOf(removed, &metadata_.statistics);
    EraseOf(removed, &metadata_.partition_statistics);
    // What the log says of times before a snapshot that is gone can't be relied on.
    auto& log = metadata_.snapshot_log;
    const auto last_gone = std::find_if(log.rbegin(), log.rend(), [&](const auto& entry) {
      return removed.contains(entry.snapshot_id);
    });
    log.erase(log.begin(), last_gone.base());
  }

  void operator()(const RemoveSnapshotRefUpdate& update) {
    metadata_.refs.erase(update.ref_name);
    if (update.ref_name == kMainBranch) {
      metadata_.snapshot_log.clear();
    }
  }

  void operator()(const SetLocationUpdate& update) { metadata_.location = update.location; }

  void operator()(const SetPropertiesUpdate& update) {
    for (const auto& [name, value] : update.updates) {
      SetProperty(name, value, &metadata_.properties);
    }
  }

  void operator()(const RemovePropertiesUpdate& update) {
    std::erase_if(metadata_.properties, [&](const auto& item) {
      return std::ranges::find(update.removals, item.first) != update.removals.end();
    });
  }

  void operator()(const SetStatisticsUpdate& update) {
    EraseOf({update.statistics.snapshot_id}, &metadata_.statistics);
    metadata_.statistics.push_back(update.statistics);
  }

  void operator()(const RemoveStatisticsUpdate& update) {
    EraseOf({update.snapshot_id}, &metadata_.statistics);
  }

  void operator()(const SetPartitionStatisticsUpdate& update) {
    EraseOf({update.partition_statistics.snapshot_id}, &metadata_.partition_statistics);
    metadata_.partition_statistics.push_back(update.partition_statistics);
  }

  void operator()(const RemovePartitionStatisticsUpdate& update) {
    EraseOf({update.snapshot_id}, &metadata_.partition_statistics);
  }

  void operator()(const AddEncryptionKeyUpdate& update) {
    operator()(RemoveEncryptionKeyUpdate{update.encryption_key.key_id});
    metadata_.encryption_keys.push_back(update.encryption_key);
  }

  void operator()(const RemoveEncryptionKeyUpdate& update) {
    std::erase_if(metadata_.encryption_keys,
                  [&](const EncryptionKey& key) { return key.key_id == update.key_id; });
  }

  void operator()(const RemovePartitionSpecsUpdate& update) {
    const std::set<int32_t> removed(update.spec_ids.begin(), update.spec_ids.end());
    Check(!removed.contains(metadata_.default_spec_id), "removal of the default spec");
    std::erase_if(metadata_.partition_specs, [&](const PartitionSpecPtr& spec) {
      return removed.contains(spec->spec_id());
    });
  }

  void operator()(const RemoveSchemasUpdate& update) {
    const std::set<int32_t> removed(update.schema_ids.begin(), update.schema_ids.end());
    Check(!removed.contains(metadata_.current_schema_id), "removal of the current schema");
    std::erase_if(metadata_.schemas, [&](const SchemaPtr& schema) {
      return removed.contains(schema->schema_id());
    });
  }

 private:
  template <class Items, class IdOf>
  static void CheckNew(const Items& items, int32_t id, const IdOf& id_of) {
    Check(std::ranges::none_of(items, [&](const auto& item) { return id_of(item) == id; }),
          "the id of a new schema, spec or sort order that the table has already");
  }

  template <class Files>
  static void EraseOf(const std::set<int64_t>& snapshot_ids, Files* files) {
    std::erase_if(*files,
                  [&](const auto& file) { return snapshot_ids.contains(file.snapshot_id); });
  }

  static int32_t Resolve(int32_t id, const std::optional<int32_t>& added) {
    Check(id != kLastAdded || added.has_value(), "the last added of what was not added");
    return id == kLastAdded ? *added : id;
  }

  /// Snapshots of one commit that were never current to anybody.
  void DropIntermediateLogEntries() {
    if (added_snapshots_.size() < 2) {
      return;
    }
    const auto main = metadata_.refs.find(kMainBranch);
    std::erase_if(metadata_.snapshot_log, [&](const SnapshotLogEntry& entry) {
      return added_snapshots_.contains(entry.snapshot_id) &&
             (main == metadata_.refs.end() || main->second.snapshot_id != entry.snapshot_id);
    });
  }

  TableMetadata metadata_;
  std::set<int64_t> added_snapshots_;
  std::optional<int32_t> added_schema_id_;
  std::optional<int32_t> added_spec_id_;
  std::optional<int32_t> added_sort_order_id_;
};

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

TableMetadata ApplyUpdates(const TableMetadata& base, const std::vector<TableUpdate>& updates,
                           const std::string& base_location, int64_t now_ms) {
  Updater updater(base, now_ms);
  for (const TableUpdate& update : updates) {
    std::visit(updater, update);
  }
  TableMetadata metadata = std::move(updater).Finish();
  LogPrevious(base, base_location, &metadata);
  return metadata;
}

}  // namespace floe::inline v0
