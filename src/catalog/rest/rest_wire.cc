#include "catalog/rest/rest_wire.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_settings.h"
#include "floe/base/error.h"
#include "floe/base/secret.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
#include "floe/metadata/update_json.h"
#include "floe/metadata/view_metadata.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"
#include "floe/table/table_origin.h"
#include "floe/table/view_catalog.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

/// Reads the members of the object that an answer is.
void ReadAnswer(std::string body, const RestOperation& operation,
                const std::function<void(std::string_view name, JsonValue& value)>& read) {
  try {
    JsonDocument document(std::move(body), "the answer", JsonOrigin::kArgument);
    document.Read([&](JsonValue& root) { root.ForEachMember(read); });
  } catch (const ParseError& error) {
    ThrowBadAnswer(operation, error.message());
  }
}

Properties ReadProperties(JsonValue& value) {
  Properties properties;
  if (value.IsNull()) {
    return properties;
  }
  value.ForEachMember([&](std::string_view name, JsonValue& member) {
    // A null says that there is no such property.
    if (!member.IsNull()) {
      properties.emplace_back(name, member.AsString());
    }
  });
  return properties;
}

std::vector<std::string> ReadTexts(JsonValue& value) {
  std::vector<std::string> texts;
  value.ForEachElement([&](JsonValue& element) { texts.push_back(element.AsString()); });
  return texts;
}

bool IsSecretName(std::string_view name) {
  return name.ends_with("token") || name.find("secret") != std::string_view::npos ||
         name.find("sas-token") != std::string_view::npos;
}

/// Keys and tokens among them are left out of whatever the server says later.
SecretProperties ReadSecretProperties(JsonValue& value, const RestOperation& operation) {
  SecretProperties properties;
  for (auto& [name, text] : ReadProperties(value)) {
    const Secret& secret = properties.emplace_back(name, Secret(std::move(text))).second;
    if (IsSecretName(name)) {
      operation.settings.learned->Add(secret);
    }
  }
  return properties;
}

std::vector<StorageCredential> ReadCredentials(JsonValue& value,
                                               const RestOperation& operation) {
  std::vector<StorageCredential> credentials;
  value.ForEachElement([&](JsonValue& element) {
    StorageCredential credential;
    element.ForEachMember([&](std::string_view name, JsonValue& member) {
      if (name == "prefix") {
        credential.prefix = member.AsString();
      } else if (name == "config") {
        credential.config = ReadSecretProperties(member, operation);
      }
    });
    credentials.push_back(std::move(credential));
  });
  return credentials;
}

TableIdentifier ReadIdentifier(JsonValue& value) {
  std::optional<Namespace> levels;
  std::optional<std::string> name;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "namespace") {
      levels = ReadTexts(member);
    } else if (key == "name") {
      name = member.AsString();
    }
  });
  return {value.Require(levels, "namespace"), value.Require(name, "name")};
}

template <class Item>
Page<Item> ReadPage(std::string body, const RestOperation& operation, std::string_view list,
                    Item (*read)(JsonValue& value)) {
  Page<Item> page;
  bool has_list = false;
  ReadAnswer(std::move(body), operation, [&](std::string_view name, JsonValue& value) {
    if (name == list) {
      has_list = true;
      value.ForEachElement([&](JsonValue& element) { page.items.push_back(read(element)); });
    } else if (name == "next-page-token" && !value.IsNull()) {
      page.next_page_token = value.AsString();
    }
  });
  if (!has_list) {
    ThrowBadAnswer(operation, "it has no list of " + std::string(list));
  }
  return page;
}

/// Some servers say numbers as texts; one that says none has no end.
std::optional<int64_t> SecondsIn(const std::string& text) {
  int64_t seconds = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, seconds);
  return error == std::errc() && end == last ? std::optional(seconds) : std::nullopt;
}

void WriteTexts(const std::vector<std::string>& texts, JsonWriter* writer) {
  writer->BeginArray();
  for (const std::string& text : texts) {
    writer->String(text);
  }
  writer->EndArray();
}

void WriteIdentifier(const TableIdentifier& identifier, JsonWriter* writer) {
  WriteTexts(identifier.levels, &writer->BeginObject().Key("namespace"));
  writer->Member("name", identifier.name).EndObject();
}

void WriteUpdate(const TableUpdate& update, int32_t last_column_id, JsonWriter* writer) {
  const auto* add_schema = std::get_if<AddSchemaUpdate>(&update);
  if (add_schema == nullptr) {
    writer->Raw(TableUpdateToJson(update));
    return;
  }
  // Deprecated, but older servers (Nessie 0.99) fail without the last id.
  const Schema& schema = *add_schema->schema;
  writer->BeginObject().Member("action", "add-schema").Key("schema").Raw(SchemaToJson(schema));
  writer->Member("last-column-id", std::max(last_column_id, schema.highest_field_id()));
  writer->EndObject();
}

