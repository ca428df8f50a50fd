#include "catalog/sqlite_rows.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/sql_names.h"
#include "catalog/sqlite_database.h"
#include "floe/base/error.h"
#include "floe/catalog/sqlite_catalog.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"

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

}  // namespace

SqliteRows::SqliteRows(SqliteCatalogOptions options)
    : options_(std::move(options)), catalog_name_(options_.name) {
  const std::lock_guard lock(mutex_);
  Open();
}

void SqliteRows::Open() {
  database_ = std::make_unique<SqliteDatabase>(
      options_.is_in_memory ? SqliteKind::kMemory : SqliteKind::kFile, options_.database_path,
      options_.busy_timeout_ms);
  owner_ = getpid();
  database_->Run(kCreateTables, {});
  database_->Run(kCreateNamespaces, {});
  has_type_column_ = false;
  database_->Run(
      "SELECT 1 FROM pragma_table_info('iceberg_tables') WHERE name = "
      "'iceberg_type'",
      {}, [&](const SqliteRow&) { has_type_column_ = true; });
}

SqliteDatabase& SqliteRows::Database() {
  if (owner_ != getpid()) {
    // Left behind: closing it here would drop the parent's locks.
    new std::unique_ptr<SqliteDatabase>(std::move(database_));
    Open();
  }
  return *database_;
}

std::string SqliteRows::TypeFilter() {
  Database();
  return has_type_column_ ? " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)" : "";
}

std::vector<Namespace> SqliteRows::ListNamespaces(const Namespace& parent) {
  std::set<Namespace> found;
  const std::lock_guard lock(mutex_);
  Database().Run(
      "SELECT DISTINCT namespace FROM iceberg_namespace_properties WHERE catalog_name = ?1 "
      "UNION SELECT DISTINCT table_namespace FROM iceberg_tables WHERE catalog_name = ?1",
      {catalog_name_}, [&](const SqliteRow& row) {
        const Namespace levels = ParseNamespace(row.Text(0).value_or(""));
        if (levels.size() > parent.size() &&
            std::equal(parent.begin(), parent.end(), levels.begin())) {
          found.emplace(levels.begin(),
                        levels.begin() + static_cast<std::ptrdiff_t>(parent.size()) + 1);
        }
      });
  return {found.begin(), found.end()};
}

void SqliteRows::CreateNamespace(const std::string& text, const Properties& properties) {
  const std::lock_guard lock(mutex_);
  SqliteTransaction transaction(Database());
  if (HasNamespace(text)) {
    throw NamespaceAlreadyExistsError(
        fmt::format("namespace {} already exists in catalog '{}'", text, catalog_name_),
        {.namespace_name = text});
  }
  Properties rows = properties;
  if (rows.empty()) {
    rows.emplace_back(kExistsKey, "true");
  }
  InsertProperties(text, rows);
  transaction.Commit();
}

bool SqliteRows::NamespaceExists(const std::string& text) {
  const std::lock_guard lock(mutex_);
  return HasNamespace(text);
}

void SqliteRows::RequireNamespace(const Namespace& levels) {
  const std::string text = NamespaceToString(levels);
  if (!CanBeInDatabase(levels) || !NamespaceExists(text)) {
    throw NoSuchNamespaceError(
        fmt::format("namespace {} does not exist in catalog '{}'; create it first", text,
                    catalog_name_),
        {.namespace_name = text});
  }
}

Properties SqliteRows::LoadProperties(const std::string& text) {
  Properties properties;
  const std::lock_guard lock(mutex_);
  Database().Run(
      "SELECT property_key, property_value FROM iceberg_namespace_properties "
      "WHERE catalog_name = ? AND namespace = ? ORDER BY property_key",
      {catalog_name_, text}, [&](const SqliteRow& row) {
        properties.emplace_back(row.Text(0).value_or(""), row.Text(1).value_or(""));
      });
  return properties;
}

