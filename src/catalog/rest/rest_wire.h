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
#include "floe/metadata/view_metadata.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"
#include "floe/table/table_origin.h"
#include "floe/table/view_catalog.h"

namespace floe::inline v0 {

/// @name What servers answer
/// Readers throw CatalogConnectionError, naming the operation and the place, for what is not of
/// the REST specification. Members that are not known are skipped.
/// @{
struct ConfigResponse {
  Properties defaults;
  Properties overrides;
  std::vector<std::string> endpoints;    ///< "GET /v1/{prefix}/namespaces"; empty if not said
  std::string idempotency_key_lifetime;  ///< "PT30M"; empty if not said
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
  SecretProperties config;
  std::vector<StorageCredential> storage_credentials;
};
/// Also throws CorruptFileError and UnsupportedError for the table's metadata.
TableResponse ParseTableResponse(std::string body, const RestOperation& operation);

/// Of loading, creating and changing a view.
struct ViewResponse {
  std::string metadata_location;
  ViewMetadataPtr metadata;
};
/// Also throws CorruptFileError and UnsupportedError for the view's metadata.
ViewResponse ParseViewResponse(std::string body, const RestOperation& operation);

/// Of the endpoint that renews what is vended.
std::vector<StorageCredential> ParseCredentialsResponse(std::string body,
                                                        const RestOperation& operation);
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
/// `is_staged`: to be made by a later commit.
std::string CreateTableBody(const CreateTableRequest& request, const TableMetadata& metadata,
                            bool is_staged);
std::string CommitTableBody(const Table& base, const CommitRequest& request);
std::string CreateViewBody(const ViewRequest& request);
/// `has_new_schema`: the version's schema is to be added, with its id.
std::string ReplaceViewBody(const ViewRequest& request, const std::string& view_uuid,
                            bool has_new_schema);
std::string CommitTransactionBody(const std::vector<TableCommit>& commits);
/// @}

}  // namespace floe::inline v0
