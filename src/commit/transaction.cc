#include "floe/commit/transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/backoff.h"
#include "commit/commit_report.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/io/file_io.h"
#include "floe/metadata/new_table_updates.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/metadata/update.h"
#include "floe/table/catalog.h"
#include "floe/table/metrics_reporter.h"
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

}  // namespace

std::optional<int64_t> Transaction::SnapshotId() const {
  for (const TableUpdate& update : request_.updates) {
    if (const auto* add = std::get_if<AddSnapshotUpdate>(&update)) {
      return add->snapshot->snapshot_id;
    }
  }
  return std::nullopt;
}

Transaction::Transaction(Table base, CommitOptions options)
    : Transaction(std::move(base), std::move(options), Kind::kChange) {}

Transaction::Transaction(Table base, CommitOptions options, Kind kind)
    : base_(base), options_(std::move(options)), kind_(kind), staged_(std::move(base)) {
  StartAgain(base_);
}

std::unique_ptr<Transaction> Transaction::ForNewTable(Table staged, CommitOptions options) {
  return std::unique_ptr<Transaction>(
      new Transaction(std::move(staged), std::move(options), Kind::kCreate));
}

Transaction::~Transaction() {
  if (is_open_) {
    DiscardAll();
  }
}

void Transaction::Add(std::shared_ptr<Change> change, std::vector<std::string> files) {
  steps_.push_back({std::move(change), std::move(files)});
}

void Transaction::StartAgain(Table base) {
  base_ = std::move(base);
  staged_ = base_;
  applied_ = 0;
  staged_updates_ = 0;
  request_ = {};
  if (kind_ == Kind::kCreate) {
    request_.requirements.emplace_back(AssertCreate{});
    request_.updates = NewTableUpdates(base_.metadata());
    staged_updates_ = request_.updates.size();
  } else {
    request_.requirements.emplace_back(AssertTableUuid{base_.metadata().table_uuid});
  }
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
  staged_ = base_.With(std::move(metadata));
  staged_updates_ = request_.updates.size();
}

void Transaction::ApplyNext() {
  MoveStaged();
  Change& change = *steps_[applied_].change;
  if (change.NeedsAllSnapshots() && !base_.origin().has_all_snapshots) {
    LoadAllSnapshots();
    return;
  }
  change.Validate(staged_);
  AppliedChange applied = change.Apply(staged_);
  for (TableRequirement& requirement : applied.requirements) {
    // Of a new table there is nothing to require but that it is new.
    if (kind_ == Kind::kChange && !IsSettled(requirement, request_.updates)) {
      request_.requirements.push_back(std::move(requirement));
    }
  }
  std::ranges::move(applied.updates, std::back_inserter(request_.updates));
  std::ranges::move(applied.new_files, std::back_inserter(request_.new_files));
  ++applied_;
}

void Transaction::LoadAllSnapshots() {
  if (!base_.origin().has_all_snapshots) {
    StartAgain(base_.WithAllSnapshots());
  }
}

void Transaction::ApplyRest() {
  while (applied_ < steps_.size()) {
    ApplyNext();
  }
  if (kind_ == Kind::kCreate) {
    MoveStaged();
    JoinSettings(staged_.metadata(), &request_.updates);
    staged_updates_ = request_.updates.size();
  }
}

const Table& Transaction::Staged() {
  while (applied_ < steps_.size()) {
    try {
      ApplyNext();
    } catch (...) {
      Discard(steps_[applied_]);
      steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(applied_));
      throw;
    }
  }
  MoveStaged();
  return staged_;
}

void Transaction::Discard(const Step& step) noexcept {
  step.change->DiscardAll();
  DeleteLeftovers(*base_.io(), step.files);
}

void Transaction::DiscardAll() noexcept {
  for (const Step& step : steps_) {
    Discard(step);
  }
  is_open_ = false;
}

bool Transaction::IsIn(const Table& now) const {
  // A table of version 1 may get its uuid by the commit.
  const std::string& uuid = base_.metadata().table_uuid;
  return (uuid.empty() || now.metadata().table_uuid == uuid) &&
         std::ranges::all_of(
             steps_, [&](const Step& step) { return step.change->IsIn(now.metadata()); });
}

