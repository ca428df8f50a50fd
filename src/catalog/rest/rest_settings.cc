#include "catalog/rest/rest_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/text.h"
#include "floe/base/error.h"
#include "floe/base/secret.h"
#include "floe/metadata/snapshot.h"
#include "http/aws_signature.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

constexpr std::string_view kHeaderPrefix = "header.";
constexpr std::string_view kSigV4 = "sigv4";

// What a caller may set; `type` is for whoever chooses the kind of catalog.
constexpr std::array kKnown = std::to_array<std::string_view>({
    "audience",
    "credential",
    "namespace-separator",
    "oauth2-server-uri",
    "prefix",
    "resource",
    "rest-page-size",
    "rest-metrics-reporting-enabled",
    "rest.access-key-id",
    "rest.auth.basic.password",
    "rest.auth.basic.username",
    "rest.auth.type",
    "rest.client.circuit-breaker.open-ms",
    "rest.client.circuit-breaker.threshold",
    "rest.client.connection-timeout-ms",
    "rest.client.max-response-bytes",
    "rest.client.max-retries",
    "rest.client.proxy",
    "rest.client.retry.jitter-ms",
    "rest.client.retry.max-wait-ms",
    "rest.client.retry.min-wait-ms",
    "rest.client.socket-timeout-ms",
    "rest.client.total-timeout-ms",
    "rest.secret-access-key",
    "rest.session-token",
    "rest.signing-name",
    "rest.signing-region",
    "rest.sigv4-enabled",
    "scope",
    "snapshot-loading-mode",
    "ssl.cabundle",
    "ssl.client.cert",
    "ssl.client.key",
    "ssl.client.key-password",
    "ssl.verify",
    "token",
    "token-exchange-enabled",
    "token-refresh-enabled",
    "uri",
    "warehouse",
});

constexpr std::array kServerMaySet = std::to_array<std::string_view>(
    {"namespace-separator", "prefix", "rest-metrics-reporting-enabled", "rest-page-size",
     "snapshot-loading-mode", "uri"});

using PropertyMap = std::map<std::string, std::string, std::less<>>;

/// Typed access to the properties of one catalog.
class PropertyReader {
 public:
  PropertyReader(const std::string& catalog_name, const PropertyMap& properties)
      : catalog_name_(catalog_name), properties_(properties) {}

  bool Has(std::string_view name) const { return properties_.contains(name); }

  std::string Text(std::string_view name, std::string_view otherwise = "") const {
    const auto found = properties_.find(name);
    return found == properties_.end() ? std::string(otherwise) : found->second;
  }

  int64_t Integer(std::string_view name, int64_t otherwise, int64_t min, int64_t max) const {
    const auto found = properties_.find(name);
    if (found == properties_.end()) {
      return otherwise;
    }
    const std::string& text = found->second;
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < min ||
        value > max) {
      Fail(name, fmt::format("'{}'; expected a number from {} to {}", text, min, max));
    }
    return value;
  }

  bool Boolean(std::string_view name, bool otherwise) const {
    const std::string word = ToLower(Text(name, otherwise ? "true" : "false"));
    if (word != "true" && word != "false") {
      Fail(name, fmt::format("'{}'; expected true or false", Text(name)));
    }
    return word == "true";
  }

  [[noreturn]] void Fail(std::string_view name, std::string_view problem) const {
    throw InvalidArgumentError(
        fmt::format("property {} of catalog '{}' is {}", name, catalog_name_, problem));
  }

 private:
  const std::string& catalog_name_;
  const PropertyMap& properties_;
};

std::string WithoutSlash(std::string uri) {
  while (uri.ends_with('/')) {
    uri.pop_back();
  }
  return uri;
}

bool IsHttps(std::string_view uri) { return EqualsIgnoringCase(uri.substr(0, 8), "https://"); }

bool IsHttp(std::string_view uri) {
  return EqualsIgnoringCase(uri.substr(0, 7), "http://") || IsHttps(uri);
}

/// Addresses are shown in messages, and not all that could be in them may be.
void CheckAddress(const PropertyReader& reader, std::string_view name,
                  const std::string& address) {
  if (HasControl(address) || address.find(' ') != std::string::npos) {
    reader.Fail(name, "an address with blanks or control characters in it");
  }
  const size_t host = address.find("://") + 3;
  if (address.find('@') < std::min(address.find_first_of("/?#", host), address.size())) {
    reader.Fail(name,
                "an address with a user in it: say who asks by rest.auth.type, "
                "rest.auth.basic.username and rest.auth.basic.password");
  }
}

