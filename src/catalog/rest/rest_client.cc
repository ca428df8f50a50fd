#include "catalog/rest/rest_client.h"

#include <cstdint>
#include <string>
#include <utility>

#include "base/text.h"
#include "catalog/rest/rest_auth.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_transport.h"
#include "floe/base/environment.h"
#include "floe/base/secret.h"
#include "http/aws_signature.h"
#include "http/http_client.h"

namespace floe::inline v0 {

RestClient::RestClient(RestSettings settings, Environment environment)
    : settings_(std::move(settings)),
      environment_(std::move(environment)),
      transport_(settings_.http, settings_.retry, environment_),
      auth_(MakeRestAuth(settings_, &transport_, environment_)) {}

HttpRequest RestClient::MakeRequest(const RestCall& call, const Secret& authorization) const {
  HttpRequest request{.method = call.method,
                      .url = call.url,
                      .headers = {{"Accept", "application/json"}},
                      .body = call.body,
                      .is_repeatable = call.is_repeatable};
  if (!call.body.empty()) {
    request.headers.emplace_back("Content-Type", "application/json");
  }
  request.headers.insert(request.headers.end(), call.headers.begin(), call.headers.end());
  bool has_authorization = false;
  for (const auto& [name, value] : settings_.headers) {
    request.headers.emplace_back(name, value.Reveal());
    has_authorization = has_authorization || EqualsIgnoringCase(name, "authorization");
  }
  if (!has_authorization && !authorization.empty()) {
    request.headers.emplace_back("Authorization", authorization.Reveal());
  }
  if (settings_.signer) {
    SignAwsRequest(*settings_.signer, environment_.clock->NowMs(), &request);
  }
  return request;
}

RestOutcome RestClient::Send(const RestCall& call) {
  Secret authorization;
  const int64_t started_ms = environment_.clock->NowMs();
  const RestDeadline deadline(settings_.retry.total_timeout_ms, environment_.clock);
  const auto make = [&] {
    authorization = auth_->Authorization(deadline);
    HttpRequest request = MakeRequest(call, authorization);
    if (call.repeatable_for_ms &&
        environment_.clock->NowMs() - started_ms >= *call.repeatable_for_ms) {
      request.is_repeatable = false;
    }
    return request;
  };
  RestOutcome outcome = transport_.Send(make, deadline);
  constexpr int kUnauthorized = 401;
  if (StatusOf(outcome.result) == kUnauthorized && auth_->Renew(authorization)) {
    // An expired token: nothing was done.
    const bool was_repeated = outcome.was_repeated;
    outcome = transport_.Send(make, deadline);
    outcome.was_repeated = outcome.was_repeated || was_repeated;
  }
  return outcome;
}

HttpResponse RestClient::Ask(const RestOperation& operation, const RestCall& call) {
  RestOutcome outcome = Send(call);
  if (!IsSuccess(outcome.result)) {
    ThrowRestError(operation, outcome.result);
  }
  return std::get<HttpResponse>(std::move(outcome.result));
}

}  // namespace floe::inline v0
