#include "http/aws_signature.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nettle/hmac.h>
#include <nettle/sha2.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "floe/base/error.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

using Digest = std::array<uint8_t, SHA256_DIGEST_SIZE>;

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

Digest Sha256(std::string_view text) {
  sha256_ctx context{};
  sha256_init(&context);
  sha256_update(&context, text.size(), Bytes(text));
  Digest digest{};
  sha256_digest(&context, digest.size(), digest.data());
  return digest;
}

Digest HmacSha256(std::string_view key, std::string_view text) {
  hmac_sha256_ctx context{};
  hmac_sha256_set_key(&context, key.size(), Bytes(key));
  hmac_sha256_update(&context, text.size(), Bytes(text));
  Digest digest{};
  hmac_sha256_digest(&context, digest.size(), digest.data());
  return digest;
}

std::string_view Text(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string Hex(const Digest& digest) {
  std::string hex;
  for (const uint8_t byte : digest) {
    hex += fmt::format("{:02x}", byte);
  }
  return hex;
}

/// The parts of an address that are signed.
struct Address {
  std::string_view scheme;
  std::string_view host;  ///< with its port
  std::string_view path;  ///< as it is sent
  std::string_view query;
};

Address SplitAddress(std::string_view url) {
  Address address;
  const size_t scheme = url.find("://");
  Check(scheme != std::string_view::npos, "an address without a scheme");
  address.scheme = url.substr(0, scheme);
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('#'));
  const size_t host = std::min(url.find_first_of("/?"), url.size());
  address.host = url.substr(0, host);
  address.host.remove_prefix(address.host.rfind('@') + 1);  // npos + 1 is 0
  url.remove_prefix(host);
  const size_t path = std::min(url.find('?'), url.size());
  address.path = url.substr(0, path);
  address.query = path == url.size() ? std::string_view() : url.substr(path + 1);
  return address;
}

/// Without empty segments, `.` and `..`; each segment encoded.
std::string CanonicalPath(std::string_view path) {
  std::vector<std::string> segments;
  for (std::string& segment : Split(path, '/')) {
    if (segment == "..") {
      if (!segments.empty()) {
        segments.pop_back();
      }
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(std::move(segment));
    }
  }
  std::string canonical;
  for (const std::string& segment : segments) {
    canonical += "/" + PercentEncode(segment);
  }
  const bool is_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  return canonical.empty() || is_folder ? canonical + "/" : canonical;
}

std::string CanonicalQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const std::string& part : Split(query, '&')) {
    if (!part.empty()) {
      const size_t equals = std::min(part.find('='), part.size());
      parameters.emplace_back(
          PercentEncode(PercentDecode(std::string_view(part).substr(0, equals))),
          PercentEncode(
              PercentDecode(std::string_view(part).substr(std::min(equals + 1, part.size())))));
    }
  }
  std::ranges::sort(parameters);
  std::string canonical;
  for (const auto& [name, value] : parameters) {
    canonical += fmt::format("{}{}={}", canonical.empty() ? "" : "&", name, value);
  }
  return canonical;
}

/// Without blanks at the ends, and with one where there are several.
std::string CanonicalValue(std::string_view value) {
  std::string canonical;
  for (const std::string& word : Split(value, ' ')) {
    if (!word.empty()) {
      canonical += (canonical.empty() ? "" : " ") + word;
    }
  }
  return canonical;
}

/// By name in lower case; several of a name are joined.
std::map<std::string, std::string> CanonicalHeaders(const HttpHeaders& headers) {
  std::map<std::string, std::string> canonical;
  for (const auto& [name, value] : headers) {
    const auto [found, is_new] = canonical.try_emplace(ToLower(name), CanonicalValue(value));
    if (!is_new) {
      found->second += "," + CanonicalValue(value);
    }
  }
  return canonical;
}

}  // namespace

std::string MakeAwsAuthorization(const AwsSigner& signer, const HttpRequest& request) {
  const Address address = SplitAddress(request.url);
  const std::map<std::string, std::string> headers = CanonicalHeaders(request.headers);
  std::string header_lines;
  std::string names;
  for (const auto& [name, value] : headers) {
    header_lines += fmt::format("{}:{}\n", name, value);
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string canonical = fmt::format(
      "{}\n{}\n{}\n{}\n{}\n{}", HttpMethodName(request.method),
      signer.service == "s3" ? std::string(address.path) : CanonicalPath(address.path),
      CanonicalQuery(address.query), header_lines, names, Hex(Sha256(request.body)));
  const auto date = headers.find("x-amz-date");
  Check(date != headers.end() && date->second.size() == 16, "a date to sign for");
  const std::string day = date->second.substr(0, 8);
  const std::string scope =
      fmt::format("{}/{}/{}/aws4_request", day, signer.region, signer.service);
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, date->second, scope, Hex(Sha256(canonical)));
  Digest key = HmacSha256("AWS4" + signer.secret_access_key.Reveal(), day);
  for (const std::string_view part :
       {std::string_view(signer.region), std::string_view(signer.service),
        std::string_view("aws4_request")}) {
    key = HmacSha256(Text(key), part);
  }
  return fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                     signer.access_key_id, scope, names, Hex(HmacSha256(Text(key), to_sign)));
}

void SignAwsRequest(const AwsSigner& signer, int64_t now_ms, HttpRequest* request) {
  for (auto& [name, value] : request->headers) {
    if (EqualsIgnoringCase(name, "Authorization")) {
      name = "Original-Authorization";
    }
  }
  const Address address = SplitAddress(request->url);
  const bool is_https = EqualsIgnoringCase(address.scheme, "https");
  std::string_view host = address.host;
  const std::string_view usual_port = is_https ? ":443" : ":80";
  if (host.ends_with(usual_port)) {
    host.remove_suffix(usual_port.size());
  }
  HttpHeaders& headers = request->headers;
  headers.emplace_back("Host", host);
  const std::chrono::sys_seconds now(std::chrono::seconds(now_ms / 1000));
  headers.emplace_back("X-Amz-Date", fmt::format("{:%Y%m%dT%H%M%SZ}", now));
  headers.emplace_back("X-Amz-Content-Sha256", Hex(Sha256(request->body)));
  if (!signer.session_token.empty()) {
    headers.emplace_back("X-Amz-Security-Token", signer.session_token.Reveal());
  }
  headers.emplace_back("Authorization", MakeAwsAuthorization(signer, *request));
}

}  // namespace floe::inline v0
