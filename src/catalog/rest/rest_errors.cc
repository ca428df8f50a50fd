#include "catalog/rest/rest_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/json_reader.h"
#include "base/text.h"
#include "catalog/rest/rest_settings.h"
#include "floe/base/error.h"
#include "floe/base/secret.h"
#include "http/aws_signature.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

constexpr size_t kMaxShownBytes = 1'000;
constexpr std::string_view kProxyHint =
    "check property rest.client.proxy, with the user and password that the proxy wants, or "
    "https_proxy, http_proxy and no_proxy of the environment";

/// Leaves out the tokens after `scheme`.
std::string WithoutTokens(std::string_view scheme, std::string_view text) {
  constexpr size_t kShortestToken = 16;
  std::string kept;
  size_t from = 0;
  for (size_t at = text.find(scheme); at != std::string_view::npos;
       at = text.find(scheme, at)) {
    at += scheme.size();
    const size_t end = std::min(text.find_first_of(" \t\r\n\"',;<", at), text.size());
    if (end - at >= kShortestToken) {
      kept.append(text.substr(from, at - from)).append("***");
      from = end;
      at = end;
    }
  }
  return kept.append(text.substr(from));
}

/// One line, without secrets, of reasonable length, whatever the length of `text`.
std::string MakeShowable(std::string_view text, const RestSettings& settings) {
  constexpr size_t kMaxReadBytes = size_t{64} << 10;  // leaving out makes it shorter
  const bool is_cut = text.size() > kMaxReadBytes;
  // Those of `Bearer …` and `Basic …`, of which not all are settings.
  std::string shown =
      WithoutTokens("asic ", WithoutTokens("earer ", text.substr(0, kMaxReadBytes)));
  size_t longest = kMaxShownBytes;
  for (const Secret& secret : settings.Secrets()) {
    const Secret encoded(PercentEncode(secret.Reveal()));  // in a form
    longest = std::max(longest, encoded.Reveal().size());
    shown = encoded.RedactIn(secret.RedactIn(shown));
  }
  if (is_cut) {
    shown.resize(shown.size() - std::min(shown.size(), longest));  // maybe a part of a secret
  }
  for (char& c : shown) {
    if ((c >= '\0' && c < ' ') || c == '\x7f') {
      c = ' ';
    }
  }
  return Abbreviate(shown, kMaxShownBytes);
}

/// `{"error": {"message": …, "type": …, "code": …}}`
void ReadIcebergError(JsonValue& error, RestErrorBody* body) {
  error.ForEachMember([&](std::string_view name, JsonValue& value) {
    if (name == "message" && value.IsString()) {
      body->message = value.AsString();
      body->is_iceberg = true;
    } else if (name == "type" && value.IsString()) {
      body->type = value.AsString();
      body->is_iceberg = true;
    }
  });
}

/// The shape of Iceberg; that of OAuth2, `{"error": "invalid_client", "error_description": …}`;
/// or anything with a message.
void ReadError(JsonValue& root, RestErrorBody* body) {
  if (!root.IsObject()) {
    return;
  }
  root.ForEachMember([&](std::string_view name, JsonValue& value) {
    if (name == "error" && value.IsObject()) {
      ReadIcebergError(value, body);
    } else if (name == "error" && value.IsString()) {
      body->type = value.AsString();
    } else if ((name == "error_description" || name == "message" || name == "detail") &&
               value.IsString()) {
      body->message = value.AsString();
    }
  });
}

/// What an error is about: a status alone does not say it.
enum class Problem : uint8_t {
  kBadRequest,
  kAuthentication,
  kPermission,
  kNoSuchTable,
  kNoSuchView,
  kNoSuchNamespace,
  kNotFound,
  kAlreadyExists,
  kNotEmpty,
  kConflict,
  kUnsupported,
  kProxy,
  kServer,
};

struct TypeProblem {
  std::string_view type;
  Problem problem;
};

