#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "floe/base/stop_token.h"
#include "floe/commit/change.h"
#include "floe/table/catalog.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// How often and how patiently a commit is tried again after a conflict.
struct RetryPolicy {
  int max_retries = 4;  ///< tries beyond the first
  int64_t min_wait_ms = 100;
  int64_t max_wait_ms = 60'000;
  int64_t total_timeout_ms = 1'800'000;

  /// `fallback` with what the table's `commit.retry.*` properties say in its place.
  static RetryPolicy Of(const TableMetadata& metadata, const RetryPolicy& fallback);
};

struct CommitOptions {
  /// Where the table's properties say nothing.
  RetryPolicy retry = {};
  /// Heeded until the catalog is called, and between tries.
  StopToken stop = {};
};

/// Ordered changes that become visible together, by one call of the catalog. Each is made on
/// what those before it leave. One thread at a time.
class Transaction {
 public:
  explicit Transaction(Table base, CommitOptions options = {});
  /// Removes what was written for it, unless it was committed or nobody knows.
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void Add(std::shared_ptr<Change> change);
  /// Data files that are of no use without the commit: removed once it is known that it did
  /// not happen.
  void Own(std::vector<std::string> files);

  /// The table as it would be after the changes so far: for the next one to be planned on, and
  /// to be read. Makes those that were not made yet; throws what they throw, and forgets the
  /// change that threw.
  const Table& Staged();

  /// Commits, trying again on conflicts: refresh, validate, apply, with growing waits. Returns
  /// the table with the changes; they are in it exactly once. To be called once.
  ///
  /// Throws CommitConflictError when retries are spent or a change can't be made any more,
  /// CancelledError, or what the storage or the catalog says: nothing is committed then, and
  /// the files the changes wrote are gone. Throws CommitStateUnknownError when the catalog's
  /// answer was lost and the table does not tell either: no file is deleted then.
  Table Commit();

 private:
  void ApplyRest();
  void ApplyNext();
  void StartAgain(Table base);
  void MoveStaged();
  void DiscardAll() noexcept;
  bool Try(std::optional<Table>* committed, std::string* reason);
  std::optional<Table> Resolve(const std::string& reason);
  bool IsOurs(const Table& now) const;
  Table Finish(Table committed);

  Table base_;
  CommitOptions options_;
  std::vector<std::shared_ptr<Change>> changes_;
  std::vector<std::string> owned_files_;
  bool is_open_ = true;

  // One go at the catalog, made of the first `applied_` changes.
  size_t applied_ = 0;
  CommitRequest request_;
  Table staged_;
  size_t staged_updates_ = 0;  ///< of the request, that `staged_` has
};

}  // namespace floe::inline v0
