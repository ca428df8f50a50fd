// Snapshots of other branches, or of none, made part of main.

#include "floe/commit/cherry_pick.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/commit/transaction.h"
#include "floe/commit/update_refs.h"
#include "floe/commit/update_settings.h"
#include "floe/commit/update_spec.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec_editor.h"
#include "floe/partition/transform.h"
#include "floe/table/table.h"
#include "support/contest.h"
#include "support/faulty_catalog.h"
#include "support/rows.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

Table Commit(const Table& table, std::shared_ptr<Change> change) {
  Transaction transaction(table);
  transaction.Add(std::move(change));
  return transaction.Commit();
}

Table Pick(const Table& table, const SnapshotPtr& snapshot) {
  return Commit(table, std::make_shared<CherryPick>(table, snapshot->snapshot_id));
}

/// What a write made that no branch has.
SnapshotPtr Last(const Table& table) { return table.metadata().snapshots.back(); }

class CherryPicks : public ::testing::Test {
 protected:
  CherryPicks() { contest_.RivalAppends(R"([[1, "a"], [2, "b"]])"); }

  SnapshotPtr Stage(const std::string& json, Properties summary = {}) {
    return Last(AppendRows(contest_.Rivals(), *ContestRows(json),
                           {.snapshot_properties = std::move(summary), .branch = {}}));
  }
  SnapshotPtr StageReplacement(const std::string& json) {
    return Last(OverwritePartitions(contest_.Rivals(), *ContestRows(json), {.branch = {}}));
  }
  /// What picking throws, also if it is the rival who makes it impossible at the last moment.
  Thrown Refusal(const SnapshotPtr& snapshot) {
    const std::vector<std::string> rows = contest_.Rows();
    Thrown thrown = WhatThrows([&] { Pick(contest_.Ours(), snapshot); });
    contest_.Expect(rows);
    return thrown;
  }

  Contest contest_;
};

TEST_F(CherryPicks, SnapshotThatFollowsTheCurrentOneBecomesIt) {
  const SnapshotPtr staged = Stage(R"([[3, "a"]])");
  const Table after = Pick(contest_.Ours(), staged);
  EXPECT_EQ(after.current_snapshot()->snapshot_id, staged->snapshot_id);
  EXPECT_THAT(after.metadata().snapshots, SizeIs(2));
  contest_.Expect({"1|a", "2|b", "3|a"});
}

TEST_F(CherryPicks, AnyOperationCanFollowTheCurrentSnapshot) {
  const SnapshotPtr staged = Last(OverwriteRows(
      contest_.Rivals(), ParseExpression("part = 'a'"), *ContestRows("[]"), {.branch = {}}));
  Pick(contest_.Ours(), staged);
  contest_.Expect({"2|b"});
}

TEST_F(CherryPicks, AppendIsMadeAgainWithItsFiles) {
  const SnapshotPtr staged = Stage(R"([[3, "a"]])", {{"wap.id", "w1"}, {"who", "me"}});
  contest_.RivalAppends(R"([[4, "b"]])");
  const Table after = Pick(contest_.Ours(), staged);
  const SnapshotPtr head = after.current_snapshot();
  EXPECT_EQ(head->operation, "append");
  EXPECT_EQ(FindProperty(head->summary, "source-snapshot-id"),
            std::to_string(staged->snapshot_id));
  EXPECT_EQ(FindProperty(head->summary, "published-wap-id"), "w1");
  EXPECT_EQ(FindProperty(head->summary, "who"), std::nullopt);
  EXPECT_EQ(FindProperty(head->summary, "added-records"), "1");
  EXPECT_EQ(FindProperty(head->summary, "total-records"), "4");
  contest_.Expect({"1|a", "2|b", "3|a", "4|b"});
}

TEST_F(CherryPicks, ReplacementOfPartitionsIsMadeAgain) {
  const SnapshotPtr staged = StageReplacement(R"([[9, "a"]])");
  EXPECT_EQ(FindProperty(staged->summary, "replace-partitions"), "true");
  contest_.RivalAppends(R"([[4, "b"]])");
  const Table after = Pick(contest_.Ours(), staged);
  EXPECT_EQ(after.current_snapshot()->operation, "overwrite");
  EXPECT_EQ(FindProperty(after.current_snapshot()->summary, "deleted-records"), "1");
  EXPECT_EQ(FindProperty(after.current_snapshot()->summary, "replace-partitions"), "true");
  contest_.Expect({"2|b", "4|b", "9|a"});
}