// Exceptions say more than statuses: some servers answer 500 to what they deny.
constexpr std::array kTypeProblems = std::to_array<TypeProblem>({
    {"NoSuchTableException", Problem::kNoSuchTable},
    {"NoSuchViewException", Problem::kNoSuchView},
    {"NoSuchNamespaceException", Problem::kNoSuchNamespace},
    {"AlreadyExistsException", Problem::kAlreadyExists},
    {"NamespaceNotEmptyException", Problem::kNotEmpty},
    // Not of a table, but of an endpoint, a warehouse, or a file of the server's.
    {"NotFoundException", Problem::kNotFound},
    {"CommitFailedException", Problem::kConflict},
    {"CommitConflictException", Problem::kConflict},
    {"RetryableValidationException", Problem::kConflict},
    {"NotAuthorizedException", Problem::kAuthentication},
    {"ForbiddenException", Problem::kPermission},
    {"AccessCheckException", Problem::kPermission},
    {"UnsupportedOperationException", Problem::kUnsupported},
    // OAuth2's codes (RFC 6749, section 5.2), and one of Keycloak's
    {"invalid_client", Problem::kAuthentication},
    {"invalid_grant", Problem::kAuthentication},
    {"invalid_scope", Problem::kAuthentication},
    {"unauthorized_client", Problem::kAuthentication},
    {"access_denied", Problem::kAuthentication},
});

Problem ProblemOf(const RestOperation& operation, int status, const RestErrorBody& body) {
  const auto* found = std::ranges::find(kTypeProblems, body.type, &TypeProblem::type);
  if (found != kTypeProblems.end()) {
    return found->problem;
  }
  if (operation.is_token_request && status >= 400 && status <= 403) {
    return Problem::kAuthentication;
  }
  switch (status) {
    case 401:
    case 419:
      return Problem::kAuthentication;
    case 403:
      return Problem::kPermission;
    case 407:
      return Problem::kProxy;
    case 404:
      if (!body.is_iceberg) {
        return Problem::kServer;
      }
      if (operation.table || operation.view) {
        return operation.table ? Problem::kNoSuchTable : Problem::kNoSuchView;
      }
      return operation.namespace_name ? Problem::kNoSuchNamespace : Problem::kNotFound;
    case 405:
    case 501:
      return Problem::kUnsupported;
    case 409:
      return operation.table || operation.namespace_name || operation.view
                 ? Problem::kAlreadyExists
                 : Problem::kConflict;
    case 408:
    case 429:
      return Problem::kServer;
    default:
      return status >= 400 && status < 500 ? Problem::kBadRequest : Problem::kServer;
  }
}

/// "can't load table db.t of catalog 'prod' (https://host/api, warehouse 'w')"
std::string Beginning(const RestOperation& operation) {
  const RestSettings& settings = operation.settings;
  const std::string warehouse =
      settings.warehouse.empty() ? "" : fmt::format(", warehouse '{}'", settings.warehouse);
  return fmt::format("can't {} of catalog '{}' ({}{})", operation.words, settings.catalog_name,
                     settings.uri, warehouse);
}

std::string TokenHint(const RestSettings& settings, const RestErrorBody& body) {
  if (body.type == "invalid_scope") {
    return fmt::format(
        "check property scope, which is '{}' (Polaris wants PRINCIPAL_ROLE:ALL, or a role)",
        settings.auth.scope);
  }
  return fmt::format(
      "check the id and secret of property credential (the id is '{}'), that the client may "
      "use "
      "client credentials, and property oauth2-server-uri",
      settings.auth.client_id);
}

std::string SigningHint(const AwsSigner& signer) {
  return fmt::format(
      "the request was signed by key {} for region {} and service {}: check properties "
      "rest.access-key-id, rest.secret-access-key, rest.session-token (or AWS's variables of "
      "the "
      "environment), rest.signing-region and rest.signing-name, and this machine's clock",
      signer.access_key_id, signer.region, signer.service);
}

std::string AuthenticationHint(const RestSettings& settings) {
  if (settings.signer) {
    return SigningHint(*settings.signer);
  }
  switch (settings.auth.kind) {
    case RestAuthSettings::Kind::kNone:
      return "the server wants to know who asks: set property credential, or token";
    case RestAuthSettings::Kind::kBasic:
      return "check properties rest.auth.basic.username and rest.auth.basic.password";
    case RestAuthSettings::Kind::kOAuth2:
      if (settings.auth.client_secret.empty()) {
        return "check property token: it may have expired, or be for another server";
      }
      return fmt::format(
          "the token that '{}' got is not accepted: check properties scope ('{}'), "
          "oauth2-server-uri and warehouse",
          settings.auth.client_id, settings.auth.scope);
  }
  throw InternalError("authentication of no kind");
}

