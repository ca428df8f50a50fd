#include "floe/commit/transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/backoff.h"
#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/metadata/update.h"
#include "floe/table/catalog.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

RetryPolicy RetryPolicy::Of(const TableMetadata& metadata, const RetryPolicy& fallback) {
  namespace props = table_properties;
  const auto read = [&](const TableProperty& property, int64_t otherwise) {
    return FindProperty(metadata.properties, property.name)
               ? IntegerProperty(metadata.properties, property)
               : otherwise;
  };
  return {static_cast<int>(read(props::kCommitRetries, fallback.max_retries)),
          read(props::kCommitMinWaitMs, fallback.min_wait_ms),
          read(props::kCommitMaxWaitMs, fallback.max_wait_ms),
          read(props::kCommitTotalMs, fallback.total_timeout_ms)};
}

namespace {

/// Whether an update moves what a requirement speaks of.
class Settles {
 public:
  explicit Settles(const TableUpdate& update) : update_(update) {}

  bool operator()(const AssertCreate& /*requirement*/) const { return false; }
  bool operator()(const AssertTableUuid& /*requirement*/) const { return false; }
  bool operator()(const AssertRefSnapshotId& requirement) const {
    const auto* set = std::get_if<SetSnapshotRefUpdate>(&update_);
    const auto* removed = std::get_if<RemoveSnapshotRefUpdate>(&update_);
    return (set != nullptr && set->ref_name == requirement.ref) ||
           (removed != nullptr && removed->ref_name == requirement.ref);
  }
  bool operator()(const AssertLastAssignedFieldId& /*requirement*/) const {
    return Is<AddSchemaUpdate>();
  }
  bool operator()(const AssertCurrentSchemaId& /*requirement*/) const {
    return Is<SetCurrentSchemaUpdate>();
  }
  bool operator()(const AssertLastAssignedPartitionId& /*requirement*/) const {
    return Is<AddSpecUpdate>();
  }
  bool operator()(const AssertDefaultSpecId& /*requirement*/) const {
    return Is<SetDefaultSpecUpdate>();
  }
  bool operator()(const AssertDefaultSortOrderId& /*requirement*/) const {
    return Is<SetDefaultSortOrderUpdate>();
  }

 private:
  template <class Update>
  bool Is() const {
    return std::holds_alternative<Update>(update_);
  }

  const TableUpdate& update_;
};

/// Whether a requirement speaks of something that an earlier change of the same transaction
/// has moved: it held when it was made and can't be checked against the catalog's state.
bool IsSettled(const TableRequirement& requirement, const std::vector<TableUpdate>& updates) {
  return std::ranges::any_of(updates, [&](const TableUpdate& update) {
    return std::visit(Settles(update), requirement);
  });
}

std::optional<int64_t> SnapshotOf(const CommitRequest& request) {
  for (const TableUpdate& update : request.updates) {
    if (const auto* add = std::get_if<AddSnapshotUpdate>(&update)) {
      return add->snapshot->snapshot_id;
    }
  }
  return std::nullopt;
}

}  // namespace

Transaction::Transaction(Table base, CommitOptions options)
    : base_(base), options_(std::move(options)), staged_(std::move(base)) {
  StartAgain(base_);
}

Transaction::~Transaction() {
  if (is_open_) {
    DiscardAll();
  }
}

void Transaction::Add(std::shared_ptr<Change> change) { changes_.push_back(std::move(change)); }

void Transaction::Own(std::vector<std::string> files) {
  std::ranges::move(files, std::back_inserter(owned_files_));
}

void Transaction::StartAgain(Table base) {
  base_ = std::move(base);
  staged_ = base_;
  applied_ = 0;
  staged_updates_ = 0;
  request_ = {};
  request_.requirements.push_back(AssertTableUuid{base_.metadata().table_uuid});
}

/// Makes `staged_` the table with all updates of the request.
void Transaction::MoveStaged() {
  if (staged_updates_ == request_.updates.size()) {
    return;
  }
  const std::vector<TableUpdate> rest(
      request_.updates.begin() + static_cast<std::ptrdiff_t>(staged_updates_),
      request_.updates.end());
  auto metadata = std::make_shared<const TableMetadata>(
      ApplyUpdates(staged_.metadata(), rest, "", base_.environment().clock->NowMs()));
  staged_ = Table(base_.identifier(), std::move(metadata), base_.metadata_location(),
                  base_.catalog().shared_from_this(), base_.io(), base_.environment());
  staged_updates_ = request_.updates.size();
}

void Transaction::ApplyNext() {
  MoveStaged();
  Change& change = *changes_[applied_];
  change.Validate(staged_);
  AppliedChange applied = change.Apply(staged_);
  for (TableRequirement& requirement : applied.requirements) {
    if (!IsSettled(requirement, request_.updates)) {
      request_.requirements.push_back(std::move(requirement));
    }
  }
  std::ranges::move(applied.updates, std::back_inserter(request_.updates));
  std::ranges::move(applied.new_files, std::back_inserter(request_.new_files));
  ++applied_;
}

