#include "floe/catalog/rest_catalog.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "catalog/rest/rest_client.h"
#include "catalog/rest/rest_commit.h"
#include "catalog/rest/rest_endpoints.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_lender.h"
#include "catalog/rest/rest_metrics.h"
#include "catalog/rest/rest_paths.h"
#include "catalog/rest/rest_session.h"
#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_transport.h"
#include "catalog/rest/rest_views.h"
#include "catalog/rest/rest_wire.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/metadata/update.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/metrics_reporter.h"
#include "floe/table/table.h"
#include "floe/table/table_origin.h"
#include "floe/table/view_catalog.h"
#include "http/http_client.h"
#include "metadata/format_version.h"

namespace floe::inline v0 {
namespace {

constexpr int kNotModified = 304;
constexpr int kConflictStatus = 409;

/// Servers add the encoding to the tag of an answer that they compress, and not all know it
/// again then.
std::string WithoutEncoding(std::string etag) {
  for (const std::string_view suffix : {"--gzip", "-gzip"}) {
    const size_t end = etag.size() - (etag.ends_with('"') ? 1 : 0);
    if (std::string_view(etag).substr(0, end).ends_with(suffix)) {
      etag.erase(end - suffix.size(), suffix.size());
      break;
    }
  }
  return etag;
}

/// What can be sent back, or nothing: the table is asked for anew each time then.
std::string UsableEtag(std::string etag) {
  constexpr size_t kLongest = 4096;
  return HasControl(etag) || etag.size() > kLongest ? "" : WithoutEncoding(std::move(etag));
}

/// A table that was committed to without the snapshot of the commit is that of another time.
bool HasAddedSnapshots(const TableMetadata& metadata, const CommitRequest& request) {
  return std::ranges::all_of(request.updates, [&](const TableUpdate& update) {
    const auto* add = std::get_if<AddSnapshotUpdate>(&update);
    return add == nullptr || metadata.FindSnapshot(add->snapshot->snapshot_id) != nullptr;
  });
}

class RestCatalog final : public Catalog {
 public:
  RestCatalog(RestCatalogOptions options, std::shared_ptr<Storage> storage,
              Environment environment)
      : name_(std::move(options.name)),
        storage_(std::move(storage)),
        environment_(std::move(environment)),
        shared_session_(std::make_shared<RestSession>(name_, options.properties, environment_)),
        session_(*shared_session_),
        paths_(session_.paths()),
        views_(&session_, environment_) {
    if (session_.settings().reports_metrics && session_.Lists(RestEndpoint::kReportMetrics)) {
      metrics_ = std::make_unique<RestMetrics>(shared_session_);
    }
  }

  const std::string& name() const override { return name_; }

  std::vector<Namespace> ListNamespaces(const Namespace& parent) override {
    const std::string text = NamespaceToString(parent);
    RestOperation operation = session_.Operation(
        parent.empty() ? "list namespaces" : "list namespaces below " + text);
    std::string query;
    if (!parent.empty()) {
      operation.namespace_name = text;
      query = "parent=" + paths_.Joined(parent);
    }
    session_.Require(operation, RestEndpoint::kListNamespaces);
    auto found = session_.ListAll<Namespace>(operation, paths_.Namespaces(), query,
                                             &ParseNamespacesPage);
    std::ranges::sort(found);
    // SeaweedFS lists what is further below, too.
    std::erase_if(found,
                  [&](const Namespace& levels) { return levels.size() > parent.size() + 1; });
    return found;
  }

  void CreateNamespace(const Namespace& levels, const Properties& properties) override {
    CheckRestNames(levels);
    paths_.Check(levels);
    const RestOperation operation = session_.NamespaceOperation("create", levels);
    session_.Require(operation, RestEndpoint::kCreateNamespace);
    session_.Ask(operation, session_.Keyed({.method = HttpMethod::kPost,
                                            .url = paths_.Namespaces(),
                                            .body = CreateNamespaceBody(levels, properties),
                                            .is_repeatable = false}));
  }

  bool NamespaceExists(const Namespace& levels) override {
    CheckRestNames(levels);
    return session_.Exists(session_.NamespaceOperation("look for", levels),
                           paths_.OneNamespace(levels), RestEndpoint::kNamespaceExists);
  }

  Properties LoadNamespaceProperties(const Namespace& levels) override {
    CheckRestNames(levels);
    const RestOperation operation = session_.NamespaceOperation("load", levels);
    session_.Require(operation, RestEndpoint::kLoadNamespace);
    HttpResponse response = session_.Ask(operation, {.url = paths_.OneNamespace(levels)});
    Properties properties = ParseNamespaceResponse(std::move(response.body), operation);
    std::ranges::sort(properties);
    return properties;
  }

