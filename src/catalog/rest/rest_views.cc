#include "catalog/rest/rest_views.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/rest/rest_commit.h"
#include "catalog/rest/rest_endpoints.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_session.h"
#include "catalog/rest/rest_transport.h"
#include "catalog/rest/rest_wire.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/metadata/view_metadata.h"
#include "floe/schema/schema.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/view_catalog.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

/// Throws InvalidArgumentError for a definition that no view can have.
void CheckRequest(const ViewRequest& request) {
  CheckRestNames(request.identifier);
  const std::string name = request.identifier.ToString();
  if (request.version.representations.empty()) {
    throw InvalidArgumentError(
        fmt::format("view {} needs a representation: SQL and its dialect", name));
  }
  std::set<std::string> dialects;
  for (const ViewRepresentation& representation : request.version.representations) {
    if (!dialects.insert(representation.dialect).second) {
      throw InvalidArgumentError(fmt::format("view {} has two representations of dialect '{}'",
                                             name, representation.dialect));
    }
  }
}

bool IsSameSchema(const Schema& a, const Schema& b) {
  return SchemaToJson(a.WithId(0)) == SchemaToJson(b.WithId(0));
}

/// Whether a view has the definition that is asked for, whatever its ids and time.
bool HasDefinition(const ViewMetadata& metadata, const ViewRequest& request) {
  const ViewVersion& now = metadata.current_version();
  return now.representations == request.version.representations &&
         now.default_namespace == request.version.default_namespace &&
         now.default_catalog == request.version.default_catalog &&
         IsSameSchema(*metadata.schema(), AssignFreshIds(request.schema));
}

View MakeView(const TableIdentifier& identifier, std::string body,
              const RestOperation& operation) {
  ViewResponse response = ParseViewResponse(std::move(body), operation);
  return {identifier, std::move(response.metadata), std::move(response.metadata_location)};
}

}  // namespace

RestViews::RestViews(RestSession* session, Environment environment)
    : session_(*session), environment_(std::move(environment)) {}

RestOperation RestViews::Operation(std::string_view verb,
                                   const TableIdentifier& identifier) const {
  RestOperation operation =
      session_.Operation(fmt::format("{} view {}", verb, identifier.ToString()));
  operation.view = identifier.ToString();
  return operation;
}

std::vector<TableIdentifier> RestViews::ListViews(const Namespace& levels) {
  CheckRestNames(levels);
  const RestOperation operation = session_.NamespaceOperation("list views of", levels);
  session_.Require(operation, RestEndpoint::kListViews);
  auto views = session_.ListAll<TableIdentifier>(operation, session_.paths().Views(levels), "",
                                                 &ParseTablesPage);
  std::ranges::sort(views, {}, &TableIdentifier::name);
  return views;
}

View RestViews::CreateView(const ViewRequest& request) {
  CheckRequest(request);
  const TableIdentifier& identifier = request.identifier;
  const RestOperation operation = Operation("create", identifier);
  session_.Require(operation, RestEndpoint::kCreateView);
  ViewRequest wanted = request;
  wanted.schema = AssignFreshIds(request.schema).WithId(0);
  wanted.version.version_id = 1;
  wanted.version.schema_id = 0;
  wanted.version.timestamp_ms = environment_.clock->NowMs();
  HttpResponse response =
      session_.Ask(operation, session_.Keyed({.method = HttpMethod::kPost,
                                              .url = session_.paths().Views(identifier.levels),
                                              .body = CreateViewBody(wanted),
                                              .is_repeatable = false}));
  return MakeView(identifier, std::move(response.body), operation);
}

bool RestViews::ViewExists(const TableIdentifier& identifier) {
  CheckRestNames(identifier);
  return session_.Exists(Operation("look for", identifier), session_.paths().View(identifier),
                         RestEndpoint::kViewExists);
}

