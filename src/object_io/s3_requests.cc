#include "object_io/s3_requests.h"

#include <arrow/filesystem/s3fs.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/backoff.h"
#include "floe/base/environment.h"
#include "floe/base/secret.h"
#include "floe/base/stop_token.h"
#include "http/aws_signature.h"
#include "http/content_md5.h"
#include "http/http_client.h"
#include "object_io/s3_errors.h"
#include "object_io/s3_settings.h"
#include "object_io/store_problem.h"

namespace floe::inline v0 {
namespace {

constexpr int64_t kUsualConnectMs = 10'000;
constexpr int64_t kUsualSilenceMs = 30'000;
constexpr int64_t kMostBytes = int64_t{16} << 20;

int64_t Milliseconds(std::optional<double> seconds, int64_t usual_ms) {
  constexpr double kMsPerSecond = 1000;
  return seconds && *seconds > 0 ? static_cast<int64_t>(*seconds * kMsPerSecond) : usual_ms;
}

HttpClientOptions OptionsOf(const S3Settings& settings) {
  HttpClientOptions options{
      .connect_timeout_ms = Milliseconds(settings.connect_timeout_seconds, kUsualConnectMs),
      .read_timeout_ms = Milliseconds(settings.request_timeout_seconds, kUsualSilenceMs),
      .max_response_bytes = kMostBytes};
  options.SetProxy(settings.proxy.Reveal());
  return options;
}

AwsSigner SignerOf(const arrow::fs::S3FileSystem& files, const S3Settings& settings) {
  if (settings.anonymous) {
    return {};
  }
  const arrow::fs::S3Options options = files.options();
  return {.access_key_id = options.GetAccessKey(),
          .secret_access_key = Secret(options.GetSecretKey()),
          .session_token = Secret(options.GetSessionToken()),
          .region = files.region(),
          .service = "s3"};
}

/// The address of the bucket.
std::string RootOf(const arrow::fs::S3FileSystem& files, const std::string& bucket) {
  const arrow::fs::S3Options options = files.options();
  const std::string region = files.region();
  const std::string host =
      options.endpoint_override.empty()
          ? fmt::format("s3.{}.amazonaws.com{}", region, region.starts_with("cn-") ? ".cn" : "")
          : options.endpoint_override;
  return options.scheme + "://" +
         (options.force_virtual_addressing ? bucket + "." + host
                                           : host + "/" + PercentEncode(bucket));
}

/// The key, with its slashes.
std::string EncodedPath(std::string_view key) {
  std::string encoded;
  for (size_t begin = 0; begin <= key.size();) {
    const size_t end = std::min(key.find('/', begin), key.size());
    encoded += "/" + PercentEncode(key.substr(begin, end - begin));
    begin = end + 1;
  }
  return encoded;
}

/// Whether to try again, and whether the server asks for patience.
struct Chance {
  bool is_there = false;
  bool is_patient = false;
};

Chance ChanceOf(const HttpResult& result) {
  if (const auto* const failure = std::get_if<HttpFailure>(&result)) {
    using Kind = HttpFailure::Kind;
    return {.is_there = failure->kind == Kind::kUnreachable ||
                        failure->kind == Kind::kTimeout || failure->kind == Kind::kBroken};
  }
  constexpr int kInternalError = 500;
  const int status = std::get<HttpResponse>(result).status;
  const StoreProblem::Kind kind = ReadS3Problem(S3TextOf(result)).kind;
  const bool is_busy = kind == StoreProblem::Kind::kBusy;
  return {.is_there =
              is_busy || status == kInternalError || kind == StoreProblem::Kind::kUnreachable,
          .is_patient = is_busy};
}

/// The character that an entity stands for (`amp`, `#39`, `#x27`); as it is if there is none.
std::string Meaning(std::string_view entity) {
  constexpr std::array kNames = std::to_array<std::pair<std::string_view, char>>(
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}});
  const auto* const named =
      std::ranges::find(kNames, entity, &decltype(kNames)::value_type::first);
  if (named != kNames.end()) {
    return {named->second};
  }
  if (entity.starts_with('#')) {
    const bool is_hex = entity.starts_with("#x");
    const std::string_view digits = entity.substr(is_hex ? 2 : 1);
    constexpr int kHex = 16;
    constexpr int kDecimal = 10;
    constexpr uint32_t kEndOfAscii = 128;
    uint32_t code = kEndOfAscii;
    std::from_chars(digits.data(), digits.data() + digits.size(), code,
                    is_hex ? kHex : kDecimal);
    if (code < kEndOfAscii) {
      return {static_cast<char>(code)};
    }
  }
  return fmt::format("&{};", entity);
}