  PropertiesUpdate UpdateNamespaceProperties(
      const Namespace& levels, const Properties& updates,
      const std::vector<std::string>& removals) override {
    CheckRestNames(levels);
    CheckPropertyNames(updates, removals);
    // Two requests: one with both is refused by some servers after it was half done.
    PropertiesUpdate done;
    if (!updates.empty() || removals.empty()) {
      done = SendPropertiesUpdate(levels, updates, {});
    }
    if (!removals.empty()) {
      PropertiesUpdate removed = SendPropertiesUpdate(levels, {}, removals);
      done.removed = std::move(removed.removed);
      done.missing = std::move(removed.missing);
    }
    return done;
  }

  void DropNamespace(const Namespace& levels) override {
    CheckRestNames(levels);
    const RestOperation operation = session_.NamespaceOperation("drop", levels);
    session_.Require(operation, RestEndpoint::kDropNamespace);
    const RestOutcome outcome = session_.Send(
        session_.Keyed({.method = HttpMethod::kDelete, .url = paths_.OneNamespace(levels)}));
    if (StatusOf(outcome.result) == kConflictStatus) {
      const auto& response = std::get<HttpResponse>(outcome.result);
      throw NamespaceNotEmptyError(
          fmt::format("namespace {} of catalog '{}' has tables or namespaces in it: {}; drop "
                      "them first",
                      *operation.namespace_name, name_,
                      ReadRestErrorBody(response, session_.settings()).message),
          {.namespace_name = operation.namespace_name, .http_status = kConflictStatus});
    }
    session_.FinishDrop(operation, outcome);
  }

  std::vector<TableIdentifier> ListTables(const Namespace& levels) override {
    CheckRestNames(levels);
    const RestOperation operation = session_.NamespaceOperation("list tables of", levels);
    session_.Require(operation, RestEndpoint::kListTables);
    auto tables = session_.ListAll<TableIdentifier>(operation, paths_.Tables(levels), "",
                                                    &ParseTablesPage);
    std::ranges::sort(tables, {}, &TableIdentifier::name);
    return tables;
  }

  Table CreateTable(const CreateTableRequest& request) override {
    return SendCreate(request, /*is_staged=*/false);
  }

  Table StageTable(const CreateTableRequest& request) override {
    return SendCreate(request, /*is_staged=*/true);
  }

  bool TableExists(const TableIdentifier& identifier) override {
    CheckRestNames(identifier);
    return session_.Exists(session_.TableOperation("look for", identifier),
                           paths_.Table(identifier), RestEndpoint::kTableExists);
  }

  std::optional<Table> TryLoadTable(const TableIdentifier& identifier,
                                    const LoadTableOptions& options) override {
    CheckRestNames(identifier);
    const RestOperation operation = session_.TableOperation("load", identifier);
    session_.Require(operation, RestEndpoint::kLoadTable);
    const bool has_all = options.all_snapshots || !session_.settings().loads_refs_only;
    RestCall call{.url = paths_.Table(identifier)};
    if (session_.settings().loads_refs_only) {
      call.url += has_all ? "?snapshots=all" : "?snapshots=refs";
    }
    const bool revalidates = options.known != nullptr && IsFresh(*options.known, has_all);
    if (revalidates) {
      call.headers.emplace_back("If-None-Match", options.known->origin().etag);
    }
    RestOutcome outcome = session_.Send(call);
    if (revalidates && StatusOf(outcome.result) == kNotModified) {
      return *options.known;
    }
    if (session_.IsMissing(outcome)) {
      return std::nullopt;
    }
    if (!IsSuccess(outcome.result)) {
      ThrowRestError(operation, outcome.result);
    }
    return MakeTable(identifier, std::get<HttpResponse>(std::move(outcome.result)), operation,
                     has_all);
  }

  void DropTable(const TableIdentifier& identifier) override { SendDrop(identifier, false); }

  void PurgeTable(const TableIdentifier& identifier) override { SendDrop(identifier, true); }

  void RenameTable(const TableIdentifier& from, const TableIdentifier& to) override {
    CheckRestNames(from);
    CheckRestNames(to);
    RestOperation operation = session_.TableOperation("rename", from);
    operation.words += " to " + to.ToString();
    session_.Require(operation, RestEndpoint::kRenameTable);
    session_.Ask(operation, session_.Keyed({.method = HttpMethod::kPost,
                                            .url = paths_.Rename(),
                                            .body = RenameTableBody(from, to),
                                            .is_repeatable = false}));
  }

