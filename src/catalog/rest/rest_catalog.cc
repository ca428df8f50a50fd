#include "floe/catalog/rest_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "catalog/format_version.h"
#include "catalog/rest/rest_client.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_paths.h"
#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_wire.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/metadata/update.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

constexpr int kNotFound = 404;
constexpr int kConflictStatus = 409;
constexpr int kServerErrors = 500;

class RestCatalog final : public Catalog {
 public:
  RestCatalog(RestCatalogOptions options, std::shared_ptr<FileIO> io, Environment environment)
      : name_(std::move(options.name)),
        io_(std::move(io)),
        environment_(std::move(environment)),
        client_(ParseRestSettings(name_, options.properties), environment_),
        paths_(Configure(options.properties)) {}

  const std::string& name() const override { return name_; }

  std::vector<Namespace> ListNamespaces(const Namespace& parent) override {
    const std::string text = NamespaceToString(parent);
    RestOperation operation =
        Operation(parent.empty() ? "list namespaces" : "list namespaces below " + text);
    std::string query;
    if (!parent.empty()) {
      operation.namespace_name = text;
      query = "parent=" + paths_.Joined(parent);
    }
    return ListAll<Namespace>(operation, paths_.Namespaces(), query, &ParseNamespacesPage);
  }

  void CreateNamespace(const Namespace& levels, const Properties& properties) override {
    CheckNames(levels);
    client_.Ask(NamespaceOperation("create", levels),
                {.method = HttpMethod::kPost,
                 .url = paths_.Namespaces(),
                 .body = CreateNamespaceBody(levels, properties),
                 .is_repeatable = false});
  }

  bool NamespaceExists(const Namespace& levels) override {
    CheckNames(levels);
    return Exists(NamespaceOperation("look for", levels), paths_.OneNamespace(levels),
                  "HEAD /v1/{prefix}/namespaces/{namespace}");
  }

  Properties LoadNamespaceProperties(const Namespace& levels) override {
    CheckNames(levels);
    const RestOperation operation = NamespaceOperation("load", levels);
    HttpResponse response = client_.Ask(operation, {.url = paths_.OneNamespace(levels)});
    Properties properties = ParseNamespaceResponse(std::move(response.body), operation);
    std::ranges::sort(properties);
    return properties;
  }

  PropertiesUpdate UpdateNamespaceProperties(
      const Namespace& levels, const Properties& updates,
      const std::vector<std::string>& removals) override {
    CheckNames(levels);
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
    CheckNames(levels);
    RestOperation operation = NamespaceOperation("drop", levels);
    RestOutcome outcome =
        client_.Send({.method = HttpMethod::kDelete, .url = paths_.OneNamespace(levels)});
    if (StatusOf(outcome) == kConflictStatus) {
      const auto& response = std::get<HttpResponse>(outcome.result);
      throw NamespaceNotEmptyError(
          fmt::format("namespace {} of catalog '{}' has tables or namespaces in it: {}; drop "
                      "them first",
                      *operation.namespace_name, name_,
                      ReadRestErrorBody(response, client_.settings()).message),
          {.namespace_name = operation.namespace_name, .http_status = kConflictStatus});
    }
    FinishDrop(operation, outcome);
  }

  std::vector<TableIdentifier> ListTables(const Namespace& levels) override {
    CheckNames(levels);
    RestOperation operation = NamespaceOperation("list tables of", levels);
    std::vector<TableIdentifier> tables =
        ListAll<TableIdentifier>(operation, paths_.Tables(levels), "", &ParseTablesPage);
    return tables;
  }

  Table CreateTable(const CreateTableRequest& request) override {
    const TableIdentifier& identifier = request.identifier;
    CheckNames(identifier);
    const TableMetadata wanted = WantedTable(request);
    const RestOperation operation = TableOperation("create", identifier);
    HttpResponse response = client_.Ask(operation, {.method = HttpMethod::kPost,
                                                    .url = paths_.Tables(identifier.levels),
                                                    .body = CreateTableBody(request, wanted),
                                                    .is_repeatable = false});
    return MakeTable(identifier, ParseTableResponse(std::move(response.body), operation));
  }

