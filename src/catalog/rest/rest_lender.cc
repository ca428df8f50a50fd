#include "catalog/rest/rest_lender.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/rest/rest_client.h"
#include "catalog/rest/rest_endpoints.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_paths.h"
#include "catalog/rest/rest_session.h"
#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_wire.h"
#include "floe/io/storage.h"
#include "floe/table/identifier.h"
#include "floe/table/table_origin.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

constexpr std::string_view kEndpointProperty = "client.refresh-credentials-endpoint";
StorageProperties Revealed(const SecretProperties& config) {
  StorageProperties properties;
  for (const auto& [name, value] : config) {
    properties.emplace_back(name, value.Reveal());
  }
  return StoragePropertiesIn(properties);
}

LentProperties LentBy(const TableOrigin& origin, const StorageProperties& overrides) {
  LentProperties lent{.overrides = overrides, .expires_at_ms = origin.ExpiresAtMs()};
  std::ranges::move(Revealed(origin.config), std::back_inserter(lent.overrides));
  for (const StorageCredential& credential : origin.storage_credentials) {
    lent.credentials.push_back({credential.prefix, Revealed(credential.config)});
  }
  return lent;
}

/// `https://host:port` of an address.
std::string_view ServerOf(std::string_view address) {
  const size_t scheme_end = address.find("://");
  return scheme_end == std::string_view::npos
             ? address
             : address.substr(0, address.find('/', scheme_end + 3));
}

/// `endpoint` is an address of the catalog's own server, or a path below the catalog's. Empty
/// for that of another server: the catalog's token is not for it.
std::string Resolved(const std::string& endpoint, const RestSettings& settings) {
  if (endpoint.find("://") != std::string::npos) {
    return ServerOf(endpoint) == ServerOf(settings.uri) ? endpoint : "";
  }
  const size_t begin = endpoint.find_first_not_of('/');
  return begin == std::string::npos ? "" : settings.uri + "/" + endpoint.substr(begin);
}

bool LendsKeys(const TableOrigin& origin) {
  constexpr std::string_view kSasPrefix = "adls.sas-token";
  return !origin.storage_credentials.empty() ||
         std::ranges::any_of(origin.config, [&](const auto& property) {
           const std::string& name = property.first;
           return name == "s3.access-key-id" || name == "gcs.oauth2.token" ||
                  name == kEndpointProperty || name.starts_with(kSasPrefix);
         });
}

class RestLender final : public Lender {
 public:
  RestLender(std::shared_ptr<RestSession> session, TableIdentifier identifier,
             const TableOrigin& origin)
      : session_(std::move(session)),
        identifier_(std::move(identifier)),
        overrides_(session_->storage_overrides()) {
    std::ranges::move(Revealed(origin.config), std::back_inserter(overrides_));
    const auto said =
        std::ranges::find(overrides_, kEndpointProperty, &StorageProperties::value_type::first);
    if (said != overrides_.end()) {
      url_ = Resolved(said->second, session_->settings());
    }
    if (url_.empty() && session_->Lists(RestEndpoint::kLoadCredentials)) {
      url_ = session_->paths().Table(identifier_) + "/credentials";
    }
  }

  LentProperties Lend() override {
    const RestOperation operation =
        session_->TableOperation("get new storage credentials of", identifier_);
    if (!url_.empty()) {
      HttpResponse response = session_->Ask(operation, {.url = url_});
      TableOrigin origin{.storage_credentials =
                             ParseCredentialsResponse(std::move(response.body), operation)};
      if (!origin.storage_credentials.empty()) {
        return LentBy(origin, overrides_);
      }
    }
    // The answer comes whole: nothing is said of what is known.
    RestCall call{.url = session_->paths().Table(identifier_)};
    if (session_->settings().loads_refs_only) {
      call.url += "?snapshots=refs";
    }
    HttpResponse response = session_->Ask(operation, call);
    TableResponse table = ParseTableResponse(std::move(response.body), operation);
    const TableOrigin origin{.config = std::move(table.config),
                             .storage_credentials = std::move(table.storage_credentials)};
    return LentBy(origin, session_->storage_overrides());
  }

 private:
  const std::shared_ptr<RestSession> session_;
  const TableIdentifier identifier_;
  StorageProperties overrides_;  ///< of the table as it was loaded
  std::string url_;              ///< where credentials alone are; empty: the table has them
};

}  // namespace

TableStorage StorageOf(const std::shared_ptr<RestSession>& session,
                       const TableIdentifier& identifier, const TableOrigin& origin) {
  return {.defaults = session->storage_defaults(),
          .lent = LentBy(origin, session->storage_overrides()),
          .lender = LendsKeys(origin)
                        ? std::make_shared<RestLender>(session, identifier, origin)
                        : nullptr};
}

}  // namespace floe::inline v0
