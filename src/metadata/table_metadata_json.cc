#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/schema/version_rules.h"
#include "metadata/snapshot_json.h"
#include "metadata/statistics_json.h"
#include "partition/sort_order_json.h"
#include "partition/spec_json.h"
#include "schema/schema_json.h"

namespace floe::inline v0 {
namespace {

/// Highest id of a column (specification, "Reserved Field IDs"), and of what else is numbered.
constexpr int64_t kMaxId = std::numeric_limits<int32_t>::max() - 200;
constexpr int64_t kMaxSequenceNumber = std::numeric_limits<int64_t>::max() / 2;

int ReadFormatVersion(JsonValue& value, const std::string& location) {
  const int32_t version = value.AsInt32();
  if (version < kMinFormatVersion) {
    value.Fail(fmt::format("expected a format version from {} to {}, found {}",
                           kMinFormatVersion, kMaxFormatVersion, version));
  }
  if (version > kMaxFormatVersion) {
    throw UnsupportedError(
        fmt::format("the table at {} has Iceberg format version {}; this version of floe reads "
                    "and writes versions {} to {}",
                    location, version, kMinFormatVersion, kMaxFormatVersion),
        {.path = location});
  }
  return version;
}

/// Members that a version must have.
std::vector<std::string_view> RequiredMembers(int format_version) {
  std::vector<std::string_view> names = {"location", "last-updated-ms", "last-column-id"};
  if (format_version > 1) {
    names.insert(names.end(), {"table-uuid", "last-sequence-number", "schemas",
                               "current-schema-id", "partition-specs", "default-spec-id",
                               "last-partition-id", "sort-orders", "default-sort-order-id"});
  }
  if (format_version > 2) {
    names.emplace_back("next-row-id");
  }
  return names;
}

/// Reads snapshots out of their texts, many at a time: they are most of a long-lived table's
/// metadata.
std::vector<SnapshotPtr> ReadSnapshots(const JsonDocument& document,
                                       const std::vector<std::string_view>& texts,
                                       int format_version) {
  constexpr size_t kChunk = 256;
  std::vector<SnapshotPtr> snapshots(texts.size());
  const auto read_chunk = [&](size_t chunk) {
    JsonDocument slices = document.Sibling();
    const size_t end = std::min(texts.size(), (chunk + 1) * kChunk);
    for (size_t i = chunk * kChunk; i < end; ++i) {
      slices.ReadSlice(texts[i], fmt::format("$.snapshots[{}]", i), [&](JsonValue& value) {
        snapshots[i] = ReadSnapshot(value, format_version, document.text());
      });
    }
  };
  if (texts.size() <= kChunk) {
    read_chunk(0);
  } else {
    ParallelFor((texts.size() + kChunk - 1) / kChunk, read_chunk);
  }
  return snapshots;
}

/// Reads a document in two rounds: numbers and texts, and where lists and objects lie, which
/// are then read one after the other, when the format version is known.
class MetadataReader {
 public:
  MetadataReader(JsonDocument& document, std::string location)
      : document_(document), location_(std::move(location)) {
    RegisterScalars();
    RegisterLists();
  }

  TableMetadata Read() {
    document_.Read([&](JsonValue& root) {
      root.ForEachMember(
          [&](std::string_view key, JsonValue& member) { FindMember(key, member); });
    });
    RequireSeen("format-version");
    JsonDocument slices = document_.Sibling();
    for (const auto& [name, slice] : slices_) {
      slices.ReadSlice(slice, fmt::format("$.{}", name), readers_.at(name));
    }
    metadata_.snapshots = ReadSnapshots(document_, snapshots_, metadata_.format_version);
    if (metadata_.format_version == 1) {
      FillInVersion1();
    }
    if (metadata_.format_version < 3) {
      metadata_.next_row_id = 0;
    }
    for (const std::string_view name : RequiredMembers(metadata_.format_version)) {
      RequireSeen(name);
    }
    CheckIds();
    CheckSnapshots();
    CheckReferences();
    return std::move(metadata_);
  }

 private:
  using Reader = std::function<void(JsonValue&)>;

  void FindMember(std::string_view key, JsonValue& member) {
    const std::string name(key);
    const auto found = readers_.find(name);
    if (found == readers_.end() && name != "snapshots") {
      KeepExtra(key, member, &metadata_.extras);
      return;
    }
    if (seen_.contains(name)) {
      member.Fail("the member is there twice");
    }
    if (member.IsNull() && (name == "table-uuid" || name == "current-snapshot-id")) {
      return;
    }
    if (name == "snapshots") {
      FindSnapshots(member);
    } else if (containers_.contains(name) && (member.IsObject() || member.IsArray())) {
      slices_.emplace_back(name, member.AsRawUnchecked());
    } else if (!containers_.contains(name) || !member.IsNull()) {
      found->second(member);
    }
    seen_.insert(name);
  }