/// Who asks, as far as this side knows.
std::string Asker(const RestAuthSettings& auth) {
  if (auth.client_id.empty()) {
    return "who asks";
  }
  if (auth.kind == RestAuthSettings::Kind::kBasic) {
    return fmt::format("'{}'", auth.client_id);
  }
  return fmt::format("'{}' with scope '{}'", auth.client_id, auth.scope);
}

std::string PermissionHint(const RestSettings& settings) {
  std::string hint = fmt::format(
      "check that {} has the privilege for it, and the right warehouse", Asker(settings.auth));
  if (settings.signer) {
    return hint + "; " + SigningHint(*settings.signer);
  }
  if (settings.auth.kind == RestAuthSettings::Kind::kNone) {
    hint += "; the server may want to know who asks: set property credential, or token";
  }
  return hint;
}

std::string ServerHint(const RestOperation& operation, int status, const RestErrorBody& body) {
  if (operation.is_token_request && status < 500 && status != 429) {
    return "check property oauth2-server-uri: are tokens given there?";
  }
  constexpr int kNotModified = 304;
  if (status >= 300 && status < 400 && status != kNotModified) {
    return "it sends its clients elsewhere: set property uri to the address of the catalog";
  }
  if (status == 429) {
    return "it has too much to do: try again later";
  }
  if (status >= 500) {
    return "see the server's log; try again later";
  }
  return body.is_iceberg ? "see the server's log"
                         : "check property uri: is an Iceberg REST catalog there?";
}

[[noreturn]] void ThrowAlreadyExists(const RestOperation& operation, const std::string& message,
                                     const ErrorDetails& details) {
  if (operation.table) {
    throw TableAlreadyExistsError(message, details);
  }
  if (operation.view) {
    throw AlreadyExistsError(message, details);
  }
  throw NamespaceAlreadyExistsError(message, details);
}

[[noreturn]] void ThrowProblem(const RestOperation& operation, int status,
                               const RestErrorBody& body, const std::string& message) {
  const ErrorDetails details{.table = operation.table ? operation.table : operation.view,
                             .namespace_name = operation.namespace_name,
                             .http_status = status};
  const RestSettings& settings = operation.settings;
  switch (ProblemOf(operation, status, body)) {
    case Problem::kBadRequest:
      throw InvalidArgumentError(message, details);
    case Problem::kAuthentication:
      throw CatalogAuthenticationError(
          message + "; " +
              (operation.is_token_request ? TokenHint(settings, body)
                                          : AuthenticationHint(settings)),
          details);
    case Problem::kPermission:
      throw PermissionDeniedError(message + "; " + PermissionHint(settings), details);
    case Problem::kNoSuchTable:
      throw NoSuchTableError(message, details);
    case Problem::kNoSuchView:
      throw NoSuchViewError(message, details);
    case Problem::kNoSuchNamespace:
      throw NoSuchNamespaceError(message, details);
    case Problem::kNotFound:
      throw NotFoundError(message + "; check properties uri and warehouse", details);
    case Problem::kAlreadyExists:
      ThrowAlreadyExists(operation, message, details);
    case Problem::kNotEmpty:
      throw NamespaceNotEmptyError(message, details);
    case Problem::kConflict:
      throw CommitConflictError(message, details);
    case Problem::kUnsupported:
      throw UnsupportedError(
          message + (operation.is_token_request
                         ? ": it gives no tokens; set property oauth2-server-uri to who does"
                         : ": this server does not offer it"),
          details);
    case Problem::kProxy:
      throw CatalogConnectionError(fmt::format("{}; {}", message, kProxyHint), details);
    case Problem::kServer:
      throw CatalogConnectionError(message + "; " + ServerHint(operation, status, body),
                                   details);
  }
  throw InternalError("an error of no kind");
}

