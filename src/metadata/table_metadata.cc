#include "floe/metadata/table_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/metadata/snapshot.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/schema/version_rules.h"

namespace floe::inline v0 {

std::optional<std::string_view> FindProperty(const Properties& properties,
                                             std::string_view key) {
  for (const auto& [name, value] : properties) {
    if (name == key) {
      return value;
    }
  }
  return std::nullopt;
}

void SetProperty(std::string key, std::string value, Properties* properties) {
  for (auto& [name, old_value] : *properties) {
    if (name == key) {
      old_value = std::move(value);
      return;
    }
  }
  properties->emplace_back(std::move(key), std::move(value));
}

void CheckSummaryProperties(const Properties& properties) {
  for (const auto& [name, value] : properties) {
    const bool counts = std::ranges::any_of(
        std::array<std::string_view, 4>{"added-", "deleted-", "removed-", "total-"},
        [&](std::string_view prefix) { return name.starts_with(prefix); });
    if (counts || name.empty() || name == "operation" || name == "changed-partition-count") {
      throw InvalidArgumentError(fmt::format(
          "snapshot property '{}' is one that the commit sets itself; choose another name",
          name));
    }
  }
}

const SchemaPtr& TableMetadata::SchemaById(int32_t schema_id) const {
  const auto found = std::ranges::find_if(
      schemas, [&](const SchemaPtr& schema) { return schema->schema_id() == schema_id; });
  Check(found != schemas.end(), "a schema id that the metadata does not have");
  return *found;
}

const PartitionSpecPtr& TableMetadata::SpecById(int32_t spec_id) const {
  const auto found = std::ranges::find_if(partition_specs, [&](const PartitionSpecPtr& spec) {
    return spec->spec_id() == spec_id;
  });
  if (found == partition_specs.end()) {
    throw CorruptFileError(
        fmt::format("table at {} has files of partition spec {}, which its metadata lacks",
                    location, spec_id),
        {.path = location});
  }
  return *found;
}

SortOrder TableMetadata::sort_order() const {
  const auto found = std::ranges::find_if(sort_orders, [&](const SortOrder& order) {
    return order.order_id == default_sort_order_id;
  });
  return found == sort_orders.end() ? SortOrder{} : *found;
}

SnapshotPtr TableMetadata::FindSnapshot(int64_t snapshot_id) const {
  // The snapshot that is asked for is mostly one of the latest.
  const auto found = std::find_if(
      snapshots.rbegin(), snapshots.rend(),
      [&](const SnapshotPtr& snapshot) { return snapshot->snapshot_id == snapshot_id; });
  return found == snapshots.rend() ? nullptr : *found;
}

SnapshotPtr TableMetadata::current_snapshot() const {
  const auto main = refs.find(kMainBranch);
  return main == refs.end() ? nullptr : FindSnapshot(main->second.snapshot_id);
}

const SchemaPtr& TableMetadata::SchemaOf(const Snapshot& snapshot) const {
  const int32_t wanted = snapshot.schema_id.value_or(current_schema_id);
  const auto found = std::ranges::find_if(
      schemas, [&](const SchemaPtr& schema) { return schema->schema_id() == wanted; });
  return found == schemas.end() ? schema() : *found;
}

namespace {

/// Ids of a caller's schema as those of the table's, or −1: they say which column is meant.
int32_t FreshId(int32_t id, const Schema& given, const Schema& schema) {
  const Schema::Place* source = given.Find(id);
  return source == nullptr ? -1 : schema.Find(source->full_name)->field->id;
}

/// The orders of a new table, of which the last is the default.
std::vector<SortOrder> MakeSortOrders(SortOrder wanted, const Schema& given,
                                      const Schema& schema) {
  CheckSortOrder(wanted, given);
  if (wanted.is_unsorted()) {
    return {SortOrder{}};
  }
  for (SortField& field : wanted.fields) {
    field.source_ids = {FreshId(field.source_ids.front(), given, schema)};
  }
  wanted.order_id = kUnsortedOrderId + 1;
  return {std::move(wanted)};
}

}  // namespace

TableMetadata MakeTableMetadata(const NewTable& table, std::string table_uuid, int64_t now_ms) {
  const Schema& given = table.schema;
  auto schema = std::make_shared<const Schema>(AssignFreshIds(given.WithId(0)));
  std::vector<PartitionField> fields = table.spec.fields();
  for (PartitionField& field : fields) {
    field.source_id = FreshId(field.source_id, given, *schema);
    field.field_id = 0;
  }
  auto spec = std::make_shared<const PartitionSpec>(
      MakePartitionSpec(PartitionSpec(0, std::move(fields)), *schema));
  TableMetadata metadata;
  CheckNewSchema(*schema, table.format_version);
  metadata.format_version = table.format_version;
  metadata.table_uuid = std::move(table_uuid);
  metadata.location = table.location;
  metadata.last_updated_ms = now_ms;
  metadata.last_column_id = schema->highest_field_id();
  metadata.last_partition_id = spec->highest_field_id();
  metadata.partition_specs.push_back(std::move(spec));
  metadata.sort_orders = MakeSortOrders(table.sort_order, given, *schema);
  metadata.default_sort_order_id = metadata.sort_orders.back().order_id;
  metadata.schemas.push_back(std::move(schema));
  metadata.properties = table.properties;
  return metadata;
}

}  // namespace floe::inline v0
