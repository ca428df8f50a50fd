#pragma once

#include <cstdint>
#include <functional>

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

/// Sends requests with retries, each server's behind its circuit breaker. Thread-safe.
class RestTransport {
 public:
  RestTransport(const HttpClientOptions& http, const RestRetrySettings& retry,
                Environment environment);

  /// Sends what `make` makes, anew for each try, until there is an answer that will stay the
  /// same or retries are spent. A try that may have been done is only repeated where the
  /// request may be. Heeds StopToken::Current(), and throws CancelledError between tries.
  RestOutcome Send(const std::function<HttpRequest()>& make);

 private:
  RestOutcome SendThrough(CircuitBreaker::Pass pass, const std::function<HttpRequest()>& make,
                          HttpRequest request);
  int64_t WaitMs(int retry, const HttpResult& result) const;

  const RestRetrySettings retry_;
  const Environment environment_;
  HttpClient http_;
  CircuitBreakers breakers_;
};

}  // namespace floe::inline v0
