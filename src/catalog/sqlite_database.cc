#include "catalog/sqlite_database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

}  // namespace

std::optional<std::string> SqliteRow::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) {
    return std::nullopt;
  }
  return std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}

SqliteDatabase::SqliteDatabase(SqliteKind kind, std::string path, int busy_timeout_ms)
    : kind_(kind),
      // Databases of this kind are shared where their name begins with a slash.
      path_(kind == SqliteKind::kMemory && !path.empty() ? "/" + path : std::move(path)) {
  std::error_code ignored;  // a folder that can't be made shows below, as the file can't be
  const bool is_new = is_in_memory() || !std::filesystem::exists(path_, ignored) ||
                      std::filesystem::file_size(path_, ignored) == 0;
  if (const auto folder = std::filesystem::path(path_).parent_path();
      !is_in_memory() && !folder.empty()) {
    std::filesystem::create_directories(folder, ignored);
  }
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path_.empty() ? ":memory:" : path_.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
                      kind_ == SqliteKind::kMemory && !path_.empty() ? "memdb" : nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) {
    Throw(Failure(code));
  }
  sqlite3_extended_result_codes(handle, 0);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  if (is_new && !is_in_memory()) {
    UseWriteAheadLog(busy_timeout_ms);
  }
  Run("PRAGMA synchronous = FULL", {});
}

/// Readers go on while someone commits, and a commit waits for one sync instead of three.
void SqliteDatabase::UseWriteAheadLog(int busy_timeout_ms) {
  constexpr int kStepMs = 5;
  // SQLite does not wait for others who open the new file, and switch it, at the same time.
  for (int waited_ms = 0;; waited_ms += kStepMs) {
    const auto failure = TryRun("PRAGMA journal_mode = WAL", {});
    if (!failure) {
      return;
    }
    if (failure->code != SQLITE_BUSY || waited_ms >= busy_timeout_ms) {
      Throw(*failure);
    }
    sqlite3_sleep(kStepMs);
  }
}

SqliteFailure SqliteDatabase::Failure(int code) const {
  const char* message = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
  return {code & 0xFF, message};
}

void SqliteDatabase::Throw(const SqliteFailure& failure) const {
  std::string hint;
  switch (failure.code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      hint = "; another process holds it, try again";
      break;
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      hint = "; check that the folder exists and that this user may write to it";
      break;
    case SQLITE_FULL:
      hint = "; free space on its disk and try again";
      break;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      hint = "; it is not an SQLite database, or damaged: check the catalog's uri";
      break;
    default:
      break;
  }
  throw CatalogConnectionError(
      fmt::format("can't use catalog database {}: {}{}", path_.empty() ? ":memory:" : path_,
                  failure.message, hint),
      {.path = path_});
}

std::optional<SqliteFailure> SqliteDatabase::TryRun(
    const char* sql, Parameters parameters,
    const std::function<void(const SqliteRow&)>& on_row) {
  sqlite3_stmt* raw = nullptr;
  int code = sqlite3_prepare_v2(handle_.get(), sql, -1, &raw, nullptr);
  const std::unique_ptr<sqlite3_stmt, Finalizer> statement(raw);
  if (code != SQLITE_OK) {
    return Failure(code);
  }
  int index = 0;
  for (const auto& parameter : parameters) {
    ++index;
    code = parameter ? sqlite3_bind_text(raw, index, parameter->data(),
                                         static_cast<int>(parameter->size()), SQLITE_TRANSIENT)
                     : sqlite3_bind_null(raw, index);
    Check(code == SQLITE_OK, "an SQL parameter could not be bound");
  }
  while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
    if (on_row) {
      on_row(SqliteRow(raw));
    }
  }
  if (code != SQLITE_DONE) {
    return Failure(code);
  }
  return std::nullopt;
}

void SqliteDatabase::Run(const char* sql, Parameters parameters,
                         const std::function<void(const SqliteRow&)>& on_row) {
  if (const auto failure = TryRun(sql, parameters, on_row)) {
    Throw(*failure);
  }
}

SqliteTransaction::SqliteTransaction(SqliteDatabase& database) : database_(database) {
  database_.Run("BEGIN IMMEDIATE", {});
}

SqliteTransaction::~SqliteTransaction() {
  if (open_) {
    (void)database_.TryRun("ROLLBACK", {});
  }
}

void SqliteTransaction::Commit() {
  if (const auto failure = TryCommit()) {
    database_.Throw(*failure);
  }
}

std::optional<SqliteFailure> SqliteTransaction::TryCommit() {
  auto failure = database_.TryRun("COMMIT", {});
  open_ = failure.has_value();
  return failure;
}

}  // namespace floe::inline v0