std::string WithoutEntities(std::string_view text) {
  constexpr size_t kLongest = 10;  // &#1114111;
  std::string plain;
  for (size_t at = 0; at < text.size();) {
    const size_t size =
        text[at] == '&' ? text.substr(at, kLongest).find(';') : std::string_view::npos;
    if (size != std::string_view::npos) {
      plain += Meaning(text.substr(at + 1, size - 1));
      at += size + 1;
    } else {
      plain += text[at++];
    }
  }
  return plain;
}

}  // namespace

S3Requests::S3Requests(std::shared_ptr<HttpClient> http, const arrow::fs::S3FileSystem& files,
                       const S3Settings& settings, const std::string& bucket)
    : settings_(settings),
      http_(std::move(http)),
      signer_(SignerOf(files, settings)),
      root_(RootOf(files, bucket)) {}

HttpResult S3Requests::Send(HttpMethod method, std::string_view key,
                            const Parameters& parameters, std::string body) {
  HttpRequest request{.method = method, .url = root_ + EncodedPath(key)};
  if (!parameters.empty()) {
    request.url += "?" + MakeQuery(parameters);
  }
  if (!body.empty()) {
    request.headers.emplace_back("Content-MD5", ContentMd5(body));
    request.headers.emplace_back("Content-Type", "application/xml");
    request.body = std::move(body);
  }
  if (!signer_.access_key_id.empty()) {
    SignAwsRequest(signer_, Environment::System().clock->NowMs(), &request);
  }
  return http_->Send(request);
}

HttpResult S3Requests::SendPatiently(HttpMethod method, std::string_view key,
                                     const Parameters& parameters, const std::string& body) {
  constexpr int64_t kPatience = 5;
  const Environment environment = Environment::System();
  for (int retry = 1;; ++retry) {
    HttpResult result = Send(method, key, parameters, body);
    const Chance chance = ChanceOf(result);
    if (!chance.is_there || retry > settings_.max_retries) {
      return result;
    }
    const int64_t min_ms = settings_.min_wait_ms * (chance.is_patient ? kPatience : 1);
    SleepUnlessStopped(
        JitteredWaitMs(retry, min_ms, settings_.max_wait_ms, *environment.random),
        *environment.clock, StopToken::Current());
  }
}

std::shared_ptr<HttpClient> MakeS3HttpClient(const S3Settings& settings) {
  return std::make_shared<HttpClient>(OptionsOf(settings));
}

std::string S3TextOf(const HttpResult& result) {
  if (const auto* const failure = std::get_if<HttpFailure>(&result)) {
    return fmt::format("AWS Error NETWORK_CONNECTION: {}", failure->message);
  }
  const auto& response = std::get<HttpResponse>(result);
  const std::string code = S3ElementText(response.body, "Code");
  return fmt::format("AWS Error {} (HTTP status {}): {}", code.empty() ? "UNKNOWN" : code,
                     response.status, S3ElementText(response.body, "Message"));
}

std::vector<std::string> S3ElementTexts(std::string_view xml, std::string_view name) {
  const std::string open = fmt::format("<{}>", name);
  std::vector<std::string> texts;
  for (size_t at = xml.find(open); at != std::string_view::npos; at = xml.find(open, at)) {
    at += open.size();
    texts.push_back(
        WithoutEntities(xml.substr(at, std::min(xml.find('<', at), xml.size()) - at)));
  }
  return texts;
}

std::string S3ElementText(std::string_view xml, std::string_view name) {
  std::vector<std::string> texts = S3ElementTexts(xml, name);
  return texts.empty() ? std::string() : std::move(texts.front());
}

}  // namespace floe::inline v0
