#include "catalog/rest/rest_client.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include "base/backoff.h"
#include "base/text.h"
#include "catalog/rest/rest_auth.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_settings.h"
#include "floe/base/environment.h"
#include "floe/base/secret.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

int StatusOf(const HttpResult& result) {
  const auto* response = std::get_if<HttpResponse>(&result);
  return response == nullptr ? 0 : response->status;
}

/// Whether the server can't have done what it was asked.
bool IsUndone(const HttpResult& result) {
  if (const auto* failure = std::get_if<HttpFailure>(&result)) {
    return !failure->may_have_arrived;
  }
  return StatusOf(result) == 429;
}

/// `Retry-After` in milliseconds, where it is a number of seconds.
int64_t RetryAfterMs(const HttpResult& result) {
  const auto* response = std::get_if<HttpResponse>(&result);
  const std::optional<std::string> text =
      response == nullptr ? std::nullopt : response->Header("Retry-After");
  int32_t seconds = 0;
  if (text) {
    const auto [end, error] =
        std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (error != std::errc() || end != text->data() + text->size()) {
      return 0;
    }
  }
  return int64_t{std::max(seconds, 0)} * 1000;
}

}  // namespace

RestClient::RestClient(RestSettings settings, Environment environment)
    : settings_(std::move(settings)),
      environment_(std::move(environment)),
      http_(settings_.http),
      auth_(MakeRestAuth(settings_, &http_, environment_)) {}

HttpRequest RestClient::MakeRequest(const RestCall& call, const Secret& authorization) const {
  HttpRequest request{.method = call.method,
                      .url = call.url,
                      .headers = {{"Accept", "application/json"}},
                      .body = call.body,
                      .is_repeatable = call.is_repeatable};
  if (!call.body.empty()) {
    request.headers.emplace_back("Content-Type", "application/json");
  }
  bool has_authorization = false;
  for (const auto& [name, value] : settings_.headers) {
    request.headers.emplace_back(name, value.Reveal());
    has_authorization = has_authorization || EqualsIgnoringCase(name, "authorization");
  }
  if (!has_authorization && !authorization.empty()) {
    request.headers.emplace_back("Authorization", authorization.Reveal());
  }
  return request;
}

int64_t RestClient::WaitMs(int retry, const HttpResult& result) const {
  const RestRetrySettings& settings = settings_.retry;
  // A server that asks for more than the longest wait gets that one.
  return std::max(
      JitteredWaitMs(retry, settings.min_wait_ms, settings.max_wait_ms, *environment_.random),
      std::min(RetryAfterMs(result), settings.max_wait_ms));
}

RestOutcome RestClient::Send(const RestCall& call) {
  RestOutcome outcome{HttpResponse(), false};
  bool was_renewed = false;
  for (int retry = 1;; ++retry) {
    const Secret authorization = auth_->Authorization();
    outcome.result = http_.Send(MakeRequest(call, authorization));
    if (StatusOf(outcome.result) == 401 && !was_renewed) {
      // An expired token: nothing was done.
      was_renewed = true;
      if (auth_->Renew(authorization)) {
        --retry;
        continue;
      }
    }
    const bool is_undone = IsUndone(outcome.result);
    if (!IsPassing(outcome.result) || !(call.is_repeatable || is_undone) ||
        retry > settings_.retry.max_retries) {
      return outcome;
    }
    outcome.was_repeated = outcome.was_repeated || !is_undone;
    environment_.clock->SleepMs(WaitMs(retry, outcome.result));
  }
}

HttpResponse RestClient::Ask(const RestOperation& operation, const RestCall& call) {
  RestOutcome outcome = Send(call);
  const int status = StatusOf(outcome.result);
  if (status < 200 || status > 299) {
    ThrowRestError(operation, outcome.result);
  }
  return std::get<HttpResponse>(std::move(outcome.result));
}

}  // namespace floe::inline v0
