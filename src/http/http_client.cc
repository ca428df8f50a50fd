#include "http/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "floe/base/error.h"
#include "floe/base/stop_token.h"
#include "http/libcurl.h"

namespace floe::inline v0 {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct CurlDeleter {
  void operator()(CURL* handle) const { Curl().easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlDeleter>;

struct HeaderListDeleter {
  void operator()(curl_slist* list) const { Curl().slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, HeaderListDeleter>;

/// Room for headers of one answer; no server needs that much.
constexpr size_t kMaxHeaderBytes = size_t{256} << 10;
/// What a small answer may unpack to; beyond it, so many times its size.
constexpr int64_t kFreeUnpacked = int64_t{64} << 20;
constexpr int64_t kMaxUnpackedRatio = 200;
/// Servers end connections that nobody uses, the hastiest after five seconds. What can't be
/// sent again does not go where that may just be happening.
constexpr int64_t kMaxIdleSeconds = 3;

/// One request under way, as libcurl's callbacks see it.
struct Exchange {
  CURL* handle;
  const HttpRequest& request;
  const HttpClientOptions& options;
  HttpResponse response;
  size_t sent = 0;              ///< of the body
  bool is_asked_again = false;  ///< for the body
  size_t header_bytes = 0;      ///< of the answer
  bool too_large = false;
  bool silent_too_long = false;
  StopToken stop = StopToken::Current();
  curl_off_t last_progress = -1;
  SteadyClock::time_point progress_at = SteadyClock::now();
};

size_t OnBodyWanted(char* buffer, size_t size, size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string& body = exchange.request.body;
  const size_t bytes = std::min(size * count, body.size() - exchange.sent);
  std::copy_n(body.data() + exchange.sent, bytes, buffer);
  exchange.sent += bytes;
  return bytes;
}

/// libcurl asks for the body again when a kept connection turns out to be dead.
int OnBodyAgain(void* user, curl_off_t offset, int origin) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.is_asked_again = true;
  if (!exchange.request.is_repeatable || origin != SEEK_SET || offset != 0) {
    return CURL_SEEKFUNC_FAIL;
  }
  exchange.sent = 0;
  return CURL_SEEKFUNC_OK;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

size_t OnHeader(const char* data, size_t size, size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(data, size * count);
  exchange.header_bytes += line.size();
  if (exchange.header_bytes > kMaxHeaderBytes) {
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    exchange.response.headers.clear();  // of an interim answer, or of a proxy
  } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
    exchange.response.headers.emplace_back(Trimmed(line.substr(0, colon)),
                                           Trimmed(line.substr(colon + 1)));
  }
  return line.size();
}

size_t OnBody(const char* data, size_t size, size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  std::string& body = exchange.response.body;
  const size_t bytes = size * count;
  curl_off_t received = 0;
  Curl().easy_getinfo(exchange.handle, CURLINFO_SIZE_DOWNLOAD_T, &received);
  const int64_t limit = std::min(exchange.options.max_response_bytes,
                                 kFreeUnpacked + kMaxUnpackedRatio * int64_t{received});
  if (static_cast<int64_t>(body.size() + bytes) > limit) {
    exchange.too_large = true;
    return 0;
  }
  body.append(data, bytes);
  return bytes;
}

int OnProgress(void* user, curl_off_t /*total_down*/, curl_off_t down, curl_off_t /*total_up*/,
               curl_off_t up) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.stop.Poll();
  if (exchange.stop.stop_requested()) {
    return 1;
  }
  curl_off_t connected_us = 0;
  Curl().easy_getinfo(exchange.handle, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
  const auto now = SteadyClock::now();
  // Before the request is sent, the timeout for connecting counts.
  const curl_off_t progress =
      connected_us == 0 ? -1 : down + up + static_cast<curl_off_t>(exchange.header_bytes);
  if (progress == -1 || progress != exchange.last_progress) {
    exchange.last_progress = progress;
    exchange.progress_at = now;
    return 0;
  }
  exchange.silent_too_long =
      now - exchange.progress_at > std::chrono::milliseconds(exchange.options.read_timeout_ms);
  return exchange.silent_too_long ? 1 : 0;
}

/// `https://host:1234/path` of an address, without what may be secret: user and query.
std::string Shown(std::string_view url) {
  std::string shown(url.substr(0, url.find_first_of("?#")));
  const size_t host = shown.find("://");
  const size_t at = shown.find('@');
  if (host != std::string::npos && at != std::string::npos && at < shown.find('/', host + 3)) {
    shown.erase(host + 3, at - host - 2);
  }
  return shown;
}

void CheckUrl(const std::string& url) {
  const bool is_http = EqualsIgnoringCase(url.substr(0, 7), "http://") ||
                       EqualsIgnoringCase(url.substr(0, 8), "https://");
  if (!is_http || HasControl(url) || url.find(' ') != std::string::npos) {
    throw InvalidArgumentError(fmt::format(
        "'{}' is not the address of a server: expected http:// or https://, a host and a path, "
        "without blanks and control characters",
        Abbreviate(Shown(url), 200)));
  }
}

HeaderList MakeHeaderList(const HttpRequest& request) {
  constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";
  // Without this, a long body waits a second for a server that does not know `Expect`.
  curl_slist* list = Curl().slist_append(nullptr, "Expect:");
  HeaderList headers(list);
  for (const auto& [name, value] : request.headers) {
    const bool is_token = !name.empty() && std::ranges::all_of(name, [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             kTokenMarks.find(c) != std::string_view::npos;
    });
    if (!is_token || HasControl(value)) {
      throw InvalidArgumentError(
          fmt::format("header '{}' can't be sent: {}", Abbreviate(name, 100),
                      is_token ? "its value has control characters (a line's end?)"
                               : "that is not the name of a header"));
    }
    // With a semicolon, a header without a value is sent; with a colon, it would be left out.
    const std::string line =
        value.empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, value);
    list = Curl().slist_append(headers.get(), line.c_str());
    Check(list != nullptr, "memory for a header");
  }
  return headers;
}

void SetMethod(CURL* handle, Exchange* exchange) {
  const HttpRequest& request = exchange->request;
  switch (request.method) {
    case HttpMethod::kGet:
      Curl().easy_setopt(handle, CURLOPT_HTTPGET, 1L);
      return;
    case HttpMethod::kHead:
      Curl().easy_setopt(handle, CURLOPT_NOBODY, 1L);
      return;
    case HttpMethod::kDelete:
      Curl().easy_setopt(handle, CURLOPT_CUSTOMREQUEST, "DELETE");
      // On a kept connection that ends, libcurl would send it again without a word, and nobody
      // could tell a repeated answer from a first one.
      Curl().easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
      return;
    case HttpMethod::kPost:
      Curl().easy_setopt(handle, CURLOPT_POST, 1L);
      Curl().easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(request.body.size()));
      Curl().easy_setopt(handle, CURLOPT_READFUNCTION, &OnBodyWanted);
      Curl().easy_setopt(handle, CURLOPT_READDATA, exchange);
      Curl().easy_setopt(handle, CURLOPT_SEEKFUNCTION, &OnBodyAgain);
      Curl().easy_setopt(handle, CURLOPT_SEEKDATA, exchange);
      if (!request.is_repeatable) {
        Curl().easy_setopt(handle, CURLOPT_MAXAGE_CONN, static_cast<long>(kMaxIdleSeconds));
      }
      return;
  }
}

void SetTls(CURL* handle, const HttpClientOptions& options) {
  Curl().easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, options.verify_tls ? 1L : 0L);
  Curl().easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, options.verify_tls ? 2L : 0L);
  Curl().easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) {
    Curl().easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
    Curl().easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  // Of a proxy by https, too.
  Curl().easy_setopt(handle, CURLOPT_PROXY_SSL_VERIFYPEER, options.verify_tls ? 1L : 0L);
  Curl().easy_setopt(handle, CURLOPT_PROXY_SSL_VERIFYHOST, options.verify_tls ? 2L : 0L);
  if (!options.ca_file.empty()) {
    Curl().easy_setopt(handle, CURLOPT_PROXY_CAINFO, options.ca_file.c_str());
  }
  if (!options.client_certificate_file.empty()) {
    const std::string& key = options.client_key_file.empty() ? options.client_certificate_file
                                                             : options.client_key_file;
    Curl().easy_setopt(handle, CURLOPT_SSLCERT, options.client_certificate_file.c_str());
    Curl().easy_setopt(handle, CURLOPT_SSLKEY, key.c_str());
  }
  if (!options.client_key_password.empty()) {
    Curl().easy_setopt(handle, CURLOPT_KEYPASSWD, options.client_key_password.Reveal().c_str());
  }
}

