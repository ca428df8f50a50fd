#include "floe/catalog/sqlite_catalog.h"

#include <fmt/format.h>
#include <sched.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/format_version.h"
#include "catalog/metadata_file.h"
#include "catalog/sql_names.h"
#include "catalog/sqlite_database.h"
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

namespace floe::inline v0 {
namespace {

constexpr const char* kCreateTables = R"(CREATE TABLE IF NOT EXISTS iceberg_tables (
  catalog_name VARCHAR(255) NOT NULL,
  table_namespace VARCHAR(255) NOT NULL,
  table_name VARCHAR(255) NOT NULL,
  metadata_location VARCHAR(1000),
  previous_metadata_location VARCHAR(1000),
  iceberg_type VARCHAR(5),
  PRIMARY KEY (catalog_name, table_namespace, table_name)))";

constexpr const char* kCreateNamespaces =
    R"(CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
  catalog_name VARCHAR(255) NOT NULL,
  namespace VARCHAR(255) NOT NULL,
  property_key VARCHAR(255) NOT NULL,
  property_value VARCHAR(1000) NOT NULL,
  PRIMARY KEY (catalog_name, namespace, property_key)))";

/// Marks a namespace without properties; PyIceberg's and Java's catalogs write the same.
constexpr std::string_view kExistsKey = "exists";

/// A database's rows are text, so an error's words must do; constraint failures are told apart
/// by their code.
bool IsConstraint(const SqliteFailure& failure) { return failure.code == SQLITE_CONSTRAINT; }

CommitResult Conflict(std::string reason) {
  return {CommitResult::Outcome::kConflict, std::nullopt, std::move(reason)};
}

class SqliteCatalog final : public Catalog {
 public:
  SqliteCatalog(SqliteCatalogOptions options, std::shared_ptr<FileIO> io,
                Environment environment)
      : options_(std::move(options)), io_(std::move(io)), environment_(std::move(environment)) {
    const std::lock_guard lock(mutex_);
    Open();
  }

  const std::string& name() const override { return options_.name; }

  std::vector<Namespace> ListNamespaces(const Namespace& parent) override {
    if (!parent.empty()) {
      RequireNamespace(parent);
    }
    std::set<Namespace> found;
    const std::lock_guard lock(mutex_);
    Database().Run(
        "SELECT DISTINCT namespace FROM iceberg_namespace_properties WHERE catalog_name = ?1 "
        "UNION SELECT DISTINCT table_namespace FROM iceberg_tables WHERE catalog_name = ?1",
        {options_.name}, [&](const SqliteRow& row) {
          const Namespace levels = ParseNamespace(row.Text(0).value_or(""));
          if (levels.size() > parent.size() &&
              std::equal(parent.begin(), parent.end(), levels.begin())) {
            found.emplace(levels.begin(),
                          levels.begin() + static_cast<std::ptrdiff_t>(parent.size()) + 1);
          }
        });
    return {found.begin(), found.end()};
  }

  void CreateNamespace(const Namespace& levels, const Properties& properties) override {
    const std::string text = CheckedSqlNamespace(levels);
    const std::lock_guard lock(mutex_);
    SqliteTransaction transaction(Database());
    if (HasNamespace(text)) {
      throw NamespaceAlreadyExistsError(
          fmt::format("namespace {} already exists in catalog '{}'", text, options_.name),
          {.namespace_name = text});
    }
    Properties rows = properties;
    if (rows.empty()) {
      rows.emplace_back(kExistsKey, "true");
    }
    InsertProperties(text, rows);
    transaction.Commit();
  }

  bool NamespaceExists(const Namespace& levels) override {
    const std::lock_guard lock(mutex_);
    return HasNamespace(NamespaceToString(levels));
  }

  Properties LoadNamespaceProperties(const Namespace& levels) override {
    RequireNamespace(levels);
    Properties properties;
    const std::lock_guard lock(mutex_);
    Database().Run(
        "SELECT property_key, property_value FROM iceberg_namespace_properties "
        "WHERE catalog_name = ? AND namespace = ? ORDER BY property_key",
        {options_.name, NamespaceToString(levels)}, [&](const SqliteRow& row) {
          properties.emplace_back(row.Text(0).value_or(""), row.Text(1).value_or(""));
        });
    return properties;
  }

