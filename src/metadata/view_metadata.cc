#include "floe/metadata/view_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/base/error.h"
#include "floe/schema/schema.h"
#include "metadata/snapshot_json.h"
#include "schema/schema_json.h"

namespace floe::inline v0 {
namespace {

ViewRepresentation ReadRepresentation(JsonValue& value) {
  ViewRepresentation representation;
  std::optional<std::string> type;
  std::optional<std::string> sql;
  std::optional<std::string> dialect;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "type") {
      type = member.AsString();
    } else if (key == "sql" && member.IsString()) {
      sql = member.AsString();
    } else if (key == "dialect" && member.IsString()) {
      dialect = member.AsString();
    } else {
      KeepExtra(key, member, &representation.extras);
    }
  });
  representation.type = value.Require(type, "type");
  if (representation.type == "sql") {
    value.Require(sql, "sql");
    value.Require(dialect, "dialect");
  }
  representation.sql = sql.value_or("");
  representation.dialect = dialect.value_or("");
  return representation;
}

void WriteRepresentation(const ViewRepresentation& representation, JsonWriter* writer) {
  writer->BeginObject().Member("type", representation.type);
  if (representation.type == "sql") {
    writer->Member("sql", representation.sql).Member("dialect", representation.dialect);
  }
  writer->Extras(representation.extras).EndObject();
}

ViewVersion ReadVersion(JsonValue& value) {
  ViewVersion version;
  std::optional<int32_t> version_id;
  std::optional<int32_t> schema_id;
  std::optional<int64_t> timestamp_ms;
  bool has_representations = false;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "version-id") {
      version_id = member.AsInt32();
    } else if (key == "schema-id") {
      schema_id = member.AsInt32();
    } else if (key == "timestamp-ms") {
      timestamp_ms = member.AsInt64();
    } else if (key == "summary") {
      version.summary = ReadProperties(member);
    } else if (key == "representations") {
      has_representations = true;
      member.ForEachElement([&](JsonValue& element) {
        version.representations.push_back(ReadRepresentation(element));
      });
    } else if (key == "default-catalog") {
      if (!member.IsNull()) {
        version.default_catalog = member.AsString();
      }
    } else if (key == "default-namespace") {
      member.ForEachElement(
          [&](JsonValue& level) { version.default_namespace.push_back(level.AsString()); });
    } else {
      KeepExtra(key, member, &version.extras);
    }
  });
  version.version_id = value.Require(version_id, "version-id");
  version.schema_id = value.Require(schema_id, "schema-id");
  version.timestamp_ms = value.Require(timestamp_ms, "timestamp-ms");
  if (!has_representations) {
    value.Fail("it has no 'representations'");
  }
  return version;
}

void WriteVersion(const ViewVersion& version, JsonWriter* writer) {
  writer->BeginObject().Member("version-id", version.version_id);
  writer->Member("schema-id", version.schema_id).Member("timestamp-ms", version.timestamp_ms);
  WriteProperties(version.summary, &writer->Key("summary"));
  writer->Key("representations").BeginArray();
  for (const ViewRepresentation& representation : version.representations) {
    WriteRepresentation(representation, writer);
  }
  writer->EndArray();
  if (version.default_catalog) {
    writer->Member("default-catalog", *version.default_catalog);
  }
  writer->Key("default-namespace").BeginArray();
  for (const std::string& level : version.default_namespace) {
    writer->String(level);
  }
  writer->EndArray().Extras(version.extras).EndObject();
}

ViewHistoryEntry ReadHistoryEntry(JsonValue& value) {
  std::optional<int64_t> timestamp_ms;
  std::optional<int32_t> version_id;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "timestamp-ms") {
      timestamp_ms = member.AsInt64();
    } else if (key == "version-id") {
      version_id = member.AsInt32();
    }
  });
  return {value.Require(timestamp_ms, "timestamp-ms"), value.Require(version_id, "version-id")};
}

/// Reads members into a view; what is required is checked at the end.
struct ViewReader {
  ViewMetadata view;
  std::optional<std::string> uuid;
  std::optional<int32_t> format_version;
  std::optional<std::string> location;
  std::optional<int32_t> current_version_id;

  void Read(std::string_view key, JsonValue& member) {
    if (key == "view-uuid") {
      uuid = member.AsString();
    } else if (key == "format-version") {
      format_version = member.AsInt32();
    } else if (key == "location") {
      location = member.AsString();
    } else if (key == "current-version-id") {
      current_version_id = member.AsInt32();
    } else if (key == "properties") {
      if (!member.IsNull()) {
        view.properties = ReadProperties(member);
      }
    } else {
      ReadList(key, member);
    }
  }

  void ReadList(std::string_view key, JsonValue& member) {
    if (key == "schemas") {
      member.ForEachElement([&](JsonValue& element) {
        view.schemas.push_back(std::make_shared<const Schema>(ReadSchema(element)));
      });
    } else if (key == "versions") {
      member.ForEachElement(
          [&](JsonValue& element) { view.versions.push_back(ReadVersion(element)); });
    } else if (key == "version-log") {
      member.ForEachElement(
          [&](JsonValue& element) { view.version_log.push_back(ReadHistoryEntry(element)); });
    } else {
      KeepExtra(key, member, &view.extras);
    }
  }
};

