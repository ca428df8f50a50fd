#include "floe/metadata/update_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/metadata/encryption_key.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/statistics_file.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "metadata/snapshot_json.h"
#include "metadata/statistics_json.h"
#include "partition/sort_order_json.h"
#include "partition/spec_json.h"
#include "schema/schema_json.h"

namespace floe::inline v0 {
namespace {

/// Writes the members of an update, its action first.
class UpdateWriter {
 public:
  explicit UpdateWriter(JsonWriter* writer) : writer_(*writer) {}

  void operator()(const AssignUuidUpdate& update) {
    Action("assign-uuid").Member("uuid", update.uuid);
  }
  void operator()(const UpgradeFormatVersionUpdate& update) {
    Action("upgrade-format-version").Member("format-version", update.format_version);
  }
  void operator()(const AddSchemaUpdate& update) {
    WriteSchema(*update.schema, &Action("add-schema").Key("schema"));
  }
  void operator()(const SetCurrentSchemaUpdate& update) {
    Action("set-current-schema").Member("schema-id", update.schema_id);
  }
  void operator()(const AddSpecUpdate& update) {
    WritePartitionSpec(*update.spec, &Action("add-spec").Key("spec"));
  }
  void operator()(const SetDefaultSpecUpdate& update) {
    Action("set-default-spec").Member("spec-id", update.spec_id);
  }
  void operator()(const AddSortOrderUpdate& update) {
    Action("add-sort-order").Key("sort-order").Raw(SortOrderToJson(update.sort_order));
  }
  void operator()(const SetDefaultSortOrderUpdate& update) {
    Action("set-default-sort-order").Member("sort-order-id", update.sort_order_id);
  }
  void operator()(const AddSnapshotUpdate& update) {
    Action("add-snapshot").Key("snapshot").Raw(SnapshotToJson(*update.snapshot));
  }
  void operator()(const SetSnapshotRefUpdate& update) {
    const SnapshotRef& ref = update.ref;
    Action("set-snapshot-ref").Member("ref-name", update.ref_name);
    writer_.Member("type", ref.kind == SnapshotRef::Kind::kBranch ? "branch" : "tag");
    writer_.Member("snapshot-id", ref.snapshot_id);
    Optional("min-snapshots-to-keep", ref.min_snapshots_to_keep);
    Optional("max-snapshot-age-ms", ref.max_snapshot_age_ms);
    Optional("max-ref-age-ms", ref.max_ref_age_ms);
    writer_.Extras(ref.extras);
  }
  void operator()(const RemoveSnapshotsUpdate& update) {
    Action("remove-snapshots");
    Numbers("snapshot-ids", update.snapshot_ids);
  }
  void operator()(const RemoveSnapshotRefUpdate& update) {
    Action("remove-snapshot-ref").Member("ref-name", update.ref_name);
  }
  void operator()(const SetLocationUpdate& update) {
    Action("set-location").Member("location", update.location);
  }
  void operator()(const SetPropertiesUpdate& update) {
    WriteProperties(update.updates, &Action("set-properties").Key("updates"));
  }
  void operator()(const RemovePropertiesUpdate& update) {
    Action("remove-properties").Key("removals").BeginArray();
    for (const std::string& name : update.removals) {
      writer_.String(name);
    }
    writer_.EndArray();
  }
  void operator()(const SetStatisticsUpdate& update) {
    Action("set-statistics").Member("snapshot-id", update.statistics.snapshot_id);
    WriteStatisticsFile(update.statistics, &writer_.Key("statistics"));
  }
  void operator()(const RemoveStatisticsUpdate& update) {
    Action("remove-statistics").Member("snapshot-id", update.snapshot_id);
  }
  void operator()(const SetPartitionStatisticsUpdate& update) {
    WritePartitionStatisticsFile(
        update.partition_statistics,
        &Action("set-partition-statistics").Key("partition-statistics"));
  }
  void operator()(const RemovePartitionStatisticsUpdate& update) {
    Action("remove-partition-statistics").Member("snapshot-id", update.snapshot_id);
  }
  void operator()(const RemovePartitionSpecsUpdate& update) {
    Action("remove-partition-specs");
    Numbers("spec-ids", update.spec_ids);
  }
  void operator()(const RemoveSchemasUpdate& update) {
    Action("remove-schemas");
    Numbers("schema-ids", update.schema_ids);
  }
  void operator()(const AddEncryptionKeyUpdate& update) {
    WriteEncryptionKey(update.encryption_key,
                       &Action("add-encryption-key").Key("encryption-key"));
  }
  void operator()(const RemoveEncryptionKeyUpdate& update) {
    Action("remove-encryption-key").Member("key-id", update.key_id);
  }

