#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "catalog/sqlite_database.h"
#include "floe/catalog/sqlite_catalog.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"

namespace floe::inline v0 {

/// A table's row: where its metadata is to be, and where it was.
struct TableMove {
  TableIdentifier identifier;
  std::string location;
  std::optional<std::string> previous;  ///< nothing: the table is new
};

/// What became of moves.
struct MoveOutcome {
  enum class Kind : uint8_t {
    kDone,
    kNotDone,  ///< a row is not as it was, or is there already
    kInDoubt,
    kFailed,  ///< for certain; see SqliteRows::Throw()
  };
  Kind kind;
  SqliteFailure failure = {};
};

/// The rows of one catalog in an SQLite database, in the tables of PyIceberg's SqlCatalog and
/// Java's JDBC catalog. Knows nothing of files. Thread-safe; a forked child opens a connection
/// of its own. Every call may throw CatalogConnectionError.
class SqliteRows {
 public:
  explicit SqliteRows(SqliteCatalogOptions options);

  std::vector<Namespace> ListNamespaces(const Namespace& parent);
  /// Throws NamespaceAlreadyExistsError.
  void CreateNamespace(const std::string& text, const Properties& properties);
  bool NamespaceExists(const std::string& text);
  /// Throws NoSuchNamespaceError.
  void RequireNamespace(const Namespace& levels);
  Properties LoadProperties(const std::string& text);
  PropertiesUpdate UpdateProperties(const std::string& text, const Properties& updates,
                                    const std::vector<std::string>& removals);
  /// Throws NamespaceNotEmptyError if it has tables.
  void DropNamespace(const std::string& text);

  std::vector<TableIdentifier> ListTables(const Namespace& levels);
  /// Where the table's metadata is; nothing if there is no such table.
  std::optional<std::string> FindLocation(const TableIdentifier& identifier);
  /// Where the metadata of all other tables is.
  std::vector<std::string> OtherLocations(const TableIdentifier& identifier);
  /// Whether it was there.
  bool Delete(const TableIdentifier& identifier);
  /// Throws TableAlreadyExistsError, NoSuchTableError.
  void Rename(const TableIdentifier& from, const TableIdentifier& to);
  /// Makes all moves or none.
  MoveOutcome Move(const std::vector<TableMove>& moves);
  [[noreturn]] void Throw(const SqliteFailure& failure);
  [[noreturn]] void ThrowTableExists(const TableIdentifier& identifier) const;
  [[noreturn]] void ThrowNoSuchTable(const TableIdentifier& identifier) const;

 private:
  // mutex_ is held in all of these.
  void Open();
  /// The connection; a forked child opens its own, as SQLite's must not cross a fork.
  SqliteDatabase& Database();
  std::string TypeFilter();
  bool HasNamespace(const std::string& text);
  void InsertProperties(const std::string& text, const Properties& properties);
  bool RemoveProperty(const std::string& text, const std::string& key);
  std::optional<SqliteFailure> Insert(const TableMove& move);
  std::optional<SqliteFailure> Swap(const TableMove& move);
  std::optional<SqliteFailure> MoveOne(const TableMove& move, bool* changed);

  const SqliteCatalogOptions options_;
  const std::string& catalog_name_;

  std::mutex mutex_;  // guards what follows
  std::unique_ptr<SqliteDatabase> database_;
  pid_t owner_ = 0;
  bool has_type_column_ = true;
};

}  // namespace floe::inline v0
