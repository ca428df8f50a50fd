#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "floe/base/secret.h"

namespace floe::inline v0 {

enum class HttpMethod : uint8_t { kGet, kHead, kPost, kDelete };

std::string_view HttpMethodName(HttpMethod method);

/// Name and value; values may be secrets.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  HttpMethod method = HttpMethod::kGet;
  std::string url;  ///< http or https, already encoded
  HttpHeaders headers;
  std::string body;
  /// Whether doing it twice is as good as once. If not, it is never sent a second time.
  bool is_repeatable = true;
  int64_t timeout_ms = 0;  ///< of the whole, from now to the end of the answer; 0: none
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;

  /// The last header of that name, in any case.
  std::optional<std::string> Header(std::string_view name) const;
};

/// No answer, or none that can be used.
struct HttpFailure {
  enum class Kind : uint8_t {
    kUnreachable,  ///< no such host, nobody listens
    kTls,          ///< certificates, protocol versions
    kProxy,        ///< a proxy did not let it through
    kTimeout,
    kBroken,       ///< the connection ended too early, or the answer is not HTTP
    kTooLarge,     ///< more than the limit
    kCancelled,    ///< the current StopToken said so
    kCircuitOpen,  ///< not sent: a circuit breaker of the caller's keeps it from the server
  };
  Kind kind;
  bool may_have_arrived;  ///< some of the request may have reached the server
  std::string message;
};

using HttpResult = std::variant<HttpResponse, HttpFailure>;

struct HttpClientOptions {
  int64_t connect_timeout_ms = 10'000;
  /// Longest silence of a server that has the request; looked at about once a second.
  int64_t read_timeout_ms = 30'000;
  int64_t max_response_bytes = int64_t{1} << 30;
  std::string ca_file;  ///< PEM; empty: the system's
  bool verify_tls = true;
  std::string client_certificate_file;  ///< PEM
  std::string client_key_file;          ///< PEM; empty: in the certificate's file
  Secret client_key_password;
  /// URL, without user; empty: the environment's `https_proxy`, `http_proxy`. Hosts in the
  /// environment's `no_proxy` are reached without either.
  std::string proxy;
  std::string proxy_user;  ///< empty: none
  Secret proxy_password;

  /// Takes proxy, user and password from `http://user:password@host:port`, in which user and
  /// password are percent-encoded and may be missing. Checks nothing.
  void SetProxy(std::string address);
};

/// Sends requests. Keeps connections open between them. Thread-safe: each request has a
/// connection of its own.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Waits for the answer, and heeds StopToken::Current(). Throws InvalidArgumentError for an
  /// address or a header that can't be sent; everything else is in the result.
  HttpResult Send(const HttpRequest& request);

 private:
  class Connections;
  const HttpClientOptions options_;
  std::unique_ptr<Connections> connections_;
};

/// Whether `text` has control characters, which neither headers nor addresses can have.
bool HasControl(std::string_view text);

/// Milliseconds since 1970 of a date as headers have it (`Sun, 06 Nov 1994 08:49:37 GMT`, or
/// the older forms of RFC 9110, section 5.6.7); nothing if it is none.
std::optional<int64_t> ParseHttpDateMs(const std::string& text);

/// `text` as a part of a path or query: all but letters, digits, `-`, `.`, `_` and `~` becomes
/// `%XX` (RFC 3986).
std::string PercentEncode(std::string_view text);
/// The text that was encoded; what is no `%XX` stays.
std::string PercentDecode(std::string_view text);

/// `a=1&b=2`, encoded.
std::string MakeQuery(const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace floe::inline v0
