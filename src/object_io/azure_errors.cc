#include "object_io/azure_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/text.h"
#include "floe/base/secret.h"
#include "object_io/azure_settings.h"
#include "object_io/store_problem.h"

namespace floe::inline v0 {
namespace {

using Kind = StoreProblem::Kind;

constexpr std::string_view kMark = "Azure Error: [";

struct Code {
  std::string_view name;
  Kind kind;
};

constexpr std::array kCodes = std::to_array<Code>({
    {"AccountIsDisabled", Kind::kDenied},
    {"AuthenticationFailed", Kind::kUnauthenticated},
    {"AuthorizationFailure", Kind::kUnauthenticated},
    {"AuthorizationPermissionMismatch", Kind::kDenied},
    {"AuthorizationProtocolMismatch", Kind::kDenied},
    {"AuthorizationResourceTypeMismatch", Kind::kDenied},
    {"AuthorizationServiceMismatch", Kind::kDenied},
    {"AuthorizationSourceIPMismatch", Kind::kDenied},
    {"BlobNotFound", Kind::kNoSuchObject},
    {"ContainerBeingDeleted", Kind::kNoSuchBucket},
    {"ContainerNotFound", Kind::kNoSuchBucket},
    {"FilesystemNotFound", Kind::kNoSuchBucket},
    {"InsufficientAccountPermissions", Kind::kDenied},
    {"InvalidAuthenticationInfo", Kind::kUnauthenticated},
    {"KeyBasedAuthenticationNotPermitted", Kind::kDenied},
    {"NoAuthenticationInformation", Kind::kUnauthenticated},
    {"OperationTimedOut", Kind::kUnreachable},
    {"PathNotFound", Kind::kNoSuchObject},
    {"PublicAccessNotPermitted", Kind::kUnauthenticated},
    {"ResourceNotFound", Kind::kNoSuchObject},
    {"ServerBusy", Kind::kBusy},
});

bool Has(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

/// Of what never became an answer of the store.
Kind KindOfWords(std::string_view text) {
  constexpr std::array<std::string_view, 6> kConnection = {
      "Fail to get a new connection", "Could not resolve", "Could not connect",
      "Connection was closed",        "Error while",       "Timeout"};
  if (Has(text, "Credential") || Has(text, "authentication")) {
    return Kind::kUnauthenticated;
  }
  const bool is_connection = std::ranges::any_of(
      kConnection, [&](std::string_view words) { return Has(text, words); });
  return is_connection ? Kind::kUnreachable : Kind::kOther;
}

/// What to do about it, after the fact.
std::string_view Advice(Kind kind) {
  switch (kind) {
    case Kind::kNoSuchObject:
      return "the blob does not exist; check the location, and adls.account-name";
    case Kind::kNoSuchBucket:
      return "the container does not exist; check the location, and adls.account-name";
    case Kind::kUnauthenticated:
      return "the account does not take the credentials, or there are none; check "
             "adls.account-key, adls.sas-token, or adls.tenant-id, adls.client-id and "
             "adls.client-secret";
    case Kind::kExpired:
      return "the shared access signature has ended; get a new one, and set adls.sas-token";
    case Kind::kDenied:
      return "who asks may not do that; check the roles on the container, and the permissions "
             "of adls.sas-token: floe needs read, add, create, write, delete and list";
    case Kind::kUnreachable:
      return "the connection failed; check adls.account-name, adls.blob-storage-authority and "
             "the network";
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

/// Without the address that Arrow puts first, which may have a signature.
std::string Shown(std::string_view text, const AzureCredentials& credentials) {
  constexpr size_t kMaxTextBytes = 400;
  const size_t mark = text.find(kMark);
  std::string shown(mark == std::string_view::npos ? text : text.substr(mark));
  for (size_t query = shown.find('?'); query != std::string::npos;
       query = shown.find('?', query + 1)) {
    shown.erase(query + 1,
                std::min(shown.find_first_of(" '\r\n", query), shown.size()) - query - 1);
  }
  for (const Secret* secret :
       {&credentials.account_key, &credentials.sas_token, &credentials.client_secret}) {
    shown = secret->RedactIn(shown);
  }
  std::ranges::replace(shown, '\n', ' ');
  std::erase(shown, '\r');
  return Abbreviate(shown, kMaxTextBytes);
}

}  // namespace

StoreProblem ReadAzureProblem(std::string_view text) {
  StoreProblem problem;
  problem.code = WordAfter(text, kMark, "]");
  const std::string_view rest = text.substr(std::min(text.find(kMark), text.size()));
  problem.http_status = LeadingNumber(WordAfter(rest, "] ", "\r\n"));
  const auto* const found = std::ranges::find(kCodes, problem.code, &Code::name);
  if (found != kCodes.end()) {
    problem.kind = found->kind;
  } else if (problem.http_status != 0) {
    problem.kind = KindOfHttpStatus(problem.http_status);
  } else {
    problem.kind = KindOfWords(text);
  }
  return problem;
}

void ThrowAzureError(const StoreProblem& problem, std::string_view action,
                     const std::string& location, std::string_view text,
                     const AzureAccount& account) {
  const std::string message =
      fmt::format("can't {} {}: {} (Azure, account {} at {}://{}, says: {})", action, location,
                  Advice(problem.kind), account.name, account.endpoints.blob_scheme,
                  account.endpoints.blob_authority.starts_with('.')
                      ? account.name + account.endpoints.blob_authority
                      : account.endpoints.blob_authority,
                  Shown(text, account.credentials));
  ThrowStoreProblem(problem, message, location);
}

}  // namespace floe::inline v0
