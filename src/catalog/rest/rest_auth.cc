#include "catalog/rest/rest_auth.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/backoff.h"
#include "base/base64.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_wire.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/base/secret.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

/// One value for all requests.
class FixedAuth final : public RestAuth {
 public:
  explicit FixedAuth(Secret authorization) : authorization_(std::move(authorization)) {}
  Secret Authorization() override { return authorization_; }
  bool Renew(const Secret& /*refused*/) override { return false; }

 private:
  const Secret authorization_;
};

/// A token by OAuth2 client credentials (RFC 6749, section 4.4), asked for when it is first
/// needed and again before it expires; always with the credentials, never with an old token.
class ClientCredentialsAuth final : public RestAuth {
 public:
  ClientCredentialsAuth(const RestSettings& settings, HttpClient* http, Environment environment)
      : settings_(settings), http_(*http), environment_(std::move(environment)) {}

  Secret Authorization() override {
    const std::lock_guard lock(mutex_);
    if (authorization_.empty() ||
        (settings_.auth.is_refreshed && environment_.clock->NowMs() >= renew_at_ms_)) {
      Fetch();
    }
    return authorization_;
  }

  bool Renew(const Secret& refused) override {
    const std::lock_guard lock(mutex_);
    if (refused == authorization_) {  // otherwise another thread has a new one already
      if (!settings_.auth.is_refreshed) {
        return false;
      }
      Fetch();
    }
    return true;
  }

 private:
  // mutex_ is held, so that threads that need a token wait for one request.
  void Fetch() {
    const HttpRequest request = MakeRequest();
    const RestOperation operation{.settings = settings_,
                                  .words = "get a token from " + settings_.auth.token_uri,
                                  .is_token_request = true};
    for (int tries = 1;; ++tries) {
      const HttpResult result = http_.Send(request);
      const auto* response = std::get_if<HttpResponse>(&result);
      if (response != nullptr && response->status == 200) {
        Keep(ParseTokenResponse(response->body, operation));
        return;
      }
      if (tries > settings_.retry.max_retries || !IsPassing(result)) {
        ThrowRestError(operation, result);
      }
      environment_.clock->SleepMs(JitteredWaitMs(tries, settings_.retry.min_wait_ms,
                                                 settings_.retry.max_wait_ms,
                                                 *environment_.random));
    }
  }

  void Keep(const TokenResponse& token) {
    // A token without an end is kept until the server refuses it.
    constexpr int64_t kMarginMs = 60'000;
    authorization_ = Secret("Bearer " + token.access_token.Reveal());
    renew_at_ms_ = INT64_MAX;
    if (token.expires_in_seconds) {
      const int64_t lifetime_ms =
          std::clamp<int64_t>(*token.expires_in_seconds, 0, int64_t{1} << 32) * 1000;
      // Of a short life, a tenth is left for what is under way.
      renew_at_ms_ = environment_.clock->NowMs() + lifetime_ms -
                     std::min<int64_t>(kMarginMs, lifetime_ms / 10);
    }
  }

  HttpRequest MakeRequest() const {
    const RestAuthSettings& auth = settings_.auth;
    std::vector<std::pair<std::string, std::string>> form{{"grant_type", "client_credentials"}};
    const auto add = [&](std::string_view name, const std::string& value) {
      if (!value.empty()) {
        form.emplace_back(name, value);
      }
    };
    add("client_id", auth.client_id);
    add("client_secret", auth.client_secret.Reveal());
    add("scope", auth.scope);
    add("audience", auth.audience);
    add("resource", auth.resource);
    HttpRequest request{.method = HttpMethod::kPost,
                        .url = auth.token_uri,
                        .headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                                    {"Accept", "application/json"}},
                        .body = MakeQuery(form)};
    if (auth.token_uri.starts_with(settings_.uri)) {
      for (const auto& [name, value] : settings_.headers) {
        request.headers.emplace_back(name, value.Reveal());
      }
    }
    return request;
  }

  const RestSettings& settings_;
  HttpClient& http_;
  const Environment environment_;

  std::mutex mutex_;  // guards what follows
  Secret authorization_;
  int64_t renew_at_ms_ = 0;
};

}  // namespace

std::unique_ptr<RestAuth> MakeRestAuth(const RestSettings& settings, HttpClient* http,
                                       Environment environment) {
  const RestAuthSettings& auth = settings.auth;
  switch (auth.kind) {
    case RestAuthSettings::Kind::kNone:
      return std::make_unique<FixedAuth>(Secret());
    case RestAuthSettings::Kind::kBearer:
      return std::make_unique<FixedAuth>(Secret("Bearer " + auth.token.Reveal()));
    case RestAuthSettings::Kind::kBasic:
      return std::make_unique<FixedAuth>(
          Secret("Basic " + ToBase64(auth.client_id + ":" + auth.client_secret.Reveal())));
    case RestAuthSettings::Kind::kClientCredentials:
      return std::make_unique<ClientCredentialsAuth>(settings, http, std::move(environment));
  }
  throw InternalError("authentication of no kind");
}

}  // namespace floe::inline v0