  void FindSnapshots(JsonValue& value) {
    if (!value.IsNull()) {
      value.ForEachElement(
          [this](JsonValue& element) { snapshots_.push_back(element.AsRawUnchecked()); });
    }
  }

  [[noreturn]] void Fail(std::string_view problem) const { document_.Fail("$", problem); }

  void RequireSeen(std::string_view name) const {
    if (!seen_.contains(std::string(name))) {
      Fail(fmt::format("member '{}' is missing", name));
    }
  }

  /// Version 1 began with one schema and one spec, and without sort orders.
  void FillInVersion1() {
    metadata_.last_sequence_number = 0;
    if (!metadata_.schemas.empty()) {
      RequireSeen("current-schema-id");
    } else {
      if (schema_ == nullptr) {
        Fail("member 'schema' is missing");
      }
      metadata_.current_schema_id = schema_->schema_id();
      metadata_.schemas.push_back(schema_);
    }
    if (!metadata_.partition_specs.empty()) {
      RequireSeen("default-spec-id");
    } else {
      if (!partition_fields_) {
        Fail("member 'partition-spec' is missing");
      }
      metadata_.default_spec_id = 0;
      metadata_.partition_specs.push_back(
          std::make_shared<const PartitionSpec>(0, *std::move(partition_fields_)));
    }
    if (metadata_.sort_orders.empty()) {
      metadata_.sort_orders.emplace_back();
      metadata_.default_sort_order_id = kUnsortedOrderId;
    }
  }

  void RegisterScalars() {
    const auto text = [&](std::string_view name, std::string* target) {
      readers_[std::string(name)] = [target](JsonValue& value) { *target = value.AsString(); };
    };
    const auto int64 = [&](std::string_view name, int64_t* target) {
      readers_[std::string(name)] = [target](JsonValue& value) { *target = value.AsInt64(); };
    };
    const auto int32 = [&](std::string_view name, int32_t* target) {
      readers_[std::string(name)] = [target](JsonValue& value) { *target = value.AsInt32(); };
    };
    readers_["format-version"] = [this](JsonValue& value) {
      metadata_.format_version = ReadFormatVersion(value, location_);
    };
    text("table-uuid", &metadata_.table_uuid);
    text("location", &metadata_.location);
    int64("last-sequence-number", &metadata_.last_sequence_number);
    int64("last-updated-ms", &metadata_.last_updated_ms);
    int32("last-column-id", &metadata_.last_column_id);
    int32("current-schema-id", &metadata_.current_schema_id);
    int32("default-spec-id", &metadata_.default_spec_id);
    int32("last-partition-id", &metadata_.last_partition_id);
    int32("default-sort-order-id", &metadata_.default_sort_order_id);
    readers_["next-row-id"] = [this](JsonValue& value) {
      metadata_.next_row_id = value.AsInt64();
    };
    readers_["current-snapshot-id"] = [this](JsonValue& value) {
      current_snapshot_id_ = value.AsInt64();
    };
  }

  void ForEach(std::string_view name, Reader read) {
    containers_.emplace(name);
    readers_[std::string(name)] = [read = std::move(read)](JsonValue& value) {
      value.ForEachElement(read);
    };
  }

  void RegisterLists() {
    ForEach("schemas", [this](JsonValue& value) {
      metadata_.schemas.push_back(std::make_shared<const Schema>(ReadSchema(value)));
    });
    ForEach("partition-specs", [this](JsonValue& value) {
      metadata_.partition_specs.push_back(std::make_shared<const PartitionSpec>(
          ReadPartitionSpec(value, metadata_.format_version)));
    });
    // What they say in later versions, too, is said by the lists.
    readers_["schema"] = [this](JsonValue& value) {
      if (metadata_.format_version == 1) {
        schema_ = std::make_shared<const Schema>(ReadSchema(value));
      }
    };
    readers_["partition-spec"] = [this](JsonValue& value) {
      if (metadata_.format_version == 1) {
        partition_fields_ = ReadPartitionFields(value, metadata_.format_version);
      }
    };
    ForEach("sort-orders", [this](JsonValue& value) {
      metadata_.sort_orders.push_back(ReadSortOrder(value));
    });
    containers_.insert({"properties", "refs", "schema", "partition-spec"});
    readers_["properties"] = [this](JsonValue& value) {
      metadata_.properties = ReadProperties(value);
    };
    readers_["refs"] = [this](JsonValue& value) {
      value.ForEachMember([this](std::string_view name, JsonValue& member) {
        metadata_.refs.emplace(std::string(name), ReadSnapshotRef(member));
      });
    };
    ForEach("snapshot-log", [this](JsonValue& value) { ReadSnapshotLogEntry(value); });
    ForEach("metadata-log", [this](JsonValue& value) { ReadMetadataLogEntry(value); });
    ForEach("statistics", [this](JsonValue& value) {
      metadata_.statistics.push_back(ReadStatisticsFile(value));
    });
    ForEach("partition-statistics", [this](JsonValue& value) {
      metadata_.partition_statistics.push_back(ReadPartitionStatisticsFile(value));
    });
    ForEach("encryption-keys", [this](JsonValue& value) {
      metadata_.encryption_keys.push_back(ReadEncryptionKey(value));
    });
  }

