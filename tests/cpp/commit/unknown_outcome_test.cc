// The catalog's answer to a commit is lost: did it happen?

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "floe/base/error.h"
#include "floe/dml/write_rows.h"
#include "floe/table/table.h"
#include "support/contest.h"
#include "support/fault_point.h"
#include "support/faulty_catalog.h"
#include "support/table_audit.h"

namespace floe::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using Lost = FaultyCatalog::Lost;
using NextCommit = FaultyCatalog::NextCommit;

class UnknownOutcome : public ::testing::TestWithParam<Lost> {
 protected:
  UnknownOutcome() { contest_.catalog().LoseAnswersAs(GetParam()); }

  Table Append() { return AppendRows(table_, *ContestRows(R"([[2, "a"]])")); }

  /// Fails the running test unless Append() leaves its outcome open, and all its files.
  void ExpectOpen() {
    try {
      Append();
      ADD_FAILURE() << "it can't know";
    } catch (const CommitStateUnknownError& error) {
      EXPECT_TRUE(error.details().snapshot_id.has_value());
      EXPECT_EQ(error.details().table, "db.t");
    }
    EXPECT_THAT(contest_.io().deleted(), IsEmpty());
    contest_.faults().Disarm();
  }

  Contest contest_;
  Table table_ = contest_.Ours();
};

TEST_P(UnknownOutcome, CommitThatHappenedIsFoundInTheTable) {
  contest_.catalog().Next(NextCommit::kDoneAndLost);
  EXPECT_NE(Append().current_snapshot(), nullptr);
  contest_.Expect({"2|a"});
}

TEST_P(UnknownOutcome, CommitThatHappenedIsFoundBehindLaterOnes) {
  contest_.catalog().Next(NextCommit::kDoneAndLost);
  contest_.catalog().AfterCommit([&] { contest_.RivalAppends(R"([[3, "b"]])"); });
  Append();
  contest_.Expect({"2|a", "3|b"});
}

TEST_P(UnknownOutcome, LostRequestIsTriedAgainOnceTheTableHasMovedOn) {
  contest_.catalog().Next(NextCommit::kLost);
  contest_.BeforeOurCommit(1, [&] { contest_.RivalAppends(R"([[3, "b"]])"); });
  Append();
  contest_.Expect({"2|a", "3|b"});
}

TEST_P(UnknownOutcome, LostRequestStaysOpenWhileItCouldStillArrive) {
  contest_.catalog().Next(NextCommit::kLost);
  ExpectOpen();
  const Table table = contest_.Rivals();
  EXPECT_EQ(table.current_snapshot(), nullptr);
  EXPECT_THAT(AuditTable(table).orphans(), SizeIs(3)) << "data file, manifest, manifest list";
}

TEST_P(UnknownOutcome, CatalogThatStaysAwayLeavesItOpen) {
  contest_.catalog().Next(NextCommit::kDoneAndLost);
  contest_.catalog().AfterCommit([&] { contest_.faults().Arm(1, FaultMode::kForever); });
  ExpectOpen();
  contest_.Expect({"2|a"});
}

TEST_P(UnknownOutcome, MetadataThatCannotBeReadLeavesItOpen) {
  contest_.catalog().Next(NextCommit::kDoneAndLost);
  contest_.catalog().AfterCommit(
      [&] { contest_.faults().ArmOn("metadata.json", FaultMode::kForever); });
  ExpectOpen();
  contest_.Expect({"2|a"});
}

TEST_P(UnknownOutcome, TableThatIsGoneLeavesItOpen) {
  contest_.catalog().Next(NextCommit::kDoneAndLost);
  contest_.catalog().AfterCommit(
      [&] { contest_.warehouse().catalog().DropTable({{"db"}, "t"}); });
  ExpectOpen();
}

INSTANTIATE_TEST_SUITE_P(Lost, UnknownOutcome,
                         ::testing::Values(Lost::kUnknownOutcome, Lost::kForeignException),
                         [](const auto& lost) {
                           return lost.param == Lost::kUnknownOutcome ? "AsOutcome"
                                                                      : "AsException";
                         });

}  // namespace
}  // namespace floe::testing
