#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/rest/rest_client.h"
#include "catalog/rest/rest_endpoints.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_paths.h"
#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_wire.h"
#include "floe/base/environment.h"
#include "floe/io/storage.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/identifier.h"

namespace floe::inline v0 {

/// Throws InvalidArgumentError for a name that no server can have.
void CheckRestNames(const Namespace& levels);
void CheckRestNames(const TableIdentifier& identifier);

/// A server whose configuration is known, and what is common to asking it for namespaces,
/// tables and views. Thread-safe.
class RestSession {
 public:
  /// Asks for the server's configuration, and takes it on.
  RestSession(const std::string& catalog_name, const Properties& properties,
              Environment environment);

  const RestSettings& settings() const { return client_.settings(); }
  const RestPaths& paths() const { return *paths_; }
  /// What the server's configuration says of storages: below and above the caller's properties.
  const StorageProperties& storage_defaults() const { return storage_defaults_; }
  const StorageProperties& storage_overrides() const { return storage_overrides_; }

  /// @name For messages
  /// @{
  RestOperation Operation(std::string words) const;
  RestOperation NamespaceOperation(std::string_view verb, const Namespace& levels) const;
  RestOperation TableOperation(std::string_view verb, const TableIdentifier& identifier) const;
  /// @}

  /// Whether the server says that it has an endpoint.
  bool Lists(RestEndpoint endpoint) const { return endpoints_.Lists(endpoint); }
  /// Throws UnsupportedError if the server says what it has, and this is not among it.
  void Require(const RestOperation& operation, RestEndpoint endpoint) const;

  RestOutcome Send(const RestCall& call) { return client_.Send(call); }
  HttpResponse Ask(const RestOperation& operation, const RestCall& call) {
    return client_.Ask(operation, call);
  }
  /// `call`, which changes something, with a key by which the server knows it again, where it
  /// keeps such keys. It can be repeated then.
  RestCall Keyed(RestCall call) const;

  /// All pages of a list, as `parse` reads them.
  template <class Item>
  std::vector<Item> ListAll(const RestOperation& operation, const std::string& path,
                            const std::string& query,
                            Page<Item> (*parse)(std::string, const RestOperation&)) {
    std::vector<Item> items;
    Pages pages(*this, operation, path, query);
    while (std::optional<std::string> body = pages.Next()) {
      Page<Item> page = parse(*std::move(body), operation);
      items.insert(items.end(), page.items.begin(), page.items.end());
      pages.Follow(page.next_page_token, page.items.empty());
    }
    return items;
  }

  /// Whether what is at `url` is there. HEAD where the server has it, which sends no table over
  /// the wire.
  bool Exists(const RestOperation& operation, const std::string& url,
              RestEndpoint head_endpoint);
  /// Whether a status 404 is the catalog's, and not that of a server which is no catalog.
  bool IsMissing(const RestOutcome& outcome) const;
  /// Throws unless something was dropped.
  void FinishDrop(const RestOperation& operation, const RestOutcome& outcome) const;

 private:
  /// The pages of a list, in turn.
  class Pages {
   public:
    Pages(RestSession& session, const RestOperation& operation, std::string path,
          std::string query);
    std::optional<std::string> Next();  ///< nothing after the last
    void Follow(const std::string& token, bool is_empty);

   private:
    RestSession& session_;
    const RestOperation& operation_;
    const std::string path_;
    const std::string query_;
    std::string page_query_;
    bool is_last_ = false;
    int64_t bytes_ = 0;
    int empty_pages_ = 0;  ///< in a row
    std::set<std::string> seen_;
  };

  const Environment environment_;
  RestClient client_;
  RestEndpoints endpoints_;
  std::optional<int64_t> key_lifetime_ms_;  ///< nothing: the server keeps no keys
  StorageProperties storage_defaults_;
  StorageProperties storage_overrides_;
  std::unique_ptr<const RestPaths> paths_;
};

}  // namespace floe::inline v0
