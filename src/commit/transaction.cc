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

/// One go at the catalog.
struct Transaction::Attempt {
  CommitRequest request;
  bool nothing_to_do = true;
};

Transaction::Transaction(Table base, CommitOptions options)
    : base_(std::move(base)), options_(std::move(options)) {}

namespace {

/// Whether a requirement speaks of something that an earlier change of the same transaction
/// has moved: it held when it was made and can't be checked against the catalog's state.
bool IsSettled(const TableRequirement& requirement, const std::vector<TableUpdate>& updates) {
  return std::ranges::any_of(updates, [&](const TableUpdate& update) {
    const auto* set = std::get_if<SetSnapshotRefUpdate>(&update);
    const auto* ref = std::get_if<AssertRefSnapshotId>(&requirement);
    const bool same_ref = set != nullptr && ref != nullptr && set->ref_name == ref->ref;
    const bool schema_moved = std::holds_alternative<AddSchemaUpdate>(update) &&
                              (std::holds_alternative<AssertLastAssignedFieldId>(requirement) ||
                               std::holds_alternative<AssertCurrentSchemaId>(requirement));
    return same_ref || schema_moved;
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

Transaction::Attempt Transaction::Apply() {
  Attempt attempt;
  attempt.request.requirements.push_back(AssertTableUuid{base_.metadata().table_uuid});
  Table staged = base_;
  for (size_t i = 0; i < changes_.size(); ++i) {
    changes_[i]->Validate(staged);
    AppliedChange applied = changes_[i]->Apply(staged);
    CommitRequest& request = attempt.request;
    for (TableRequirement& requirement : applied.requirements) {
      if (!IsSettled(requirement, request.updates)) {
        request.requirements.push_back(std::move(requirement));
      }
    }
    if (i + 1 < changes_.size()) {
      staged = Table(
          base_.identifier(),
          std::make_shared<const TableMetadata>(ApplyUpdates(
              staged.metadata(), applied.updates, "", base_.environment().clock->NowMs())),
          base_.metadata_location(), base_.catalog().shared_from_this(), base_.io(),
          base_.environment());
    }
    attempt.nothing_to_do = attempt.nothing_to_do && applied.updates.empty();
    std::ranges::move(applied.updates, std::back_inserter(request.updates));
    std::ranges::move(applied.new_files, std::back_inserter(request.new_files));
  }
  return attempt;
}

/// The table, if the catalog shows that the lost commit happened; nothing if it shows that it
/// did not and can't any more. Throws CommitStateUnknownError otherwise.
std::optional<Table> Transaction::Resolve(const Attempt& attempt, const std::string& reason) {
  constexpr int kLooks = 4;
  for (int look = 1; look <= kLooks; ++look) {
    try {
      Table now = base_.Refresh();
      if (std::ranges::all_of(
              changes_, [&](const auto& change) { return change->IsIn(now.metadata()); })) {
        return now;
      }
      const CommitRequest& request = attempt.request;
      if (FindConflict(now.metadata(), request.requirements, request.updates)) {
        return std::nullopt;  // the table has moved on, a late arrival would be refused
      }
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
      {.table = base_.identifier().ToString(), .snapshot_id = SnapshotOf(attempt.request)});
}

/// True if the commit happened; false on a conflict, with its reason.
bool Transaction::Try(const Attempt& attempt, std::optional<Table>* committed,
                      std::string* reason) {
  CommitResult result{CommitResult::Outcome::kUnknown, std::nullopt, ""};
  try {
    result = base_.catalog().CommitTable(base_, attempt.request);
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
      *committed = Resolve(attempt, result.reason);
      *reason = "another commit came first";
      return committed->has_value();
  }
  throw InternalError("a commit without an outcome");
}

Table Transaction::Commit() {
  const auto discard_all = [&] {
    for (const auto& change : changes_) {
      change->DiscardAll();
    }
  };
  const Environment& environment = base_.environment();
  const int64_t started_ms = environment.clock->NowMs();
  try {
    for (int tries = 1;; ++tries) {
      const Attempt attempt = Apply();
      if (attempt.nothing_to_do) {
        return base_;
      }
      options_.stop.Poll();
      options_.stop.ThrowIfStopped();
      std::optional<Table> committed;
      std::string reason;
      if (Try(attempt, &committed, &reason)) {
        for (const auto& change : changes_) {
          change->DiscardUnused();
        }
        return *std::move(committed);
      }
      const RetryPolicy retry = RetryPolicy::Of(base_.metadata(), options_.retry);
      if (tries > retry.max_retries ||
          environment.clock->NowMs() - started_ms >= retry.total_timeout_ms) {
        throw CommitConflictError(
            fmt::format("table {} was changed by others while this commit was tried {} times "
                        "({}); nothing of it is in the table: refresh and try again",
                        base_.identifier().ToString(), tries, reason),
            {.table = base_.identifier().ToString()});
      }
      SleepUnlessStopped(
          BackoffMs(tries, retry.min_wait_ms, retry.max_wait_ms, *environment.random),
          *environment.clock, options_.stop);
      base_ = base_.Refresh();
    }
  } catch (const CommitStateUnknownError&) {
    throw;
  } catch (...) {
    discard_all();
    throw;
  }
}

}  // namespace floe::inline v0
