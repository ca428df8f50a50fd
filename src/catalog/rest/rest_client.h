#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "catalog/rest/circuit_breaker.h"
#include "catalog/rest/rest_auth.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_transport.h"
#include "floe/base/environment.h"
#include "http/http_client.h"

namespace floe::inline v0 {

/// A call of a REST endpoint.
struct RestCall {
  HttpMethod method = HttpMethod::kGet;
  std::string url;
  std::string body;          ///< JSON
  HttpHeaders headers = {};  ///< beside those of every call
  /// Doing it twice is as good as once. If not, it is only sent again when the server said that
  /// it did nothing, or can't have got it.
  bool is_repeatable = true;
  std::optional<int64_t> repeatable_for_ms = std::nullopt;  ///< nothing: always
};

/// Calls with authentication and own headers. Thread-safe.
class RestClient {
 public:
  RestClient(RestSettings settings, Environment environment);

  const RestSettings& settings() const { return settings_; }
  /// Before other threads have it.
  void MoveTo(RestSettings settings) { settings_ = std::move(settings); }

  /// Tries until there is an answer that will stay the same, or retries are spent. Throws
  /// errors of getting a token.
  RestOutcome Send(const RestCall& call);
  /// The answer, of status 200 to 299; throws the error of any other outcome.
  HttpResponse Ask(const RestOperation& operation, const RestCall& call);

 private:
  HttpRequest MakeRequest(const RestCall& call, const Secret& authorization) const;

  RestSettings settings_;
  const Environment environment_;
  RestTransport transport_;
  const std::unique_ptr<RestAuth> auth_;
};

}  // namespace floe::inline v0
