// What becomes of a commit when another one comes first.

#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/stop_token.h"
#include "floe/commit/append_files.h"
#include "floe/commit/change.h"
#include "floe/commit/overwrite_files.h"
#include "floe/commit/transaction.h"
#include "floe/commit/union_schema.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/io/file_io.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/update.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "support/contest.h"
#include "support/fault_point.h"
#include "support/rows.h"
#include "support/table_audit.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(RivalCommits, AppendsBothSucceed) {
  Contest contest;
  const Table ours = contest.Ours();
  contest.RivalAppends(R"([[1, "a"]])");
  const Table after = AppendRows(ours, *ContestRows(R"([[2, "a"]])"));
  contest.Expect({"1|a", "2|a"});
  EXPECT_EQ(after.metadata().snapshots.size(), 2);
  EXPECT_EQ(after.current_snapshot()->sequence_number, 2);
  EXPECT_EQ(contest.catalog().commit_calls(), 2);
}

TEST(RivalCommits, OverwriteConflictsWithDataAddedToItsPartition) {
  Contest contest;
  contest.RivalAppends(R"([[1, "a"], [2, "b"]])");
  const Table ours = contest.Ours();
  contest.RivalAppends(R"([[3, "a"]])");
  EXPECT_THROW(OverwritePartitions(ours, *ContestRows(R"([[9, "a"]])")), CommitConflictError);
  contest.Expect({"1|a", "2|b", "3|a"});
}

TEST(RivalCommits, OverwriteUnderSnapshotIsolationReplacesDataAddedMeanwhile) {
  Contest contest;
  contest.RivalAppends(R"([[1, "a"], [2, "b"]])");
  const Table ours = contest.Ours();
  contest.RivalAppends(R"([[3, "a"]])");
  OverwritePartitions(ours, *ContestRows(R"([[9, "a"]])"), {.isolation = Isolation::kSnapshot});
  contest.Expect({"2|b", "9|a"});
}

TEST(RivalCommits, OverwriteAllowsDataAddedToAnotherPartition) {
  Contest contest;
  contest.RivalAppends(R"([[1, "a"], [2, "b"]])");
  const Table ours = contest.Ours();
  contest.RivalAppends(R"([[3, "b"]])");
  OverwritePartitions(ours, *ContestRows(R"([[9, "a"]])"));
  contest.Expect({"2|b", "3|b", "9|a"});
}

TEST(RivalCommits, OverwriteOfATableThatWasEmptyConflictsWithItsFirstRows) {
  Contest contest;
  const Table ours = contest.Ours();
  contest.RivalAppends(R"([[1, "a"]])");
  EXPECT_THROW(OverwriteRows(ours, Expression::True(), *ContestRows(R"([[9, "a"]])")),
               CommitConflictError);
  contest.Expect({"1|a"});
}

TEST(RivalCommits, OverwriteByFilterConflictsOnlyWithDataThatMatches) {
  Contest contest;
  contest.RivalAppends(R"([[1, "a"], [2, "b"]])");
  const Table ours = contest.Ours();
  const ExpressionPtr filter = ParseExpression("part = 'a'");
  contest.RivalAppends(R"([[3, "b"]])");
  OverwriteRows(ours, filter, *ContestRows(R"([[9, "a"]])"));
  contest.Expect({"2|b", "3|b", "9|a"});
  contest.RivalAppends(R"([[4, "a"]])");
  EXPECT_THROW(OverwriteRows(ours, filter, *ContestRows(R"([[10, "a"]])")),
               CommitConflictError);
  contest.Expect({"2|b", "3|b", "4|a", "9|a"});
}

TEST(RivalCommits, OfTwoOverwritesOfAPartitionTheSecondConflicts) {
  Contest contest;
  contest.RivalAppends(R"([[1, "a"], [2, "b"]])");
  const Table ours = contest.Ours();
  OverwritePartitions(contest.Rivals(), *ContestRows(R"([[8, "a"]])"));
  EXPECT_THROW(OverwritePartitions(ours, *ContestRows(R"([[9, "a"]])")), CommitConflictError);
  contest.Expect({"2|b", "8|a"});
}

