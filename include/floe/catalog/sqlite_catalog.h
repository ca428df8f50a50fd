#pragma once

#include <memory>
#include <optional>
#include <string>

#include "floe/base/environment.h"
#include "floe/io/file_io.h"
#include "floe/table/catalog.h"

namespace floe::inline v0 {

struct SqliteCatalogOptions {
  /// Name that rows of the database carry; several catalogs can share a file.
  std::string name;
  /// Path of the database file, created if it is not there. Empty: in memory.
  std::string database_path;
  /// The database is in memory, and `database_path` its name: all in this process that open it
  /// share it, and it ends with the last of them.
  bool is_in_memory = false;
  /// Folder of tables that are created without a location.
  std::optional<std::string> warehouse;
  /// How long to wait for another process that holds the database.
  int busy_timeout_ms = 60'000;
};

/// Opens a catalog in an SQLite file, with the tables of PyIceberg's SqlCatalog and Java's
/// JDBC catalog: each can use the other's file. A new file gets write-ahead logging; the
/// journal mode of an existing one stays. Commits are safe across threads and processes.
///
/// The same file must not be open in this process through another copy of SQLite, whose
/// POSIX locks would be lost.
///
/// Throws CatalogConnectionError if the file can't be opened or is no database.
std::shared_ptr<Catalog> OpenSqliteCatalog(SqliteCatalogOptions options,
                                           std::shared_ptr<FileIO> io,
                                           Environment environment = Environment::System());

}  // namespace floe::inline v0
