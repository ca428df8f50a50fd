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
#include "floe/schema/version_rules.h"
#include "metadata/snapshot_json.h"
#include "metadata/statistics_json.h"
#include "partition/spec_json.h"
#include "schema/schema_json.h"

namespace floe::inline v0 {
namespace {

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

/// Reads the members of the root object as they come.
class MetadataReader {
 public:
  MetadataReader(std::shared_ptr<const std::string> text, int format_version)
      : text_(std::move(text)) {
    metadata_.format_version = format_version;
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
    if (metadata_.format_version == 1) {
      FillInVersion1(root);
    }
    for (const std::string_view name : RequiredMembers(metadata_.format_version)) {
      RequireSeen(root, name);
    }
    CheckIds(root);
    CheckReferences(root);
    return std::move(metadata_);
  }

 private:
  using Reader = std::function<void(JsonValue&)>;

  void RequireSeen(const JsonValue& root, std::string_view name) const {
    if (!seen_.contains(std::string(name))) {
      root.Fail(fmt::format("member '{}' is missing", name));
    }
  }

  /// Version 1 began with one schema and one spec, and without sort orders.
  void FillInVersion1(const JsonValue& root) {
    metadata_.last_sequence_number = 0;
    if (!metadata_.schemas.empty()) {
      RequireSeen(root, "current-schema-id");
    } else {
      if (schema_ == nullptr) {
        root.Fail("member 'schema' is missing");
      }
      metadata_.current_schema_id = schema_->schema_id();
      metadata_.schemas.push_back(schema_);
    }
    if (!metadata_.partition_specs.empty()) {
      RequireSeen(root, "default-spec-id");
    } else {
      if (!partition_fields_) {
        root.Fail("member 'partition-spec' is missing");
      }
      metadata_.default_spec_id = 0;
      metadata_.partition_specs.push_back(
          std::make_shared<const PartitionSpec>(0, *std::move(partition_fields_)));
    }
    if (metadata_.sort_orders.empty()) {
      metadata_.sort_orders.push_back({0, R"({"order-id":0,"fields":[]})"});
      metadata_.default_sort_order_id = 0;
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
    readers_["format-version"] = [](JsonValue& value) { value.AsInt32(); };
    readers_["table-uuid"] = [this](JsonValue& value) {
      if (metadata_.format_version > 1 || !value.IsNull()) {
        metadata_.table_uuid = value.AsString();
      }
    };
    text("location", &metadata_.location);
    int64("last-sequence-number", &metadata_.last_sequence_number);
    int64("last-updated-ms", &metadata_.last_updated_ms);
    int32("last-column-id", &metadata_.last_column_id);
    int32("current-schema-id", &metadata_.current_schema_id);
    int32("default-spec-id", &metadata_.default_spec_id);
    int32("last-partition-id", &metadata_.last_partition_id);
    int32("default-sort-order-id", &metadata_.default_sort_order_id);
    readers_["next-row-id"] = [this](JsonValue& value) {
      if (metadata_.format_version > 2) {
        metadata_.next_row_id = value.AsInt64();
        if (metadata_.next_row_id < 0) {
          value.Fail(fmt::format("{} is negative", metadata_.next_row_id));
        }
      }
    };
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
    ForEach("sort-orders", [this](JsonValue& value) { ReadSortOrder(value); });
    readers_["properties"] = [this](JsonValue& value) {
      if (!value.IsNull()) {
        metadata_.properties = ReadProperties(value);
      }
    };
    ForEach("snapshots", [this](JsonValue& value) {
      metadata_.snapshots.push_back(ReadSnapshot(value, metadata_.format_version, text_));
    });
    readers_["refs"] = [this](JsonValue& value) {
      if (value.IsNull()) {
        return;
      }
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
      CheckTypes(*schema, root);
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
      CheckRowIds(root, *snapshot);
      if (snapshot->sequence_number > metadata_.last_sequence_number) {
        root.Fail(fmt::format("last-sequence-number is {}, but snapshot {} has {}",
                              metadata_.last_sequence_number, snapshot->snapshot_id,
                              snapshot->sequence_number));
      }
    }
  }

  void CheckTypes(const Schema& schema, const JsonValue& root) const {
    try {
      CheckTypesOfVersion(schema, metadata_.format_version);
    } catch (const InvalidArgumentError& error) {
      root.Fail(fmt::format("schema {}: {}", schema.schema_id(), error.message()));
    }
  }

  /// A row id that is given twice would make two rows one.
  void CheckRowIds(const JsonValue& root, const Snapshot& snapshot) const {
    if (snapshot.first_row_id &&
        *snapshot.first_row_id + *snapshot.added_rows > metadata_.next_row_id) {
      root.Fail(fmt::format("next-row-id is {}, but snapshot {} has row ids up to {}",
                            metadata_.next_row_id, snapshot.snapshot_id,
                            *snapshot.first_row_id + *snapshot.added_rows - 1));
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
  TableMetadata metadata_;
  std::unordered_map<std::string, Reader> readers_;
  std::set<std::string> seen_;
  std::optional<int64_t> current_snapshot_id_;
  // Of version 1.
  SchemaPtr schema_;
  std::optional<std::vector<PartitionField>> partition_fields_;
};

/// Which version the members are of, that may stand before its number.
int FindFormatVersion(JsonDocument& document, const std::string& location) {
  std::optional<int> version;
  document.Read([&](JsonValue& root) {
    root.ForEachMember([&](std::string_view key, JsonValue& member) {
      if (key == "format-version" && !version) {
        version = ReadFormatVersion(member, location);
      }
    });
    version = root.Require(version, "format-version");
  });
  return *version;
}

}  // namespace

TableMetadataPtr ParseTableMetadata(std::string text, const std::string& location) {
  JsonDocument document(std::move(text), location, JsonOrigin::kFile);
  const int format_version = FindFormatVersion(document, location);
  TableMetadataPtr metadata;
  document.Read([&](JsonValue& root) {
    metadata = std::make_shared<const TableMetadata>(
        MetadataReader(document.text(), format_version).Read(root));
  });
  return metadata;
}

}  // namespace floe::inline v0