TEST(RivalCommits, OverwritesOfDifferentPartitionsBothSucceed) {
  Contest contest;
  contest.RivalAppends(R"([[1, "a"], [2, "b"]])");  // one manifest, which both rewrite
  const Table ours = contest.Ours();
  contest.BeforeOurCommit(
      1, [&] { OverwritePartitions(contest.Rivals(), *ContestRows(R"([[8, "a"]])")); });
  OverwritePartitions(ours, *ContestRows(R"([[9, "b"]])"));
  contest.Expect({"8|a", "9|b"});
  EXPECT_EQ(contest.catalog().commit_calls(), 2);
}

TEST(RivalCommits, OverwriteAfterAnOverwriteWithoutRowsSucceeds) {
  Contest contest;
  contest.RivalAppends(R"([[1, "a"], [2, "b"]])");
  const Table ours = contest.Ours();
  OverwriteRows(contest.Rivals(), Expression::True(), *ContestRows("[]"));
  OverwritePartitions(ours, *ContestRows(R"([[9, "a"]])"));
  contest.Expect({"9|a"});
}

TEST(RivalCommits, RetryWritesAgainOnlyWhatTheRivalMadeInvalid) {
  Contest contest;
  contest.RivalAppends(R"([[1, "a"], [2, "b"]])");
  contest.RivalAppends(R"([[3, "a"]])");
  const Table ours = contest.Ours();
  contest.BeforeOurCommit(1, [&] { contest.RivalAppends(R"([[4, "b"]])"); });
  contest.faults().Arm(0, FaultMode::kOnce);  // only counts
  OverwritePartitions(ours, *ContestRows(R"([[9, "a"]])"));
  const auto created = [&](const std::string& text) {
    return std::ranges::count_if(contest.faults().log(), [&](const std::string& operation) {
      // Names of folders are made up at random.
      return operation.starts_with("create ") &&
             operation.find(text, operation.rfind('/')) != std::string::npos;
    });
  };
  EXPECT_EQ(created(".parquet"), 1);
  EXPECT_EQ(created("-m"), 3) << "two manifests are rewritten and one is added, once";
  EXPECT_EQ(created("/snap-"), 2);
  contest.Expect({"2|b", "4|b", "9|a"});
}

TEST(RivalCommits, SchemaChangeKeepsDataFilesAndWritesManifestsAgain) {
  Contest contest;
  const Table ours = contest.Ours();
  contest.BeforeOurCommit(1, [&] {
    const auto rows = RowsOf(
        arrow::schema({arrow::field("id", arrow::int64()), arrow::field("part", arrow::utf8()),
                       arrow::field("added", arrow::int32())}),
        {R"([[1, "a", 5]])"});
    AppendRows(contest.Rivals(), *rows, {.evolve_schema = true});
  });
  contest.faults().Arm(0, FaultMode::kOnce);
  const Table after = AppendRows(ours, *ContestRows(R"([[2, "b"]])"));
  EXPECT_EQ(ReadRows(after), (std::vector<std::string>{"1|a|5", "2|b|null"}));
  EXPECT_EQ(after.current_snapshot()->schema_id, after.metadata().current_schema_id);
  EXPECT_EQ(std::ranges::count_if(contest.faults().log(),
                                  [](const std::string& operation) {
                                    return operation.starts_with("create ") &&
                                           operation.find("-m", operation.rfind('/')) !=
                                               std::string::npos;
                                  }),
            2)
      << "a manifest says which schema its files were written with";
  contest.Expect({"1|a", "2|b"});
}

