#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/base/error.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "metadata/snapshot_json.h"
#include "partition/spec_json.h"
#include "schema/schema_json.h"

namespace floe::inline v0 {
namespace {

void CheckVersion(JsonValue& value, const std::string& location) {
  const int32_t version = value.AsInt32();
  if (version != kFormatVersion) {
    throw UnsupportedError(
        fmt::format("the table at {} has Iceberg format version {}; this version of floe reads "
                    "and writes version {}",
                    location, version, kFormatVersion),
        {.path = location});
  }
}

/// Reads the members of the root object as they come.
class MetadataReader {
 public:
  MetadataReader(std::shared_ptr<const std::string> text, std::string location)
      : text_(std::move(text)), location_(std::move(location)) {
    RegisterScalars();
    RegisterLists();
  }

  TableMetadata Read(JsonValue& root) {
    root.ForEachMember([&](std::string_view key, JsonValue& member) {
      const auto found = readers_.find(std::string(key));
      if (found != readers_.end()) {
        if (!seen_.insert(found->first).second) {
          member.Fail("the member is there twice");
        }
        found->second(member);
      } else {
        KeepExtra(key, member, &metadata_.extras);
      }
    });
    for (const std::string_view name :
         {"format-version", "table-uuid", "location", "last-sequence-number", "last-updated-ms",
          "last-column-id", "schemas", "current-schema-id", "partition-specs",
          "default-spec-id", "last-partition-id", "sort-orders", "default-sort-order-id"}) {
      if (!seen_.contains(std::string(name))) {
        root.Fail(fmt::format("member '{}' is missing", name));
      }
    }
    CheckIds(root);
    CheckReferences(root);
    return std::move(metadata_);
  }

 private:
  using Reader = std::function<void(JsonValue&)>;

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
    readers_["format-version"] = [this](JsonValue& value) { CheckVersion(value, location_); };
    text("table-uuid", &metadata_.table_uuid);
    text("location", &metadata_.location);
    int64("last-sequence-number", &metadata_.last_sequence_number);
    int64("last-updated-ms", &metadata_.last_updated_ms);
    int32("last-column-id", &metadata_.last_column_id);
    int32("current-schema-id", &metadata_.current_schema_id);
    int32("default-spec-id", &metadata_.default_spec_id);
    int32("last-partition-id", &metadata_.last_partition_id);
    int32("default-sort-order-id", &metadata_.default_sort_order_id);
    readers_["current-snapshot-id"] = [this](JsonValue& value) {
      if (!value.IsNull()) {
        current_snapshot_id_ = value.AsInt64();
      }
    };
  }

  void ForEach(std::string_view name, Reader read) {
    readers_[std::string(name)] = [read = std::move(read)](JsonValue& value) {
      if (!value.IsNull()) {
        value.ForEachElement(read);
      }
    };
  }

  void RegisterLists() {
    ForEach("schemas", [this](JsonValue& value) {
      metadata_.schemas.push_back(std::make_shared<const Schema>(ReadSchema(value)));
    });
    ForEach("partition-specs", [this](JsonValue& value) {
      metadata_.partition_specs.push_back(
          std::make_shared<const PartitionSpec>(ReadPartitionSpec(value)));
    });
    ForEach("sort-orders", [this](JsonValue& value) { ReadSortOrder(value); });
    readers_["properties"] = [this](JsonValue& value) {
      if (!value.IsNull()) {
        metadata_.properties = ReadProperties(value);
      }
    };
    ForEach("snapshots", [this](JsonValue& value) {
      metadata_.snapshots.push_back(ReadSnapshot(value, text_));
    });
    readers_["refs"] = [this](JsonValue& value) {
      value.ForEachMember([this](std::string_view name, JsonValue& member) {
        metadata_.refs.emplace(std::string(name), ReadSnapshotRef(member));
      });
    };
    ForEach("snapshot-log", [this](JsonValue& value) { ReadSnapshotLogEntry(value); });
    ForEach("metadata-log", [this](JsonValue& value) { ReadMetadataLogEntry(value); });
  }