  bool TableExists(const TableIdentifier& identifier) override {
    CheckNames(identifier);
    return Exists(TableOperation("look for", identifier), paths_.Table(identifier),
                  "HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}");
  }

  std::optional<Table> TryLoadTable(const TableIdentifier& identifier) override {
    CheckNames(identifier);
    const RestOperation operation = TableOperation("load", identifier);
    RestOutcome outcome = client_.Send({.url = paths_.Table(identifier)});
    if (StatusOf(outcome) == kNotFound && IsMissing(outcome)) {
      return std::nullopt;
    }
    if (!IsSuccess(outcome)) {
      ThrowRestError(operation, outcome.result);
    }
    return MakeTable(
        identifier,
        ParseTableResponse(std::move(std::get<HttpResponse>(outcome.result).body), operation));
  }

  void DropTable(const TableIdentifier& identifier) override {
    CheckNames(identifier);
    const RestOutcome outcome =
        client_.Send({.method = HttpMethod::kDelete,
                      .url = paths_.Table(identifier) + "?purgeRequested=false"});
    FinishDrop(TableOperation("drop", identifier), outcome);
  }

  void RenameTable(const TableIdentifier& from, const TableIdentifier& to) override {
    CheckNames(from);
    CheckNames(to);
    RestOperation operation = TableOperation("rename", from);
    operation.words += " to " + to.ToString();
    client_.Ask(operation, {.method = HttpMethod::kPost,
                            .url = paths_.Rename(),
                            .body = RenameTableBody(from, to),
                            .is_repeatable = false});
  }

  Table RegisterTable(const TableIdentifier& identifier,
                      const std::string& metadata_location) override {
    CheckNames(identifier);
    const RestOperation operation = TableOperation("register", identifier);
    HttpResponse response =
        client_.Ask(operation, {.method = HttpMethod::kPost,
                                .url = paths_.Register(identifier.levels),
                                .body = RegisterTableBody(identifier.name, metadata_location),
                                .is_repeatable = false});
    return MakeTable(identifier, ParseTableResponse(std::move(response.body), operation));
  }

  CommitResult CommitTable(const Table& base, const CommitRequest& request) override {
    const TableIdentifier& identifier = base.identifier();
    io_->Sync(request.new_files);
    const RestOperation operation = TableOperation("commit to", identifier);
    RestOutcome outcome = client_.Send({.method = HttpMethod::kPost,
                                        .url = paths_.Table(identifier),
                                        .body = CommitTableBody(identifier, request),
                                        .is_repeatable = false});
    if (const auto* failure = std::get_if<HttpFailure>(&outcome.result)) {
      if (!failure->may_have_arrived) {
        ThrowRestError(operation, outcome.result);
      }
      return Unknown(failure->message);
    }
    if (IsSuccess(outcome)) {
      try {
        HttpResponse& response = std::get<HttpResponse>(outcome.result);
        return {CommitResult::Outcome::kCommitted,
                MakeTable(identifier, ParseTableResponse(std::move(response.body), operation)),
                ""};
      } catch (const Error& error) {
        return Unknown(error.message());  // done, most likely, but by an answer of no use
      }
    }
    return RefusedCommit(base.identifier(), outcome, request);
  }

 private:
  static int StatusOf(const RestOutcome& outcome) {
    const auto* response = std::get_if<HttpResponse>(&outcome.result);
    return response == nullptr ? 0 : response->status;
  }

  static bool IsSuccess(const RestOutcome& outcome) {
    return StatusOf(outcome) >= 200 && StatusOf(outcome) < 300;
  }

  /// Whether a status 404 is the catalog's, and not that of a server which is no catalog.
  bool IsMissing(const RestOutcome& outcome) const {
    return SaysMissing(
        ReadRestErrorBody(std::get<HttpResponse>(outcome.result), client_.settings()));
  }

