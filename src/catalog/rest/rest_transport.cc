#include "catalog/rest/rest_transport.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include "base/backoff.h"
#include "catalog/rest/circuit_breaker.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_settings.h"
#include "floe/base/environment.h"
#include "floe/base/stop_token.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

constexpr int kTooManyRequests = 429;

/// Whether the server can't have done what it was asked.
bool IsUndone(const HttpResult& result) {
  if (const auto* failure = std::get_if<HttpFailure>(&result)) {
    return !failure->may_have_arrived;
  }
  return StatusOf(result) == kTooManyRequests;
}

/// `Retry-After` in milliseconds from now, of seconds or a date; 0 if there is none.
int64_t RetryAfterMs(const HttpResult& result, Clock& clock) {
  const auto* response = std::get_if<HttpResponse>(&result);
  const std::optional<std::string> text =
      response == nullptr ? std::nullopt : response->Header("Retry-After");
  if (!text) {
    return 0;
  }
  constexpr int64_t kLongestSeconds = 1'000'000;
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error == std::errc() && end == text->data() + text->size()) {
    return std::clamp<int64_t>(seconds, 0, kLongestSeconds) * 1000;
  }
  const std::optional<int64_t> date_ms = ParseHttpDateMs(*text);
  return date_ms ? std::max<int64_t>(*date_ms - clock.NowMs(), 0) : 0;
}

/// Tells a circuit breaker how its server does. One that has too much to do is alive.
void Report(const HttpResult& result, CircuitBreaker::Pass* pass) {
  if (IsPassing(result) && StatusOf(result) != kTooManyRequests) {
    pass->Failed();
  } else if (std::holds_alternative<HttpResponse>(result)) {
    pass->Succeeded();
  }
}

}  // namespace

int StatusOf(const HttpResult& result) {
  const auto* response = std::get_if<HttpResponse>(&result);
  return response == nullptr ? 0 : response->status;
}

bool IsSuccess(const HttpResult& result) {
  return StatusOf(result) >= 200 && StatusOf(result) < 300;
}

RestDeadline::RestDeadline(int64_t total_ms, std::shared_ptr<Clock> clock)
    : clock_(std::move(clock)), total_ms_(total_ms), started_ms_(clock_->NowMs()) {}

int64_t RestDeadline::LeftMs() const {
  if (total_ms_ == 0) {
    return std::numeric_limits<int64_t>::max();
  }
  // A clock that is put back gives no more time.
  return std::min(started_ms_ + total_ms_ - clock_->NowMs(), total_ms_);
}

int64_t RestDeadline::TimeoutMs() const {
  return total_ms_ == 0 ? 0 : std::max<int64_t>(LeftMs(), 1);
}

RestTransport::RestTransport(const HttpClientOptions& http, const RestRetrySettings& retry,
                             Environment environment)
    : retry_(retry),
      environment_(std::move(environment)),
      http_(http),
      breakers_(retry.circuit_breaker_threshold, retry.circuit_breaker_open_ms,
                environment_.clock) {}

int64_t RestTransport::WaitMs(int retry, const HttpResult& result) const {
  // A server that asks for more than the longest wait gets that one.
  return std::max(JitteredWaitMs(retry, retry_.min_wait_ms, retry_.max_wait_ms,
                                 *environment_.random, retry_.jitter_ms),
                  std::min(RetryAfterMs(result, *environment_.clock), retry_.max_wait_ms));
}

HttpResult RestTransport::Try(HttpRequest* request, const RestDeadline& deadline) {
  if (deadline.HasPassed()) {
    return HttpFailure{HttpFailure::Kind::kTimeout, false,
                       "its time was over before it could be sent"};
  }
  request->timeout_ms = deadline.TimeoutMs();
  return http_.Send(*request);
}

RestOutcome RestTransport::Send(const std::function<HttpRequest()>& make,
                                const RestDeadline& deadline) {
  HttpRequest request = make();
  std::optional<CircuitBreaker::Pass> pass = breakers_.Of(request.url).TryPass();
  if (!pass) {
    return {
        HttpFailure{HttpFailure::Kind::kCircuitOpen, false,
                    "its server failed again and again, so that nothing is sent to it for a "
                    "while; see that it is there, and properties "
                    "rest.client.circuit-breaker.threshold and "
                    "rest.client.circuit-breaker.open-ms"}};
  }
  return SendThrough(*std::move(pass), make, std::move(request), deadline);
}

RestOutcome RestTransport::SendThrough(CircuitBreaker::Pass pass,
                                       const std::function<HttpRequest()>& make,
                                       HttpRequest request, const RestDeadline& deadline) {
  RestOutcome outcome{HttpResponse(), false};
  for (int retry = 1;; ++retry) {
    outcome.result = Try(&request, deadline);
    const bool is_undone = IsUndone(outcome.result);
    const bool may_help = IsPassing(outcome.result) && (request.is_repeatable || is_undone) &&
                          retry <= retry_.max_retries && !pass.is_probe();
    const int64_t wait_ms = may_help ? WaitMs(retry, outcome.result) : 0;
    if (!may_help || deadline.LeftMs() <= wait_ms) {
      Report(outcome.result, &pass);
      return outcome;
    }
    outcome.was_repeated = outcome.was_repeated || !is_undone;
    SleepUnlessStopped(wait_ms, *environment_.clock, StopToken::Current());
    request = make();
  }
}

}  // namespace floe::inline v0