  void ReadSnapshotLogEntry(JsonValue& value) {
    std::optional<int64_t> timestamp;
    std::optional<int64_t> id;
    JsonExtras extras;
    value.ForEachMember([&](std::string_view key, JsonValue& member) {
      if (key == "timestamp-ms") {
        timestamp = member.AsInt64();
      } else if (key == "snapshot-id") {
        id = member.AsInt64();
      } else {
        KeepExtra(key, member, &extras);
      }
    });
    metadata_.snapshot_log.push_back({value.Require(timestamp, "timestamp-ms"),
                                      value.Require(id, "snapshot-id"), std::move(extras)});
  }

  void ReadMetadataLogEntry(JsonValue& value) {
    std::optional<int64_t> timestamp;
    std::optional<std::string> file;
    JsonExtras extras;
    value.ForEachMember([&](std::string_view key, JsonValue& member) {
      if (key == "timestamp-ms") {
        timestamp = member.AsInt64();
      } else if (key == "metadata-file") {
        file = member.AsString();
      } else {
        KeepExtra(key, member, &extras);
      }
    });
    metadata_.metadata_log.push_back({value.Require(timestamp, "timestamp-ms"),
                                      value.Require(file, "metadata-file"), std::move(extras)});
  }

  /// What is counted on from must leave room to do so.
  void CheckCount(std::string_view name, int64_t value, int64_t max) const {
    if (value < 0 || value > max) {
      Fail(fmt::format("{} is {}; expected a number from 0 to {}", name, value, max));
    }
  }

  /// Ids that are not unique, or behind those that were given: what is written next would
  /// take one for another.
  void CheckIds() {
    std::set<int32_t> ids;
    for (const SchemaPtr& schema : metadata_.schemas) {
      CheckCount("a schema-id", schema->schema_id(), kMaxId);
      if (!ids.insert(schema->schema_id()).second) {
        Fail(fmt::format("two schemas have the schema-id {}", schema->schema_id()));
      }
      CheckTypes(*schema);
      metadata_.last_column_id = std::max(metadata_.last_column_id, schema->highest_field_id());
    }
    ids.clear();
    for (const PartitionSpecPtr& spec : metadata_.partition_specs) {
      CheckCount("a spec-id", spec->spec_id(), kMaxId);
      CheckCount("a partition field's id", spec->highest_field_id(), kMaxId);
      if (!ids.insert(spec->spec_id()).second) {
        Fail(fmt::format("two partition specs have the spec-id {}", spec->spec_id()));
      }
      metadata_.last_partition_id =
          std::max(metadata_.last_partition_id, spec->highest_field_id());
    }
    ids.clear();
    for (const SortOrder& order : metadata_.sort_orders) {
      CheckCount("an order-id", order.order_id, kMaxId);
      if (!ids.insert(order.order_id).second) {
        Fail(fmt::format("two sort orders have the order-id {}", order.order_id));
      }
    }
    CheckCount("last-column-id", metadata_.last_column_id, kMaxId);
    CheckCount("last-partition-id", metadata_.last_partition_id, kMaxId);
    CheckCount("last-sequence-number", metadata_.last_sequence_number, kMaxSequenceNumber);
    CheckCount("next-row-id", metadata_.next_row_id, kMaxSequenceNumber);
  }

  void CheckSnapshots() {
    std::unordered_map<int64_t, size_t> places;
    for (const SnapshotPtr& snapshot : metadata_.snapshots) {
      if (!places.emplace(snapshot->snapshot_id, places.size()).second) {
        Fail(fmt::format("two snapshots have the snapshot-id {}", snapshot->snapshot_id));
      }
      CheckRowIds(*snapshot);
      if (snapshot->sequence_number > metadata_.last_sequence_number) {
        Fail(fmt::format("last-sequence-number is {}, but snapshot {} has {}",
                         metadata_.last_sequence_number, snapshot->snapshot_id,
                         snapshot->sequence_number));
      }
    }
    CheckParents(places);
  }