  Table RegisterTable(const TableIdentifier& identifier,
                      const std::string& metadata_location) override {
    CheckRestNames(identifier);
    const RestOperation operation = session_.TableOperation("register", identifier);
    session_.Require(operation, RestEndpoint::kRegisterTable);
    HttpResponse response = session_.Ask(
        operation,
        session_.Keyed({.method = HttpMethod::kPost,
                        .url = paths_.Register(identifier.levels),
                        .body = RegisterTableBody(identifier.name, metadata_location),
                        .is_repeatable = false}));
    return MakeTable(identifier, std::move(response), operation);
  }

  CommitResult CommitTable(const Table& base, const CommitRequest& request) override {
    const TableIdentifier& identifier = base.identifier();
    const RestOperation operation = session_.TableOperation("commit to", identifier);
    session_.Require(operation, RestEndpoint::kCommitTable);
    base.io()->Sync(request.new_files);
    RestOutcome outcome = session_.Send(session_.Keyed({.method = HttpMethod::kPost,
                                                        .url = paths_.Table(identifier),
                                                        .body = CommitTableBody(base, request),
                                                        .is_repeatable = false}));
    if (!IsSuccess(outcome.result)) {
      return RefusedCommit(session_, operation, outcome,
                           [&] { return IsConflict(identifier, request); });
    }
    try {
      Table table = MakeTable(identifier, std::get<HttpResponse>(std::move(outcome.result)),
                              operation, /*has_all=*/true, &base);
      if (!HasAddedSnapshots(table.metadata(), request)) {
        return {CommitResult::Outcome::kUnknown, std::nullopt,
                "the server says that it is done, and shows a table without it"};
      }
      return {CommitResult::Outcome::kCommitted, std::move(table), ""};
    } catch (const Error& error) {
      // Done, most likely, but by an answer of no use.
      return {CommitResult::Outcome::kUnknown, std::nullopt, error.message()};
    }
  }

  CommitResult CommitTables(const std::vector<TableCommit>& commits) override {
    const RestOperation operation = session_.Operation("commit to " + NamesOf(commits));
    session_.Require(operation, RestEndpoint::kCommitTransaction);
    for (const TableCommit& commit : commits) {
      commit.base.io()->Sync(commit.request.new_files);
    }
    const RestOutcome outcome =
        session_.Send(session_.Keyed({.method = HttpMethod::kPost,
                                      .url = paths_.CommitTransaction(),
                                      .body = CommitTransactionBody(commits),
                                      .is_repeatable = false}));
    if (IsSuccess(outcome.result)) {
      return {CommitResult::Outcome::kCommitted, std::nullopt, ""};
    }
    return RefusedCommit(session_, operation, outcome, [&] {
      return std::ranges::any_of(commits, [&](const TableCommit& commit) {
        return IsConflict(commit.base.identifier(), commit.request);
      });
    });
  }

  ViewCatalog* views() override { return &views_; }

  MetricsReporter* metrics_reporter() override { return metrics_.get(); }

  std::vector<StorageCredential> LoadStorageCredentials(
      const TableIdentifier& identifier) override {
    CheckRestNames(identifier);
    if (!session_.Lists(RestEndpoint::kLoadCredentials)) {
      return LoadTable(identifier).origin().storage_credentials;
    }
    const RestOperation operation = session_.TableOperation("get credentials of", identifier);
    HttpResponse response =
        session_.Ask(operation, {.url = paths_.Table(identifier) + "/credentials"});
    return ParseCredentialsResponse(std::move(response.body), operation);
  }

 private:
  /// Setting and removing again what was set and removed changes nothing.
  PropertiesUpdate SendPropertiesUpdate(const Namespace& levels, const Properties& updates,
                                        const std::vector<std::string>& removals) {
    const RestOperation operation = session_.NamespaceOperation("update properties of", levels);
    session_.Require(operation, RestEndpoint::kUpdateNamespace);
    HttpResponse response = session_.Ask(
        operation, session_.Keyed({.method = HttpMethod::kPost,
                                   .url = paths_.OneNamespace(levels) + "/properties",
                                   .body = UpdateNamespaceBody(updates, removals)}));
    return ParsePropertiesUpdate(std::move(response.body), operation);
  }

