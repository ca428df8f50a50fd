#pragma once

#include <optional>
#include <string>

#include "catalog/rest/rest_settings.h"
#include "floe/base/error.h"
#include "http/http_client.h"

namespace floe::inline v0 {

/// What was asked of a server, for the messages of errors.
struct RestOperation {
  const RestSettings& settings;
  std::string words;  ///< "load table db.t"
  bool is_token_request = false;
  std::optional<std::string> table = std::nullopt;           ///< it is about this table
  std::optional<std::string> namespace_name = std::nullopt;  ///< or about this namespace
  std::optional<std::string> view = std::nullopt;            ///< or about this view
};

/// What a server says of a failure, in any of the shapes that servers have.
struct RestErrorBody {
  std::string type;     ///< exception of Iceberg ("NoSuchTableException") or code of OAuth2
  std::string message;  ///< made fit to be shown; secrets are left out
  bool is_iceberg = false;
};

RestErrorBody ReadRestErrorBody(const HttpResponse& response, const RestSettings& settings);

/// Whether an exception says that something else came first.
bool IsConflictType(const RestErrorBody& body);

/// Whether an answer of status 404 says that what was asked for is not there; it may also mean
/// that the address is that of no catalog, or that a file of the table is gone.
bool SaysMissing(const RestErrorBody& body);

/// Whether the same request may succeed a little later: the server was not reached, or was
/// busy. (That it did not do what was asked is not said.)
bool IsPassing(const HttpResult& result);

/// Throws the error of a result that is not what was asked for: its class by the server's
/// exception and status, its message with the operation, catalog, the server's words and what
/// to check.
[[noreturn]] void ThrowRestError(const RestOperation& operation, const HttpResult& result);

/// Throws the error of an answer that is not of the REST specification.
[[noreturn]] void ThrowBadAnswer(const RestOperation& operation, const std::string& problem);

}  // namespace floe::inline v0
