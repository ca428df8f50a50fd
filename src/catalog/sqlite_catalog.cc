#include "floe/catalog/sqlite_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "catalog/metadata_file.h"
#include "catalog/purge.h"
#include "catalog/sql_names.h"
#include "catalog/sqlite_rows.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "floe/metadata/new_table_updates.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/metadata/update.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"
#include "metadata/format_version.h"

namespace floe::inline v0 {
namespace {

CommitResult Conflict(std::string reason) {
  return {CommitResult::Outcome::kConflict, std::nullopt, std::move(reason)};
}

class SqliteCatalog final : public Catalog {
 public:
  SqliteCatalog(SqliteCatalogOptions options, std::shared_ptr<FileIO> io,
                Environment environment)
      : options_(std::move(options)),
        io_(std::move(io)),
        environment_(std::move(environment)),
        rows_(options_) {}

  const std::string& name() const override { return options_.name; }

  std::vector<Namespace> ListNamespaces(const Namespace& parent) override {
    if (!parent.empty()) {
      rows_.RequireNamespace(parent);
    }
    return rows_.ListNamespaces(parent);
  }

  void CreateNamespace(const Namespace& levels, const Properties& properties) override {
    rows_.CreateNamespace(CheckedSqlNamespace(levels), properties);
  }

  bool NamespaceExists(const Namespace& levels) override {
    return CanBeInDatabase(levels) && rows_.NamespaceExists(NamespaceToString(levels));
  }

  Properties LoadNamespaceProperties(const Namespace& levels) override {
    rows_.RequireNamespace(levels);
    return rows_.LoadProperties(NamespaceToString(levels));
  }

  PropertiesUpdate UpdateNamespaceProperties(
      const Namespace& levels, const Properties& updates,
      const std::vector<std::string>& removals) override {
    CheckPropertyNames(updates, removals);
    rows_.RequireNamespace(levels);
    return rows_.UpdateProperties(NamespaceToString(levels), updates, removals);
  }

  void DropNamespace(const Namespace& levels) override {
    rows_.RequireNamespace(levels);
    const std::string text = NamespaceToString(levels);
    if (!rows_.ListNamespaces(levels).empty()) {
      throw NamespaceNotEmptyError(
          fmt::format("namespace {} has namespaces below it; drop them first", text),
          {.namespace_name = text});
    }
    rows_.DropNamespace(text);
  }

  std::vector<TableIdentifier> ListTables(const Namespace& levels) override {
    rows_.RequireNamespace(levels);
    return rows_.ListTables(levels);
  }

  Table CreateTable(const CreateTableRequest& request) override {
    const Table staged = StageTable(request);
    const std::string location = WriteTableMetadata(
        *io_, staged.metadata(), staged.metadata_folder(), 0, *environment_.random);
    InsertTable(request.identifier, location);
    return MakeTable(request.identifier, staged.metadata_ptr(), location);
  }

  Table StageTable(const CreateTableRequest& request) override {
    const TableIdentifier& identifier = request.identifier;
    CheckNewName(identifier);
    if (TableExists(identifier)) {
      rows_.ThrowTableExists(identifier);
    }
    NewTable wanted{.schema = request.schema,
                    .spec = request.spec,
                    .location = LocationOf(request),
                    .properties = request.properties,
                    .sort_order = request.sort_order};
    wanted.format_version =
        TakeFormatVersion(&wanted.properties).value_or(kDefaultFormatVersion);
    CheckTableProperties(wanted.properties);
    auto metadata = std::make_shared<const TableMetadata>(
        MakeTableMetadata(wanted, MakeUuid(*environment_.random), environment_.clock->NowMs()));
    return MakeTable(identifier, std::move(metadata), "");
  }

  bool TableExists(const TableIdentifier& identifier) override {
    return rows_.FindLocation(identifier).has_value();
  }

  std::optional<Table> TryLoadTable(const TableIdentifier& identifier,
                                    const LoadTableOptions& options) override {
    const std::optional<Current> current = ReadCurrent(identifier, options.known);
    if (!current) {
      return std::nullopt;
    }
    return MakeTable(identifier, current->metadata, current->location);
  }

  void DropTable(const TableIdentifier& identifier) override {
    if (!rows_.Delete(identifier)) {
      rows_.ThrowNoSuchTable(identifier);
    }
  }

  void PurgeTable(const TableIdentifier& identifier) override {
    const Table table = LoadTable(identifier);
    const auto files = FilesToPurge(table, rows_.OtherLocations(identifier));
    DropTable(identifier);
    DeletePurged(*io_, identifier, files);
  }

  void RenameTable(const TableIdentifier& from, const TableIdentifier& to) override {
    CheckNewName(to);
    rows_.Rename(from, to);
  }

