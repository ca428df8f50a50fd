#include "metadata/snapshot_json.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/metadata/snapshot.h"

namespace floe::inline v0 {

Properties ReadProperties(JsonValue& value) {
  Properties properties;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    properties.emplace_back(std::string(key), member.AsString());
  });
  return properties;
}

void WriteProperties(const Properties& properties, JsonWriter* writer) {
  writer->BeginObject();
  for (const auto& [name, text] : properties) {
    writer->Member(name, text);
  }
  writer->EndObject();
}

namespace {

constexpr std::string_view kOperation = "operation";

/// Checks a summary, which is kept as its text.
void ReadSummary(JsonValue& value, const std::shared_ptr<const std::string>& owner,
                 Snapshot* snapshot) {
  const std::string_view json =
      value.ForEachMember([&](std::string_view key, JsonValue& member) {
        const std::string_view text = member.AsStringView();
        if (key == kOperation) {
          snapshot->operation = text;
        }
      });
  snapshot->summary = SnapshotSummary(json, owner);
}

void ReadOptional(JsonValue& value, std::optional<int64_t>* target) {
  if (!value.IsNull()) {
    *target = value.AsInt64();
  }
}

void CheckRowLineage(const JsonValue& value, const Snapshot& snapshot) {
  if (snapshot.first_row_id && !snapshot.added_rows) {
    value.Fail("it has a 'first-row-id' and no 'added-rows'");
  }
  if (snapshot.first_row_id.value_or(0) < 0 || snapshot.added_rows.value_or(0) < 0) {
    value.Fail(fmt::format("row ids can't be negative: 'first-row-id' is {}, 'added-rows' {}",
                           snapshot.first_row_id.value_or(0), snapshot.added_rows.value_or(0)));
  }
  if (snapshot.first_row_id.value_or(0) >
      std::numeric_limits<int64_t>::max() - snapshot.added_rows.value_or(0)) {
    value.Fail("'first-row-id' and 'added-rows' are more than 64 bits can count");
  }
}

}  // namespace

Properties SnapshotSummary::ToProperties() const {
  if (json_.empty()) {
    return properties_;
  }
  Properties properties;
  JsonDocument document(std::string(json_), "summary", JsonOrigin::kArgument);
  document.Read([&](JsonValue& root) { properties = ReadProperties(root); });
  std::erase_if(properties, [](const auto& item) { return item.first == kOperation; });
  return properties;
}

std::optional<std::string> FindProperty(const SnapshotSummary& summary, std::string_view key) {
  const Properties properties = summary.ToProperties();
  const auto found = FindProperty(properties, key);
  return found ? std::optional<std::string>(*found) : std::nullopt;
}

SnapshotPtr ReadSnapshot(JsonValue& value, int format_version,
                         const std::shared_ptr<const std::string>& owner) {
  auto snapshot = std::make_shared<Snapshot>();
  std::optional<int64_t> id;
  std::optional<int64_t> timestamp;
  bool has_manifests = false;
  snapshot->raw_json = value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "snapshot-id") {
      id = member.AsInt64();
    } else if (key == "parent-snapshot-id") {
      ReadOptional(member, &snapshot->parent_snapshot_id);
    } else if (key == "sequence-number") {
      snapshot->sequence_number = member.AsInt64();
      snapshot->raw_has_sequence_number = true;
    } else if (key == "timestamp-ms") {
      timestamp = member.AsInt64();
    } else if (key == "manifest-list") {
      snapshot->manifest_list = member.AsString();
    } else if (key == "manifests") {
      member.ForEachElement(
          [&](JsonValue& path) { snapshot->manifests.push_back(path.AsString()); });
      has_manifests = true;
    } else if (key == "first-row-id") {
      ReadOptional(member, &snapshot->first_row_id);
    } else if (key == "added-rows") {
      ReadOptional(member, &snapshot->added_rows);
    } else if (key == "key-id") {
      if (!member.IsNull()) {
        snapshot->key_id = member.AsString();
      }
    } else if (key == "summary") {
      ReadSummary(member, owner, snapshot.get());
    } else if (key == "schema-id") {
      if (!member.IsNull()) {
        snapshot->schema_id = member.AsInt32();
      }
    } else {
      member.AsRaw();  // checked here, as it is written back
    }
  });
  snapshot->snapshot_id = value.Require(id, "snapshot-id");
  snapshot->timestamp_ms = value.Require(timestamp, "timestamp-ms");
  if (snapshot->manifest_list.empty() && !has_manifests) {
    value.Fail("member 'manifest-list' is missing");
  }
  if (format_version == 1) {
    snapshot->sequence_number = 0;
  }
  if (format_version < 3) {
    snapshot->first_row_id.reset();
    snapshot->added_rows.reset();
  }
  CheckRowLineage(value, *snapshot);
  snapshot->raw_owner = owner;
  if (owner == nullptr) {
    snapshot->summary = snapshot->summary.ToProperties();
    snapshot->raw_json = {};
  }
  return snapshot;
}

