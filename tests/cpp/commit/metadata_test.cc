// What commits leave in a table's metadata: logs, times, summaries.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/commit/append_files.h"
#include "floe/commit/transaction.h"
#include "floe/dml/write_rows.h"
#include "floe/io/file_io.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/table/table.h"
#include "support/contest.h"
#include "support/fault_point.h"
#include "support/rows.h"
#include "support/table_audit.h"

namespace floe::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

Table Append(const Table& table, Properties summary = {}) {
  return AppendRows(table, *ContestRows(R"([[1, "a"]])"),
                    {.snapshot_properties = std::move(summary)});
}

std::set<std::string> MetadataFiles(const Table& table) {
  std::set<std::string> found;
  for (const std::string& file : FilesIn(*LocalPath(table.metadata().location))) {
    if (file.ends_with(".metadata.json")) {
      found.insert(file);
    }
  }
  return found;
}

TEST(MetadataLog, KeepsAsManyVersionsAsTheTableSays) {
  Contest contest(Properties{{"write.metadata.previous-versions-max", "3"}});
  std::vector<std::string> locations = {contest.Ours().metadata_location()};
  for (int i = 0; i < 5; ++i) {
    locations.push_back(Append(contest.Ours()).metadata_location());
  }
  const Table table = contest.Ours();
  const auto& log = table.metadata().metadata_log;
  ASSERT_THAT(log, SizeIs(3));
  for (size_t i = 0; i < log.size(); ++i) {
    EXPECT_EQ(log[i].metadata_file, locations[2 + i]);
  }
  EXPECT_THAT(MetadataFiles(table), SizeIs(6)) << "it was not asked to delete";
}

class DeleteAfterCommit : public ::testing::TestWithParam<int> {};