void SetOptions(CURL* handle, Exchange* exchange) {
  const HttpClientOptions& options = exchange->options;
  Curl().easy_setopt(handle, CURLOPT_URL, exchange->request.url.c_str());
  Curl().easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  Curl().easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  Curl().easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  Curl().easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  Curl().easy_setopt(handle, CURLOPT_HTTP09_ALLOWED, 0L);
  Curl().easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  Curl().easy_setopt(handle, CURLOPT_USERAGENT, "floe/0.1.0");
  Curl().easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "gzip");
  Curl().easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(options.connect_timeout_ms));
  Curl().easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                     static_cast<long>(exchange->request.timeout_ms));
  Curl().easy_setopt(handle, CURLOPT_HEADERFUNCTION, &OnHeader);
  Curl().easy_setopt(handle, CURLOPT_HEADERDATA, exchange);
  Curl().easy_setopt(handle, CURLOPT_WRITEFUNCTION, &OnBody);
  Curl().easy_setopt(handle, CURLOPT_WRITEDATA, exchange);
  Curl().easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  Curl().easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &OnProgress);
  Curl().easy_setopt(handle, CURLOPT_XFERINFODATA, exchange);
  if (!options.proxy.empty()) {
    Curl().easy_setopt(handle, CURLOPT_PROXY, options.proxy.c_str());
  }
  if (!options.proxy_user.empty()) {
    Curl().easy_setopt(handle, CURLOPT_PROXYUSERNAME, options.proxy_user.c_str());
    Curl().easy_setopt(handle, CURLOPT_PROXYPASSWORD, options.proxy_password.Reveal().c_str());
  }
  SetTls(handle, options);
  SetMethod(handle, exchange);
}