void WriteCommit(const Table& base, const CommitRequest& request, JsonWriter* writer) {
  WriteIdentifier(base.identifier(), &writer->BeginObject().Key("identifier"));
  writer->Key("requirements").BeginArray();
  for (const TableRequirement& requirement : request.requirements) {
    writer->Raw(TableRequirementToJson(requirement));
  }
  writer->EndArray().Key("updates").BeginArray();
  for (const TableUpdate& update : request.updates) {
    WriteUpdate(update, base.metadata().last_column_id, writer);
  }
  writer->EndArray().EndObject();
}

void WriteProperties(const Properties& properties, JsonWriter* writer) {
  writer->BeginObject();
  for (const auto& [name, value] : properties) {
    writer->Member(name, value);
  }
  writer->EndObject();
}

}  // namespace

ConfigResponse ParseConfigResponse(std::string body, const RestOperation& operation) {
  std::optional<Properties> defaults;
  std::optional<Properties> overrides;
  ConfigResponse config;
  ReadAnswer(std::move(body), operation, [&](std::string_view name, JsonValue& value) {
    if (name == "defaults") {
      defaults = ReadProperties(value);
    } else if (name == "overrides") {
      overrides = ReadProperties(value);
    } else if (name == "endpoints" && !value.IsNull()) {
      config.endpoints = ReadTexts(value);
    } else if (name == "idempotency-key-lifetime" && value.IsString()) {
      config.idempotency_key_lifetime = value.AsString();
    }
  });
  if (!defaults && !overrides) {
    ThrowBadAnswer(operation, "it has neither defaults nor overrides");
  }
  config.defaults = std::move(defaults).value_or(Properties());
  config.overrides = std::move(overrides).value_or(Properties());
  return config;
}

TokenResponse ParseTokenResponse(std::string body, const RestOperation& operation) {
  TokenResponse token;
  try {
    ReadAnswer(std::move(body), operation, [&](std::string_view name, JsonValue& value) {
      if (name == "access_token") {
        token.access_token = Secret(value.AsString());
      } else if (name == "expires_in" && !value.IsNull()) {
        token.expires_in_seconds =
            value.IsString() ? SecondsIn(value.AsString()) : value.AsInt64();
      }
    });
  } catch (const CatalogConnectionError&) {
    // The reader's words may repeat a part of the token.
    ThrowBadAnswer(operation, "it is not the JSON of a token");
  }
  const std::string& text = token.access_token.Reveal();
  if (text.empty()) {
    ThrowBadAnswer(operation, "it has no access_token");
  }
  constexpr size_t kLongestToken = size_t{64} << 10;
  if (text.size() > kLongestToken || HasControl(text)) {
    ThrowBadAnswer(operation, "its access_token is none that a header can have");
  }
  return token;
}

Page<Namespace> ParseNamespacesPage(std::string body, const RestOperation& operation) {
  return ReadPage<Namespace>(std::move(body), operation, "namespaces", &ReadTexts);
}

Page<TableIdentifier> ParseTablesPage(std::string body, const RestOperation& operation) {
  return ReadPage<TableIdentifier>(std::move(body), operation, "identifiers", &ReadIdentifier);
}

Properties ParseNamespaceResponse(std::string body, const RestOperation& operation) {
  Properties properties;
  ReadAnswer(std::move(body), operation, [&](std::string_view name, JsonValue& value) {
    if (name == "properties") {
      properties = ReadProperties(value);
    }
  });
  return properties;
}

PropertiesUpdate ParsePropertiesUpdate(std::string body, const RestOperation& operation) {
  PropertiesUpdate done;
  ReadAnswer(std::move(body), operation, [&](std::string_view name, JsonValue& value) {
    if (value.IsNull()) {
      return;
    }
    if (name == "updated") {
      done.updated = ReadTexts(value);
    } else if (name == "removed") {
      done.removed = ReadTexts(value);
    } else if (name == "missing") {
      done.missing = ReadTexts(value);
    }
  });
  return done;
}

TableResponse ParseTableResponse(std::string body, const RestOperation& operation) {
  TableResponse table;
  std::string metadata;
  ReadAnswer(std::move(body), operation, [&](std::string_view name, JsonValue& value) {
    if (name == "metadata-location" && !value.IsNull()) {
      table.metadata_location = value.AsString();
    } else if (name == "metadata" && !value.IsNull()) {
      metadata = value.AsRawUnchecked();
    } else if (name == "config" && !value.IsNull()) {
      table.config = ReadSecretProperties(value, operation);
    } else if (name == "storage-credentials" && !value.IsNull()) {
      table.storage_credentials = ReadCredentials(value, operation);
    }
  });
  if (metadata.empty()) {
    ThrowBadAnswer(operation, "it has no metadata");
  }
  table.metadata = ParseTableMetadata(std::move(metadata), table.metadata_location.empty()
                                                               ? "the server's answer"
                                                               : table.metadata_location);
  return table;
}

ViewResponse ParseViewResponse(std::string body, const RestOperation& operation) {
  ViewResponse view;
  std::string metadata;
  ReadAnswer(std::move(body), operation, [&](std::string_view name, JsonValue& value) {
    if (name == "metadata-location" && !value.IsNull()) {
      view.metadata_location = value.AsString();
    } else if (name == "metadata" && !value.IsNull()) {
      metadata = value.AsRawUnchecked();
    }
  });
  if (metadata.empty()) {
    ThrowBadAnswer(operation, "it has no metadata");
  }
  view.metadata = ParseViewMetadata(std::move(metadata), view.metadata_location.empty()
                                                             ? "the server's answer"
                                                             : view.metadata_location);
  return view;
}