  void ReadSortOrder(JsonValue& value) {
    std::optional<int32_t> id;
    JsonExtras members;
    value.ForEachMember([&](std::string_view key, JsonValue& member) {
      if (key == "order-id") {
        id = member.AsInt32();
      } else {
        KeepExtra(key, member, &members);
      }
    });
    JsonWriter raw;
    raw.BeginObject().Member("order-id", value.Require(id, "order-id"));
    raw.Extras(members).EndObject();
    metadata_.sort_orders.push_back({*id, std::move(raw).Take()});
  }

  void ReadSnapshotLogEntry(JsonValue& value) {
    std::optional<int64_t> timestamp;
    std::optional<int64_t> id;
    value.ForEachMember([&](std::string_view key, JsonValue& member) {
      if (key == "timestamp-ms") {
        timestamp = member.AsInt64();
      } else if (key == "snapshot-id") {
        id = member.AsInt64();
      }
    });
    metadata_.snapshot_log.push_back(
        {value.Require(timestamp, "timestamp-ms"), value.Require(id, "snapshot-id")});
  }

  void ReadMetadataLogEntry(JsonValue& value) {
    std::optional<int64_t> timestamp;
    std::optional<std::string> file;
    value.ForEachMember([&](std::string_view key, JsonValue& member) {
      if (key == "timestamp-ms") {
        timestamp = member.AsInt64();
      } else if (key == "metadata-file") {
        file = member.AsString();
      }
    });
    metadata_.metadata_log.push_back(
        {value.Require(timestamp, "timestamp-ms"), value.Require(file, "metadata-file")});
  }

  /// Ids that are not unique, or behind those that were given: what is written next would
  /// take one for another.
  void CheckIds(JsonValue& root) {
    std::set<int32_t> ids;
    for (const SchemaPtr& schema : metadata_.schemas) {
      if (!ids.insert(schema->schema_id()).second) {
        root.Fail(fmt::format("two schemas have the schema-id {}", schema->schema_id()));
      }
      metadata_.last_column_id = std::max(metadata_.last_column_id, schema->highest_field_id());
    }
    ids.clear();
    for (const PartitionSpecPtr& spec : metadata_.partition_specs) {
      if (!ids.insert(spec->spec_id()).second) {
        root.Fail(fmt::format("two partition specs have the spec-id {}", spec->spec_id()));
      }
      metadata_.last_partition_id =
          std::max(metadata_.last_partition_id, spec->highest_field_id());
    }
    std::unordered_set<int64_t> snapshot_ids;
    for (const SnapshotPtr& snapshot : metadata_.snapshots) {
      if (!snapshot_ids.insert(snapshot->snapshot_id).second) {
        root.Fail(fmt::format("two snapshots have the snapshot-id {}", snapshot->snapshot_id));
      }
      if (snapshot->sequence_number > metadata_.last_sequence_number) {
        root.Fail(fmt::format("last-sequence-number is {}, but snapshot {} has {}",
                              metadata_.last_sequence_number, snapshot->snapshot_id,
                              snapshot->sequence_number));
      }
    }
  }

  /// Ids that point to nothing would only surface later, far from their cause.
  void CheckReferences(JsonValue& root) {
    const auto has = [](const auto& items, const auto& matches) {
      return std::ranges::any_of(items, matches);
    };
    if (!has(metadata_.schemas, [&](const SchemaPtr& schema) {
          return schema->schema_id() == metadata_.current_schema_id;
        })) {
      root.Fail(
          fmt::format("current-schema-id {} is in no schema", metadata_.current_schema_id));
    }
    if (!has(metadata_.partition_specs, [&](const PartitionSpecPtr& spec) {
          return spec->spec_id() == metadata_.default_spec_id;
        })) {
      root.Fail(
          fmt::format("default-spec-id {} is in no partition spec", metadata_.default_spec_id));
    }
    // Some writers say -1 for "none"; metadata without refs has its current snapshot in main.
    if (current_snapshot_id_.value_or(-1) != -1) {
      SnapshotRef main;
      main.snapshot_id = *current_snapshot_id_;
      const auto found = metadata_.refs.emplace(std::string(kMainBranch), main).first;
      if (found->second.snapshot_id != main.snapshot_id) {
        root.Fail(fmt::format("current-snapshot-id is {}, but branch main points to {}",
                              main.snapshot_id, found->second.snapshot_id));
      }
    }
    for (const auto& [name, ref] : metadata_.refs) {
      if (name == kMainBranch && ref.kind != SnapshotRef::Kind::kBranch) {
        root.Fail("ref 'main' is a tag; it can only be a branch");
      }
      if (metadata_.FindSnapshot(ref.snapshot_id) == nullptr) {
        root.Fail(fmt::format("ref '{}' points to snapshot {}, which is not in the table", name,
                              ref.snapshot_id));
      }
    }
  }