TEST_F(CherryPicks, ReplacementOfAPartitionThatOthersChangedIsRefused) {
  const SnapshotPtr staged = StageReplacement(R"([[9, "a"]])");
  contest_.RivalAppends(R"([[4, "a"]])");
  const Thrown added = Refusal(staged);
  EXPECT_EQ(added.class_name, "InvalidArgumentError") << added;
  EXPECT_THAT(added.message, HasSubstr("it replaces partition 'part=a', which snapshot"));
  EXPECT_EQ(added.details.snapshot_id, staged->snapshot_id);
}

TEST_F(CherryPicks, ReplacementOfAPartitionThatOthersDeletedIsRefused) {
  const SnapshotPtr staged = StageReplacement(R"([[9, "a"]])");
  OverwriteRows(contest_.Rivals(), ParseExpression("part = 'a'"), *ContestRows("[]"));
  EXPECT_THAT(Refusal(staged).message, HasSubstr("it replaces partition 'part=a'"));
}

TEST_F(CherryPicks, ReplacementMadeOnWhatIsNoLongerMainIsRefused) {
  const Table before = contest_.Ours();
  contest_.RivalAppends(R"([[4, "b"]])");
  const SnapshotPtr staged = StageReplacement(R"([[9, "a"]])");
  Commit(contest_.Rivals(),
         std::make_shared<UpdateRefs>(contest_.Rivals(), [&](RefEditor& refs) {
           refs.RollBackTo(before.current_snapshot()->snapshot_id);
         }));
  EXPECT_THAT(Refusal(staged).message, HasSubstr("which is not part of main's history"));
}

TEST_F(CherryPicks, OtherOverwritesAreRefused) {
  const SnapshotPtr staged = Last(OverwriteRows(contest_.Rivals(), Expression::True(),
                                                *ContestRows(R"([[9, "a"]])"), {.branch = {}}));
  contest_.RivalAppends(R"([[4, "b"]])");
  const Thrown thrown = Refusal(staged);
  EXPECT_EQ(thrown.class_name, "InvalidArgumentError") << thrown;
  EXPECT_THAT(thrown.message, HasSubstr("its operation is 'overwrite'"));
}

TEST_F(CherryPicks, WhatMainHasIsNotPickedAgain) {
  const SnapshotPtr first = Stage(R"([[3, "a"]])", {{"wap.id", "w1"}});
  const SnapshotPtr same_id = Stage(R"([[4, "a"]])", {{"wap.id", "w1"}});
  const SnapshotPtr other = Stage(R"([[5, "a"]])");
  Pick(contest_.Ours(), first);
  Pick(contest_.Ours(), other);
  const std::vector<std::pair<SnapshotPtr, std::string>> refused = {
      {first, "main has it already"},
      {other, "of main has picked it already"},
      {same_id, "of main has published its wap.id 'w1' already"}};
  for (const auto& [snapshot, problem] : refused) {
    const Thrown thrown = Refusal(snapshot);
    EXPECT_EQ(thrown.class_name, "AlreadyExistsError") << thrown;
    EXPECT_THAT(thrown.message, HasSubstr(problem));
  }
  EXPECT_THROW(CherryPick(contest_.Ours(), 12345), NoSuchSnapshotError);
}

TEST_F(CherryPicks, FirstSnapshotOfATableCanBePicked) {
  Contest contest;
  const SnapshotPtr first =
      Last(AppendRows(contest.Rivals(), *ContestRows(R"([[1, "a"]])"), {.branch = {}}));
  const SnapshotPtr second = Last(
      OverwritePartitions(contest.Rivals(), *ContestRows(R"([[2, "b"]])"), {.branch = {}}));
  Pick(contest.Ours(), first);
  contest.Expect({"1|a"});
  Pick(contest.Ours(), second);
  contest.Expect({"1|a", "2|b"});
}

TEST_F(CherryPicks, RivalTurnsTheNextSnapshotIntoOneThatIsMadeAgain) {
  const SnapshotPtr staged = Stage(R"([[3, "a"]])");
  const Table ours = contest_.Ours();
  contest_.BeforeOurCommit(1, [&] { contest_.RivalAppends(R"([[4, "b"]])"); });
  const Table after = Pick(ours, staged);
  EXPECT_NE(after.current_snapshot()->snapshot_id, staged->snapshot_id);
  EXPECT_EQ(contest_.catalog().commit_calls(), 2);
  contest_.Expect({"1|a", "2|b", "3|a", "4|b"});
}