 private:
  JsonWriter& Action(std::string_view action) { return writer_.Member("action", action); }

  template <class Number>
  void Optional(std::string_view name, const std::optional<Number>& value) {
    if (value) {
      writer_.Member(name, int64_t{*value});
    }
  }

  template <class Number>
  void Numbers(std::string_view name, const std::vector<Number>& numbers) {
    writer_.Key(name).BeginArray();
    for (const Number number : numbers) {
      writer_.Int(number);
    }
    writer_.EndArray();
  }

  JsonWriter& writer_;
};

class RequirementWriter {
 public:
  explicit RequirementWriter(JsonWriter* writer) : writer_(*writer) {}

  void operator()(const AssertCreate& /*requirement*/) { Type("assert-create"); }
  void operator()(const AssertTableUuid& requirement) {
    Type("assert-table-uuid").Member("uuid", requirement.uuid);
  }
  void operator()(const AssertRefSnapshotId& requirement) {
    Type("assert-ref-snapshot-id").Member("ref", requirement.ref).Key("snapshot-id");
    if (requirement.snapshot_id) {
      writer_.Int(*requirement.snapshot_id);
    } else {
      writer_.Null();
    }
  }
  void operator()(const AssertLastAssignedFieldId& requirement) {
    Type("assert-last-assigned-field-id")
        .Member("last-assigned-field-id", requirement.last_assigned_field_id);
  }
  void operator()(const AssertCurrentSchemaId& requirement) {
    Type("assert-current-schema-id").Member("current-schema-id", requirement.current_schema_id);
  }
  void operator()(const AssertLastAssignedPartitionId& requirement) {
    Type("assert-last-assigned-partition-id")
        .Member("last-assigned-partition-id", requirement.last_assigned_partition_id);
  }
  void operator()(const AssertDefaultSpecId& requirement) {
    Type("assert-default-spec-id").Member("default-spec-id", requirement.default_spec_id);
  }
  void operator()(const AssertDefaultSortOrderId& requirement) {
    Type("assert-default-sort-order-id")
        .Member("default-sort-order-id", requirement.default_sort_order_id);
  }

 private:
  JsonWriter& Type(std::string_view type) { return writer_.Member("type", type); }