/// What a proxy answered to CONNECT; 0 if it was not asked for that, or did not answer.
int ConnectStatus(const Exchange& exchange) {
  long status = 0;
  Curl().easy_getinfo(exchange.handle, CURLINFO_HTTP_CONNECTCODE, &status);
  return static_cast<int>(status);
}

HttpFailure::Kind KindOf(CURLcode code, const Exchange& exchange) {
  if (exchange.too_large) {
    return HttpFailure::Kind::kTooLarge;
  }
  if (exchange.silent_too_long) {
    return HttpFailure::Kind::kTimeout;
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) {
    return HttpFailure::Kind::kCancelled;
  }
  if (const int status = ConnectStatus(exchange); status >= 300) {
    // One that is busy, or does not reach the server, may do so a little later.
    return status >= 500 ? HttpFailure::Kind::kUnreachable : HttpFailure::Kind::kProxy;
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return HttpFailure::Kind::kUnreachable;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return HttpFailure::Kind::kTls;
    case CURLE_OPERATION_TIMEDOUT:
      return HttpFailure::Kind::kTimeout;
    default:
      return HttpFailure::Kind::kBroken;
  }
}

/// Whether some of the request may have reached the server. One with a body is nothing without
/// it, and a body is only asked for when there is a way to the server.
bool MayHaveArrived(const Exchange& exchange) {
  if (!exchange.request.body.empty()) {
    return exchange.sent > 0 || exchange.is_asked_again;
  }
  long request_bytes = 0;  // those for a proxy among them
  Curl().easy_getinfo(exchange.handle, CURLINFO_REQUEST_SIZE, &request_bytes);
  return request_bytes > 0;
}

