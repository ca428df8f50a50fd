#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace floe::inline v0 {

/// A row's values as texts; NULL is nothing. Valid during the callback.
class SqliteRow {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  std::optional<std::string> Text(int column) const;

 private:
  sqlite3_stmt* statement_;
};

/// How a statement ended that did not succeed.
struct SqliteFailure {
  int code;             ///< primary result code
  std::string message;  ///< SQLite's words
  /// True if the statement may yet have been carried out.
  bool in_doubt() const { return code == SQLITE_IOERR || code == SQLITE_INTERRUPT; }
};

enum class SqliteKind : uint8_t {
  kFile,
  kMemory,  ///< shared by all in this process that have the same name; without one by nobody
};

/// One connection to an SQLite database. One thread at a time.
class SqliteDatabase {
 public:
  /// Throws CatalogConnectionError.
  SqliteDatabase(SqliteKind kind, std::string path, int busy_timeout_ms);

  using Parameters = std::initializer_list<std::optional<std::string_view>>;
  /// Runs one statement with its `?` bound to texts, calling `on_row` for each row.
  /// Returns the failure, or nothing.
  std::optional<SqliteFailure> TryRun(const char* sql, Parameters parameters,
                                      const std::function<void(const SqliteRow&)>& on_row = {});
  /// The same, throwing CatalogConnectionError.
  void Run(const char* sql, Parameters parameters,
           const std::function<void(const SqliteRow&)>& on_row = {});
  /// Rows changed by the last statement.
  int changes() const { return sqlite3_changes(handle_.get()); }
  [[noreturn]] void Throw(const SqliteFailure& failure) const;

 private:
  bool is_in_memory() const { return kind_ == SqliteKind::kMemory || path_.empty(); }
  void UseWriteAheadLog(int busy_timeout_ms);
  SqliteFailure Failure(int code) const;

  struct Closer {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  SqliteKind kind_;
  std::string path_;
  std::unique_ptr<sqlite3, Closer> handle_;
};

/// A transaction that is rolled back unless Commit() was reached.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(SqliteDatabase& database);
  ~SqliteTransaction();
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;
  void Commit();
  /// The same; returns the failure, or nothing.
  std::optional<SqliteFailure> TryCommit();

 private:
  SqliteDatabase& database_;
  bool open_ = true;
};

}  // namespace floe::inline v0