TEST_P(DeleteAfterCommit, LeavesTheCurrentMetadataAndWhatTheLogLists) {
  const size_t kept = static_cast<size_t>(std::max(1, GetParam()));
  Contest contest(
      Properties{{"write.metadata.previous-versions-max", std::to_string(GetParam())},
                 {"write.metadata.delete-after-commit.enabled", "true"}});
  for (int i = 0; i < 6; ++i) {
    Append(contest.Ours());
  }
  const Table table = contest.Ours();
  EXPECT_THAT(table.metadata().metadata_log, SizeIs(kept));
  EXPECT_THAT(MetadataFiles(table), SizeIs(kept + 1));
  EXPECT_THAT(AuditTable(table).missing(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Versions, DeleteAfterCommit, ::testing::Values(0, 1, 2));

TEST(DeleteAfterCommit, MetadataThatGoesBeforeItIsReadIsLookedUpAgain) {
  Contest contest(Properties{{"write.metadata.previous-versions-max", "1"},
                             {"write.metadata.delete-after-commit.enabled", "true"}});
  const Table ours = Append(contest.Ours());
  const auto rival_goes_on = [&] {
    contest.RivalAppends(R"([[2, "b"]])");
    contest.RivalAppends(R"([[2, "b"]])");
  };
  rival_goes_on();
  contest.faults().BeforeNext(".metadata.json", rival_goes_on);  // by the commit
  Append(ours);
  contest.faults().BeforeNext(".metadata.json", rival_goes_on);  // by loading
  contest.Ours();
  contest.Expect({"1|a", "1|a", "2|b", "2|b", "2|b", "2|b", "2|b", "2|b"});
}

TEST(DeleteAfterCommit, FailureToDeleteIsNoFailureOfTheCommit) {
  Contest contest(Properties{{"write.metadata.previous-versions-max", "1"},
                             {"write.metadata.delete-after-commit.enabled", "true"}});
  Append(Append(contest.Ours()));
  contest.faults().ArmOn("delete ", FaultMode::kForever);
  Append(contest.Ours());
  EXPECT_TRUE(contest.faults().met());
  EXPECT_EQ(contest.Rows(), (std::vector<std::string>{"1|a", "1|a", "1|a"}));
}

TEST(DeleteAfterCommit, PropertyThatDoesNotParseFailsBeforeTheCommit) {
  // As another engine may have set it.
  Contest contest(Properties{{"write.metadata.previous-versions-max", "1"}});
  const Table table = Append(contest.Ours());
  const std::string path = *LocalPath(table.metadata_location());
  TableMetadata metadata = table.metadata();
  metadata.properties = {{"write.metadata.delete-after-commit.enabled", "perhaps"}};
  std::filesystem::remove(path);
  WriteFile(*table.io(), table.metadata_location(), TableMetadataToJson(metadata));
  const Table changed = contest.Ours();
  Transaction transaction(changed);
  transaction.Add(std::make_shared<AppendFiles>(changed, Properties{}));
  EXPECT_THROW(transaction.Commit(), InvalidArgumentError);
  contest.Expect({"1|a"});
  EXPECT_THAT(contest.Rivals().metadata().snapshots, SizeIs(1));
}

TEST(SnapshotTimes, SnapshotIsCurrentFromItsOwnTimeOn) {
  Contest contest;
  contest.catalog().BeforeCommit([&](int) { contest.warehouse().clock().SleepMs(5'000); });
  const Table first = Append(contest.Ours());
  const int64_t time = first.current_snapshot()->timestamp_ms;
  contest.warehouse().clock().SleepMs(1'000);
  const Table second = AppendRows(first, *ContestRows(R"([[2, "b"]])"));
  EXPECT_EQ(ReadRows(second, {.timestamp_ms = time}), (std::vector<std::string>{"1|a"}));
  EXPECT_THROW(ReadRows(second, {.timestamp_ms = time - 1}), NoSuchSnapshotError);
  for (const SnapshotLogEntry& entry : second.metadata().snapshot_log) {
    EXPECT_EQ(second.metadata().FindSnapshot(entry.snapshot_id)->timestamp_ms,
              entry.timestamp_ms);
  }
}

TEST(SnapshotTimes, TimesNeverRunBackwards) {
  Contest contest;
  const Table first = Append(contest.Ours());
  contest.warehouse().clock().Set(1'000);
  const Table second = Append(first);
  EXPECT_GE(second.current_snapshot()->timestamp_ms, first.current_snapshot()->timestamp_ms);
  EXPECT_GE(second.metadata().last_updated_ms, first.metadata().last_updated_ms);
  EXPECT_EQ(second.metadata().snapshot_log.size(), 2);
}

TEST(SnapshotSummary, HasTheCallersPropertiesBesideItsOwnAccounts) {
  Contest contest;
  const Table after = Append(contest.Ours(), {{"dagster.run", "r1"}});
  EXPECT_EQ(FindProperty(after.current_snapshot()->summary, "dagster.run"), "r1");
  EXPECT_EQ(FindProperty(after.current_snapshot()->summary, "added-records"), "1");
  const Table again = contest.Ours();
  EXPECT_EQ(FindProperty(again.current_snapshot()->summary, "dagster.run"), "r1");
}

TEST(SnapshotSummary, CallersCannotFalsifyItsAccounts) {
  Contest contest;
  for (const char* key : {"operation", "added-records", "total-records", "total-files-size",
                          "changed-partition-count", "total-delete-files"}) {
    EXPECT_THROW(Append(contest.Ours(), {{key, "7"}}), InvalidArgumentError) << key;
  }
  EXPECT_EQ(contest.Rivals().current_snapshot(), nullptr);
  contest.Expect({});
}

TEST(SnapshotSummary, TotalsAreLeftOutWhereTheParentsAreUnknown) {
  Contest contest;
  const Table table = Append(contest.Ours());
  TableMetadata metadata = table.metadata();
  auto snapshot = std::make_shared<Snapshot>(*table.current_snapshot());
  snapshot->raw_json = {};
  snapshot->summary = Properties{{"total-records", "none"}};
  metadata.snapshots = {snapshot};
  std::filesystem::remove(*LocalPath(table.metadata_location()));
  WriteFile(*table.io(), table.metadata_location(), TableMetadataToJson(metadata));
  const Properties summary = Append(contest.Ours()).current_snapshot()->summary.ToProperties();
  EXPECT_EQ(FindProperty(summary, "total-records"), std::nullopt);
  EXPECT_EQ(FindProperty(summary, "total-data-files"), std::nullopt);
  EXPECT_EQ(FindProperty(summary, "added-records"), "1");
}

}  // namespace
}  // namespace floe::testing