namespace {

/// Text that was read, as it is, but for a sequence number that version 1 does without.
void WriteRaw(const Snapshot& snapshot, int format_version, JsonWriter* writer) {
  if (format_version == 1 || snapshot.raw_has_sequence_number) {
    writer->Raw(snapshot.raw_json);
    return;
  }
  writer->Raw(fmt::format(R"({{"sequence-number":{},{})", snapshot.sequence_number,
                          snapshot.raw_json.substr(1)));
}

}  // namespace

void WriteSnapshot(const Snapshot& snapshot, int format_version, JsonWriter* writer) {
  if (!snapshot.raw_json.empty()) {
    WriteRaw(snapshot, format_version, writer);
    return;
  }
  writer->BeginObject().Member("snapshot-id", snapshot.snapshot_id);
  if (snapshot.parent_snapshot_id) {
    writer->Member("parent-snapshot-id", *snapshot.parent_snapshot_id);
  }
  if (format_version > 1) {
    writer->Member("sequence-number", snapshot.sequence_number);
  }
  writer->Member("timestamp-ms", snapshot.timestamp_ms);
  if (snapshot.manifest_list.empty()) {
    writer->Key("manifests").BeginArray();
    for (const std::string& manifest : snapshot.manifests) {
      writer->String(manifest);
    }
    writer->EndArray();
  } else {
    writer->Member("manifest-list", snapshot.manifest_list);
  }
  writer->Key("summary").BeginObject();
  if (!snapshot.operation.empty()) {
    writer->Member("operation", snapshot.operation);
  }
  for (const auto& [name, text] : snapshot.summary.ToProperties()) {
    writer->Member(name, text);
  }
  writer->EndObject();
  if (snapshot.schema_id) {
    writer->Member("schema-id", *snapshot.schema_id);
  }
  if (format_version > 2) {
    writer->Member("first-row-id", snapshot.first_row_id.value_or(0));
    writer->Member("added-rows", snapshot.added_rows.value_or(0));
  }
  if (snapshot.key_id) {
    writer->Member("key-id", *snapshot.key_id);
  }
  writer->EndObject();
}

std::string SnapshotToJson(const Snapshot& snapshot) {
  JsonWriter writer;
  WriteSnapshot(snapshot, snapshot.first_row_id ? 3 : 2, &writer);
  return std::move(writer).Take();
}

SnapshotRef ReadSnapshotRef(JsonValue& value) {
  std::optional<int64_t> id;
  std::optional<std::string> kind;
  SnapshotRef ref;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "snapshot-id") {
      id = member.AsInt64();
    } else if (key == "type") {
      kind = member.AsString();
    } else if (key == "min-snapshots-to-keep") {
      ref.min_snapshots_to_keep = member.AsInt32();
    } else if (key == "max-snapshot-age-ms") {
      ref.max_snapshot_age_ms = member.AsInt64();
    } else if (key == "max-ref-age-ms") {
      ref.max_ref_age_ms = member.AsInt64();
    } else {
      KeepExtra(key, member, &ref.extras);
    }
  });
  ref.snapshot_id = value.Require(id, "snapshot-id");
  if (value.Require(kind, "type") != "branch" && *kind != "tag") {
    value.Fail(fmt::format("expected type branch or tag, found '{}'", *kind));
  }
  ref.kind = *kind == "branch" ? SnapshotRef::Kind::kBranch : SnapshotRef::Kind::kTag;
  return ref;
}

void WriteSnapshotRef(const SnapshotRef& ref, JsonWriter* writer) {
  writer->BeginObject().Member("snapshot-id", ref.snapshot_id);
  writer->Member("type", ref.kind == SnapshotRef::Kind::kBranch ? "branch" : "tag");
  if (ref.min_snapshots_to_keep) {
    writer->Member("min-snapshots-to-keep", *ref.min_snapshots_to_keep);
  }
  if (ref.max_snapshot_age_ms) {
    writer->Member("max-snapshot-age-ms", *ref.max_snapshot_age_ms);
  }
  if (ref.max_ref_age_ms) {
    writer->Member("max-ref-age-ms", *ref.max_ref_age_ms);
  }
  writer->Extras(ref.extras).EndObject();
}

}  // namespace floe::inline v0