const SchemaPtr* FindSchema(const ViewMetadata& view, int32_t schema_id) {
  const auto found = std::ranges::find_if(
      view.schemas, [&](const SchemaPtr& schema) { return schema->schema_id() == schema_id; });
  return found == view.schemas.end() ? nullptr : &*found;
}

/// What is written next takes the id after the highest, so there has to be one.
template <typename Items, typename IdOf>
void CheckIds(std::string_view name, const Items& items, IdOf id_of, const JsonValue& value) {
  constexpr int32_t kMaxId = std::numeric_limits<int32_t>::max() - 200;
  std::set<int32_t> ids;
  for (const auto& item : items) {
    const int32_t id = id_of(item);
    if (id < 0 || id > kMaxId) {
      value.Fail(fmt::format("a {} is {}; expected a number from 0 to {}", name, id, kMaxId));
    }
    if (!ids.insert(id).second) {
      value.Fail(fmt::format("the {} {} is there twice", name, id));
    }
  }
}

void CheckVersions(const ViewMetadata& view, const JsonValue& value) {
  CheckIds(
      "schema-id", view.schemas, [](const SchemaPtr& schema) { return schema->schema_id(); },
      value);
  CheckIds(
      "version-id", view.versions,
      [](const ViewVersion& version) { return version.version_id; }, value);
  for (const ViewVersion& version : view.versions) {
    if (FindSchema(view, version.schema_id) == nullptr) {
      value.Fail(fmt::format("version {} has the schema-id {}, which is in no schema",
                             version.version_id, version.schema_id));
    }
  }
  if (std::ranges::find(view.versions, view.current_version_id, &ViewVersion::version_id) ==
      view.versions.end()) {
    value.Fail(fmt::format("current-version-id {} is in no version", view.current_version_id));
  }
}

}  // namespace

const ViewVersion& ViewMetadata::current_version() const {
  const auto found = std::ranges::find(versions, current_version_id, &ViewVersion::version_id);
  Check(found != versions.end(), "a view without its current version");
  return *found;
}

const SchemaPtr& ViewMetadata::schema() const {
  const SchemaPtr* found = FindSchema(*this, current_version().schema_id);
  Check(found != nullptr, "a view without its current schema");
  return *found;
}

ViewMetadataPtr ParseViewMetadata(std::string text, const std::string& location) {
  JsonDocument document(std::move(text), location, JsonOrigin::kFile);
  ViewReader reader;
  document.Read([&](JsonValue& root) {
    root.ForEachMember(
        [&](std::string_view key, JsonValue& member) { reader.Read(key, member); });
    reader.view.format_version = root.Require(reader.format_version, "format-version");
    if (reader.view.format_version != kViewFormatVersion) {
      throw UnsupportedError(
          fmt::format("view {} has format version {}; this version of floe reads version {}",
                      location, reader.view.format_version, kViewFormatVersion),
          {.path = location});
    }
    reader.view.view_uuid = root.Require(reader.uuid, "view-uuid");
    reader.view.location = root.Require(reader.location, "location");
    reader.view.current_version_id =
        root.Require(reader.current_version_id, "current-version-id");
    CheckVersions(reader.view, root);
  });
  return std::make_shared<const ViewMetadata>(std::move(reader.view));
}

std::string ViewMetadataToJson(const ViewMetadata& metadata) {
  JsonWriter writer;
  writer.BeginObject().Member("view-uuid", metadata.view_uuid);
  writer.Member("format-version", metadata.format_version);
  writer.Member("location", metadata.location).Key("schemas").BeginArray();
  for (const SchemaPtr& schema : metadata.schemas) {
    WriteSchema(*schema, &writer);
  }
  writer.EndArray().Member("current-version-id", metadata.current_version_id);
  writer.Key("versions").BeginArray();
  for (const ViewVersion& version : metadata.versions) {
    WriteVersion(version, &writer);
  }
  writer.EndArray().Key("version-log").BeginArray();
  for (const ViewHistoryEntry& entry : metadata.version_log) {
    writer.BeginObject().Member("timestamp-ms", entry.timestamp_ms);
    writer.Member("version-id", entry.version_id).EndObject();
  }
  WriteProperties(metadata.properties, &writer.EndArray().Key("properties"));
  writer.Extras(metadata.extras).EndObject();
  return std::move(writer).Take();
}

std::string ViewVersionToJson(const ViewVersion& version) {
  JsonWriter writer;
  WriteVersion(version, &writer);
  return std::move(writer).Take();
}

ViewVersion ViewVersionFromJson(std::string text) {
  std::optional<ViewVersion> version;
  JsonDocument document(std::move(text), "view version", JsonOrigin::kArgument);
  document.Read([&](JsonValue& root) { version = ReadVersion(root); });
  return *std::move(version);
}

}  // namespace floe::inline v0