  PropertiesUpdate UpdateNamespaceProperties(
      const Namespace& levels, const Properties& updates,
      const std::vector<std::string>& removals) override {
    CheckPropertyNames(updates, removals);
    RequireNamespace(levels);
    const std::string text = NamespaceToString(levels);
    PropertiesUpdate done;
    const std::lock_guard lock(mutex_);
    SqliteTransaction transaction(Database());
    // The namespace stays when its last property goes.
    RemoveProperty(text, std::string(kExistsKey));
    InsertProperties(text, {{std::string(kExistsKey), "true"}});
    for (const std::string& key : removals) {
      (RemoveProperty(text, key) ? done.removed : done.missing).push_back(key);
    }
    for (const auto& [key, value] : updates) {
      RemoveProperty(text, key);
      done.updated.push_back(key);
    }
    InsertProperties(text, updates);
    transaction.Commit();
    return done;
  }

  void DropNamespace(const Namespace& levels) override {
    RequireNamespace(levels);
    const std::string text = NamespaceToString(levels);
    if (!ListNamespaces(levels).empty()) {
      throw NamespaceNotEmptyError(
          fmt::format("namespace {} has namespaces below it; drop them first", text),
          {.namespace_name = text});
    }
    const std::lock_guard lock(mutex_);
    SqliteTransaction transaction(Database());
    bool has_tables = false;
    Database().Run(
        "SELECT 1 FROM iceberg_tables WHERE catalog_name = ? AND table_namespace = ? LIMIT 1",
        {options_.name, text}, [&](const SqliteRow&) { has_tables = true; });
    if (has_tables) {
      throw NamespaceNotEmptyError(
          fmt::format("namespace {} has tables; drop them first", text),
          {.namespace_name = text});
    }
    Database().Run(
        "DELETE FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace = ?",
        {options_.name, text});
    transaction.Commit();
  }

  std::vector<TableIdentifier> ListTables(const Namespace& levels) override {
    RequireNamespace(levels);
    std::vector<TableIdentifier> tables;
    const std::lock_guard lock(mutex_);
    const std::string sql =
        "SELECT table_name FROM iceberg_tables WHERE catalog_name = ? AND "
        "table_namespace = ?" +
        TypeFilter() + " ORDER BY table_name";
    Database().Run(
        sql.c_str(), {options_.name, NamespaceToString(levels)},
        [&](const SqliteRow& row) { tables.push_back({levels, row.Text(0).value_or("")}); });
    return tables;
  }

  Table CreateTable(const CreateTableRequest& request) override {
    const TableIdentifier& identifier = request.identifier;
    CheckedSqlNamespace(identifier.levels);
    CheckSqlName(identifier.name);
    RequireNamespace(identifier.levels);
    if (TableExists(identifier)) {
      ThrowTableExists(identifier);
    }
    NewTable wanted{.schema = request.schema,
                    .spec = request.spec,
                    .location = LocationOf(request),
                    .properties = request.properties,
                    .sort_order = request.sort_order};
    wanted.format_version = TakeFormatVersion(&wanted.properties);
    CheckTableProperties(wanted.properties);
    auto metadata = std::make_shared<const TableMetadata>(
        MakeTableMetadata(wanted, MakeUuid(*environment_.random), environment_.clock->NowMs()));
    const Table unplaced = MakeTable(identifier, metadata, "");
    const std::string location = WriteTableMetadata(*io_, *metadata, unplaced.metadata_folder(),
                                                    0, *environment_.random);
    InsertTable(identifier, location);
    return MakeTable(identifier, std::move(metadata), location);
  }

  bool TableExists(const TableIdentifier& identifier) override {
    const std::lock_guard lock(mutex_);
    return FindLocation(identifier).has_value();
  }

  std::optional<Table> TryLoadTable(const TableIdentifier& identifier) override {
    const std::optional<Current> current = ReadCurrent(identifier, nullptr);
    if (!current) {
      return std::nullopt;
    }
    return MakeTable(identifier, current->metadata, current->location);
  }

  void DropTable(const TableIdentifier& identifier) override {
    const std::lock_guard lock(mutex_);
    const std::string sql =
        "DELETE FROM iceberg_tables WHERE catalog_name = ? AND "
        "table_namespace = ? AND table_name = ?" +
        TypeFilter();
    Database().Run(sql.c_str(),
                   {options_.name, NamespaceToString(identifier.levels), identifier.name});
    if (Database().changes() == 0) {
      ThrowNoSuchTable(identifier);
    }
  }