  /// Setting and removing again what was set and removed changes nothing.
  PropertiesUpdate SendPropertiesUpdate(const Namespace& levels, const Properties& updates,
                                        const std::vector<std::string>& removals) {
    const RestOperation operation = NamespaceOperation("update properties of", levels);
    HttpResponse response =
        client_.Ask(operation, {.method = HttpMethod::kPost,
                                .url = paths_.OneNamespace(levels) + "/properties",
                                .body = UpdateNamespaceBody(updates, removals)});
    return ParsePropertiesUpdate(std::move(response.body), operation);
  }

  static CommitResult Unknown(std::string reason) {
    return {CommitResult::Outcome::kUnknown, std::nullopt, std::move(reason)};
  }

  /// Asks for the server's configuration, and takes it on.
  RestPaths Configure(const Properties& properties) {
    const RestSettings& settings = client_.settings();
    const RestOperation operation = Operation("get the configuration");
    std::string url = settings.uri + "/v1/config";
    if (!settings.warehouse.empty()) {
      url += "?" + MakeQuery({{"warehouse", settings.warehouse}});
    }
    HttpResponse response = client_.Ask(operation, {.url = std::move(url)});
    ConfigResponse config = ParseConfigResponse(std::move(response.body), operation);
    for (std::string& endpoint : config.endpoints) {
      // Some servers leave the first slash of a path out.
      const size_t blank = endpoint.find(' ');
      if (blank != std::string::npos && endpoint.substr(blank + 1).starts_with("v1/")) {
        endpoint.insert(blank + 1, "/");
      }
      endpoints_.insert(std::move(endpoint));
    }
    client_.MoveTo(MergeRestSettings(settings, config.defaults, properties, config.overrides));
    return RestPaths(client_.settings());
  }

  RestOperation Operation(std::string words) const {
    return {.settings = client_.settings(), .words = std::move(words)};
  }

  RestOperation NamespaceOperation(std::string_view verb, const Namespace& levels) const {
    const std::string text = NamespaceToString(levels);
    RestOperation operation = Operation(fmt::format("{} namespace {}", verb, text));
    operation.namespace_name = text;
    return operation;
  }

  RestOperation TableOperation(std::string_view verb, const TableIdentifier& identifier) const {
    const std::string text = identifier.ToString();
    RestOperation operation = Operation(fmt::format("{} table {}", verb, text));
    operation.table = text;
    return operation;
  }

  static void CheckNames(const Namespace& levels) {
    if (levels.empty() || std::ranges::any_of(levels, &std::string::empty)) {
      throw InvalidArgumentError("a namespace needs a name, and each of its levels does");
    }
  }

  static void CheckNames(const TableIdentifier& identifier) {
    CheckNames(identifier.levels);
    if (identifier.name.empty()) {
      throw InvalidArgumentError("a table needs a name");
    }
  }

  template <class Item>
  std::vector<Item> ListAll(const RestOperation& operation, const std::string& path,
                            const std::string& query,
                            Page<Item> (*parse)(std::string, const RestOperation&)) {
    const std::optional<int64_t> page_size = client_.settings().page_size;
    std::string page_query = page_size ? fmt::format("pageToken=&pageSize={}", *page_size) : "";
    std::vector<Item> items;
    std::set<std::string> seen;
    while (true) {
      std::string url = path;
      for (const std::string& part : {query, page_query}) {
        if (!part.empty()) {
          url += (url.size() == path.size() ? "?" : "&") + part;
        }
      }
      HttpResponse response = client_.Ask(operation, {.url = std::move(url)});
      Page<Item> page = parse(std::move(response.body), operation);
      std::ranges::move(page.items, std::back_inserter(items));
      if (page.next_page_token.empty()) {
        break;
      }
      if (!seen.insert(page.next_page_token).second) {
        ThrowBadAnswer(operation, "it sends the same page again and again");
      }
      page_query = MakeQuery({{"pageToken", page.next_page_token}});
      page_query += page_size ? fmt::format("&pageSize={}", *page_size) : "";
    }
    std::ranges::sort(items, {}, &SortKey<Item>);
    return items;
  }