// requirement: Edge: concurrent schema changes
TEST(RivalCommits, ColumnsAddedByTwoWritersAreBothThere) {
  Contest contest;
  const Table ours = contest.Ours();
  const auto rows_with = [](const std::string& column, const std::string& json) {
    return RowsOf(
        arrow::schema({arrow::field("id", arrow::int64()), arrow::field("part", arrow::utf8()),
                       arrow::field(column, arrow::int64())}),
        {json});
  };
  contest.BeforeOurCommit(1, [&] {
    AppendRows(contest.Rivals(), *rows_with("x", R"([[1, "a", 5]])"), {.evolve_schema = true});
  });
  const Table after =
      AppendRows(ours, *rows_with("y", R"([[2, "a", 6]])"), {.evolve_schema = true});
  EXPECT_EQ(ReadRows(after), (std::vector<std::string>{"1|a|5|null", "2|a|null|6"}));
  EXPECT_NE(after.metadata().schema()->Find("x")->field->id,
            after.metadata().schema()->Find("y")->field->id);
}

TEST(RivalCommits, TableThatWasReplacedIsAConflict) {
  Contest contest;
  const Table ours = contest.Ours();
  contest.warehouse().catalog().DropTable({{"db"}, "t"});
  contest.warehouse().Create(
      "t", {Optional(1, "id", TypeId::kLong), Optional(2, "part", TypeId::kString)},
      {PartitionBy(2, "part")});
  EXPECT_THROW(AppendRows(ours, *ContestRows(R"([[1, "a"]])")), CommitConflictError);
  EXPECT_EQ(contest.Rivals().current_snapshot(), nullptr);
}

TEST(RivalCommits, TableThatWasDroppedIsNoSuchTable) {
  Contest contest;
  const Table ours = contest.Ours();
  const std::string folder = *LocalPath(ours.metadata().location);
  contest.warehouse().catalog().DropTable({{"db"}, "t"});
  EXPECT_THROW(AppendRows(ours, *ContestRows(R"([[1, "a"]])")), NoSuchTableError);
  EXPECT_EQ(FilesIn(folder), std::set<std::string>{ours.metadata_location()});
}

/// A commit to a branch: main stays, but the table's sequence number moves on.
class CommitToBranch final : public Change {
 public:
  void Validate(const Table& /*base*/) override {}
  AppliedChange Apply(const Table& base) override {
    auto snapshot = std::make_shared<Snapshot>(*base.current_snapshot());
    snapshot->raw_json = {};
    snapshot->snapshot_id += 1;
    snapshot->parent_snapshot_id = base.current_snapshot()->snapshot_id;
    snapshot->sequence_number = base.metadata().last_sequence_number + 1;
    return {{},
            {AddSnapshotUpdate{snapshot},
             SetSnapshotRefUpdate{"side", {.snapshot_id = snapshot->snapshot_id}}},
            {}};
  }
  bool IsIn(const TableMetadata& /*metadata*/) const override { return false; }
  void DiscardUnused() noexcept override {}
  void DiscardAll() noexcept override {}
};

TEST(RivalCommits, CommitToAnotherBranchOnlyCostsARetry) {
  Contest contest;
  contest.RivalAppends(R"([[1, "a"]])");
  contest.BeforeOurCommit(1, [&] {
    Transaction transaction(contest.Rivals());
    transaction.Add(std::make_shared<CommitToBranch>());
    transaction.Commit();
  });
  const Table after = AppendRows(contest.Ours(), *ContestRows(R"([[2, "a"]])"));
  EXPECT_EQ(after.current_snapshot()->sequence_number, 3);
  EXPECT_EQ(contest.Rows(), (std::vector<std::string>{"1|a", "2|a"}));
}