View RestViews::LoadView(const TableIdentifier& identifier) {
  CheckRestNames(identifier);
  const RestOperation operation = Operation("load", identifier);
  session_.Require(operation, RestEndpoint::kLoadView);
  HttpResponse response = session_.Ask(operation, {.url = session_.paths().View(identifier)});
  return MakeView(identifier, std::move(response.body), operation);
}

View RestViews::ReplaceView(const ViewRequest& request) {
  CheckRequest(request);
  const TableIdentifier& identifier = request.identifier;
  const RestOperation operation = Operation("replace", identifier);
  session_.Require(operation, RestEndpoint::kReplaceView);
  const View base = LoadView(identifier);
  ViewRequest wanted = request;
  wanted.schema = AssignFreshIds(request.schema);
  const auto& schemas = base.metadata->schemas;
  const auto same = std::ranges::find_if(
      schemas, [&](const SchemaPtr& schema) { return IsSameSchema(*schema, wanted.schema); });
  int32_t last_schema_id = -1;
  for (const SchemaPtr& schema : schemas) {
    last_schema_id = std::max(last_schema_id, schema->schema_id());
  }
  wanted.schema =
      wanted.schema.WithId(same == schemas.end() ? last_schema_id + 1 : (*same)->schema_id());
  wanted.version.schema_id = wanted.schema.schema_id();
  for (const ViewVersion& version : base.metadata->versions) {
    wanted.version.version_id = std::max(wanted.version.version_id, version.version_id + 1);
  }
  wanted.version.timestamp_ms = environment_.clock->NowMs();
  const RestOutcome outcome = session_.Send(session_.Keyed(
      {.method = HttpMethod::kPost,
       .url = session_.paths().View(identifier),
       .body = ReplaceViewBody(wanted, base.metadata->view_uuid, same == schemas.end()),
       .is_repeatable = false}));
  if (IsSuccess(outcome.result)) {
    return MakeView(identifier, std::get<HttpResponse>(outcome.result).body, operation);
  }
  const CommitResult refused =
      RefusedCommit(session_, operation, outcome, [] { return false; });
  if (refused.outcome == CommitResult::Outcome::kConflict) {
    throw CommitConflictError(
        fmt::format("view {} was changed by others meanwhile ({}): load it and try again",
                    identifier.ToString(), refused.reason),
        {.table = identifier.ToString()});
  }
  return FindReplaced(request, refused.reason);
}

View RestViews::FindReplaced(const ViewRequest& request, const std::string& reason) {
  const auto find = [&]() -> std::optional<View> {
    try {
      View now = LoadView(request.identifier);
      return HasDefinition(*now.metadata, request) ? std::optional(std::move(now))
                                                   : std::nullopt;
    } catch (const Error&) {
      return std::nullopt;  // which does not tell what became of the request
    }
  };
  if (std::optional<View> found = find()) {
    return *std::move(found);
  }
  const std::string name = request.identifier.ToString();
  throw CommitStateUnknownError(
      fmt::format("it is not known whether view {} was replaced: {}; look at its current "
                  "version before trying again",
                  name, reason),
      {.table = name});
}

void RestViews::RenameView(const TableIdentifier& from, const TableIdentifier& to) {
  CheckRestNames(from);
  CheckRestNames(to);
  RestOperation operation = Operation("rename", from);
  operation.words += " to " + to.ToString();
  session_.Require(operation, RestEndpoint::kRenameView);
  session_.Ask(operation, session_.Keyed({.method = HttpMethod::kPost,
                                          .url = session_.paths().RenameView(),
                                          .body = RenameTableBody(from, to),
                                          .is_repeatable = false}));
}

void RestViews::DropView(const TableIdentifier& identifier) {
  CheckRestNames(identifier);
  const RestOperation operation = Operation("drop", identifier);
  session_.Require(operation, RestEndpoint::kDropView);
  const RestOutcome outcome = session_.Send(session_.Keyed(
      {.method = HttpMethod::kDelete, .url = session_.paths().View(identifier)}));
  session_.FinishDrop(operation, outcome);
}

}  // namespace floe::inline v0