  Table SendCreate(const CreateTableRequest& request, bool is_staged) {
    const TableIdentifier& identifier = request.identifier;
    CheckRestNames(identifier);
    const TableMetadata wanted = WantedTable(request);
    const RestOperation operation =
        session_.TableOperation(is_staged ? "stage" : "create", identifier);
    session_.Require(operation, RestEndpoint::kCreateTable);
    const RestCall call{.method = HttpMethod::kPost,
                        .url = paths_.Tables(identifier.levels),
                        .body = CreateTableBody(request, wanted, is_staged),
                        .is_repeatable = is_staged};  // which makes nothing
    HttpResponse response = session_.Ask(operation, is_staged ? call : session_.Keyed(call));
    return MakeTable(identifier, std::move(response), operation);
  }

  void SendDrop(const TableIdentifier& identifier, bool purges) {
    CheckRestNames(identifier);
    const RestOperation operation =
        session_.TableOperation(purges ? "drop and purge" : "drop", identifier);
    session_.Require(operation, RestEndpoint::kDropTable);
    const RestOutcome outcome = session_.Send(
        session_.Keyed({.method = HttpMethod::kDelete,
                        .url = paths_.Table(identifier) +
                               (purges ? "?purgeRequested=true" : "?purgeRequested=false")}));
    session_.FinishDrop(operation, outcome);
  }

  /// Whether the server may be asked if `known` is still the table. One whose credentials are
  /// about to end is asked for anew: "not modified" would bring none.
  bool IsFresh(const Table& known, bool has_all) const {
    constexpr int64_t kMarginMs = 300'000;
    const TableOrigin& origin = known.origin();
    const std::optional<int64_t> end_ms = origin.ExpiresAtMs();
    return !origin.etag.empty() && origin.has_all_snapshots == has_all &&
           (!end_ms || *end_ms - environment_.clock->NowMs() > kMarginMs);
  }

  /// Checks what the server may not, and gives ids to what has none.
  TableMetadata WantedTable(const CreateTableRequest& request) {
    NewTable wanted{.schema = request.schema,
                    .spec = request.spec,
                    .location = request.location.value_or(""),
                    .properties = request.properties,
                    .sort_order = request.sort_order};
    wanted.format_version =
        TakeFormatVersion(&wanted.properties).value_or(kDefaultFormatVersion);
    CheckTableProperties(wanted.properties);
    return MakeTableMetadata(wanted, MakeUuid(*environment_.random),
                             environment_.clock->NowMs());
  }

  /// Some servers answer 400 to what a rival's commit has made impossible.
  bool IsConflict(const TableIdentifier& identifier, const CommitRequest& request) {
    const std::optional<Table> now = TryLoadTable(identifier, {.all_snapshots = true});
    return now && FindConflict(now->metadata(), request.requirements, request.updates);
  }

  static std::string NamesOf(const std::vector<TableCommit>& commits) {
    std::vector<std::string> names;
    for (const TableCommit& commit : commits) {
      names.push_back(commit.base.identifier().ToString());
    }
    return fmt::format("tables {}", fmt::join(names, ", "));
  }

  /// `base`: the table before a commit, whose access to files goes on if the answer has none.
  Table MakeTable(const TableIdentifier& identifier, HttpResponse response,
                  const RestOperation& operation, bool has_all = true,
                  const Table* base = nullptr) {
    auto origin = std::make_shared<TableOrigin>();
    origin->etag = UsableEtag(response.Header("ETag").value_or(""));
    origin->has_all_snapshots = has_all;
    TableResponse answer = ParseTableResponse(std::move(response.body), operation);
    origin->config = std::move(answer.config);
    origin->storage_credentials = std::move(answer.storage_credentials);
    std::shared_ptr<FileIO> io;
    if (base != nullptr && origin->config.empty() && origin->storage_credentials.empty()) {
      origin->config = base->origin().config;
      origin->storage_credentials = base->origin().storage_credentials;
      io = base->io();
    } else {
      io = storage_->FileIOFor(StorageOf(shared_session_, identifier, *origin));
    }
    return Table(identifier, std::move(answer.metadata), std::move(answer.metadata_location),
                 shared_from_this(), std::move(io), environment_)
        .With(std::move(origin));
  }

  const std::string name_;
  const std::shared_ptr<Storage> storage_;
  const Environment environment_;
  const std::shared_ptr<RestSession> shared_session_;
  RestSession& session_;
  const RestPaths& paths_;
  RestViews views_;
  std::unique_ptr<RestMetrics> metrics_;  ///< null: the server does not want reports
};

}  // namespace

std::shared_ptr<Catalog> OpenRestCatalog(RestCatalogOptions options,
                                         std::shared_ptr<Storage> storage,
                                         Environment environment) {
  return std::make_shared<RestCatalog>(std::move(options), std::move(storage),
                                       std::move(environment));
}

}  // namespace floe::inline v0
