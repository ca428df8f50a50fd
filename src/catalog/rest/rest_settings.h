#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/secret.h"
#include "floe/metadata/snapshot.h"
#include "http/http_client.h"

namespace floe::inline v0 {

/// How requests prove who sends them.
struct RestAuthSettings {
  enum class Kind : uint8_t { kNone, kBearer, kClientCredentials, kBasic };
  Kind kind = Kind::kNone;
  Secret token;           ///< kBearer
  std::string client_id;  ///< kClientCredentials; the user's name for kBasic
  Secret client_secret;   ///< the same; the password for kBasic
  std::string scope;
  std::string audience;  ///< empty: not sent
  std::string resource;  ///< empty: not sent
  std::string token_uri;
  bool is_refreshed = true;  ///< a new token is asked for before the old one expires
};

struct RestRetrySettings {
  int max_retries = 3;
  int64_t min_wait_ms = 100;
  int64_t max_wait_ms = 30'000;
};

/// What the properties of a catalog say.
struct RestSettings {
  std::string catalog_name;
  std::string uri;        ///< without a slash at the end
  std::string warehouse;  ///< empty: none
  std::string prefix;     ///< of paths, as the server said it; empty: none
  /// Between the levels of a namespace in a path, encoded.
  std::string namespace_separator = "%1F";
  std::optional<int64_t> page_size;
  std::vector<std::pair<std::string, Secret>> headers;
  RestAuthSettings auth;
  RestRetrySettings retry;
  HttpClientOptions http;

  /// All that must not be in a message.
  std::vector<Secret> Secrets() const;
};

/// Reads the properties that the caller gave. Throws InvalidArgumentError, naming the
/// property, for one that is missing, unknown or wrong; secrets are not repeated.
RestSettings ParseRestSettings(const std::string& catalog_name, const Properties& properties);

/// `settings`, which were read from `properties`, with what the server says of itself:
/// `defaults` stand below the caller's properties, `overrides` above them. A server decides
/// about paths
/// (`uri`, `prefix`, `namespace-separator`) and pages, and nothing else: not about TLS,
/// proxies, or where secrets are sent. Throws CatalogConnectionError for an address without TLS
/// where the caller's has it.
RestSettings MergeRestSettings(const RestSettings& settings, const Properties& defaults,
                               const Properties& properties, const Properties& overrides);

}  // namespace floe::inline v0
