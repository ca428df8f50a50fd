#include "object_io/gcs_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/text.h"
#include "object_io/gcs_settings.h"
#include "object_io/store_problem.h"

namespace floe::inline v0 {
namespace {

using Kind = StoreProblem::Kind;

struct Code {
  std::string_view name;
  Kind kind;
};

constexpr std::array kCodes = std::to_array<Code>({
    {"NOT_FOUND", Kind::kNoSuchObject},
    {"PERMISSION_DENIED", Kind::kDenied},
    {"RESOURCE_EXHAUSTED", Kind::kBusy},
    {"UNAUTHENTICATED", Kind::kUnauthenticated},
    {"DEADLINE_EXCEEDED", Kind::kUnreachable},
});

bool Has(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

/// Where nothing was answered, Google's client says UNAVAILABLE; where its own credentials
/// could not be had, it says so in words.
Kind KindWithoutAnswer(std::string_view code, std::string_view text) {
  const bool has_no_credentials = Has(text, "default credentials") ||
                                  Has(text, "metadata.google.internal") ||
                                  Has(text, "/computeMetadata/");
  if (has_no_credentials) {
    return Kind::kUnauthenticated;
  }
  return code == "UNAVAILABLE" ? Kind::kUnreachable : Kind::kOther;
}

Kind KindOf(std::string_view code, int status, std::string_view text) {
  const auto* const found = std::ranges::find(kCodes, code, &Code::name);
  if (found == kCodes.end()) {
    return status == 0 ? KindWithoutAnswer(code, text) : KindOfHttpStatus(status);
  }
  // An upload needs nothing but its bucket.
  const bool is_about_bucket = Has(text, "bucket does not exist") ||
                               Has(text, "retry.function=CreateResumableUpload") ||
                               Has(text, "retry.function=InsertObject");
  if (found->kind == Kind::kNoSuchObject && is_about_bucket) {
    return Kind::kNoSuchBucket;
  }
  return found->kind;
}

/// What to do about it, after the fact.
std::string_view Advice(Kind kind) {
  switch (kind) {
    case Kind::kNoSuchObject:
      return "the object does not exist; check the location, and gcs.service.host";
    case Kind::kNoSuchBucket:
      return "the bucket does not exist; check the location, and gcs.service.host";
    case Kind::kUnauthenticated:
      return "the store does not take the credentials, or there are none; check "
             "gcs.oauth2.token, which may have ended, or log in by `gcloud auth "
             "application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS";
    case Kind::kExpired:
      return "the token has ended (gcs.oauth2.token-expires-at); get a new one, and set "
             "gcs.oauth2.token";
    case Kind::kDenied:
      return "whoever gcs.oauth2.token or Google's default credentials stand for may not do "
             "that; check the roles on the bucket";
    case Kind::kUnreachable:
      return "the connection failed; check gcs.service.host, the network and "
             "gcs.request-timeout";
    case Kind::kBusy:
      return "the store is too busy; try again later";
    case Kind::kFull:
      return "a quota is used up; free space and try again";
    case Kind::kUnknownKeyId:  // only S3 says so much
    case Kind::kWrongSecret:
    case Kind::kWrongClock:
    case Kind::kWrongRegion:
    case Kind::kOther:
      break;
  }
  return "the store reports an error";
}

}  // namespace

StoreProblem ReadGcsProblem(std::string_view text) {
  StoreProblem problem;
  problem.code = WordAfter(text, "google::cloud::Status(", ":)");
  problem.http_status = LeadingNumber(WordAfter(text, "http_status_code=", ",}) "));
  problem.kind = KindOf(problem.code, problem.http_status, text);
  return problem;
}

void ThrowGcsError(const StoreProblem& problem, std::string_view action,
                   const std::string& location, std::string_view text,
                   const GcsSettings& settings) {
  constexpr size_t kMaxTextBytes = 500;
  const std::string shown = Abbreviate(settings.token.RedactIn(text), kMaxTextBytes);
  const std::string message = fmt::format(
      "can't {} {}: {} (Google Cloud Storage at {} says: {})", action, location,
      Advice(problem.kind),
      settings.endpoint.empty() ? "storage.googleapis.com" : settings.endpoint, shown);
  ThrowStoreProblem(problem, message, location);
}

}  // namespace floe::inline v0
