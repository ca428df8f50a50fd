#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/base64.h"
#include "base/json_reader.h"
#include "catalog/rest/rest_auth.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_transport.h"
#include "catalog/rest/rest_wire.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/base/secret.h"
#include "floe/base/stop_token.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr int kOk = 200;

/// The end of a token that is a JWT (RFC 7519, `exp`); nothing if it is none, or has none.
std::optional<int64_t> ExpiresAtMs(const Secret& token) {
  const std::string& text = token.Reveal();
  const size_t first = text.find('.');
  const size_t second = first == std::string::npos ? first : text.find('.', first + 1);
  if (second == std::string::npos) {
    return std::nullopt;
  }
  const std::optional<std::string> claims =
      FromBase64Url(std::string_view(text).substr(first + 1, second - first - 1));
  if (!claims) {
    return std::nullopt;
  }
  std::optional<int64_t> seconds;
  try {
    JsonDocument document(*claims, "the token", JsonOrigin::kArgument);
    document.Read([&](JsonValue& root) {
      root.ForEachMember([&](std::string_view name, JsonValue& value) {
        if (name == "exp") {
          seconds = value.AsInt64();
        }
      });
    });
  } catch (const ParseError&) {
    return std::nullopt;
  }
  constexpr int64_t kLast = int64_t{1} << 40;
  return seconds && *seconds > 0 && *seconds < kLast ? std::optional(*seconds * 1000)
                                                     : std::nullopt;
}

/// Tokens by OAuth2: one to begin with, or by client credentials (RFC 6749, section 4.4), when
/// it is first needed and again before it expires; or the old one exchanged (RFC 8693), and if
/// that fails, by client credentials. One request at a time, for which those wait that have no
/// token that is still good.
class OAuth2 final : public RestAuth {
 public:
  OAuth2(const RestSettings& settings, RestTransport* transport, Environment environment)
      : settings_(settings),
        transport_(*transport),
        environment_(std::move(environment)),
        has_secret_(!settings.auth.client_secret.empty()),
        is_of_catalog_(settings.auth.token_uri.starts_with(settings.uri + "/")) {
    if (!settings.auth.token.empty()) {
      Keep({.access_token = settings.auth.token});
    }
  }

  Secret Authorization(const RestDeadline& deadline) override {
    std::unique_lock lock(mutex_);
    if (owner_ != getpid()) {
      owner_ = getpid();
      is_asking_ = false;  // that thread was left behind by a fork
    }
    while (true) {
      const int64_t now_ms = environment_.clock->NowMs();
      const bool is_good = !token_.empty() && now_ms < expires_at_ms_;
      if (is_good && (is_asking_ || now_ms < renew_at_ms_)) {
        return Header();
      }
      if (!token_.empty() && !CanRenew(is_good)) {
        return Header();  // the server may still take it, or say why not
      }
      if (!is_asking_) {
        Ask(&lock, is_good, deadline);
        return Header();  // whatever its end: it is the newest that there is
      }
      WaitForOther(&lock, deadline);
    }
  }

  bool Renew(const Secret& refused) override {
    const std::lock_guard lock(mutex_);
    if (!token_.empty() && refused != Header()) {
      return true;  // another thread has a new one already
    }
    if (!settings_.auth.is_refreshed || !has_secret_) {
      return false;
    }
    token_ = Secret();  // what is refused can't be exchanged either
    return true;
  }

 private:
  Secret Header() const { return Secret("Bearer " + token_.Reveal()); }

  bool CanRenew(bool is_good) const {
    return settings_.auth.is_refreshed && (has_secret_ || (is_good && IsExchanged(is_good)));
  }

  /// A token that has expired proves nothing any more: who exchanges it has to be known.
  bool IsExchanged(bool is_good) const {
    const bool can_be = is_good || (has_secret_ && !settings_.auth.client_id.empty());
    return settings_.auth.is_exchanged && can_be &&
           !(is_good ? exchange_failed_ : expired_exchange_failed_);
  }

  /// Until the request of another thread has ended; throws its error.
  void WaitForOther(std::unique_lock<std::mutex>* lock, const RestDeadline& deadline) {
    constexpr std::chrono::milliseconds kLook(50);
    const StopToken stop = StopToken::Current();
    const uint64_t round = round_;
    while (round == round_) {
      ended_.wait_for(*lock, kLook);
      stop.Poll();
      stop.ThrowIfStopped();
      if (deadline.HasPassed()) {
        ThrowRestError(Operation(), HttpFailure{HttpFailure::Kind::kTimeout, false,
                                                "another thread is still asking for it"});
      }
    }
    if (failure_) {
      std::rethrow_exception(failure_);
    }
  }

  /// Asks for a token without the lock. If the old one is still good, an error is put off: the
  /// next call after a while tries again.
  void Ask(std::unique_lock<std::mutex>* lock, bool is_good, const RestDeadline& deadline) {
    is_asking_ = true;
    const Secret old = token_;
    const bool is_exchanged = IsExchanged(is_good) && !token_.empty();
    lock->unlock();
    std::optional<TokenResponse> token;
    std::exception_ptr failure;
    try {
      token = is_exchanged ? Exchanged(old, is_good, deadline)
                           : AskWith(CredentialsRequest(), deadline);
    } catch (...) {
      failure = std::current_exception();
    }
    lock->lock();
    is_asking_ = false;
    ++round_;
    ended_.notify_all();
    failure_ = nullptr;
    if (token) {
      Keep(*token);
      return;
    }
    try {
      std::rethrow_exception(failure);
    } catch (const CancelledError&) {
      throw;  // that of this thread alone
    } catch (const Error&) {
      if (is_good) {
        constexpr int64_t kPauseMs = 5'000;
        renew_at_ms_ = environment_.clock->NowMs() + kPauseMs;
        return;
      }
      if (!deadline.HasPassed()) {
        failure_ = failure;  // that of those who wait, too; without it they try themselves
      }
      throw;
    }
  }