  JsonWriter& writer_;
};

/// Reads one member of an object, which must be there.
template <class Value>
Value Read(JsonValue& object, std::string_view wanted,
           const std::function<Value(JsonValue&)>& read) {
  std::optional<Value> found;
  object.ForEachMember([&](std::string_view name, JsonValue& member) {
    if (name == wanted) {
      found.emplace(read(member));
    }
  });
  return object.Require(found, wanted);
}

std::string ReadText(JsonValue& object, std::string_view name) {
  return Read<std::string>(object, name, [](JsonValue& value) { return value.AsString(); });
}
int32_t ReadInt(JsonValue& object, std::string_view name) {
  return Read<int32_t>(object, name, [](JsonValue& value) { return value.AsInt32(); });
}
int64_t ReadLong(JsonValue& object, std::string_view name) {
  return Read<int64_t>(object, name, [](JsonValue& value) { return value.AsInt64(); });
}

template <class Element>
std::vector<Element> ReadList(JsonValue& object, std::string_view name,
                              const std::function<Element(JsonValue&)>& read) {
  return Read<std::vector<Element>>(object, name, [&](JsonValue& value) {
    std::vector<Element> elements;
    value.ForEachElement([&](JsonValue& element) { elements.push_back(read(element)); });
    return elements;
  });
}

TableUpdate ReadRef(JsonValue& object) {
  SetSnapshotRefUpdate update;
  update.ref = ReadSnapshotRef(object);
  std::erase_if(update.ref.extras, [](const auto& item) {
    return item.first == "action" || item.first == "ref-name";
  });
  return update;
}

template <class Element>
Element AsNumber(JsonValue& value) {
  if constexpr (sizeof(Element) == sizeof(int64_t)) {
    return value.AsInt64();
  } else {
    return value.AsInt32();
  }
}

template <class Result>
using Readers = std::map<std::string_view, std::function<Result(JsonValue&)>>;

// NOLINTNEXTLINE(readability-function-size): a table, a line for each update
const Readers<TableUpdate>& UpdateReaders() {
  using Json = JsonValue;
  static const Readers<TableUpdate> readers = {
      {"assign-uuid", [](Json& o) { return AssignUuidUpdate{ReadText(o, "uuid")}; }},
      {"upgrade-format-version",
       [](Json& o) { return UpgradeFormatVersionUpdate{ReadInt(o, "format-version")}; }},
      {"add-schema",
       [](Json& o) {
         return AddSchemaUpdate{Read<SchemaPtr>(o, "schema", [](Json& value) {
           return std::make_shared<const Schema>(ReadSchema(value));
         })};
       }},
      {"set-current-schema",
       [](Json& o) { return SetCurrentSchemaUpdate{ReadInt(o, "schema-id")}; }},
      {"add-spec",
       [](Json& o) {
         return AddSpecUpdate{Read<PartitionSpecPtr>(o, "spec", [](Json& value) {
           return std::make_shared<const PartitionSpec>(ReadPartitionSpec(value));
         })};
       }},
      {"set-default-spec", [](Json& o) { return SetDefaultSpecUpdate{ReadInt(o, "spec-id")}; }},
      {"add-sort-order",
       [](Json& o) {
         return AddSortOrderUpdate{Read<SortOrder>(o, "sort-order", ReadSortOrder)};
       }},
      {"set-default-sort-order",
       [](Json& o) { return SetDefaultSortOrderUpdate{ReadInt(o, "sort-order-id")}; }},
      {"add-snapshot",
       [](Json& o) {
         return AddSnapshotUpdate{Read<SnapshotPtr>(o, "snapshot", [](Json& value) {
           return ReadSnapshot(value, kMaxFormatVersion, nullptr);
         })};
       }},
      {"set-snapshot-ref", ReadRef},
      {"remove-snapshots",
       [](Json& o) {
         return RemoveSnapshotsUpdate{ReadList<int64_t>(o, "snapshot-ids", AsNumber<int64_t>)};
       }},
      {"remove-snapshot-ref",
       [](Json& o) { return RemoveSnapshotRefUpdate{ReadText(o, "ref-name")}; }},
      {"set-location", [](Json& o) { return SetLocationUpdate{ReadText(o, "location")}; }},
      {"set-properties",
       [](Json& o) {
         return SetPropertiesUpdate{Read<Properties>(o, "updates", ReadProperties)};
       }},
      {"remove-properties",
       [](Json& o) {
         return RemovePropertiesUpdate{ReadList<std::string>(
             o, "removals", [](Json& value) { return value.AsString(); })};
       }},
      {"set-statistics",
       [](Json& o) {
         return SetStatisticsUpdate{Read<StatisticsFile>(o, "statistics", ReadStatisticsFile)};
       }},
      {"remove-statistics",
       [](Json& o) { return RemoveStatisticsUpdate{ReadLong(o, "snapshot-id")}; }},
      {"set-partition-statistics",
       [](Json& o) {
         return SetPartitionStatisticsUpdate{Read<PartitionStatisticsFile>(
             o, "partition-statistics", ReadPartitionStatisticsFile)};
       }},
      {"remove-partition-statistics",
       [](Json& o) { return RemovePartitionStatisticsUpdate{ReadLong(o, "snapshot-id")}; }},
      {"remove-partition-specs",
       [](Json& o) {
         return RemovePartitionSpecsUpdate{ReadList<int32_t>(o, "spec-ids", AsNumber<int32_t>)};
       }},
      {"remove-schemas",
       [](Json& o) {
         return RemoveSchemasUpdate{ReadList<int32_t>(o, "schema-ids", AsNumber<int32_t>)};
       }},
      {"add-encryption-key",
       [](Json& o) {
         return AddEncryptionKeyUpdate{
             Read<EncryptionKey>(o, "encryption-key", ReadEncryptionKey)};
       }},
      {"remove-encryption-key",
       [](Json& o) { return RemoveEncryptionKeyUpdate{ReadText(o, "key-id")}; }},
  };
  return readers;
}

TableRequirement ReadRefRequirement(JsonValue& object) {
  std::optional<std::string> ref;
  bool has_id = false;
  AssertRefSnapshotId requirement;
  object.ForEachMember([&](std::string_view name, JsonValue& member) {
    if (name == "ref") {
      ref = member.AsString();
    } else if (name == "snapshot-id") {
      has_id = true;
      if (!member.IsNull()) {
        requirement.snapshot_id = member.AsInt64();
      }
    }
  });
  requirement.ref = object.Require(ref, "ref");
  if (!has_id) {
    object.Fail("member 'snapshot-id' is missing; null says that the ref must not exist");
  }
  return requirement;
}

const Readers<TableRequirement>& RequirementReaders() {
  using Json = JsonValue;
  static const Readers<TableRequirement> readers = {
      {"assert-create",
       [](Json& o) {
         o.ForEachMember([](std::string_view /*name*/, JsonValue& /*member*/) {});
         return AssertCreate{};
       }},
      {"assert-table-uuid", [](Json& o) { return AssertTableUuid{ReadText(o, "uuid")}; }},
      {"assert-ref-snapshot-id", ReadRefRequirement},
      {"assert-last-assigned-field-id",
       [](Json& o) { return AssertLastAssignedFieldId{ReadInt(o, "last-assigned-field-id")}; }},
      {"assert-current-schema-id",
       [](Json& o) { return AssertCurrentSchemaId{ReadInt(o, "current-schema-id")}; }},
      {"assert-last-assigned-partition-id",
       [](Json& o) {
         return AssertLastAssignedPartitionId{ReadInt(o, "last-assigned-partition-id")};
       }},
      {"assert-default-spec-id",
       [](Json& o) { return AssertDefaultSpecId{ReadInt(o, "default-spec-id")}; }},
      {"assert-default-sort-order-id",
       [](Json& o) { return AssertDefaultSortOrderId{ReadInt(o, "default-sort-order-id")}; }},
  };
  return readers;
}

/// Reads an object whose member `tag` says how the rest is read, wherever it stands.
template <class Result>
Result ReadTagged(const std::string& text, const char* source, std::string_view tag,
                  const Readers<Result>& readers) {
  const std::function<Result(JsonValue&)>* reader = nullptr;
  JsonDocument(text, source, JsonOrigin::kArgument).Read([&](JsonValue& root) {
    const std::string kind = ReadText(root, tag);
    const auto found = readers.find(kind);
    if (found == readers.end()) {
      root.Fail(fmt::format("'{}' is no {} of a {}", kind, tag, source));
    }
    reader = &found->second;
  });
  std::optional<Result> result;
  JsonDocument(text, source, JsonOrigin::kArgument).Read([&](JsonValue& root) {
    result.emplace((*reader)(root));
  });
  return *std::move(result);
}

}  // namespace

std::string TableUpdateToJson(const TableUpdate& update) {
  JsonWriter writer;
  writer.BeginObject();
  std::visit(UpdateWriter(&writer), update);
  writer.EndObject();
  return std::move(writer).Take();
}

TableUpdate TableUpdateFromJson(const std::string& text) {
  TableUpdate update = ReadTagged(text, "table update", "action", UpdateReaders());
  if (auto* set = std::get_if<SetSnapshotRefUpdate>(&update)) {
    JsonDocument(text, "table update", JsonOrigin::kArgument).Read([&](JsonValue& root) {
      set->ref_name = ReadText(root, "ref-name");
    });
  }
  return update;
}

std::string TableRequirementToJson(const TableRequirement& requirement) {
  JsonWriter writer;
  writer.BeginObject();
  std::visit(RequirementWriter(&writer), requirement);
  writer.EndObject();
  return std::move(writer).Take();
}

TableRequirement TableRequirementFromJson(const std::string& text) {
  return ReadTagged(text, "table requirement", "type", RequirementReaders());
}

}  // namespace floe::inline v0