  Table RegisterTable(const TableIdentifier& identifier,
                      const std::string& metadata_location) override {
    CheckNewName(identifier);
    TableMetadataPtr metadata = ReadTableMetadata(*io_, metadata_location);
    const MoveOutcome outcome =
        rows_.Move({{.identifier = identifier, .location = metadata_location}});
    if (outcome.kind == MoveOutcome::Kind::kNotDone) {
      rows_.ThrowTableExists(identifier);
    }
    if (outcome.kind != MoveOutcome::Kind::kDone) {
      rows_.Throw(outcome.failure);
    }
    return MakeTable(identifier, std::move(metadata), metadata_location);
  }

  CommitResult CommitTable(const Table& base, const CommitRequest& request) override {
    std::vector<Table> committed;
    CommitResult result = Commit({{base, request}}, &committed);
    if (result.outcome == CommitResult::Outcome::kCommitted) {
      result.table = std::move(committed.front());
    }
    return result;
  }

  CommitResult CommitTables(const std::vector<TableCommit>& commits) override {
    std::vector<Table> committed;
    return Commit(commits, &committed);
  }

 private:
  void CheckNewName(const TableIdentifier& identifier) {
    CheckedSqlNamespace(identifier.levels);
    CheckSqlName(identifier.name);
    rows_.RequireNamespace(identifier.levels);
  }

  /// What the catalog points to.
  struct Current {
    std::string location;
    TableMetadataPtr metadata;
  };

  TableMetadataPtr Updated(const Current& current, const std::vector<TableUpdate>& updates) {
    auto updated = std::make_shared<TableMetadata>(ApplyUpdates(
        *current.metadata, updates, current.location, environment_.clock->NowMs()));
    if (updated->table_uuid.empty()) {
      updated->table_uuid = MakeUuid(*environment_.random);
    }
    return updated;
  }

  /// Reads the table's metadata, unless it is still that of `known`; nothing if there is no
  /// such table.
  std::optional<Current> ReadCurrent(const TableIdentifier& identifier, const Table* known) {
    std::optional<std::string> missing;
    while (true) {
      const std::optional<std::string> location = rows_.FindLocation(identifier);
      if (!location) {
        return std::nullopt;
      }
      if (known != nullptr && *location == known->metadata_location()) {
        return Current{*location, known->metadata_ptr()};
      }
      try {
        return Current{*location, ReadTableMetadata(*io_, *location)};
      } catch (const IoError& error) {
        // Commits that came meanwhile may have deleted it; then there is another one.
        if (error.details().errno_value != ENOENT || missing == location) {
          throw;
        }
        missing = location;
      }
    }
  }

  /// A commit that is ready but for the swap.
  struct Prepared {
    Table table;  ///< as it is to be
    std::optional<std::string> previous;
    std::vector<std::string> old_metadata;  ///< to be deleted afterwards
  };

  /// Writes the metadata of a commit; nothing if it meets a conflict, whose words are `reason`.
  std::optional<Prepared> Prepare(const TableCommit& commit, std::string* reason) {
    const TableIdentifier& identifier = commit.base.identifier();
    std::optional<Current> current = ReadCurrent(identifier, &commit.base);
    if (IsCreate(commit.request)) {
      if (current) {
        *reason = fmt::format("table {} already exists", identifier.ToString());
        return std::nullopt;
      }
      return PrepareNew(commit);
    }
    if (!current) {
      throw NoSuchTableError(
          fmt::format("table {} was dropped while it was being written", identifier.ToString()),
          {.table = identifier.ToString()});
    }
    const auto& [requirements, updates, new_files] = commit.request;
    if (auto conflict = FindConflict(*current->metadata, requirements, updates)) {
      *reason = *std::move(conflict);
      return std::nullopt;
    }
    const TableMetadataPtr updated = Updated(*current, updates);
    std::vector<std::string> old_metadata = FindOldMetadata(*current->metadata, *updated);
    return Prepared{Placed(identifier, updated, MetadataVersion(current->location) + 1),
                    std::move(current->location), std::move(old_metadata)};
  }

  static bool IsCreate(const CommitRequest& request) {
    return std::ranges::any_of(request.requirements, [](const TableRequirement& requirement) {
      return std::holds_alternative<AssertCreate>(requirement);
    });
  }

  /// The updates of a new table begin with those that made the staged one.
  Prepared PrepareNew(const TableCommit& commit) {
    rows_.RequireNamespace(commit.base.identifier().levels);
    auto metadata = std::make_shared<const TableMetadata>(
        ApplyNewTableUpdates(commit.request.updates, environment_.clock->NowMs()));
    return {Placed(commit.base.identifier(), std::move(metadata), 0), std::nullopt, {}};
  }

  /// Writes the metadata file.
  Table Placed(const TableIdentifier& identifier, TableMetadataPtr metadata, int version) {
    const Table table = MakeTable(identifier, metadata, "");
    return MakeTable(identifier, std::move(metadata),
                     WriteTableMetadata(*io_, table.metadata(), table.metadata_folder(),
                                        version, *environment_.random));
  }