std::vector<StorageCredential> ParseCredentialsResponse(std::string body,
                                                        const RestOperation& operation) {
  std::optional<std::vector<StorageCredential>> credentials;
  ReadAnswer(std::move(body), operation, [&](std::string_view name, JsonValue& value) {
    if (name == "storage-credentials") {
      credentials = ReadCredentials(value, operation);
    }
  });
  if (!credentials) {
    ThrowBadAnswer(operation, "it has no storage-credentials");
  }
  return *std::move(credentials);
}

std::string CreateNamespaceBody(const Namespace& levels, const Properties& properties) {
  JsonWriter writer;
  writer.BeginObject();
  WriteTexts(levels, &writer.Key("namespace"));
  WriteProperties(properties, &writer.Key("properties"));
  writer.EndObject();
  return std::move(writer).Take();
}

std::string UpdateNamespaceBody(const Properties& updates,
                                const std::vector<std::string>& removals) {
  JsonWriter writer;
  writer.BeginObject();
  // Polaris refuses what has both.
  if (!removals.empty()) {
    WriteTexts(removals, &writer.Key("removals"));
  } else {
    WriteProperties(updates, &writer.Key("updates"));
  }
  writer.EndObject();
  return std::move(writer).Take();
}

std::string RenameTableBody(const TableIdentifier& from, const TableIdentifier& to) {
  JsonWriter writer;
  WriteIdentifier(from, &writer.BeginObject().Key("source"));
  WriteIdentifier(to, &writer.Key("destination"));
  writer.EndObject();
  return std::move(writer).Take();
}

std::string RegisterTableBody(const std::string& name, const std::string& metadata_location) {
  JsonWriter writer;
  writer.BeginObject().Member("name", name).Member("metadata-location", metadata_location);
  writer.EndObject();
  return std::move(writer).Take();
}

std::string CreateTableBody(const CreateTableRequest& request, const TableMetadata& metadata,
                            bool is_staged) {
  JsonWriter writer;
  writer.BeginObject().Member("name", request.identifier.name);
  if (request.location) {
    writer.Member("location", *request.location);
  }
  writer.Key("schema").Raw(SchemaToJson(*metadata.schema()));
  writer.Key("partition-spec").Raw(PartitionSpecToJson(*metadata.spec()));
  writer.Key("write-order").Raw(SortOrderToJson(metadata.sort_order()));
  writer.Key("stage-create").Bool(is_staged);  // some servers fail without it
  WriteProperties(request.properties, &writer.Key("properties"));
  writer.EndObject();
  return std::move(writer).Take();
}

std::string CommitTableBody(const Table& base, const CommitRequest& request) {
  JsonWriter writer;
  WriteCommit(base, request, &writer);
  return std::move(writer).Take();
}

std::string CreateViewBody(const ViewRequest& request) {
  JsonWriter writer;
  writer.BeginObject().Member("name", request.identifier.name);
  if (request.location) {
    writer.Member("location", *request.location);
  }
  writer.Key("schema").Raw(SchemaToJson(request.schema));
  writer.Key("view-version").Raw(ViewVersionToJson(request.version));
  WriteProperties(request.properties, &writer.Key("properties"));
  writer.EndObject();
  return std::move(writer).Take();
}

std::string ReplaceViewBody(const ViewRequest& request, const std::string& view_uuid,
                            bool has_new_schema) {
  JsonWriter writer;
  WriteIdentifier(request.identifier, &writer.BeginObject().Key("identifier"));
  writer.Key("requirements").BeginArray().BeginObject();
  writer.Member("type", "assert-view-uuid").Member("uuid", view_uuid).EndObject();
  writer.EndArray().Key("updates").BeginArray();
  if (has_new_schema) {
    writer.BeginObject().Member("action", "add-schema").Key("schema");
    writer.Raw(SchemaToJson(request.schema)).EndObject();
  }
  writer.BeginObject().Member("action", "add-view-version").Key("view-version");
  writer.Raw(ViewVersionToJson(request.version)).EndObject();
  constexpr int kLast = -1;
  writer.BeginObject().Member("action", "set-current-view-version");
  writer.Member("view-version-id", kLast).EndObject();
  if (!request.properties.empty()) {
    writer.BeginObject().Member("action", "set-properties").Key("updates");
    WriteProperties(request.properties, &writer);
    writer.EndObject();
  }
  writer.EndArray().EndObject();
  return std::move(writer).Take();
}

std::string CommitTransactionBody(const std::vector<TableCommit>& commits) {
  JsonWriter writer;
  writer.BeginObject().Key("table-changes").BeginArray();
  for (const TableCommit& commit : commits) {
    WriteCommit(commit.base, commit.request, &writer);
  }
  writer.EndArray().EndObject();
  return std::move(writer).Take();
}

}  // namespace floe::inline v0
