#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "floe/base/environment.h"
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
  /// One that makes the table, which Catalog::StageTable() gave, with the changes in it.
  static std::unique_ptr<Transaction> ForNewTable(Table staged, CommitOptions options = {});
  /// Removes what was written for it, unless it was committed or nobody knows.
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// `files`: data files that are of no use without the change. They are removed when it is
  /// forgotten, and once it is known that the commit did not happen.
  void Add(std::shared_ptr<Change> change, std::vector<std::string> files = {});
  /// What the changes are made on.
  const Table& base() const { return base_; }

  /// Looks to it that the base has all snapshots, for changes that are planned on its past.
  void LoadAllSnapshots();

  /// The table as it would be after the changes so far: for the next one to be planned on, and
  /// to be read. Makes those that were not made yet; throws what they throw, and forgets the
  /// change that threw.
  const Table& Staged();

  /// Commits, trying again on conflicts: refresh, validate, apply, with growing waits. Returns
  /// the table with the changes; they are in it exactly once. To be called once.
  ///
  /// Throws CommitConflictError when retries are spent or a change can't be made any more,
  /// TableAlreadyExistsError when others were faster to make a new table, CancelledError, or
  /// what the storage or the catalog says: nothing is committed then, and the files the changes
  /// wrote are gone. Throws CommitStateUnknownError when the catalog's answer was lost and the
  /// table does not tell either: no file is deleted then.
  Table Commit();

 private:
  friend class JointCommit;
  enum class Kind : uint8_t { kChange, kCreate };
  struct Step {
    std::shared_ptr<Change> change;
    std::vector<std::string> files;  ///< data files written for it
  };

  Transaction(Table base, CommitOptions options, Kind kind);
  void ApplyRest();
  void ApplyNext();
  bool FindUpdates();
  void StartAgain(Table base);
  void MoveStaged();
  void DiscardAll() noexcept;
  void Discard(const Step& step) noexcept;
  bool Try(std::optional<Table>* committed, std::string* reason);
  enum class Found : uint8_t { kDone, kNotDone, kUnknown };
  /// What the catalog shows of a commit whose answer is lost; `committed` is set if it is done.
  Found Look(std::optional<Table>* committed);
  /// Calls `look` again and again until it tells, or for long enough.
  static Found LookAgain(const Environment& environment, const std::function<Found()>& look);
  bool IsIn(const Table& now) const;
  std::optional<int64_t> SnapshotId() const;  ///< of the first that it makes
  bool IsOurs(const Table& now) const;
  void ReportCommit(int tries, int64_t duration_ms) const;
  [[noreturn]] void ThrowConflict(int tries, const std::string& reason) const;
  Table Finish(Table committed);

  Table base_;
  CommitOptions options_;
  const Kind kind_;
  std::vector<Step> steps_;
  bool is_open_ = true;

  // One go at the catalog, made of the first `applied_` steps.
  size_t applied_ = 0;
  CommitRequest request_;
  Table staged_;
  size_t staged_updates_ = 0;  ///< of the request, that `staged_` has
};

}  // namespace floe::inline v0