HttpFailure MakeFailure(CURLcode code, const Exchange& exchange, const char* words) {
  const HttpFailure::Kind kind = KindOf(code, exchange);
  std::string why = *words == '\0' ? Curl().easy_strerror(code) : words;
  // libcurl has a limit of its own for one line, whose end is what it says of memory.
  if (exchange.header_bytes > kMaxHeaderBytes || code == CURLE_OUT_OF_MEMORY) {
    why = "the headers of the answer are longer than any that a server needs";
  }
  if (why.find('@') != std::string::npos) {
    why = Curl().easy_strerror(code);  // of an address with a user, and maybe a password
  }
  if (kind == HttpFailure::Kind::kTooLarge) {
    why = fmt::format("the answer has more bytes than may be ({}, or {} times what was sent)",
                      exchange.options.max_response_bytes, kMaxUnpackedRatio);
  } else if (exchange.silent_too_long) {
    why = fmt::format("the server was silent for {} ms", exchange.options.read_timeout_ms);
  } else if (kind == HttpFailure::Kind::kCancelled) {
    why = "it was cancelled";
  } else if (const int status = ConnectStatus(exchange); status >= 300) {
    why = fmt::format("the proxy on the way answers {}", status);
  } else if (exchange.is_asked_again && !exchange.request.is_repeatable) {
    why = "the server ended the connection before it answered";
  }
  return {kind, MayHaveArrived(exchange),
          fmt::format("{} {}: {}", HttpMethodName(exchange.request.method),
                      Shown(exchange.request.url), why)};
}

}  // namespace

bool HasControl(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; });
}

std::string_view HttpMethodName(HttpMethod method) {
  switch (method) {
    case HttpMethod::kGet:
      return "GET";
    case HttpMethod::kHead:
      return "HEAD";
    case HttpMethod::kPost:
      return "POST";
    case HttpMethod::kDelete:
      return "DELETE";
  }
  throw InternalError("a method without a name");
}

std::optional<std::string> HttpResponse::Header(std::string_view name) const {
  const auto found = std::find_if(headers.rbegin(), headers.rend(), [&](const auto& header) {
    return EqualsIgnoringCase(header.first, name);
  });
  return found == headers.rend() ? std::nullopt : std::optional(found->second);
}

/// Handles of libcurl that no request uses, each with its open connections.
class HttpClient::Connections {
 public:
  CurlHandle Take() {
    const std::lock_guard lock(mutex_);
    if (owner_ != getpid()) {
      // Left behind in a forked child: closing them here would end the parent's TLS sessions.
      new std::vector<CurlHandle>(std::move(idle_));
      idle_.clear();
      owner_ = getpid();
    }
    if (idle_.empty()) {
      CurlHandle handle(Curl().easy_init());
      Check(handle != nullptr, "memory for a connection");
      return handle;
    }
    CurlHandle handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  void Return(CurlHandle handle) {
    Curl().easy_reset(handle.get());
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
  }

 private:
  std::mutex mutex_;
  int owner_ = getpid();
  std::vector<CurlHandle> idle_;
};

void HttpClientOptions::SetProxy(std::string address) {
  const size_t scheme_end = address.find("://");
  const size_t host = scheme_end == std::string::npos ? 0 : scheme_end + 3;
  const size_t at = address.rfind('@');
  if (at != std::string::npos && at >= host) {
    const std::string user = address.substr(host, at - host);
    const size_t colon = user.find(':');
    proxy_user = PercentDecode(user.substr(0, colon));
    proxy_password =
        Secret(colon == std::string::npos ? "" : PercentDecode(user.substr(colon + 1)));
    address.erase(host, at + 1 - host);
  }
  proxy = std::move(address);
}

HttpClient::HttpClient(HttpClientOptions options)
    : options_(std::move(options)), connections_(std::make_unique<Connections>()) {}

HttpClient::~HttpClient() = default;

HttpResult HttpClient::Send(const HttpRequest& request) {
  CheckUrl(request.url);
  if (StopToken::Current().stop_requested()) {
    return HttpFailure{HttpFailure::Kind::kCancelled, false, "it was cancelled"};
  }
  const HeaderList headers = MakeHeaderList(request);
  std::array<char, CURL_ERROR_SIZE> words{};
  CurlHandle handle = connections_->Take();
  Exchange exchange{.handle = handle.get(), .request = request, .options = options_};
  Curl().easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  Curl().easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, words.data());
  SetOptions(handle.get(), &exchange);
  const CURLcode code = Curl().easy_perform(handle.get());
  if (code != CURLE_OK) {
    // The handle goes with its connection, whose state nobody knows.
    return MakeFailure(code, exchange, words.data());
  }
  long status = 0;
  Curl().easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = static_cast<int>(status);
  connections_->Return(std::move(handle));
  return std::move(exchange.response);
}

}  // namespace floe::inline v0