RestAuthSettings::Kind AuthKind(const PropertyReader& reader) {
  using Kind = RestAuthSettings::Kind;
  const std::string word = reader.Text("rest.auth.type");
  const bool has_token = reader.Has("token") || reader.Has("credential");
  if (word.empty()) {
    return has_token ? Kind::kOAuth2 : Kind::kNone;
  }
  if (word == "none") {
    return Kind::kNone;
  }
  if (word == "basic") {
    return Kind::kBasic;
  }
  if (word == kSigV4) {
    return has_token ? Kind::kOAuth2 : Kind::kNone;
  }
  if (word != "oauth2") {
    reader.Fail(
        "rest.auth.type",
        fmt::format("'{}'; this version of floe has none, basic, oauth2 and sigv4", word));
  }
  if (!has_token) {
    reader.Fail("rest.auth.type", "oauth2, which needs a credential or a token");
  }
  return Kind::kOAuth2;
}

RestAuthSettings ReadAuth(const PropertyReader& reader, const std::string& uri) {
  RestAuthSettings auth{.kind = AuthKind(reader)};
  auth.token = Secret(reader.Text("token"));
  if (auth.kind == RestAuthSettings::Kind::kBasic) {
    auth.client_id = reader.Text("rest.auth.basic.username");
    auth.client_secret = Secret(reader.Text("rest.auth.basic.password"));
    if (auth.client_id.empty() || auth.client_id.find(':') != std::string::npos) {
      reader.Fail("rest.auth.basic.username", "missing, or has a colon");
    }
  } else {
    // An id may be left out, but not the secret.
    const std::string credential = reader.Text("credential");
    const size_t colon = credential.find(':');
    auth.client_id = colon == std::string::npos ? "" : credential.substr(0, colon);
    auth.client_secret =
        Secret(colon == std::string::npos ? credential : credential.substr(colon + 1));
  }
  auth.scope = reader.Text("scope", "catalog");
  auth.audience = reader.Text("audience");
  auth.resource = reader.Text("resource");
  auth.token_uri = reader.Text("oauth2-server-uri", uri + "/v1/oauth/tokens");
  if (!IsHttp(auth.token_uri)) {
    // Relative to the catalog, as Java's client has it.
    auth.token_uri = uri + "/" + auth.token_uri.substr(auth.token_uri.starts_with('/') ? 1 : 0);
  }
  CheckAddress(reader, "oauth2-server-uri", auth.token_uri);
  auth.is_refreshed = reader.Boolean("token-refresh-enabled", true);
  // With a secret, a new token by it is sure, while not every server exchanges tokens.
  auth.is_exchanged = reader.Boolean("token-exchange-enabled", auth.client_secret.empty());
  return auth;
}

/// A variable of the environment; empty if it is not there.
std::string Variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): floe sets none
  return value == nullptr ? "" : value;
}

/// A property, or else what AWS's own clients take from the environment.
std::string OfAws(const PropertyReader& reader, std::string_view property,
                  std::initializer_list<const char*> variables) {
  std::string value = reader.Text(property);
  for (const char* variable : variables) {
    if (value.empty()) {
      value = Variable(variable);
    }
  }
  if (value.empty()) {
    reader.Fail(
        property,
        variables.size() == 0
            ? std::string("missing, while the other half of the pair is there")
            : fmt::format("missing, which signatures by SigV4 need; set it, or {} in the "
                          "environment",
                          *variables.begin()));
  }
  return value;
}

std::optional<AwsSigner> ReadSigner(const PropertyReader& reader) {
  const bool is_by_type = reader.Text("rest.auth.type") == kSigV4;
  if (!reader.Boolean("rest.sigv4-enabled", is_by_type)) {
    if (is_by_type) {
      reader.Fail("rest.sigv4-enabled", "false, while rest.auth.type is sigv4");
    }
    return std::nullopt;
  }
  AwsSigner signer{
      .region = OfAws(reader, "rest.signing-region", {"AWS_REGION", "AWS_DEFAULT_REGION"}),
      .service = reader.Text("rest.signing-name", "execute-api")};
  const std::string key_id = reader.Text("rest.access-key-id");
  if (!key_id.empty() || reader.Has("rest.secret-access-key")) {
    // A pair comes from one place.
    signer.access_key_id = OfAws(reader, "rest.access-key-id", {});
    signer.secret_access_key = Secret(OfAws(reader, "rest.secret-access-key", {}));
    signer.session_token = Secret(reader.Text("rest.session-token"));
    return signer;
  }
  signer.access_key_id = OfAws(reader, "rest.access-key-id", {"AWS_ACCESS_KEY_ID"});
  signer.secret_access_key =
      Secret(OfAws(reader, "rest.secret-access-key", {"AWS_SECRET_ACCESS_KEY"}));
  signer.session_token = Secret(Variable("AWS_SESSION_TOKEN"));
  return signer;
}

