#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/secret.h"
#include "floe/metadata/snapshot.h"
#include "http/aws_signature.h"
#include "http/http_client.h"

namespace floe::inline v0 {

/// Secrets that a catalog learns while it works: tokens, keys that servers vend. The last ones
/// are kept, to be left out of what servers say. Thread-safe.
class LearnedSecrets {
 public:
  void Add(const Secret& secret);
  std::vector<Secret> All() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Secret> secrets_;
};

/// How requests prove who sends them.
struct RestAuthSettings {
  enum class Kind : uint8_t { kNone, kOAuth2, kBasic };
  Kind kind = Kind::kNone;
  Secret token;           ///< kOAuth2: what to begin with; empty: none
  std::string client_id;  ///< kOAuth2; the user's name for kBasic
  Secret
      client_secret;  ///< kOAuth2: empty: none, with the token alone; the password for kBasic
  std::string scope;
  std::string audience;  ///< empty: not sent
  std::string resource;  ///< empty: not sent
  std::string token_uri;
  bool is_refreshed = true;  ///< a new token is asked for before the old one expires
  /// A new token is asked for with the old one, rather than with the secret.
  bool is_exchanged = false;
};

/// `name:password` in base64, as the header has it.
Secret BasicCredentials(const RestAuthSettings& auth);

struct RestRetrySettings {
  int64_t total_timeout_ms = 0;  ///< of a call with all its tries; 0: none
  int max_retries = 2;
  int64_t min_wait_ms = 1'000;
  int64_t max_wait_ms = 30'000;
  int64_t jitter_ms = 3'600'000;  ///< of a wait, what is left to chance at most
  int circuit_breaker_threshold = 5;
  int64_t circuit_breaker_open_ms = 30'000;
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
  bool reports_metrics = false;
  bool loads_refs_only = false;  ///< snapshots of branches and tags, until others are needed
  std::vector<std::pair<std::string, Secret>> headers;
  RestAuthSettings auth;
  RestRetrySettings retry;
  std::optional<AwsSigner> signer;  ///< of each request to the catalog
  HttpClientOptions http;
  std::shared_ptr<LearnedSecrets> learned = std::make_shared<LearnedSecrets>();

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
/// proxies, or where secrets are sent. Throws InvalidArgumentError for what the server says and
/// can't be, and CatalogConnectionError for an address without TLS where the caller's has it.
RestSettings MergeRestSettings(const RestSettings& settings, const Properties& defaults,
                               const Properties& properties, const Properties& overrides);

}  // namespace floe::inline v0
