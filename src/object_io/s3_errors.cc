#include "object_io/s3_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "floe/base/error.h"
#include "object_io/lent_credentials.h"
#include "object_io/s3_settings.h"

namespace floe::inline v0 {
namespace {

using Kind = S3Problem::Kind;

struct Code {
  std::string_view name;
  Kind kind;
};

// As AWS's SDK spells them where it knows them, and as servers do where it does not.
constexpr std::array kCodes = std::to_array<Code>({
    {"ACCESS_DENIED", Kind::kDenied},
    {"AccessDenied", Kind::kDenied},
    {"EXPIRED_TOKEN", Kind::kExpired},
    {"ExpiredToken", Kind::kExpired},
    {"INVALID_ACCESS_KEY_ID", Kind::kUnknownKeyId},
    {"INVALID_CLIENT_TOKEN_ID", Kind::kUnknownKeyId},
    {"INVALID_SIGNATURE", Kind::kWrongSecret},
    {"InternalError", Kind::kOther},
    {"InvalidAccessKeyId", Kind::kUnknownKeyId},
    {"InvalidToken", Kind::kExpired},
    {"InvalidTokenId", Kind::kExpired},
    {"NETWORK_CONNECTION", Kind::kUnreachable},
    {"NO_SUCH_BUCKET", Kind::kNoSuchBucket},
    {"NO_SUCH_KEY", Kind::kNoSuchObject},
    {"NoSuchBucket", Kind::kNoSuchBucket},
    {"NoSuchKey", Kind::kNoSuchObject},
    {"PermanentRedirect", Kind::kWrongRegion},
    {"QuotaExceeded", Kind::kFull},
    {"REQUEST_EXPIRED", Kind::kWrongClock},
    {"REQUEST_TIME_TOO_SKEWED", Kind::kWrongClock},
    {"REQUEST_TIMEOUT", Kind::kUnreachable},
    {"RESOURCE_NOT_FOUND", Kind::kNoSuchObject},
    {"RequestTimeTooSkewed", Kind::kWrongClock},
    {"SERVICE_UNAVAILABLE", Kind::kBusy},
    {"SIGNATURE_DOES_NOT_MATCH", Kind::kWrongSecret},
    {"SLOW_DOWN", Kind::kBusy},
    {"SignatureDoesNotMatch", Kind::kWrongSecret},
    {"SlowDown", Kind::kBusy},
    {"THROTTLING", Kind::kBusy},
    {"UNRECOGNIZED_CLIENT", Kind::kUnknownKeyId},
    {"XMinioAdminBucketQuotaExceeded", Kind::kFull},
    {"XMinioStorageFull", Kind::kFull},
});

std::optional<Kind> KindOf(std::string_view code) {
  const auto* const found = std::ranges::find(kCodes, code, &Code::name);
  return found == kCodes.end() ? std::nullopt : std::optional(found->kind);
}

Kind KindOfStatus(int status) {
  switch (status) {
    case 301:
    case 307:
      return Kind::kWrongRegion;
    case 401:
    case 403:
      return Kind::kDenied;
    case 404:
      return Kind::kNoSuchObject;
    case 408:
    case 502:
    case 504:
      return Kind::kUnreachable;
    case 429:
    case 503:
      return Kind::kBusy;
    case 507:
      return Kind::kFull;
    default:
      return Kind::kOther;
  }
}

/// The word of `text` after `mark`.
std::string_view WordAfter(std::string_view text, std::string_view mark) {
  const size_t begin = text.find(mark);
  if (begin == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = text.substr(begin + mark.size());
  return rest.substr(0, rest.find_first_of(" :,)"));
}

/// What to do about it, after the fact.
std::string_view Advice(Kind kind) {
  switch (kind) {
    case Kind::kNoSuchBucket:
      return "the bucket does not exist; check the location, and s3.endpoint";
    case Kind::kUnknownKeyId:
      return "the server knows no such access key; check s3.access-key-id, and s3.endpoint";
    case Kind::kWrongSecret:
      return "the signature is wrong; check s3.secret-access-key and s3.region";
    case Kind::kExpired:
      return "the session's credentials have expired or are not valid; get new ones, and check "
             "s3.session-token";
    case Kind::kWrongClock:
      return "the clocks of this machine and the server differ too much; set this machine's";
    case Kind::kDenied:
      return "the server refuses it; check s3.access-key-id, s3.secret-access-key, and what "
             "they "
             "are allowed to do there";
    case Kind::kWrongRegion:
      return "the bucket is in another region, or at another address; check s3.region and "
             "s3.endpoint";
    case Kind::kUnreachable:
      return "the connection failed; check s3.endpoint, the network, s3.connect-timeout and "
             "s3.request-timeout";
    case Kind::kBusy:
      return "the server is too busy; try again later";
    case Kind::kFull:
      return "the quota or the disk is full; free space and try again";
    case Kind::kNoSuchObject:
      return "the object does not exist";
    case Kind::kOther:
      break;
  }
  return "the server reports an error";
}

bool IsRefusal(Kind kind) {
  switch (kind) {
    case Kind::kUnknownKeyId:
    case Kind::kWrongSecret:
    case Kind::kExpired:
    case Kind::kWrongClock:
    case Kind::kDenied:
      return true;
    case Kind::kNoSuchObject:
    case Kind::kNoSuchBucket:
    case Kind::kWrongRegion:
    case Kind::kUnreachable:
    case Kind::kBusy:
    case Kind::kFull:
    case Kind::kOther:
      return false;
  }
  return false;
}

std::optional<int64_t> ErrnoOf(Kind kind) {
  switch (kind) {
    case Kind::kNoSuchObject:
    case Kind::kNoSuchBucket:
      return ENOENT;
    case Kind::kFull:
      return ENOSPC;
    case Kind::kUnreachable:
      return ECONNABORTED;
    case Kind::kBusy:
      return EAGAIN;
    case Kind::kUnknownKeyId:
    case Kind::kWrongSecret:
    case Kind::kExpired:
    case Kind::kWrongClock:
    case Kind::kDenied:
    case Kind::kWrongRegion:
    case Kind::kOther:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

S3Problem ReadS3Problem(std::string_view text) {
  S3Problem problem;
  problem.code = WordAfter(text, "AWS Error ");
  const std::string_view status = WordAfter(text, "(HTTP status ");
  std::from_chars(status.data(), status.data() + status.size(), problem.http_status);
  if (problem.code == "UNKNOWN") {
    // The server's own name for it, where the SDK has none.
    if (const std::string_view name = WordAfter(text, "ExceptionName: "); !name.empty()) {
      problem.code = name;
    }
  }
  problem.kind = KindOf(problem.code).value_or(KindOfStatus(problem.http_status));
  return problem;
}

void ThrowS3Error(std::string_view action, const std::string& location, std::string_view text,
                  const S3Settings& settings) {
  constexpr size_t kMaxTextBytes = 500;
  S3Problem problem = ReadS3Problem(text);
  if (problem.kind == Kind::kUnknownKeyId && !settings.session_token.empty()) {
    problem.kind = Kind::kExpired;  // servers forget the keys of a session
  }
  std::string shown = settings.secret_access_key.RedactIn(text);
  shown = Abbreviate(settings.session_token.RedactIn(shown), kMaxTextBytes);
  const std::string message =
      fmt::format("can't {} {}: {} (S3 at {} says: {})", action, location, Advice(problem.kind),
                  settings.endpoint.empty() ? "AWS" : settings.endpoint, shown);
  ErrorDetails details{.path = location, .errno_value = ErrnoOf(problem.kind)};
  if (problem.http_status != 0) {
    details.http_status = problem.http_status;
  }
  if (problem.kind == Kind::kExpired) {
    throw ExpiredCredentialsError(message, std::move(details));
  }
  if (IsRefusal(problem.kind)) {
    throw StorageAccessError(message, std::move(details));
  }
  throw IoError(message, std::move(details));
}

}  // namespace floe::inline v0