PropertiesUpdate SqliteRows::UpdateProperties(const std::string& text,
                                              const Properties& updates,
                                              const std::vector<std::string>& removals) {
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

void SqliteRows::DropNamespace(const std::string& text) {
  const std::lock_guard lock(mutex_);
  SqliteTransaction transaction(Database());
  bool has_tables = false;
  Database().Run(
      "SELECT 1 FROM iceberg_tables WHERE catalog_name = ? AND table_namespace = ? LIMIT 1",
      {catalog_name_, text}, [&](const SqliteRow&) { has_tables = true; });
  if (has_tables) {
    throw NamespaceNotEmptyError(fmt::format("namespace {} has tables; drop them first", text),
                                 {.namespace_name = text});
  }
  Database().Run(
      "DELETE FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace = ?",
      {catalog_name_, text});
  transaction.Commit();
}

std::vector<TableIdentifier> SqliteRows::ListTables(const Namespace& levels) {
  std::vector<TableIdentifier> tables;
  const std::lock_guard lock(mutex_);
  const std::string sql =
      "SELECT table_name FROM iceberg_tables WHERE catalog_name = ? AND "
      "table_namespace = ?" +
      TypeFilter() + " ORDER BY table_name";
  Database().Run(
      sql.c_str(), {catalog_name_, NamespaceToString(levels)},
      [&](const SqliteRow& row) { tables.push_back({levels, row.Text(0).value_or("")}); });
  return tables;
}

std::optional<std::string> SqliteRows::FindLocation(const TableIdentifier& identifier) {
  std::optional<std::string> location;
  if (!CanBeInDatabase(identifier.levels)) {
    return location;
  }
  const std::lock_guard lock(mutex_);
  const std::string sql =
      "SELECT metadata_location FROM iceberg_tables WHERE catalog_name = ? AND "
      "table_namespace = ? AND table_name = ?" +
      TypeFilter();
  Database().Run(sql.c_str(),
                 {catalog_name_, NamespaceToString(identifier.levels), identifier.name},
                 [&](const SqliteRow& row) { location = row.Text(0); });
  return location;
}

std::vector<std::string> SqliteRows::OtherLocations(const TableIdentifier& identifier) {
  std::vector<std::string> locations;
  const std::lock_guard lock(mutex_);
  Database().Run(
      "SELECT metadata_location FROM iceberg_tables WHERE metadata_location IS NOT NULL AND "
      "NOT (catalog_name = ? AND table_namespace = ? AND table_name = ?)",
      {catalog_name_, NamespaceToString(identifier.levels), identifier.name},
      [&](const SqliteRow& row) { locations.push_back(row.Text(0).value_or("")); });
  return locations;
}

bool SqliteRows::Delete(const TableIdentifier& identifier) {
  if (!CanBeInDatabase(identifier.levels)) {
    return false;
  }
  const std::lock_guard lock(mutex_);
  const std::string sql =
      "DELETE FROM iceberg_tables WHERE catalog_name = ? AND "
      "table_namespace = ? AND table_name = ?" +
      TypeFilter();
  Database().Run(sql.c_str(),
                 {catalog_name_, NamespaceToString(identifier.levels), identifier.name});
  return database_->changes() > 0;
}

void SqliteRows::Rename(const TableIdentifier& from, const TableIdentifier& to) {
  if (!CanBeInDatabase(from.levels)) {
    ThrowNoSuchTable(from);
  }
  const std::lock_guard lock(mutex_);
  const std::string sql =
      "UPDATE iceberg_tables SET table_namespace = ?, table_name = ? WHERE catalog_name = ? "
      "AND table_namespace = ? AND table_name = ?" +
      TypeFilter();
  const std::optional<SqliteFailure> failure =
      Database().TryRun(sql.c_str(), {NamespaceToString(to.levels), to.name, catalog_name_,
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

bool SqliteRows::HasNamespace(const std::string& text) {
  bool found = false;
  // A namespace exists if it has properties, tables, or either below it.
  Database().Run(
      "SELECT 1 FROM iceberg_namespace_properties WHERE catalog_name = ?1 AND "
      "(namespace = ?2 OR substr(namespace, 1, length(?2) + 1) = ?2 || '.') "
      "UNION SELECT 1 FROM iceberg_tables WHERE catalog_name = ?1 AND "
      "(table_namespace = ?2 OR substr(table_namespace, 1, length(?2) + 1) = ?2 || '.') "
      "LIMIT 1",
      {catalog_name_, text}, [&](const SqliteRow&) { found = true; });
  return found;
}

void SqliteRows::InsertProperties(const std::string& text, const Properties& properties) {
  for (const auto& [key, value] : properties) {
    Database().Run(
        "INSERT INTO iceberg_namespace_properties "
        "(catalog_name, namespace, property_key, property_value) VALUES (?, ?, ?, ?)",
        {catalog_name_, text, key, value});
  }
}

/// Whether it was there.
bool SqliteRows::RemoveProperty(const std::string& text, const std::string& key) {
  Database().Run(
      "DELETE FROM iceberg_namespace_properties WHERE catalog_name = ? AND namespace = ? AND "
      "property_key = ?",
      {catalog_name_, text, key});
  return database_->changes() > 0;
}

std::optional<SqliteFailure> SqliteRows::Insert(const TableMove& move) {
  const std::string sql =
      has_type_column_
          ? "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, "
            "metadata_location, iceberg_type) VALUES (?, ?, ?, ?, 'TABLE')"
          : "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, "
            "metadata_location) VALUES (?, ?, ?, ?)";
  return Database().TryRun(sql.c_str(),
                           {catalog_name_, NamespaceToString(move.identifier.levels),
                            move.identifier.name, move.location});
}

std::optional<SqliteFailure> SqliteRows::Swap(const TableMove& move) {
  return Database().TryRun(
      "UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ? "
      "WHERE catalog_name = ? AND table_namespace = ? AND table_name = ? AND "
      "metadata_location = ?",
      {move.location, *move.previous, catalog_name_, NamespaceToString(move.identifier.levels),
       move.identifier.name, *move.previous});
}

std::optional<SqliteFailure> SqliteRows::MoveOne(const TableMove& move, bool* changed) {
  std::optional<SqliteFailure> failure = move.previous ? Swap(move) : Insert(move);
  if (failure && IsConstraint(*failure)) {
    failure.reset();
    *changed = false;
  } else {
    *changed = !failure && database_->changes() > 0;
  }
  return failure;
}

MoveOutcome SqliteRows::Move(const std::vector<TableMove>& moves) {
  const auto failed = [](const SqliteFailure& failure) {
    return MoveOutcome{
        failure.in_doubt() ? MoveOutcome::Kind::kInDoubt : MoveOutcome::Kind::kFailed, failure};
  };
  const std::lock_guard lock(mutex_);
  bool changed = false;
  if (moves.size() == 1) {
    if (const auto failure = MoveOne(moves.front(), &changed)) {
      return failed(*failure);
    }
    return {changed ? MoveOutcome::Kind::kDone : MoveOutcome::Kind::kNotDone};
  }
  SqliteTransaction transaction(Database());
  for (const TableMove& move : moves) {
    if (const auto failure = MoveOne(move, &changed)) {
      // Not committed, whatever became of the statement.
      return {MoveOutcome::Kind::kFailed, *failure};
    }
    if (!changed) {
      return {MoveOutcome::Kind::kNotDone};
    }
  }
  if (const auto failure = transaction.TryCommit()) {
    return failed(*failure);
  }
  return {MoveOutcome::Kind::kDone};
}

void SqliteRows::Throw(const SqliteFailure& failure) {
  const std::lock_guard lock(mutex_);
  Database().Throw(failure);
}

void SqliteRows::ThrowNoSuchTable(const TableIdentifier& identifier) const {
  throw NoSuchTableError(fmt::format("table {} does not exist in catalog '{}'",
                                     identifier.ToString(), catalog_name_),
                         {.table = identifier.ToString()});
}

void SqliteRows::ThrowTableExists(const TableIdentifier& identifier) const {
  throw TableAlreadyExistsError(fmt::format("table {} already exists in catalog '{}'",
                                            identifier.ToString(), catalog_name_),
                                {.table = identifier.ToString()});
}

}  // namespace floe::inline v0
