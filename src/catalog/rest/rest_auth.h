#pragma once

#include <memory>

#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_transport.h"
#include "floe/base/environment.h"
#include "floe/base/secret.h"

namespace floe::inline v0 {

/// Proves to the server who sends a request. Thread-safe.
class RestAuth {
 public:
  virtual ~RestAuth() = default;
  /// The value of the `Authorization` header; empty: none. May ask for a token, and throws
  /// CatalogAuthenticationError or CatalogConnectionError if there is none to be had, and
  /// CancelledError if StopToken::Current() says so meanwhile.
  virtual Secret Authorization(const RestDeadline& deadline) = 0;
  /// The server refused `refused`, which Authorization() gave. Whether another try may help.
  virtual bool Renew(const Secret& refused) = 0;
};

/// The kind that `settings` ask for. `transport` and `settings` live longer.
std::unique_ptr<RestAuth> MakeRestAuth(const RestSettings& settings, RestTransport* transport,
                                       Environment environment);

/// That of RestAuthSettings::Kind::kOAuth2.
std::unique_ptr<RestAuth> MakeOAuth2(const RestSettings& settings, RestTransport* transport,
                                     Environment environment);

}  // namespace floe::inline v0