void Transaction::ApplyRest() {
  while (applied_ < changes_.size()) {
    ApplyNext();
  }
}

const Table& Transaction::Staged() {
  while (applied_ < changes_.size()) {
    try {
      ApplyNext();
    } catch (...) {
      changes_[applied_]->DiscardAll();
      changes_.erase(changes_.begin() + static_cast<std::ptrdiff_t>(applied_));
      throw;
    }
  }
  MoveStaged();
  return staged_;
}

void Transaction::DiscardAll() noexcept {
  for (const auto& change : changes_) {
    change->DiscardAll();
  }
  for (const std::string& file : owned_files_) {
    try {
      base_.io()->Delete(file);
    } catch (...) {
      continue;  // an orphan, which changes nothing in the table
    }
  }
  is_open_ = false;
}

/// The table, if the catalog shows that the lost commit happened; nothing if it shows that it
/// did not and can't any more. Throws CommitStateUnknownError otherwise.
std::optional<Table> Transaction::Resolve(const std::string& reason) {
  constexpr int kLooks = 4;
  for (int look = 1; look <= kLooks; ++look) {
    try {
      Table now = base_.Refresh();
      if (std::ranges::all_of(
              changes_, [&](const auto& change) { return change->IsIn(now.metadata()); })) {
        return now;
      }
      if (FindConflict(now.metadata(), request_.requirements, request_.updates)) {
        return std::nullopt;  // the table has moved on, a late arrival would be refused
      }
    } catch (const CancelledError&) {
      break;
    } catch (const std::exception&) {
      // Whatever keeps the table from being read, it does not tell what became of the commit.
      if (look == kLooks) {
        break;
      }
    }
    // The commit may still be on its way; no stop is heeded here, as it would leave doubt.
    base_.environment().clock->SleepMs(
        BackoffMs(look, 100, 2'000, *base_.environment().random));
  }
  throw CommitStateUnknownError(
      fmt::format("it is not known whether a commit to table {} happened: {}; look for its "
                  "snapshot in the table before trying again, and delete none of its files",
                  base_.identifier().ToString(), reason),
      {.table = base_.identifier().ToString(), .snapshot_id = SnapshotOf(request_)});
}

/// True if the commit happened; false on a conflict, with its reason.
bool Transaction::Try(std::optional<Table>* committed, std::string* reason) {
  CommitResult result{CommitResult::Outcome::kUnknown, std::nullopt, ""};
  try {
    result = base_.catalog().CommitTable(base_, request_);
  } catch (const Error&) {
    throw;  // errors of the tree leave no doubt
  } catch (const std::exception& error) {
    result.reason = error.what();
  }
  switch (result.outcome) {
    case CommitResult::Outcome::kCommitted:
      *committed = std::move(result.table);
      return true;
    case CommitResult::Outcome::kConflict:
      *reason = std::move(result.reason);
      return false;
    case CommitResult::Outcome::kUnknown:
      *committed = Resolve(result.reason);
      *reason = "another commit came first";
      return committed->has_value();
  }
  throw InternalError("a commit without an outcome");
}

/// Whether a conflict was with this commit itself: someone on the way had sent it twice.
bool Transaction::IsOurs(const Table& now) const {
  const std::optional<int64_t> snapshot_id = SnapshotOf(request_);
  return snapshot_id && now.metadata().FindSnapshot(*snapshot_id) != nullptr;
}

Table Transaction::Finish(Table committed) {
  is_open_ = false;
  for (const auto& change : changes_) {
    change->DiscardUnused();
  }
  return committed;
}

Table Transaction::Commit() {
  Check(is_open_, "a transaction is committed once");
  const Environment& environment = base_.environment();
  const int64_t started_ms = environment.clock->NowMs();
  try {
    for (int tries = 1;; ++tries) {
      ApplyRest();
      if (request_.updates.empty()) {
        is_open_ = false;
        return base_;
      }
      options_.stop.Poll();
      options_.stop.ThrowIfStopped();
      std::optional<Table> committed;
      std::string reason;
      if (Try(&committed, &reason)) {
        return Finish(*std::move(committed));
      }
      const RetryPolicy retry = RetryPolicy::Of(base_.metadata(), options_.retry);
      const bool is_last = tries > retry.max_retries ||
                           environment.clock->NowMs() - started_ms >= retry.total_timeout_ms;
      if (!is_last) {
        SleepUnlessStopped(
            BackoffMs(tries, retry.min_wait_ms, retry.max_wait_ms, *environment.random),
            *environment.clock, options_.stop);
      }
      Table now = base_.Refresh();
      if (IsOurs(now)) {
        return Finish(std::move(now));
      }
      if (is_last) {
        throw CommitConflictError(
            fmt::format("table {} was changed by others while this commit was tried {} times "
                        "({}); nothing of it is in the table: refresh and try again",
                        base_.identifier().ToString(), tries, reason),
            {.table = base_.identifier().ToString()});
      }
      StartAgain(std::move(now));
    }
  } catch (const CommitStateUnknownError&) {
    is_open_ = false;
    throw;
  } catch (...) {
    DiscardAll();
    throw;
  }
}

}  // namespace floe::inline v0