  void RenameTable(const TableIdentifier& from, const TableIdentifier& to) override {
    CheckedSqlNamespace(to.levels);
    CheckSqlName(to.name);
    RequireNamespace(to.levels);
    const std::lock_guard lock(mutex_);
    const std::string sql =
        "UPDATE iceberg_tables SET table_namespace = ?, table_name = ? WHERE catalog_name = ? "
        "AND table_namespace = ? AND table_name = ?" +
        TypeFilter();
    const std::optional<SqliteFailure> failure =
        Database().TryRun(sql.c_str(), {NamespaceToString(to.levels), to.name, options_.name,
                                        NamespaceToString(from.levels), from.name});
    if (failure && IsConstraint(*failure)) {
      ThrowTableExists(to);
    }
    if (failure) {
      database_->Throw(*failure);
    }
    if (database_->changes() == 0) {
      ThrowNoSuchTable(from);
    }
  }

  Table RegisterTable(const TableIdentifier& identifier,
                      const std::string& metadata_location) override {
    CheckedSqlNamespace(identifier.levels);
    CheckSqlName(identifier.name);
    RequireNamespace(identifier.levels);
    TableMetadataPtr metadata = ReadTableMetadata(*io_, metadata_location);
    const std::optional<SqliteFailure> failure = TryInsert(identifier, metadata_location);
    if (failure && IsConstraint(*failure)) {
      ThrowTableExists(identifier);
    }
    if (failure) {
      database_->Throw(*failure);
    }
    return MakeTable(identifier, std::move(metadata), metadata_location);
  }

  CommitResult CommitTable(const Table& base, const CommitRequest& request) override {
    const std::optional<Current> current = ReadCurrent(base.identifier(), &base);
    if (!current) {
      throw NoSuchTableError(fmt::format("table {} was dropped while it was being written",
                                         base.identifier().ToString()),
                             {.table = base.identifier().ToString()});
    }
    const TableMetadataPtr& metadata = current->metadata;
    if (auto conflict = FindConflict(*metadata, request.requirements, request.updates)) {
      return Conflict(*std::move(conflict));
    }
    const TableMetadataPtr updated = Updated(*current, request.updates);
    const std::vector<std::string> old_metadata = FindOldMetadata(*metadata, *updated);
    const Table table = MakeTable(base.identifier(), updated, "");
    const std::string location =
        WriteTableMetadata(*io_, *updated, table.metadata_folder(),
                           MetadataVersion(current->location) + 1, *environment_.random);
    std::vector<std::string> files = request.new_files;
    files.push_back(location);
    try {
      io_->Sync(files);
    } catch (...) {
      Discard(location);
      throw;
    }
    CommitResult result =
        Swap(MakeTable(base.identifier(), updated, location), current->location);
    if (result.outcome == CommitResult::Outcome::kCommitted) {
      std::ranges::for_each(old_metadata, [&](const std::string& file) { Discard(file); });
    }
    return result;
  }

 private:
  // mutex_ is held.
  void Open() {
    database_ =
        std::make_unique<SqliteDatabase>(options_.database_path, options_.busy_timeout_ms);
    owner_ = getpid();
    database_->Run(kCreateTables, {});
    database_->Run(kCreateNamespaces, {});
    has_type_column_ = false;
    database_->Run(
        "SELECT 1 FROM pragma_table_info('iceberg_tables') WHERE name = "
        "'iceberg_type'",
        {}, [&](const SqliteRow&) { has_type_column_ = true; });
  }

  /// The connection; a forked child opens its own, as SQLite's must not cross a fork.
  SqliteDatabase& Database() {
    if (owner_ != getpid()) {
      // Left behind: closing it here would drop the parent's locks.
      new std::unique_ptr<SqliteDatabase>(std::move(database_));
      Open();
    }
    return *database_;
  }

  std::string TypeFilter() {
    Database();
    return has_type_column_ ? " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)" : "";
  }

  bool HasNamespace(const std::string& text) {
    bool found = false;
    // A namespace exists if it has properties, tables, or either below it.
    Database().Run(
        "SELECT 1 FROM iceberg_namespace_properties WHERE catalog_name = ?1 AND "
        "(namespace = ?2 OR substr(namespace, 1, length(?2) + 1) = ?2 || '.') "
        "UNION SELECT 1 FROM iceberg_tables WHERE catalog_name = ?1 AND "
        "(table_namespace = ?2 OR substr(table_namespace, 1, length(?2) + 1) = ?2 || '.') "
        "LIMIT 1",
        {options_.name, text}, [&](const SqliteRow&) { found = true; });
    return found;
  }