  /// All commits or none; the tables as they are then go to `committed`.
  CommitResult Commit(const std::vector<TableCommit>& commits, std::vector<Table>* committed) {
    std::vector<Prepared> prepared;
    std::string reason;
    try {
      std::vector<std::string> files;
      for (const TableCommit& commit : commits) {
        std::optional<Prepared> one = Prepare(commit, &reason);
        if (!one) {
          DiscardAll(prepared);
          return Conflict(reason);
        }
        files.insert(files.end(), commit.request.new_files.begin(),
                     commit.request.new_files.end());
        files.push_back(one->table.metadata_location());
        prepared.push_back(*std::move(one));
      }
      io_->Sync(files);
    } catch (...) {
      DiscardAll(prepared);
      throw;
    }
    return Swap(std::move(prepared), committed);
  }

  CommitResult Swap(std::vector<Prepared> prepared, std::vector<Table>* committed) {
    std::vector<TableMove> moves;
    for (const Prepared& one : prepared) {
      moves.push_back({one.table.identifier(), one.table.metadata_location(), one.previous});
    }
    const MoveOutcome outcome = rows_.Move(moves);
    switch (outcome.kind) {
      case MoveOutcome::Kind::kInDoubt:
        return {CommitResult::Outcome::kUnknown, std::nullopt, outcome.failure.message};
      case MoveOutcome::Kind::kFailed:
        DiscardAll(prepared);
        rows_.Throw(outcome.failure);
      case MoveOutcome::Kind::kNotDone:
        DiscardAll(prepared);
        return Conflict("another commit came first");
      case MoveOutcome::Kind::kDone:
        break;
    }
    for (Prepared& one : prepared) {
      std::ranges::for_each(one.old_metadata, [&](const std::string& file) { Discard(file); });
      committed->push_back(std::move(one.table));
    }
    return {CommitResult::Outcome::kCommitted, std::nullopt, ""};
  }

  void DiscardAll(const std::vector<Prepared>& prepared) noexcept {
    for (const Prepared& one : prepared) {
      Discard(one.table.metadata_location());
    }
  }

  static std::string CheckedLocation(std::string_view location, const std::string& whose) {
    if (location.empty() || location.find('\0') != std::string_view::npos) {
      throw InvalidArgumentError(fmt::format(
          "the location {} is '{}'; expected a path or a URI, such as file:///data/warehouse",
          whose, location));
    }
    return CanonicalLocation(location);
  }

  std::string LocationOf(const CreateTableRequest& request) {
    if (request.location) {
      return CheckedLocation(*request.location, "of table " + request.identifier.ToString());
    }
    const Properties properties = LoadNamespaceProperties(request.identifier.levels);
    if (const auto location = FindProperty(properties, "location")) {
      return CheckedLocation(*location, "of the table's namespace") + "/" +
             request.identifier.name;
    }
    if (!options_.warehouse) {
      throw InvalidArgumentError(
          fmt::format(
              "table {} needs a location: catalog '{}' has no warehouse and namespace {} "
              "has no location property",
              request.identifier.ToString(), options_.name,
              NamespaceToString(request.identifier.levels)),
          {.table = request.identifier.ToString()});
    }
    std::string location = CheckedLocation(*options_.warehouse, "of the warehouse");
    for (const std::string& level : request.identifier.levels) {
      location += "/" + level;
    }
    return location + "/" + request.identifier.name;
  }

  Table MakeTable(const TableIdentifier& identifier, TableMetadataPtr metadata,
                  const std::string& location) {
    return {identifier, std::move(metadata), location, shared_from_this(), io_, environment_};
  }

  /// Removes a file that nothing refers to. What is left behind is an orphan, no error.
  void Discard(const std::string& location) noexcept {
    try {
      io_->Delete(location);
    } catch (...) {
      return;
    }
  }

  void InsertTable(const TableIdentifier& identifier, const std::string& location) {
    MoveOutcome outcome{MoveOutcome::Kind::kNotDone};
    try {
      io_->Sync(std::vector{location});
      outcome = rows_.Move({{.identifier = identifier, .location = location}});
    } catch (...) {
      Discard(location);
      throw;
    }
    if (outcome.kind == MoveOutcome::Kind::kDone) {
      return;
    }
    if (outcome.kind != MoveOutcome::Kind::kInDoubt) {
      Discard(location);
    }
    if (outcome.kind == MoveOutcome::Kind::kNotDone) {
      rows_.ThrowTableExists(identifier);
    }
    rows_.Throw(outcome.failure);
  }

  const SqliteCatalogOptions options_;
  const std::shared_ptr<FileIO> io_;
  const Environment environment_;
  SqliteRows rows_;
};

}  // namespace

std::shared_ptr<Catalog> OpenSqliteCatalog(SqliteCatalogOptions options,
                                           std::shared_ptr<FileIO> io,
                                           Environment environment) {
  return std::make_shared<SqliteCatalog>(std::move(options), std::move(io),
                                         std::move(environment));
}

}  // namespace floe::inline v0