/// `http://user:password@host:port`, of which user and password are encoded and may be missing.
void ReadProxy(const PropertyReader& reader, HttpClientOptions* http) {
  constexpr std::string_view kName = "rest.client.proxy";
  const std::string given = reader.Text(kName);
  http->SetProxy(given);
  if (http->proxy_user.empty() && http->proxy != given) {
    reader.Fail(kName, "an address with a password, but without a user");
  }
  const size_t scheme_end = http->proxy.find("://");
  const size_t host = scheme_end == std::string::npos ? 0 : scheme_end + 3;
  const std::string_view address = std::string_view(http->proxy).substr(host);
  if (!http->proxy.empty() &&
      (address.empty() || address.find_first_of(" /?#") < address.size() - 1)) {
    reader.Fail(kName,
                "not the address of a proxy: expected http://host:port, or "
                "http://user:password@host:port, with all but letters and digits of "
                "user and password as %XX");
  }
}

HttpClientOptions ReadHttp(const PropertyReader& reader) {
  constexpr int64_t kLongestMs = std::numeric_limits<int32_t>::max();
  HttpClientOptions http;
  http.connect_timeout_ms = reader.Integer("rest.client.connection-timeout-ms",
                                           http.connect_timeout_ms, 1, kLongestMs);
  http.read_timeout_ms =
      reader.Integer("rest.client.socket-timeout-ms", http.read_timeout_ms, 1, kLongestMs);
  http.max_response_bytes =
      reader.Integer("rest.client.max-response-bytes", http.max_response_bytes, 1,
                     std::numeric_limits<int64_t>::max());
  ReadProxy(reader, &http);
  http.ca_file = reader.Text("ssl.cabundle");
  http.verify_tls = reader.Boolean("ssl.verify", true);
  http.client_certificate_file = reader.Text("ssl.client.cert");
  http.client_key_file = reader.Text("ssl.client.key");
  http.client_key_password = Secret(reader.Text("ssl.client.key-password"));
  return http;
}

RestRetrySettings ReadRetry(const PropertyReader& reader) {
  constexpr int64_t kLongestMs = 3'600'000;
  constexpr int64_t kMostRetries = 100;
  constexpr int64_t kHighestThreshold = 1'000'000;
  RestRetrySettings retry;
  retry.total_timeout_ms =
      reader.Integer("rest.client.total-timeout-ms", retry.total_timeout_ms, 0,
                     std::numeric_limits<int32_t>::max());
  retry.max_retries = static_cast<int>(
      reader.Integer("rest.client.max-retries", retry.max_retries, 0, kMostRetries));
  retry.min_wait_ms =
      reader.Integer("rest.client.retry.min-wait-ms", retry.min_wait_ms, 0, kLongestMs);
  retry.max_wait_ms =
      reader.Integer("rest.client.retry.max-wait-ms", retry.max_wait_ms, 0, kLongestMs);
  retry.jitter_ms =
      reader.Integer("rest.client.retry.jitter-ms", retry.jitter_ms, 0, kLongestMs);
  retry.circuit_breaker_threshold =
      static_cast<int>(reader.Integer("rest.client.circuit-breaker.threshold",
                                      retry.circuit_breaker_threshold, 0, kHighestThreshold));
  retry.circuit_breaker_open_ms = reader.Integer("rest.client.circuit-breaker.open-ms",
                                                 retry.circuit_breaker_open_ms, 0, kLongestMs);
  return retry;
}