TEST(RivalCommits, ChangesOfATransactionAreSeenTogetherAfterARetry) {
  Contest contest;
  contest.RivalAppends(R"([[1, "a"]])");
  const Table ours = contest.Ours();
  contest.BeforeOurCommit(1, [&] { contest.RivalAppends(R"([[2, "b"]])"); });
  Transaction transaction(ours);
  transaction.Add(
      std::make_shared<UnionSchema>(Type::Struct({Optional(1, "added", TypeId::kLong)})));
  transaction.Add(std::make_shared<AppendFiles>(ours, Properties{{"who", "first"}}));
  transaction.Add(std::make_shared<AppendFiles>(ours, Properties{{"who", "second"}}));
  const Table after = transaction.Commit();
  ASSERT_EQ(after.metadata().snapshots.size(), 4);
  const SnapshotPtr second = after.current_snapshot();
  EXPECT_EQ(FindProperty(second->summary, "who"), "second");
  EXPECT_EQ(after.metadata().FindSnapshot(*second->parent_snapshot_id)->sequence_number, 3);
  EXPECT_NE(after.metadata().schema()->Find("added"), nullptr);
  EXPECT_EQ(contest.catalog().commit_calls(), 2);
  contest.Expect({"1|a", "2|b"});
}

class RetryLimits : public ::testing::Test {
 protected:
  /// Appends while a rival always comes first; returns the number of tries.
  static int TryAgainst(Contest& contest, const RetryPolicy& policy) {
    contest.catalog().BeforeCommit([&](int) { contest.RivalAppends(R"([[1, "b"]])"); });
    try {
      AppendRows(contest.Ours(), *ContestRows(R"([[2, "a"]])"), {.retry = policy});
      ADD_FAILURE() << "a rival came first each time";
    } catch (const CommitConflictError& error) {
      EXPECT_THAT(error.what(), HasSubstr("db.t"));
    }
    contest.Expect(
        std::vector<std::string>(static_cast<size_t>(contest.catalog().commit_calls()), "1|b"));
    return contest.catalog().commit_calls();
  }
};

TEST_F(RetryLimits, PropertyOfTheTableCountsBeforeTheCallersPolicy) {
  Contest contest(Properties{{"commit.retry.num-retries", "2"}});
  EXPECT_EQ(TryAgainst(contest, {.max_retries = 7}), 3);
}

TEST_F(RetryLimits, CallersPolicyCountsWhereTheTableSaysNothing) {
  Contest contest;
  EXPECT_EQ(TryAgainst(contest, {.max_retries = 1}), 2);
}

TEST_F(RetryLimits, WithoutRetriesThereIsOneTry) {
  Contest contest(Properties{{"commit.retry.num-retries", "0"}});
  EXPECT_EQ(TryAgainst(contest, {}), 1);
}

TEST_F(RetryLimits, WaitsDoubleUpToTheLongest) {
  Contest contest(Properties{{"commit.retry.num-retries", "5"},
                             {"commit.retry.min-wait-ms", "1000"},
                             {"commit.retry.max-wait-ms", "4000"}});
  const int64_t before = contest.warehouse().clock().NowMs();
  EXPECT_EQ(TryAgainst(contest, {}), 6);
  const int64_t waited = contest.warehouse().clock().NowMs() - before;
  // 1 + 2 + 4 + 4 + 4 seconds, of each at least a half.
  EXPECT_GE(waited, 7'500);
  EXPECT_LE(waited, 15'000 + 5 * 50);
}

TEST_F(RetryLimits, NoTryBeginsAfterTheTotalTime) {
  Contest contest(Properties{{"commit.retry.num-retries", "100"},
                             {"commit.retry.min-wait-ms", "1000"},
                             {"commit.retry.max-wait-ms", "1000"},
                             {"commit.retry.total-timeout-ms", "3000"}});
  const int tries = TryAgainst(contest, {});
  EXPECT_GE(tries, 4);
  EXPECT_LE(tries, 8);
}

TEST(RivalCommits, StopBetweenTriesLeavesNothing) {
  Contest contest;
  const StopToken stop = StopToken::Make();
  contest.BeforeOurCommit(1, [&] {
    contest.RivalAppends(R"([[1, "a"]])");
    stop.RequestStop();
  });
  EXPECT_THROW(AppendRows(contest.Ours(), *ContestRows(R"([[2, "a"]])"), {.stop = stop}),
               CancelledError);
  contest.Expect({"1|a"});
  EXPECT_EQ(contest.catalog().commit_calls(), 1);
}

}  // namespace
}  // namespace floe::testing
