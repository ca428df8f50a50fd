#include "object_io/s3_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "object_io/s3_settings.h"
#include "object_io/store_problem.h"

namespace floe::inline v0 {
namespace {

using Kind = StoreProblem::Kind;

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
  constexpr int kMoved = 301;
  constexpr int kMovedForNow = 307;
  constexpr int kUnauthorized = 401;
  if (status == kMoved || status == kMovedForNow) {
    return Kind::kWrongRegion;
  }
  // A session that has ended has a code of its own.
  return status == kUnauthorized ? Kind::kDenied : KindOfHttpStatus(status);
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
             "they are allowed to do there";
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
    case Kind::kUnauthenticated:  // S3 says more
    case Kind::kOther:
      break;
  }
  return "the server reports an error";
}

/// If a role can't be had, AWS's SDK asks S3 as nobody.
constexpr std::string_view kDeniedInRole =
    "the server refuses it, or was asked as nobody because the role was refused; check "
    "s3.role-arn, whom AWS's SDK finds to ask for it (AWS_ACCESS_KEY_ID, ...), what the role "
    "may do there, and AWS_ENDPOINT_URL_STS where roles are not AWS's";

std::string_view Advice(Kind kind, const S3Settings& settings) {
  if (kind == Kind::kDenied && !settings.role_arn.empty()) {
    return kDeniedInRole;
  }
  if (!settings.is_lent) {
    return Advice(kind);
  }
  // The caller's own are not to blame.
  if (kind == Kind::kDenied) {
    return "the server refuses it, as the credentials that the catalog lends for the table do "
           "not allow it; check in the catalog what you may do with the table";
  }
  if (kind == Kind::kUnknownKeyId || kind == Kind::kWrongSecret || kind == Kind::kExpired) {
    return "the credentials that the catalog has lent for the table have expired or are not "
           "valid; try again, or check what the catalog lends";
  }
  return Advice(kind);
}

}  // namespace

StoreProblem ReadS3Problem(std::string_view text) {
  constexpr std::string_view kEnds = " :,)";
  StoreProblem problem;
  problem.code = WordAfter(text, "AWS Error ", kEnds);
  problem.http_status = LeadingNumber(WordAfter(text, "(HTTP status ", kEnds));
  if (problem.code == "UNKNOWN") {
    // The server's own name for it, where the SDK has none.
    if (const std::string_view name = WordAfter(text, "ExceptionName: ", kEnds);
        !name.empty()) {
      problem.code = name;
    }
  }
  problem.kind = KindOf(problem.code).value_or(KindOfStatus(problem.http_status));
  return problem;
}

void ThrowS3Error(std::string_view action, const std::string& location, std::string_view text,
                  const S3Settings& settings) {
  constexpr size_t kMaxTextBytes = 500;
  StoreProblem problem = ReadS3Problem(text);
  if (problem.kind == Kind::kUnknownKeyId && !settings.session_token.empty()) {
    problem.kind = Kind::kExpired;  // servers forget the keys of a session
  }
  std::string shown = settings.secret_access_key.RedactIn(text);
  shown = Abbreviate(settings.session_token.RedactIn(shown), kMaxTextBytes);
  const std::string message = fmt::format(
      "can't {} {}: {} (S3 at {} says: {})", action, location, Advice(problem.kind, settings),
      settings.endpoint.empty() ? "AWS" : settings.endpoint, shown);
  ThrowStoreProblem(problem, message, location);
}

}  // namespace floe::inline v0
