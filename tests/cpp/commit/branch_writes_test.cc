// Rows into branches other than main, and into snapshots that no branch has.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/commit/transaction.h"
#include "floe/commit/update_refs.h"
#include "floe/commit/update_schema.h"
#include "floe/commit/update_settings.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"
#include "floe/scan/plan.h"
#include "floe/schema/schema_editor.h"
#include "floe/table/table.h"
#include "support/contest.h"
#include "support/rows.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

Table AppendTo(const Table& table, WriteBranch branch, const std::string& json) {
  return AppendRows(table, *ContestRows(json), {.branch = std::move(branch)});
}

std::vector<std::string> RowsOn(const Table& table, const std::string& branch) {
  return ReadRows(table, {.ref = branch});
}

class BranchWrites : public ::testing::Test {
 protected:
  BranchWrites() { contest_.RivalAppends(R"([[1, "a"], [2, "b"]])"); }

  Table EditRefs(const UpdateRefs::Edit& edit) {
    const Table table = contest_.Rivals();
    Transaction transaction(table);
    transaction.Add(std::make_shared<UpdateRefs>(table, edit));
    return transaction.Commit();
  }
  Table CreateBranch(const std::string& name) {
    const int64_t head = contest_.Rivals().current_snapshot()->snapshot_id;
    return EditRefs(
        [&](RefEditor& refs) { refs.CreateBranch(name, head, {.min_snapshots_to_keep = 7}); });
  }

  Contest contest_;
};

TEST_F(BranchWrites, GoToTheBranchAndLeaveMain) {
  CreateBranch("side");
  const Table before = contest_.Ours();
  AppendTo(before, "side", R"([[3, "a"]])");
  const Table after = OverwriteRows(contest_.Ours(), ParseExpression("part = 'b'"),
                                    *ContestRows(R"([[4, "b"]])"), {.branch = "side"});
  EXPECT_EQ(RowsOn(after, "side"), (std::vector<std::string>{"1|a", "3|a", "4|b"}));
  EXPECT_EQ(after.current_snapshot()->snapshot_id, before.current_snapshot()->snapshot_id);
  EXPECT_THAT(after.metadata().snapshot_log, SizeIs(1));
  EXPECT_EQ(after.metadata().refs.at("side").min_snapshots_to_keep, 7);
  contest_.Expect({"1|a", "2|b"});
}

TEST_F(BranchWrites, BranchThatIsNotThereIsMadeFromMain) {
  const Table after = AppendTo(contest_.Ours(), "side", R"([[3, "a"]])");
  EXPECT_EQ(RowsOn(after, "side"), (std::vector<std::string>{"1|a", "2|b", "3|a"}));
  const SnapshotPtr head =
      after.metadata().FindSnapshot(after.metadata().refs.at("side").snapshot_id);
  EXPECT_EQ(head->parent_snapshot_id, after.current_snapshot()->snapshot_id);
  EXPECT_EQ(FindProperty(head->summary, "total-records"), "3");
  contest_.Expect({"1|a", "2|b"});
}

TEST(BranchWritesOfAnEmptyTable, MakeTheBranchAndNoMain) {
  Contest contest;
  const Table after = AppendTo(contest.Ours(), "side", R"([[3, "a"]])");
  EXPECT_EQ(RowsOn(after, "side"), std::vector<std::string>{"3|a"});
  EXPECT_EQ(after.current_snapshot(), nullptr);
  contest.Expect({});
}

TEST_F(BranchWrites, TagIsRefusedBeforeAnythingIsWritten) {
  const int64_t head = contest_.Rivals().current_snapshot()->snapshot_id;
  EditRefs([&](RefEditor& refs) { refs.CreateTag("v1", head); });
  for (const std::string name : {"v1", ""}) {
    const Thrown thrown = WhatThrows([&] { AppendTo(contest_.Ours(), name, "[]"); });
    EXPECT_EQ(thrown.class_name, "InvalidArgumentError") << thrown;
    Transaction transaction(contest_.Ours());
    EXPECT_THROW(AppendRows(&transaction, *ContestRows(R"([[3, "a"]])"), {.branch = name}),
                 InvalidArgumentError);
    transaction.Commit();
  }
  contest_.Expect({"1|a", "2|b"});
}