  /// mutex_ is held.
  void Keep(const TokenResponse& response) {
    constexpr int64_t kMarginMs = 60'000;
    constexpr int64_t kLongestSeconds = int64_t{1} << 32;
    const int64_t now_ms = environment_.clock->NowMs();
    token_ = response.access_token;
    settings_.learned->Add(token_);
    // A token without an end is kept until the server refuses it.
    expires_at_ms_ = kNever;
    if (response.expires_in_seconds) {
      expires_at_ms_ =
          now_ms + std::clamp<int64_t>(*response.expires_in_seconds, 0, kLongestSeconds) * 1000;
    } else if (const std::optional<int64_t> end_ms = ExpiresAtMs(token_)) {
      expires_at_ms_ = *end_ms;
    }
    // Of a short life, a tenth is left for what is under way.
    renew_at_ms_ = expires_at_ms_ == kNever
                       ? kNever
                       : expires_at_ms_ -
                             std::clamp<int64_t>((expires_at_ms_ - now_ms) / 10, 0, kMarginMs);
  }

  TokenResponse Exchanged(const Secret& old, bool is_good, const RestDeadline& deadline) {
    const RestOutcome outcome =
        transport_.Send([&] { return ExchangeRequest(old, is_good); }, deadline);
    if (StatusOf(outcome.result) == kOk) {
      return Parse(outcome);
    }
    if (std::holds_alternative<HttpResponse>(outcome.result) && !IsPassing(outcome.result)) {
      // A server that does not exchange tokens will not learn it meanwhile.
      const std::lock_guard lock(mutex_);
      (is_good ? exchange_failed_ : expired_exchange_failed_) = true;
    }
    if (!has_secret_) {
      ThrowRestError(Operation(), outcome.result);
    }
    return AskWith(CredentialsRequest(), deadline);
  }

  TokenResponse AskWith(const HttpRequest& request, const RestDeadline& deadline) {
    const RestOutcome outcome = transport_.Send([&] { return request; }, deadline);
    if (StatusOf(outcome.result) != kOk) {
      ThrowRestError(Operation(), outcome.result);
    }
    return Parse(outcome);
  }

  TokenResponse Parse(const RestOutcome& outcome) const {
    return ParseTokenResponse(std::get<HttpResponse>(outcome.result).body, Operation());
  }

  RestOperation Operation() const {
    return {.settings = settings_,
            .words = "get a token from " +
                     settings_.auth.token_uri.substr(0, settings_.auth.token_uri.find('?')),
            .is_token_request = true};
  }

  using Form = std::vector<std::pair<std::string, std::string>>;

  HttpRequest CredentialsRequest() const {
    Form form{{"grant_type", "client_credentials"}};
    if (!settings_.auth.client_id.empty()) {
      form.emplace_back("client_id", settings_.auth.client_id);
    }
    form.emplace_back("client_secret", settings_.auth.client_secret.Reveal());
    return MakeRequest(std::move(form));
  }

  /// Authorized by the token, as long as it is good, and then by the client's id and secret
  /// (RFC 6749, section 2.3.1).
  HttpRequest ExchangeRequest(const Secret& old, bool is_good) const {
    HttpRequest request =
        MakeRequest({{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                     {"subject_token", old.Reveal()},
                     {"subject_token_type", "urn:ietf:params:oauth:token-type:access_token"}});
    if (is_good) {
      request.headers.emplace_back("Authorization", "Bearer " + old.Reveal());
      return request;
    }
    const RestAuthSettings& auth = settings_.auth;
    const Secret client(ToBase64(PercentEncode(auth.client_id) + ":" +
                                 PercentEncode(auth.client_secret.Reveal())));
    settings_.learned->Add(client);
    request.headers.emplace_back("Authorization", "Basic " + client.Reveal());
    return request;
  }

  HttpRequest MakeRequest(Form form) const {
    const RestAuthSettings& auth = settings_.auth;
    for (const auto& [name, value] :
         {std::pair("scope", &auth.scope), std::pair("audience", &auth.audience),
          std::pair("resource", &auth.resource)}) {
      if (!value->empty()) {
        form.emplace_back(name, *value);
      }
    }
    HttpRequest request{.method = HttpMethod::kPost,
                        .url = auth.token_uri,
                        .headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                                    {"Accept", "application/json"}},
                        .body = MakeQuery(form)};
    if (is_of_catalog_) {
      for (const auto& [name, value] : settings_.headers) {
        request.headers.emplace_back(name, value.Reveal());
      }
    }
    return request;
  }

  const RestSettings& settings_;
  RestTransport& transport_;
  const Environment environment_;
  const bool has_secret_;
  const bool is_of_catalog_;  ///< tokens come from it, whatever address it moves to

  std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  Secret token_;  ///< empty: none yet, or the server refused it
  int64_t renew_at_ms_ = 0;
  int64_t expires_at_ms_ = 0;
  bool exchange_failed_ = false;
  bool expired_exchange_failed_ = false;
  bool is_asking_ = false;
  pid_t owner_ = getpid();
  uint64_t round_ = 0;          ///< requests that have ended
  std::exception_ptr failure_;  ///< of the last one
};

}  // namespace

std::unique_ptr<RestAuth> MakeOAuth2(const RestSettings& settings, RestTransport* transport,
                                     Environment environment) {
  return std::make_unique<OAuth2>(settings, transport, std::move(environment));
}

}  // namespace floe::inline v0
