#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "floe/base/stop_token.h"
#include "floe/commit/change.h"
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

/// Ordered changes that become visible together, by one call of the catalog. One thread at a
/// time.
class Transaction {
 public:
  explicit Transaction(Table base, CommitOptions options = {});

  void Add(std::shared_ptr<Change> change) { changes_.push_back(std::move(change)); }

  /// Commits, trying again on conflicts: refresh, validate, apply, with growing waits. Returns
  /// the table with the changes; they are in it exactly once.
  ///
  /// Throws CommitConflictError when retries are spent or a change can't be made any more,
  /// CancelledError, or what the storage or the catalog says: nothing is committed then, and
  /// the files the changes wrote are gone. Throws CommitStateUnknownError when the catalog's
  /// answer was lost and the table does not tell either: no file is deleted then.
  Table Commit();

 private:
  struct Attempt;
  Attempt Apply();
  bool Try(const Attempt& attempt, std::optional<Table>* committed, std::string* reason);
  std::optional<Table> Resolve(const Attempt& attempt, const std::string& reason);

  Table base_;
  CommitOptions options_;
  std::vector<std::shared_ptr<Change>> changes_;
};

}  // namespace floe::inline v0
