// What becomes of a delete when others change the table first.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "floe/base/error.h"
#include "floe/commit/overwrite_files.h"
#include "floe/commit/transaction.h"
#include "floe/dml/delete_rows.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/table.h"
#include "support/contest.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

const Properties kCopy = {{"format-version", "2"}};
const Properties kCopyKeepingRowIds = {{"format-version", "3"}};
const Properties kPositions = {{"format-version", "2"}, {"write.delete.mode", "merge-on-read"}};
const Properties kVectors = {{"format-version", "3"}, {"write.delete.mode", "merge-on-read"}};

/// Every way of deleting rows of a file.
class RivalDeletes : public ::testing::TestWithParam<Properties> {
 protected:
  RivalDeletes() : contest_(GetParam()) {
    contest_.RivalAppends(R"([[1, "a"], [2, "a"], [3, "a"], [4, "b"], [5, "b"]])");
  }

  static void Delete(const Table& table, const std::string& filter, WriteOptions options = {}) {
    DeleteRows(table, ParseExpression(filter), options);
  }

  void ExpectConflict(const Table& ours, const std::string& filter,
                      const std::string& problem) {
    const Thrown thrown = WhatThrows([&] { Delete(ours, filter); });
    EXPECT_EQ(thrown.class_name, "CommitConflictError") << thrown;
    EXPECT_THAT(thrown.message, HasSubstr(problem));
  }

  bool IsByPositions() const { return GetParam() == kPositions; }

  Contest contest_;
};

TEST_P(RivalDeletes, RowsThatDoNotMatchMayBeAddedMeanwhile) {
  const Table ours = contest_.Ours();
  contest_.RivalAppends(R"([[6, "a"], [7, "c"]])");
  Delete(ours, "id < 3");
  contest_.Expect({"3|a", "4|b", "5|b", "6|a", "7|c"});
  EXPECT_EQ(contest_.catalog().commit_calls(), 2);
}

TEST_P(RivalDeletes, RowsThatMayMatchAreAConflict) {
  const Table ours = contest_.Ours();
  contest_.RivalAppends(R"([[0, "a"]])");
  ExpectConflict(ours, "id < 3", "has added data that may match the filter");
  contest_.Expect({"0|a", "1|a", "2|a", "3|a", "4|b", "5|b"});
}

TEST_P(RivalDeletes, UnderSnapshotIsolationRowsThatMatchStayIfAddedMeanwhile) {
  const Table ours = contest_.Ours();
  contest_.RivalAppends(R"([[0, "a"]])");
  Delete(ours, "id < 3", {.isolation = Isolation::kSnapshot});
  contest_.Expect({"0|a", "3|a", "4|b", "5|b"});
}

TEST_P(RivalDeletes, OfOneFileMeetOnlyWhereEachListsItsPositions) {
  const Table ours = contest_.Ours();
  Delete(contest_.Rivals(), "id = 1");
  if (IsByPositions()) {
    Delete(ours, "id = 2");
    contest_.Expect({"3|a", "4|b", "5|b"});
  } else {
    ExpectConflict(ours, "id = 2", "nothing of this commit is in the table");
    contest_.Expect({"2|a", "3|a", "4|b", "5|b"});
  }
}

TEST_P(RivalDeletes, OfTwoFilesBothHold) {
  const Table ours = contest_.Ours();
  contest_.BeforeOurCommit(1, [&] { Delete(contest_.Rivals(), "id = 5"); });
  Delete(ours, "id = 2");
  contest_.Expect({"1|a", "3|a", "4|b"});
}

TEST_P(RivalDeletes, ConflictWithTheFileBeingReplaced) {
  const Table ours = contest_.Ours();
  OverwritePartitions(contest_.Rivals(), *ContestRows(R"([[8, "a"]])"));
  ExpectConflict(ours, "id = 2", "is not in it any more");
  contest_.Expect({"4|b", "5|b", "8|a"});
}

TEST_P(RivalDeletes, AfterAnotherOfTheSameFile) {
  Delete(contest_.Ours(), "id = 2");
  Delete(contest_.Ours(), "id = 1");
  contest_.Expect({"3|a", "4|b", "5|b"});
  Delete(contest_.Ours(), "part = 'a'");
  contest_.Expect({"4|b", "5|b"});
  Delete(contest_.Ours(), "id = 4 or id = 5");
  contest_.Expect({});
}

TEST_P(RivalDeletes, InATransactionLookAtWhatOthersAddedBeforeItsFirstChange) {
  Transaction transaction(contest_.Ours());
  AppendRows(&transaction, *ContestRows(R"([[6, "a"]])"));
  DeleteRows(&transaction, ParseExpression("id in (1, 6)"));
  transaction.Staged();
  contest_.RivalAppends(R"([[1, "a"]])");
  EXPECT_THROW(transaction.Commit(), CommitConflictError);
  contest_.Expect({"1|a", "1|a", "2|a", "3|a", "4|b", "5|b"});
}

TEST_P(RivalDeletes, InATransactionTakeRowsOfItsOwn) {
  Transaction transaction(contest_.Ours());
  AppendRows(&transaction, *ContestRows(R"([[6, "a"], [7, "a"]])"));
  DeleteRows(&transaction, ParseExpression("id in (1, 6)"));
  DeleteRows(&transaction, ParseExpression("id = 2"));
  contest_.BeforeOurCommit(1, [&] { contest_.RivalAppends(R"([[9, "b"]])"); });
  transaction.Commit();
  contest_.Expect({"3|a", "4|b", "5|b", "7|a", "9|b"});
}

TEST_P(RivalDeletes, WithoutAMatchMakeNoSnapshot) {
  const Table ours = contest_.Ours();
  Delete(ours, "id = 9");
  Delete(ours, "part = 'z'");
  EXPECT_EQ(contest_.Ours().metadata().snapshots.size(), 1U);
  EXPECT_EQ(contest_.catalog().commit_calls(), 0);
}

TEST(RivalOverwrites, InATransactionLookAtWhatOthersAddedBeforeItsFirstChange) {
  Contest contest;
  contest.RivalAppends(R"([[1, "a"], [2, "b"]])");
  Transaction transaction(contest.Ours());
  AppendRows(&transaction, *ContestRows(R"([[3, "b"]])"));
  OverwritePartitions(&transaction, *ContestRows(R"([[9, "a"]])"));
  transaction.Staged();
  contest.RivalAppends(R"([[4, "a"]])");
  EXPECT_THROW(transaction.Commit(), CommitConflictError);
  contest.Expect({"1|a", "2|b", "4|a"});
}

std::string NameOf(const ::testing::TestParamInfo<Properties>& info) {
  static const char* const names[] = {"Copy", "CopyKeepingRowIds", "Positions", "Vectors"};
  return names[info.index];
}

INSTANTIATE_TEST_SUITE_P(Modes, RivalDeletes,
                         ::testing::Values(kCopy, kCopyKeepingRowIds, kPositions, kVectors),
                         NameOf);

}  // namespace
}  // namespace floe::testing
