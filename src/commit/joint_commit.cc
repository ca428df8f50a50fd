#include "floe/commit/joint_commit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/backoff.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/commit/transaction.h"
#include "floe/table/catalog.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// The transactions, which it may look into.
class JointCommit {
 public:
  JointCommit(Catalog& catalog, const std::vector<Transaction*>& transactions)
      : catalog_(catalog), all_(transactions) {}

  std::vector<Table> Commit() {
    CheckTables();
    try {
      const bool is_done = TryUntilDone();
      return is_done ? Finish() : Bases();
    } catch (const CommitStateUnknownError&) {
      for (Transaction* one : all_) {
        one->is_open_ = false;
      }
      throw;
    } catch (...) {
      for (Transaction* one : all_) {
        one->DiscardAll();
      }
      throw;
    }
  }

 private:
  using Found = Transaction::Found;

  void CheckTables() const {
    if (all_.empty()) {
      throw InvalidArgumentError("there is no transaction to be committed");
    }
    std::set<std::string> names;
    for (const Transaction* one : all_) {
      Check(one->is_open_, "a transaction is committed once");
      if (&one->base_.catalog() != &catalog_) {
        throw InvalidArgumentError(
            fmt::format("table {} is not of this catalog, '{}', but of one that was opened for "
                        "itself, '{}': they can't change at once",
                        NameOf(*one), catalog_.name(), one->base_.catalog().name()));
      }
      if (!names.insert(NameOf(*one)).second) {
        throw InvalidArgumentError(fmt::format(
            "table {} is in two of the transactions: make its changes in one", NameOf(*one)));
      }
    }
  }

  static std::string NameOf(const Transaction& one) {
    return one.base_.identifier().ToString();
  }

  std::string Names() const {
    std::vector<std::string> names;
    for (const Transaction* one : all_) {
      names.push_back(NameOf(*one));
    }
    return fmt::format("{}", fmt::join(names, ", "));
  }

  /// False if there is nothing to do.
  bool TryUntilDone() {
    const Transaction& first = *all_.front();
    const Environment& environment = first.base_.environment();
    const RetryPolicy retry = RetryPolicy::Of(first.base_.metadata(), first.options_.retry);
    const int64_t started_ms = environment.clock->NowMs();
    for (int tries = 1;; ++tries) {
      std::vector<TableCommit> commits = Apply();
      if (commits.empty()) {
        return false;
      }
      first.options_.stop.Poll();
      first.options_.stop.ThrowIfStopped();
      std::string reason;
      if (Try(commits, &reason)) {
        return true;
      }
      const bool is_last = tries > retry.max_retries ||
                           environment.clock->NowMs() - started_ms >= retry.total_timeout_ms;
      if (!is_last) {
        SleepUnlessStopped(
            BackoffMs(tries, retry.min_wait_ms, retry.max_wait_ms, *environment.random),
            *environment.clock, first.options_.stop);
      }
      if (Refresh()) {
        return true;
      }
      if (is_last) {
        throw CommitConflictError(
            fmt::format("tables {} were changed by others while this commit was tried {} times "
                        "({}); nothing of it is in any of them: refresh and try again",
                        Names(), tries, reason));
      }
    }
  }

  std::vector<TableCommit> Apply() {
    std::vector<TableCommit> commits;
    for (Transaction* one : all_) {
      one->ApplyRest();
      if (!one->request_.updates.empty()) {
        commits.push_back({one->base_, one->request_});
      }
    }
    return commits;
  }

  bool Try(const std::vector<TableCommit>& commits, std::string* reason) {
    CommitResult result{CommitResult::Outcome::kUnknown, std::nullopt, ""};
    try {
      result = catalog_.CommitTables(commits);
    } catch (const Error&) {
      throw;  // errors of the tree leave no doubt
    } catch (const std::exception& error) {
      result.reason = error.what();
    }
    *reason = result.reason;
    if (result.outcome != CommitResult::Outcome::kUnknown) {
      return result.outcome == CommitResult::Outcome::kCommitted;
    }
    const Found found =
        Transaction::LookAgain(all_.front()->base_.environment(), [&] { return LookForAll(); });
    if (found == Found::kUnknown) {
      throw CommitStateUnknownError(
          fmt::format("it is not known whether a commit to tables {} happened: {}; look for "
                      "its snapshots in them before trying again, and delete none of its files",
                      Names(), result.reason));
    }
    return found == Found::kDone;
  }

  /// As all tables change or none: a snapshot that is in one tells of all.
  Found LookForAll() {
    bool is_not_done = false;
    bool is_unknown = false;
    for (Transaction* one : all_) {
      if (one->request_.updates.empty()) {
        continue;
      }
      std::optional<Table> now;
      const Found found = one->Look(&now);
      if (found == Found::kDone && one->SnapshotId()) {
        return Found::kDone;
      }
      is_not_done = is_not_done || found == Found::kNotDone;
      is_unknown = is_unknown || found == Found::kUnknown;
    }
    if (is_not_done) {
      return Found::kNotDone;
    }
    return is_unknown ? Found::kUnknown : Found::kDone;
  }

  /// Moves all on to their latest state; true if the conflict was with this commit itself,
  /// which someone on the way had sent twice.
  bool Refresh() {
    std::vector<Table> now;
    for (Transaction* one : all_) {
      if (one->kind_ == Transaction::Kind::kCreate) {
        if (catalog_.TableExists(one->base_.identifier())) {
          throw TableAlreadyExistsError(
              fmt::format("table {} can't be created: it exists already", NameOf(*one)),
              {.table = NameOf(*one)});
        }
        now.push_back(one->base_);
        continue;
      }
      now.push_back(one->base_.RefreshWithAllSnapshots());
      if (one->IsOurs(now.back())) {
        return true;
      }
    }
    for (size_t i = 0; i < all_.size(); ++i) {
      all_[i]->StartAgain(std::move(now[i]));
    }
    return false;
  }

  std::vector<Table> Bases() {
    std::vector<Table> tables;
    for (Transaction* one : all_) {
      one->is_open_ = false;
      tables.push_back(one->base_);
    }
    return tables;
  }

  std::vector<Table> Finish() {
    std::vector<Table> tables;
    for (Transaction* one : all_) {
      one->is_open_ = false;
    }
    for (Transaction* one : all_) {
      tables.push_back(one->Finish(Latest(*one)));
    }
    return tables;
  }

  /// The table as the catalog has it. Done is done: if it can't be asked, what was committed.
  static Table Latest(Transaction& one) {
    try {
      return one.base_.Refresh();
    } catch (const Error&) {
      return one.Staged();
    }
  }

  Catalog& catalog_;
  const std::vector<Transaction*>& all_;
};

std::vector<Table> CommitTogether(Catalog& catalog,
                                  const std::vector<Transaction*>& transactions) {
  return JointCommit(catalog, transactions).Commit();
}

}  // namespace floe::inline v0