  /// Who walks from parent to parent must get to an end.
  void CheckParents(const std::unordered_map<int64_t, size_t>& places) const {
    std::vector<size_t> seen_in_walk(metadata_.snapshots.size(), 0);
    for (size_t walk = 1; walk <= metadata_.snapshots.size(); ++walk) {
      size_t at = walk - 1;
      while (seen_in_walk[at] == 0) {
        seen_in_walk[at] = walk;
        const auto& parent_id = metadata_.snapshots[at]->parent_snapshot_id;
        const auto parent = parent_id ? places.find(*parent_id) : places.end();
        if (parent == places.end()) {
          break;
        }
        at = parent->second;
        if (seen_in_walk[at] == walk) {
          Fail(fmt::format("snapshot {} is among its own ancestors",
                           metadata_.snapshots[at]->snapshot_id));
        }
      }
    }
  }

  void CheckTypes(const Schema& schema) const {
    try {
      CheckTypesOfVersion(schema, metadata_.format_version);
    } catch (const InvalidArgumentError& error) {
      Fail(fmt::format("schema {}: {}", schema.schema_id(), error.message()));
    }
  }

  /// A row id that is given twice would make two rows one.
  void CheckRowIds(const Snapshot& snapshot) const {
    if (snapshot.first_row_id &&
        *snapshot.first_row_id + *snapshot.added_rows > metadata_.next_row_id) {
      Fail(fmt::format("next-row-id is {}, but snapshot {} has row ids up to {}",
                       metadata_.next_row_id, snapshot.snapshot_id,
                       *snapshot.first_row_id + *snapshot.added_rows - 1));
    }
  }

  /// Ids that point to nothing would only surface later, far from their cause.
  void CheckReferences() {
    const auto has = [](const auto& items, const auto& matches) {
      return std::ranges::any_of(items, matches);
    };
    if (!has(metadata_.schemas, [&](const SchemaPtr& schema) {
          return schema->schema_id() == metadata_.current_schema_id;
        })) {
      Fail(fmt::format("current-schema-id {} is in no schema", metadata_.current_schema_id));
    }
    if (!has(metadata_.partition_specs, [&](const PartitionSpecPtr& spec) {
          return spec->spec_id() == metadata_.default_spec_id;
        })) {
      Fail(
          fmt::format("default-spec-id {} is in no partition spec", metadata_.default_spec_id));
    }
    // Unsorted needs no order that says so.
    if (metadata_.default_sort_order_id != kUnsortedOrderId &&
        !has(metadata_.sort_orders, [&](const SortOrder& order) {
          return order.order_id == metadata_.default_sort_order_id;
        })) {
      Fail(fmt::format("default-sort-order-id {} is in no sort order",
                       metadata_.default_sort_order_id));
    }
    // Some writers say -1 for "none"; metadata without refs has its current snapshot in main.
    if (current_snapshot_id_.value_or(-1) != -1) {
      SnapshotRef main;
      main.snapshot_id = *current_snapshot_id_;
      const auto found = metadata_.refs.emplace(std::string(kMainBranch), main).first;
      if (found->second.snapshot_id != main.snapshot_id) {
        Fail(fmt::format("current-snapshot-id is {}, but branch main points to {}",
                         main.snapshot_id, found->second.snapshot_id));
      }
    }
    for (const auto& [name, ref] : metadata_.refs) {
      if (name == kMainBranch && ref.kind != SnapshotRef::Kind::kBranch) {
        Fail("ref 'main' is a tag; it can only be a branch");
      }
      if (metadata_.FindSnapshot(ref.snapshot_id) == nullptr) {
        Fail(fmt::format("ref '{}' points to snapshot {}, which is not in the table", name,
                         ref.snapshot_id));
      }
    }
  }

  JsonDocument& document_;
  const std::string location_;
  TableMetadata metadata_;
  std::unordered_map<std::string, Reader> readers_;
  std::set<std::string> containers_;  ///< lists and objects, of which null means none
  std::set<std::string> seen_;
  std::vector<std::pair<std::string, std::string_view>> slices_;
  std::vector<std::string_view> snapshots_;
  std::optional<int64_t> current_snapshot_id_;
  // Of version 1.
  SchemaPtr schema_;
  std::optional<std::vector<PartitionField>> partition_fields_;
};

}  // namespace

TableMetadataPtr ParseTableMetadata(std::string text, const std::string& location) {
  JsonDocument document(std::move(text), location, JsonOrigin::kFile);
  return std::make_shared<const TableMetadata>(MetadataReader(document, location).Read());
}

}  // namespace floe::inline v0
