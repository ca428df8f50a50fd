#include "catalog/rest/rest_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "catalog/rest/idempotency.h"
#include "catalog/rest/rest_client.h"
#include "catalog/rest/rest_endpoints.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_paths.h"
#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_transport.h"
#include "catalog/rest/rest_wire.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/io/storage.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/identifier.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

constexpr int kNotFound = 404;

}  // namespace

void CheckRestNames(const Namespace& levels) {
  if (levels.empty() || std::ranges::any_of(levels, &std::string::empty)) {
    throw InvalidArgumentError("a namespace needs a name, and each of its levels does");
  }
}

void CheckRestNames(const TableIdentifier& identifier) {
  CheckRestNames(identifier.levels);
  if (identifier.name.empty()) {
    throw InvalidArgumentError("a table or view needs a name");
  }
}

RestSession::RestSession(const std::string& catalog_name, const Properties& properties,
                         Environment environment)
    : environment_(std::move(environment)),
      client_(ParseRestSettings(catalog_name, properties), environment_) {
  const RestSettings& settings = client_.settings();
  const RestOperation operation = Operation("get the configuration");
  std::string url = settings.uri + "/v1/config";
  if (!settings.warehouse.empty()) {
    url += "?" + MakeQuery({{"warehouse", settings.warehouse}});
  }
  HttpResponse response = client_.Ask(operation, {.url = std::move(url)});
  const ConfigResponse config = ParseConfigResponse(std::move(response.body), operation);
  endpoints_ = RestEndpoints(config.endpoints);
  key_lifetime_ms_ = ParseKeyLifetimeMs(config.idempotency_key_lifetime);
  storage_defaults_ = StoragePropertiesIn(config.defaults);
  storage_overrides_ = StoragePropertiesIn(config.overrides);
  try {
    client_.MoveTo(MergeRestSettings(settings, config.defaults, properties, config.overrides));
  } catch (const InvalidArgumentError& error) {
    // The caller's own were read before.
    ThrowBadAnswer(operation, error.message());
  }
  paths_ = std::make_unique<const RestPaths>(client_.settings());
}

RestOperation RestSession::Operation(std::string words) const {
  return {.settings = client_.settings(), .words = std::move(words)};
}

RestOperation RestSession::NamespaceOperation(std::string_view verb,
                                              const Namespace& levels) const {
  const std::string text = NamespaceToString(levels);
  RestOperation operation = Operation(fmt::format("{} namespace {}", verb, text));
  operation.namespace_name = text;
  return operation;
}

RestOperation RestSession::TableOperation(std::string_view verb,
                                          const TableIdentifier& identifier) const {
  const std::string text = identifier.ToString();
  RestOperation operation = Operation(fmt::format("{} table {}", verb, text));
  operation.table = text;
  return operation;
}

void RestSession::Require(const RestOperation& operation, RestEndpoint endpoint) const {
  if (endpoints_.is_said() && !Lists(endpoint)) {
    throw UnsupportedError(
        fmt::format("can't {} of catalog '{}' ({}): '{}' is not among the endpoints that the "
                    "server says it has",
                    operation.words, settings().catalog_name, settings().uri,
                    EndpointText(endpoint)),
        {.table = operation.table, .namespace_name = operation.namespace_name});
  }
}

RestCall RestSession::Keyed(RestCall call) const {
  if (key_lifetime_ms_) {
    call.headers.emplace_back("Idempotency-Key", MakeIdempotencyKey(environment_.clock->NowMs(),
                                                                    *environment_.random));
    call.is_repeatable = true;
    call.repeatable_for_ms = key_lifetime_ms_;
  }
  return call;
}

bool RestSession::Exists(const RestOperation& operation, const std::string& url,
                         RestEndpoint head_endpoint) {
  const bool has_head = Lists(head_endpoint);
  const RestOutcome outcome =
      client_.Send({.method = has_head ? HttpMethod::kHead : HttpMethod::kGet, .url = url});
  if (StatusOf(outcome.result) == kNotFound && (has_head || IsMissing(outcome))) {
    return false;
  }
  if (!IsSuccess(outcome.result)) {
    ThrowRestError(operation, outcome.result);
  }
  return true;
}

bool RestSession::IsMissing(const RestOutcome& outcome) const {
  return StatusOf(outcome.result) == kNotFound &&
         SaysMissing(
             ReadRestErrorBody(std::get<HttpResponse>(outcome.result), client_.settings()));
}

void RestSession::FinishDrop(const RestOperation& operation, const RestOutcome& outcome) const {
  // A try whose answer was lost has done it.
  const bool is_done = outcome.was_repeated && IsMissing(outcome);
  if (!IsSuccess(outcome.result) && !is_done) {
    ThrowRestError(operation, outcome.result);
  }
}

RestSession::Pages::Pages(RestSession& session, const RestOperation& operation,
                          std::string path, std::string query)
    : session_(session),
      operation_(operation),
      path_(std::move(path)),
      query_(std::move(query)) {
  if (const std::optional<int64_t> size = session_.settings().page_size) {
    page_query_ = fmt::format("pageToken=&pageSize={}", *size);
  }
}

std::optional<std::string> RestSession::Pages::Next() {
  if (is_last_) {
    return std::nullopt;
  }
  if (bytes_ > session_.settings().http.max_response_bytes) {
    ThrowRestError(operation_,
                   HttpFailure{HttpFailure::Kind::kTooLarge, true,
                               "the pages of the list have more bytes than may be"});
  }
  std::string url = path_;
  for (const std::string& part : {query_, page_query_}) {
    if (!part.empty()) {
      url += (url.size() == path_.size() ? "?" : "&") + part;
    }
  }
  std::string body = session_.Ask(operation_, {.url = std::move(url)}).body;
  bytes_ += static_cast<int64_t>(body.size());
  return body;
}

void RestSession::Pages::Follow(const std::string& token, bool is_empty) {
  if (token.empty()) {
    is_last_ = true;
    return;
  }
  if (!seen_.insert(token).second) {
    ThrowBadAnswer(operation_, "it sends the same page again and again");
  }
  constexpr int kMostEmptyPages = 1'000;
  empty_pages_ = is_empty ? empty_pages_ + 1 : 0;
  if (empty_pages_ > kMostEmptyPages) {
    ThrowBadAnswer(operation_, "it sends empty pages again and again");
  }
  page_query_ = MakeQuery({{"pageToken", token}});
  if (const std::optional<int64_t> size = session_.settings().page_size) {
    page_query_ += fmt::format("&pageSize={}", *size);
  }
}

}  // namespace floe::inline v0