  std::optional<std::string> FindLocation(const TableIdentifier& identifier) {
    std::optional<std::string> location;
    const std::string sql =
        "SELECT metadata_location FROM iceberg_tables WHERE catalog_name = ? AND "
        "table_namespace = ? AND table_name = ?" +
        TypeFilter();
    Database().Run(sql.c_str(),
                   {options_.name, NamespaceToString(identifier.levels), identifier.name},
                   [&](const SqliteRow& row) { location = row.Text(0); });
    return location;
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
      std::optional<std::string> location;
      {
        const std::lock_guard lock(mutex_);
        location = FindLocation(identifier);
      }
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

  void RequireNamespace(const Namespace& levels) {
    const std::string text = NamespaceToString(levels);
    const std::lock_guard lock(mutex_);
    if (levels.empty() || !HasNamespace(text)) {
      throw NoSuchNamespaceError(
          fmt::format("namespace {} does not exist in catalog '{}'; create it first", text,
                      options_.name),
          {.namespace_name = text});
    }
  }

  [[noreturn]] void ThrowNoSuchTable(const TableIdentifier& identifier) const {
    throw NoSuchTableError(fmt::format("table {} does not exist in catalog '{}'",
                                       identifier.ToString(), options_.name),
                           {.table = identifier.ToString()});
  }

  [[noreturn]] void ThrowTableExists(const TableIdentifier& identifier) const {
    throw TableAlreadyExistsError(fmt::format("table {} already exists in catalog '{}'",
                                              identifier.ToString(), options_.name),
                                  {.table = identifier.ToString()});
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

  // mutex_ is held.
  void InsertProperties(const std::string& text, const Properties& properties) {
    for (const auto& [key, value] : properties) {
      Database().Run(
          "INSERT INTO iceberg_namespace_properties "
          "(catalog_name, namespace, property_key, property_value) VALUES (?, ?, ?, ?)",
          {options_.name, text, key, value});
    }
  }

  // mutex_ is held. Whether it was there.
  bool RemoveProperty(const std::string& text, const std::string& key) {
    Database().Run(
        "DELETE FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace = ? AND "
        "property_key = ?",
        {options_.name, text, key});
    return database_->changes() > 0;
  }

  std::optional<SqliteFailure> TryInsert(const TableIdentifier& identifier,
                                         const std::string& location) {
    const std::lock_guard lock(mutex_);
    const std::string sql =
        has_type_column_
            ? "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, "
              "metadata_location, iceberg_type) VALUES (?, ?, ?, ?, 'TABLE')"
            : "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, "
              "metadata_location) VALUES (?, ?, ?, ?)";
    return Database().TryRun(sql.c_str(), {options_.name, NamespaceToString(identifier.levels),
                                           identifier.name, location});
  }

  void InsertTable(const TableIdentifier& identifier, const std::string& location) {
    std::optional<SqliteFailure> failure;
    try {
      io_->Sync(std::vector{location});
      failure = TryInsert(identifier, location);
    } catch (...) {
      Discard(location);
      throw;
    }
    if (!failure) {
      return;
    }
    if (!failure->in_doubt()) {
      Discard(location);
    }
    if (IsConstraint(*failure)) {
      ThrowTableExists(identifier);
    }
    database_->Throw(*failure);
  }

  CommitResult Swap(const Table& table, const std::string& expected) {
    std::optional<SqliteFailure> failure;
    int changed = 0;
    {
      const std::lock_guard lock(mutex_);
      failure = Database().TryRun(
          "UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ? "
          "WHERE catalog_name = ? AND table_namespace = ? AND table_name = ? AND "
          "metadata_location = ?",
          {table.metadata_location(), expected, options_.name,
           NamespaceToString(table.identifier().levels), table.identifier().name, expected});
      changed = failure ? 0 : database_->changes();
    }
    if (failure && failure->in_doubt()) {
      return {CommitResult::Outcome::kUnknown, std::nullopt, failure->message};
    }
    if (failure || changed == 0) {
      Discard(table.metadata_location());
      if (failure) {
        database_->Throw(*failure);
      }
      return Conflict("another commit came first");
    }
    return {CommitResult::Outcome::kCommitted, table, ""};
  }

  const SqliteCatalogOptions options_;
  const std::shared_ptr<FileIO> io_;
  const Environment environment_;

  std::mutex mutex_;  // guards what follows
  std::unique_ptr<SqliteDatabase> database_;
  pid_t owner_ = 0;
  bool has_type_column_ = true;
};

}  // namespace

std::shared_ptr<Catalog> OpenSqliteCatalog(SqliteCatalogOptions options,
                                           std::shared_ptr<FileIO> io,
                                           Environment environment) {
  return std::make_shared<SqliteCatalog>(std::move(options), std::move(io),
                                         std::move(environment));
}

}  // namespace floe::inline v0
