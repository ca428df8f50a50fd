#include "catalog/rest/rest_commit.h"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_session.h"
#include "catalog/rest/rest_transport.h"
#include "floe/table/catalog.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

constexpr int kBadRequest = 400;
constexpr int kRequestTimeout = 408;
constexpr int kConflictStatus = 409;
constexpr int kServerErrors = 500;
constexpr int kNotImplemented = 501;

CommitResult Unknown(std::string reason) {
  return {CommitResult::Outcome::kUnknown, std::nullopt, std::move(reason)};
}

}  // namespace

CommitResult RefusedCommit(const RestSession& session, const RestOperation& operation,
                           const RestOutcome& outcome,
                           const std::function<bool()>& is_conflict) {
  if (const auto* failure = std::get_if<HttpFailure>(&outcome.result)) {
    if (!failure->may_have_arrived && !outcome.was_repeated) {
      ThrowRestError(operation, outcome.result);
    }
    return Unknown(failure->message);
  }
  const auto& response = std::get<HttpResponse>(outcome.result);
  const RestErrorBody body = ReadRestErrorBody(response, session.settings());
  const std::string reason = body.message.empty()
                                 ? fmt::format("the server answers {}", response.status)
                                 : body.message;
  if (outcome.was_repeated) {
    // An earlier try may have been done: the answer may be about that.
    return Unknown(
        fmt::format("the server answers {} {} to a repeated request", response.status, reason));
  }
  const bool is_conflict_status = response.status == kConflictStatus || IsConflictType(body) ||
                                  (response.status == kBadRequest && is_conflict());
  if (is_conflict_status) {
    return {CommitResult::Outcome::kConflict, std::nullopt, reason};
  }
  const bool is_denied =
      body.type == "AccessCheckException" || response.status == kNotImplemented;
  if ((response.status >= kServerErrors && !is_denied) || response.status == kRequestTimeout) {
    return Unknown(fmt::format("the server answers {} {}", response.status, reason));
  }
  ThrowRestError(operation, outcome.result);
}

}  // namespace floe::inline v0
