#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/rest/rest_errors.h"
#include "floe/base/secret.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"

namespace floe::inline v0 {

/// @name What servers answer
/// Readers throw CatalogConnectionError, naming the operation and the place, for what is not of
/// the REST specification. Members that are not known are skipped.
/// @{
struct ConfigResponse {
  Properties defaults;
  Properties overrides;
  std::vector<std::string> endpoints;  ///< "GET /v1/{prefix}/namespaces"; empty if not said
};
ConfigResponse ParseConfigResponse(std::string body, const RestOperation& operation);

struct TokenResponse {
  Secret access_token;
  std::optional<int64_t> expires_in_seconds;
};
TokenResponse ParseTokenResponse(std::string body, const RestOperation& operation);

template <class Item>
struct Page {
  std::vector<Item> items;
  std::string next_page_token;  ///< empty: that was the last
};
Page<Namespace> ParseNamespacesPage(std::string body, const RestOperation& operation);
Page<TableIdentifier> ParseTablesPage(std::string body, const RestOperation& operation);

Properties ParseNamespaceResponse(std::string body, const RestOperation& operation);

PropertiesUpdate ParsePropertiesUpdate(std::string body, const RestOperation& operation);

/// Of loading, creating and changing a table.
struct TableResponse {
  std::string metadata_location;  ///< empty if not said
  TableMetadataPtr metadata;
};
/// Also throws CorruptFileError and UnsupportedError for the table's metadata.
TableResponse ParseTableResponse(std::string body, const RestOperation& operation);
/// @}

/// @name What they are asked
/// @{
std::string CreateNamespaceBody(const Namespace& levels, const Properties& properties);
/// One of the two, the other is empty.
std::string UpdateNamespaceBody(const Properties& updates,
                                const std::vector<std::string>& removals);
std::string RenameTableBody(const TableIdentifier& from, const TableIdentifier& to);
std::string RegisterTableBody(const std::string& name, const std::string& metadata_location);
/// The schema, spec and order are those of `metadata`; the location may be left to the server.
std::string CreateTableBody(const CreateTableRequest& request, const TableMetadata& metadata);
std::string CommitTableBody(const TableIdentifier& identifier, const CommitRequest& request);
/// @}

}  // namespace floe::inline v0