TEST_F(BranchWrites, RivalsOnTheBranchAndOnMainAreNotLost) {
  CreateBranch("side");
  contest_.catalog().BeforeCommit([&](int call) {
    if (call == 1) {
      AppendTo(contest_.Rivals(), "side", R"([[3, "a"]])");
    } else if (call == 2) {
      contest_.RivalAppends(R"([[4, "a"]])");
    }
  });
  const Table after = AppendTo(contest_.Ours(), "side", R"([[5, "a"]])");
  EXPECT_EQ(RowsOn(after, "side"), (std::vector<std::string>{"1|a", "2|b", "3|a", "5|a"}));
  contest_.Expect({"1|a", "2|b", "4|a"});
}

TEST_F(BranchWrites, BranchThatTwoMakeHasTheRowsOfBoth) {
  contest_.BeforeOurCommit(1, [&] { AppendTo(contest_.Rivals(), "side", R"([[3, "a"]])"); });
  const Table after = AppendTo(contest_.Ours(), "side", R"([[4, "a"]])");
  EXPECT_EQ(RowsOn(after, "side"), (std::vector<std::string>{"1|a", "2|b", "3|a", "4|a"}));
}

TEST_F(BranchWrites, OverwriteConflictsWithDataAddedToItsBranchOnly) {
  CreateBranch("side");
  const auto overwrite = [&](const Table& ours) {
    return OverwritePartitions(ours, *ContestRows(R"([[9, "a"]])"), {.branch = "side"});
  };
  Table ours = contest_.Ours();
  contest_.RivalAppends(R"([[3, "a"]])");
  EXPECT_EQ(RowsOn(overwrite(ours), "side"), (std::vector<std::string>{"2|b", "9|a"}));
  ours = contest_.Ours();
  AppendTo(contest_.Rivals(), "side", R"([[4, "a"]])");
  EXPECT_THROW(overwrite(ours), CommitConflictError);
  contest_.Expect({"1|a", "2|b", "3|a"});
}

TEST_F(BranchWrites, SnapshotOfNoBranchIsInTheTableAndNotSeen) {
  const Table before = contest_.Ours();
  const Table after = AppendTo(before, std::nullopt, R"([[3, "a"]])");
  EXPECT_EQ(after.metadata().refs, before.metadata().refs);
  ASSERT_THAT(after.metadata().snapshots, SizeIs(2));
  const SnapshotPtr staged = after.metadata().snapshots.back();
  EXPECT_EQ(ReadRows(after, {.snapshot_id = staged->snapshot_id}),
            (std::vector<std::string>{"1|a", "2|b", "3|a"}));
  EXPECT_EQ(staged->parent_snapshot_id, after.current_snapshot()->snapshot_id);
  contest_.Expect({"1|a", "2|b"});
}

TEST_F(BranchWrites, GiveRowIdsOfTheirOwn) {
  Transaction upgrade(contest_.Rivals());
  upgrade.Add(std::make_shared<UpgradeFormatVersion>(3));
  upgrade.Commit();
  AppendTo(contest_.Ours(), "side", R"([[3, "a"]])");
  const Table after = AppendTo(contest_.Ours(), "main", R"([[4, "a"]])");
  // The two older rows are in files of one snapshot, in either order.
  const auto ids_on = [&](const std::string& branch) {
    return ReadRows(after, {.selected_fields = {{"_row_id"}}, .ref = branch});
  };
  EXPECT_THAT(ids_on("side"), ElementsAre("0", "1", "2"));
  EXPECT_THAT(ids_on("main"), ElementsAre("3", "4", "5"));
  EXPECT_THAT(ReadRows(after, {.row_filter = ParseExpression("id = 4"),
                               .selected_fields = {{"_row_id"}}}),
              ElementsAre("3"));
}

TEST_F(BranchWrites, AreReadWithTheCurrentSchemaAndTagsWithTheirs) {
  CreateBranch("side");
  const int64_t head = contest_.Rivals().current_snapshot()->snapshot_id;
  EditRefs([&](RefEditor& refs) { refs.CreateTag("v1", head); });
  Transaction transaction(contest_.Ours());
  transaction.Add(std::make_shared<UpdateSchema>(
      [](SchemaEditor& editor) { editor.RenameColumn("id", "key"); }));
  const Table after = transaction.Commit();
  const auto columns = [&](ScanOptions options) {
    return TableScan(after, std::move(options)).schema()->fields()[0].name;
  };
  EXPECT_EQ(columns({.ref = "side"}), "key");
  EXPECT_EQ(columns({.ref = "main"}), "key");
  EXPECT_EQ(columns({.ref = "v1"}), "id");
  EXPECT_EQ(columns({.snapshot_id = head}), "id");
}

}  // namespace
}  // namespace floe::testing
