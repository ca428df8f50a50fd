#include "catalog/rest/rest_auth.h"

#include <memory>
#include <utility>

#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_transport.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/base/secret.h"

namespace floe::inline v0 {
namespace {

/// One value for all requests.
class FixedAuth final : public RestAuth {
 public:
  explicit FixedAuth(Secret authorization) : authorization_(std::move(authorization)) {}
  Secret Authorization(const RestDeadline& /*deadline*/) override { return authorization_; }
  bool Renew(const Secret& /*refused*/) override { return false; }

 private:
  const Secret authorization_;
};

}  // namespace

std::unique_ptr<RestAuth> MakeRestAuth(const RestSettings& settings, RestTransport* transport,
                                       Environment environment) {
  switch (settings.auth.kind) {
    case RestAuthSettings::Kind::kNone:
      return std::make_unique<FixedAuth>(Secret());
    case RestAuthSettings::Kind::kBasic:
      return std::make_unique<FixedAuth>(
          Secret("Basic " + BasicCredentials(settings.auth).Reveal()));
    case RestAuthSettings::Kind::kOAuth2:
      return MakeOAuth2(settings, transport, std::move(environment));
  }
  throw InternalError("authentication of no kind");
}

}  // namespace floe::inline v0