void ReadPaths(const PropertyReader& reader, RestSettings* settings) {
  settings->uri = WithoutSlash(reader.Text("uri"));
  if (!IsHttp(settings->uri)) {
    reader.Fail("uri", fmt::format("'{}'; expected the address of an Iceberg REST catalog, "
                                   "such as https://catalog.example.com/api/catalog",
                                   settings->uri));
  }
  CheckAddress(reader, "uri", settings->uri);
  if (settings->uri.find_first_of("?#") != std::string::npos) {
    reader.Fail("uri", "an address with a query; expected what stands in front of /v1");
  }
  settings->prefix = reader.Text("prefix");
  settings->namespace_separator = reader.Text("namespace-separator", "%1F");
  const std::string& separator = settings->namespace_separator;
  if (separator.empty() || separator.find_first_of("/?#& ") != std::string::npos ||
      HasControl(separator)) {
    reader.Fail("namespace-separator",
                "no part of an address: expected what stands between names in it, such as %1F");
  }
  if (reader.Has("rest-page-size")) {
    settings->page_size =
        reader.Integer("rest-page-size", 1, 1, std::numeric_limits<int32_t>::max());
  }
  settings->reports_metrics = reader.Boolean("rest-metrics-reporting-enabled", false);
  const std::string mode = ToLower(reader.Text("snapshot-loading-mode", "all"));
  if (mode != "all" && mode != "refs") {
    reader.Fail("snapshot-loading-mode", fmt::format("'{}'; expected all or refs", mode));
  }
  settings->loads_refs_only = mode == "refs";
}

bool IsKnown(std::string_view name) {
  return name.starts_with(kHeaderPrefix) || std::ranges::find(kKnown, name) != kKnown.end();
}

}  // namespace

Secret BasicCredentials(const RestAuthSettings& auth) {
  return Secret(ToBase64(auth.client_id + ":" + auth.client_secret.Reveal()));
}

void LearnedSecrets::Add(const Secret& secret) {
  constexpr size_t kMost = 64;
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(secrets_, secret) == secrets_.end()) {
    secrets_.push_back(secret);
  }
  if (secrets_.size() > kMost) {
    secrets_.pop_front();
  }
}

std::vector<Secret> LearnedSecrets::All() const {
  const std::lock_guard lock(mutex_);
  return {secrets_.begin(), secrets_.end()};
}

std::vector<Secret> RestSettings::Secrets() const {
  std::vector<Secret> secrets = learned->All();
  secrets.insert(secrets.end(), {auth.token, auth.client_secret, http.client_key_password,
                                 http.proxy_password});
  if (signer) {
    secrets.push_back(signer->secret_access_key);
    secrets.push_back(signer->session_token);
  }
  if (auth.kind == RestAuthSettings::Kind::kBasic) {
    secrets.push_back(BasicCredentials(auth));
  }
  if (!http.proxy_password.empty()) {
    secrets.emplace_back(ToBase64(http.proxy_user + ":" + http.proxy_password.Reveal()));
  }
  for (const auto& [name, value] : headers) {
    secrets.push_back(value);
  }
  return secrets;
}

RestSettings ParseRestSettings(const std::string& catalog_name, const Properties& properties) {
  PropertyMap all;
  for (const auto& [name, value] : properties) {
    if (!IsKnown(name)) {
      throw InvalidArgumentError(
          fmt::format("catalog '{}' has the unknown property {}; known are {}, and {}*",
                      catalog_name, name, fmt::join(kKnown, ", "), kHeaderPrefix));
    }
    all[name] = value;
  }
  const PropertyReader reader(catalog_name, all);
  RestSettings settings{.catalog_name = catalog_name};
  ReadPaths(reader, &settings);
  settings.warehouse = reader.Text("warehouse");
  for (const auto& [name, value] : all) {
    if (name.starts_with(kHeaderPrefix)) {
      settings.headers.emplace_back(name.substr(kHeaderPrefix.size()), Secret(value));
    }
  }
  settings.auth = ReadAuth(reader, settings.uri);
  settings.signer = ReadSigner(reader);
  settings.retry = ReadRetry(reader);
  settings.http = ReadHttp(reader);
  return settings;
}

RestSettings MergeRestSettings(const RestSettings& settings, const Properties& defaults,
                               const Properties& properties, const Properties& overrides) {
  PropertyMap all;
  for (const Properties* layer : {&defaults, &properties, &overrides}) {
    for (const auto& [name, value] : *layer) {
      if (std::ranges::find(kServerMaySet, name) != kServerMaySet.end()) {
        all[name] = value;
      }
    }
  }
  RestSettings merged = settings;
  ReadPaths(PropertyReader(settings.catalog_name, all), &merged);
  if (IsHttps(settings.uri) && !IsHttps(merged.uri)) {
    throw CatalogConnectionError(
        fmt::format("the server of catalog '{}' at {} sends its clients to {}, without TLS",
                    settings.catalog_name, settings.uri, merged.uri));
  }
  return merged;
}

}  // namespace floe::inline v0
