#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "catalog/rest/circuit_breaker.h"
#include "catalog/rest/rest_settings.h"
#include "floe/base/environment.h"
#include "http/http_client.h"

namespace floe::inline v0 {

/// What became of a call, with all its tries.
struct RestOutcome {
  HttpResult result;
  /// An earlier try may have been done although it seemed to fail.
  bool was_repeated = false;
};

int StatusOf(const HttpResult& result);  ///< 0: no answer
bool IsSuccess(const HttpResult& result);

/// When a call has to be over, with all its tries, the waits between them, and getting a token
/// for it. A value.
class RestDeadline {
 public:
  /// `total_ms` from now; 0: it may take as long as it takes.
  RestDeadline(int64_t total_ms, std::shared_ptr<Clock> clock);
  bool HasPassed() const { return LeftMs() <= 0; }
  int64_t LeftMs() const;
  /// For HttpRequest: at least 1, or 0 for no end.
  int64_t TimeoutMs() const;

 private:
  std::shared_ptr<Clock> clock_;
  int64_t total_ms_;
  int64_t started_ms_;
};

/// Sends requests with retries, each server's behind its circuit breaker. Thread-safe.
class RestTransport {
 public:
  RestTransport(const HttpClientOptions& http, const RestRetrySettings& retry,
                Environment environment);

  /// Sends what `make` makes, anew for each try, until there is an answer that will stay the
  /// same or retries are spent. A try that may have been done is only repeated where the
  /// request may be, and no try is begun or waited for that would come after the deadline.
  /// Heeds StopToken::Current(), and throws CancelledError between tries.
  RestOutcome Send(const std::function<HttpRequest()>& make, const RestDeadline& deadline);

 private:
  RestOutcome SendThrough(CircuitBreaker::Pass pass, const std::function<HttpRequest()>& make,
                          HttpRequest request, const RestDeadline& deadline);
  HttpResult Try(HttpRequest* request, const RestDeadline& deadline);
  int64_t WaitMs(int retry, const HttpResult& result) const;

  const RestRetrySettings retry_;
  const Environment environment_;
  HttpClient http_;
  CircuitBreakers breakers_;
};

}  // namespace floe::inline v0