  std::shared_ptr<const std::string> text_;
  const std::string location_;
  TableMetadata metadata_;
  std::unordered_map<std::string, Reader> readers_;
  std::set<std::string> seen_;
  std::optional<int64_t> current_snapshot_id_;
};

void WriteScalars(const TableMetadata& metadata, JsonWriter* writer) {
  writer->Member("format-version", kFormatVersion)
      .Member("table-uuid", metadata.table_uuid)
      .Member("location", metadata.location)
      .Member("last-sequence-number", metadata.last_sequence_number)
      .Member("last-updated-ms", metadata.last_updated_ms)
      .Member("last-column-id", metadata.last_column_id)
      .Member("current-schema-id", metadata.current_schema_id)
      .Member("default-spec-id", metadata.default_spec_id)
      .Member("last-partition-id", metadata.last_partition_id)
      .Member("default-sort-order-id", metadata.default_sort_order_id);
}

void WriteSchemasAndSpecs(const TableMetadata& metadata, JsonWriter* writer) {
  writer->Key("schemas").BeginArray();
  for (const SchemaPtr& schema : metadata.schemas) {
    WriteSchema(*schema, writer);
  }
  writer->EndArray().Key("partition-specs").BeginArray();
  for (const PartitionSpecPtr& spec : metadata.partition_specs) {
    WritePartitionSpec(*spec, writer);
  }
  writer->EndArray().Key("sort-orders").BeginArray();
  for (const SortOrder& order : metadata.sort_orders) {
    writer->Raw(order.raw_json);
  }
  writer->EndArray().Key("properties");
  WriteProperties(metadata.properties, writer);
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
    WriteSnapshot(*snapshot, writer);
  }
  writer->EndArray().Key("snapshot-log").BeginArray();
  for (const SnapshotLogEntry& entry : metadata.snapshot_log) {
    writer->BeginObject().Member("timestamp-ms", entry.timestamp_ms);
    writer->Member("snapshot-id", entry.snapshot_id).EndObject();
  }
  writer->EndArray().Key("metadata-log").BeginArray();
  for (const MetadataLogEntry& entry : metadata.metadata_log) {
    writer->BeginObject().Member("timestamp-ms", entry.timestamp_ms);
    writer->Member("metadata-file", entry.metadata_file).EndObject();
  }
  writer->EndArray();
}

}  // namespace

namespace {

/// Throws UnsupportedError if damaged `text` says that it is of another format version, whose
/// members may stand before its number.
void ThrowIfOtherVersion(const std::string& text, const std::string& location) {
  try {
    JsonDocument(text, location, JsonOrigin::kFile).Read([&](JsonValue& root) {
      root.ForEachMember([&](std::string_view key, JsonValue& member) {
        if (key == "format-version") {
          CheckVersion(member, location);
        }
      });
    });
  } catch (const CorruptFileError&) {
    return;  // the first error says more
  }
}

}  // namespace

TableMetadataPtr ParseTableMetadata(std::string text, const std::string& location) {
  JsonDocument document(std::move(text), location, JsonOrigin::kFile);
  TableMetadataPtr metadata;
  try {
    document.Read([&](JsonValue& root) {
      metadata = std::make_shared<const TableMetadata>(
          MetadataReader(document.text(), location).Read(root));
    });
  } catch (const Error&) {
    ThrowIfOtherVersion(*document.text(), location);
    throw;
  }
  return metadata;
}

std::string TableMetadataToJson(const TableMetadata& metadata) {
  JsonWriter writer;
  writer.BeginObject();
  WriteScalars(metadata, &writer);
  WriteSchemasAndSpecs(metadata, &writer);
  WriteSnapshotsAndLogs(metadata, &writer);
  writer.Extras(metadata.extras).EndObject();
  return std::move(writer).Take();
}

}  // namespace floe::inline v0