  template <class Item>
  static Namespace SortKey(const Item& item) {
    if constexpr (std::is_same_v<Item, TableIdentifier>) {
      return {item.name};
    } else {
      return item;
    }
  }

  /// HEAD where the server has it, which sends no table over the wire.
  bool Exists(const RestOperation& operation, const std::string& url,
              const std::string& head_endpoint) {
    const bool has_head = endpoints_.contains(head_endpoint);
    const RestOutcome outcome =
        client_.Send({.method = has_head ? HttpMethod::kHead : HttpMethod::kGet, .url = url});
    if (StatusOf(outcome) == kNotFound && (has_head || IsMissing(outcome))) {
      return false;
    }
    if (!IsSuccess(outcome)) {
      ThrowRestError(operation, outcome.result);
    }
    return true;
  }

  void FinishDrop(const RestOperation& operation, const RestOutcome& outcome) const {
    // A try whose answer was lost has done it.
    const bool is_done =
        outcome.was_repeated && StatusOf(outcome) == kNotFound && IsMissing(outcome);
    if (!IsSuccess(outcome) && !is_done) {
      ThrowRestError(operation, outcome.result);
    }
  }

  /// Checks what the server may not, and gives ids to what has none.
  TableMetadata WantedTable(const CreateTableRequest& request) {
    NewTable wanted{.schema = request.schema,
                    .spec = request.spec,
                    .location = request.location.value_or(""),
                    .properties = request.properties,
                    .sort_order = request.sort_order};
    wanted.format_version = TakeFormatVersion(&wanted.properties);
    CheckTableProperties(wanted.properties);
    return MakeTableMetadata(wanted, MakeUuid(*environment_.random),
                             environment_.clock->NowMs());
  }

  /// A commit that was answered by an error: thrown if nothing was committed for certain.
  CommitResult RefusedCommit(const TableIdentifier& identifier, const RestOutcome& outcome,
                             const CommitRequest& request) {
    const auto& response = std::get<HttpResponse>(outcome.result);
    const RestErrorBody body = ReadRestErrorBody(response, client_.settings());
    const std::string reason = body.message.empty()
                                   ? fmt::format("the server answers {}", response.status)
                                   : body.message;
    if (response.status == kConflictStatus || IsConflictType(body)) {
      return {CommitResult::Outcome::kConflict, std::nullopt, reason};
    }
    const bool is_denied = body.type == "AccessCheckException" || response.status == 501;
    if ((response.status >= kServerErrors && !is_denied) || response.status == 408) {
      return Unknown(fmt::format("the server answers {} {}", response.status, reason));
    }
    if (response.status == 400 && IsConflict(identifier, request)) {
      return {CommitResult::Outcome::kConflict, std::nullopt, reason};
    }
    ThrowRestError(TableOperation("commit to", identifier), outcome.result);
  }

  /// Some servers answer 400 to what a rival's commit has made impossible.
  bool IsConflict(const TableIdentifier& identifier, const CommitRequest& request) {
    const std::optional<Table> now = TryLoadTable(identifier);
    return now && FindConflict(now->metadata(), request.requirements, request.updates);
  }

  Table MakeTable(const TableIdentifier& identifier, TableResponse response) {
    return {identifier,
            std::move(response.metadata),
            std::move(response.metadata_location),
            shared_from_this(),
            io_,
            environment_};
  }

  const std::string name_;
  const std::shared_ptr<FileIO> io_;
  const Environment environment_;
  RestClient client_;
  std::set<std::string> endpoints_;
  const RestPaths paths_;
};

}  // namespace

std::shared_ptr<Catalog> OpenRestCatalog(RestCatalogOptions options, std::shared_ptr<FileIO> io,
                                         Environment environment) {
  return std::make_shared<RestCatalog>(std::move(options), std::move(io),
                                       std::move(environment));
}

}  // namespace floe::inline v0
