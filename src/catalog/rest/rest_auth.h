#pragma once

#include <memory>

#include "catalog/rest/rest_settings.h"
#include "floe/base/environment.h"
#include "floe/base/secret.h"
#include "http/http_client.h"

namespace floe::inline v0 {

/// Proves to the server who sends a request. Thread-safe.
class RestAuth {
 public:
  virtual ~RestAuth() = default;
  /// The value of the `Authorization` header; empty: none. May ask for a token, and throws
  /// CatalogAuthenticationError or CatalogConnectionError if there is none to be had.
  virtual Secret Authorization() = 0;
  /// The server refused `refused`, which Authorization() gave. Whether another try may help.
  virtual bool Renew(const Secret& refused) = 0;
};

/// The kind that `settings` ask for. `http` and `settings` live longer.
std::unique_ptr<RestAuth> MakeRestAuth(const RestSettings& settings, HttpClient* http,
                                       Environment environment);

}  // namespace floe::inline v0