Transaction::Found Transaction::LookAgain(const Environment& environment,
                                          const std::function<Found()>& look) {
  constexpr int kLooks = 4;
  for (int tries = 1; tries <= kLooks; ++tries) {
    try {
      if (const Found found = look(); found != Found::kUnknown) {
        return found;
      }
    } catch (const CancelledError&) {
      break;
    } catch (const std::exception&) {
      // Whatever keeps the table from being read, it does not tell what became of the commit.
      if (tries == kLooks) {
        break;
      }
    }
    // The commit may still be on its way; no stop is heeded here, as it would leave doubt.
    environment.clock->SleepMs(BackoffMs(tries, 100, 2'000, *environment.random));
  }
  return Found::kUnknown;
}

Transaction::Found Transaction::Look(std::optional<Table>* committed) {
  std::optional<Table> now =
      base_.catalog().TryLoadTable(base_.identifier(), {.all_snapshots = true});
  if (!now) {
    return Found::kUnknown;  // it may be dropped, or yet to come
  }
  if (IsIn(*now)) {
    *committed = std::move(now);
    return Found::kDone;
  }
  // The table has moved on: a late arrival would be refused.
  return FindConflict(now->metadata(), request_.requirements, request_.updates)
             ? Found::kNotDone
             : Found::kUnknown;
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
      break;
  }
  const Found found = LookAgain(base_.environment(), [&] { return Look(committed); });
  if (found == Found::kUnknown) {
    throw CommitStateUnknownError(
        fmt::format("it is not known whether a commit to table {} happened: {}; look for its "
                    "snapshot in the table before trying again, and delete none of its files",
                    base_.identifier().ToString(), result.reason),
        {.table = base_.identifier().ToString(), .snapshot_id = SnapshotId()});
  }
  *reason = "another commit came first";
  return found == Found::kDone;
}

/// Whether a conflict was with this commit itself: someone on the way had sent it twice.
bool Transaction::IsOurs(const Table& now) const {
  const std::optional<int64_t> snapshot_id = SnapshotId();
  return snapshot_id && now.metadata().FindSnapshot(*snapshot_id) != nullptr;
}

Table Transaction::Finish(Table committed) {
  is_open_ = false;
  for (const Step& step : steps_) {
    step.change->DiscardUnused();
  }
  return committed;
}

void Transaction::ThrowConflict(int tries, const std::string& reason) const {
  throw CommitConflictError(
      fmt::format("table {} was changed by others while this commit was tried {} times "
                  "({}); nothing of it is in the table: refresh and try again",
                  base_.identifier().ToString(), tries, reason),
      {.table = base_.identifier().ToString()});
}

void Transaction::ReportCommit(int tries, int64_t duration_ms) const {
  MetricsReporter* const reporter = base_.catalog().metrics_reporter();
  if (reporter == nullptr) {
    return;
  }
  for (const TableUpdate& update : request_.updates) {
    if (const auto* add = std::get_if<AddSnapshotUpdate>(&update)) {
      reporter->Report(base_.identifier(), MakeCommitReport(base_.identifier(), *add->snapshot,
                                                            tries, duration_ms));
    }
  }
}

/// Makes the changes; if that is nothing on the table as it was seen, on the newest one.
/// Returns whether there is anything to commit.
bool Transaction::FindUpdates() {
  ApplyRest();
  while (request_.updates.empty() && !steps_.empty() && kind_ == Kind::kChange) {
    Table now = base_.RefreshWithAllSnapshots();
    if (now.metadata_location() == base_.metadata_location()) {
      break;
    }
    StartAgain(std::move(now));
    ApplyRest();
  }
  return !request_.updates.empty();
}

Table Transaction::Commit() {
  Check(is_open_, "a transaction is committed once");
  const Environment& environment = base_.environment();
  const int64_t started_ms = environment.clock->NowMs();
  try {
    for (int tries = 1;; ++tries) {
      if (!FindUpdates()) {
        DiscardAll();
        return base_;
      }
      options_.stop.Poll();
      options_.stop.ThrowIfStopped();
      std::optional<Table> committed;
      std::string reason;
      if (Try(&committed, &reason)) {
        ReportCommit(tries, environment.clock->NowMs() - started_ms);
        return Finish(*std::move(committed));
      }
      if (kind_ == Kind::kCreate) {
        // The server may have heard it twice, and been the rival itself.
        std::optional<Table> now;
        if (Look(&now) == Found::kDone) {
          return Finish(*std::move(now));
        }
        throw TableAlreadyExistsError(
            fmt::format("table {} can't be created: {}", base_.identifier().ToString(), reason),
            {.table = base_.identifier().ToString()});
      }
      const RetryPolicy retry = RetryPolicy::Of(base_.metadata(), options_.retry);
      const bool is_last = tries > retry.max_retries ||
                           environment.clock->NowMs() - started_ms >= retry.total_timeout_ms;
      if (!is_last) {
        SleepUnlessStopped(
            BackoffMs(tries, retry.min_wait_ms, retry.max_wait_ms, *environment.random),
            *environment.clock, options_.stop);
      }
      Table now = base_.RefreshWithAllSnapshots();
      if (IsOurs(now)) {
        return Finish(std::move(now));
      }
      if (is_last) {
        ThrowConflict(tries, reason);
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