TEST_F(CherryPicks, OfTwoWhoPickTheSameTheSecondIsRefused) {
  const SnapshotPtr staged = Stage(R"([[3, "a"]])");
  contest_.RivalAppends(R"([[4, "b"]])");
  const Table ours = contest_.Ours();
  contest_.BeforeOurCommit(1, [&] { Pick(contest_.Rivals(), staged); });
  EXPECT_THROW(Pick(ours, staged), AlreadyExistsError);
  contest_.Expect({"1|a", "2|b", "3|a", "4|b"});
}

TEST_F(CherryPicks, RivalWhoChangesTheReplacedPartitionIsNotOverwritten) {
  const SnapshotPtr staged = StageReplacement(R"([[9, "a"]])");
  const Table ours = contest_.Ours();
  contest_.BeforeOurCommit(1, [&] { contest_.RivalAppends(R"([[4, "a"]])"); });
  EXPECT_THROW(Pick(ours, staged), InvalidArgumentError);
  contest_.Expect({"1|a", "2|b", "4|a"});
}

TEST_F(CherryPicks, LostAnswersAreLookedUp) {
  const SnapshotPtr staged = Stage(R"([[3, "a"]])");
  contest_.catalog().Next(FaultyCatalog::NextCommit::kDoneAndLost);
  EXPECT_EQ(Pick(contest_.Ours(), staged).current_snapshot()->snapshot_id, staged->snapshot_id);
  const SnapshotPtr again = StageReplacement(R"([[9, "b"]])");
  contest_.RivalAppends(R"([[4, "a"]])");
  contest_.catalog().Next(FaultyCatalog::NextCommit::kDoneAndLost);
  Pick(contest_.Ours(), again);
  contest_.Expect({"1|a", "3|a", "4|a", "9|b"});
}

TEST_F(CherryPicks, FilesOfAnOlderSpecKeepIt) {
  const SnapshotPtr appended = Stage(R"([[3, "a"]])");
  const SnapshotPtr replaced = StageReplacement(R"([[9, "b"]])");
  Commit(contest_.Rivals(), std::make_shared<UpdateSpec>([](SpecEditor& editor) {
           editor.AddField("id", Transform::Bucket(4));
         }));
  contest_.RivalAppends(R"([[4, "a"]])");
  Pick(contest_.Ours(), appended);
  Pick(contest_.Ours(), replaced);
  contest_.Expect({"1|a", "3|a", "4|a", "9|b"});
}

TEST_F(CherryPicks, RowsThatAreAppendedAgainGetNewIds) {
  Commit(contest_.Rivals(), std::make_shared<UpgradeFormatVersion>(3));
  const SnapshotPtr staged = Stage(R"([[3, "a"]])");  // row id 0
  contest_.RivalAppends(R"([[4, "b"]])");             // 1 to 3, with the rows that had none
  const Table after = Pick(contest_.Ours(), staged);
  EXPECT_EQ(after.current_snapshot()->first_row_id, after.metadata().next_row_id - 1);
  std::vector<std::string> ids;
  for (const std::string& row :
       ReadRows(after, {.selected_fields = {{"_row_id", "_last_updated_sequence_number"}}})) {
    ids.push_back(row);
  }
  const std::string next = std::to_string(after.metadata().next_row_id - 1);
  EXPECT_THAT(ids, ::testing::Contains(next + "|4")) << "sequence number of the new snapshot";
  EXPECT_THAT(ids, SizeIs(4));
  contest_.Expect({"1|a", "2|b", "3|a", "4|b"});
}

TEST(CherryPicksOfVersion1, AreMadeAgain) {
  Contest contest(Properties{{"format-version", "1"}});
  contest.RivalAppends(R"([[1, "a"]])");
  const SnapshotPtr appended =
      Last(AppendRows(contest.Rivals(), *ContestRows(R"([[2, "a"]])"), {.branch = "side"}));
  const SnapshotPtr replaced = Last(
      OverwritePartitions(contest.Rivals(), *ContestRows(R"([[9, "a"]])"), {.branch = {}}));
  contest.RivalAppends(R"([[3, "b"]])");
  Pick(contest.Ours(), replaced);
  Pick(contest.Ours(), appended);
  contest.Expect({"2|a", "3|b", "9|a"});
}

}  // namespace
}  // namespace floe::testing