std::string FailureHint(const RestOperation& operation, const HttpFailure& failure) {
  switch (failure.kind) {
    case HttpFailure::Kind::kUnreachable:
      return fmt::format("check property {}, the network and proxies",
                         operation.is_token_request ? "oauth2-server-uri" : "uri");
    case HttpFailure::Kind::kTls:
      return "check the server's certificate, and properties ssl.cabundle and ssl.client.cert";
    case HttpFailure::Kind::kProxy:
      return std::string(kProxyHint);
    case HttpFailure::Kind::kTimeout:
      return "see properties rest.client.connection-timeout-ms, "
             "rest.client.socket-timeout-ms and rest.client.total-timeout-ms";
    case HttpFailure::Kind::kBroken:
      return "try again";
    case HttpFailure::Kind::kTooLarge:
      return "see property rest.client.max-response-bytes";
    case HttpFailure::Kind::kCancelled:
    case HttpFailure::Kind::kCircuitOpen:
      break;
  }
  throw InternalError("a failure of no kind");
}

[[noreturn]] void ThrowFailure(const RestOperation& operation, const HttpFailure& failure) {
  const ErrorDetails details{.table = operation.table,
                             .namespace_name = operation.namespace_name};
  const std::string message = fmt::format("{}: {}", Beginning(operation),
                                          MakeShowable(failure.message, operation.settings));
  switch (failure.kind) {
    case HttpFailure::Kind::kCancelled:
      throw CancelledError(
          message + (failure.may_have_arrived ? "; the server may do it all the same" : ""),
          details);
    case HttpFailure::Kind::kCircuitOpen:
      throw CircuitOpenError(message, details);
    case HttpFailure::Kind::kUnreachable:
    case HttpFailure::Kind::kTls:
    case HttpFailure::Kind::kProxy:
    case HttpFailure::Kind::kTimeout:
    case HttpFailure::Kind::kBroken:
    case HttpFailure::Kind::kTooLarge:
      throw CatalogConnectionError(message + "; " + FailureHint(operation, failure), details);
  }
  throw InternalError("a failure of no kind");
}

}  // namespace

bool IsConflictType(const RestErrorBody& body) {
  const auto* found = std::ranges::find(kTypeProblems, body.type, &TypeProblem::type);
  return found != kTypeProblems.end() && found->problem == Problem::kConflict;
}

bool SaysMissing(const RestErrorBody& body) {
  return body.is_iceberg && body.type != "NotFoundException";
}

RestErrorBody ReadRestErrorBody(const HttpResponse& response, const RestSettings& settings) {
  RestErrorBody body;
  try {
    JsonDocument document(response.body, "the answer", JsonOrigin::kArgument);
    document.Read([&](JsonValue& root) { ReadError(root, &body); });
  } catch (const ParseError&) {
    // A page of a proxy, or nothing at all; its status must do.
    body = {};
  }
  body.type = MakeShowable(body.type, settings);
  body.message = MakeShowable(body.message, settings);
  return body;
}

bool IsPassing(const HttpResult& result) {
  if (const auto* failure = std::get_if<HttpFailure>(&result)) {
    return failure->kind == HttpFailure::Kind::kUnreachable ||
           failure->kind == HttpFailure::Kind::kTimeout ||
           failure->kind == HttpFailure::Kind::kBroken;
  }
  const int status = std::get<HttpResponse>(result).status;
  return status == 429 || status == 502 || status == 503 || status == 504;
}

void ThrowRestError(const RestOperation& operation, const HttpResult& result) {
  if (const auto* failure = std::get_if<HttpFailure>(&result)) {
    ThrowFailure(operation, *failure);
  }
  const auto& response = std::get<HttpResponse>(result);
  const RestErrorBody body = ReadRestErrorBody(response, operation.settings);
  std::string words = body.type;
  if (!body.message.empty()) {
    words += words.empty() ? body.message : ": " + body.message;
  }
  ThrowProblem(operation, response.status, body,
               fmt::format("{}: the server answers {}{}", Beginning(operation), response.status,
                           words.empty() ? "" : " " + words));
}

void ThrowBadAnswer(const RestOperation& operation, const std::string& problem) {
  throw CatalogConnectionError(
      fmt::format("{}: the server's answer is not what the REST specification says: {}; {}",
                  Beginning(operation), MakeShowable(problem, operation.settings),
                  operation.is_token_request
                      ? "check property oauth2-server-uri: are tokens given there?"
                      : "check property uri: is an Iceberg REST catalog there?"),
      {.table = operation.table, .namespace_name = operation.namespace_name});
}

}  // namespace floe::inline v0
