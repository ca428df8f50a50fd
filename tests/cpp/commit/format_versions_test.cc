// What commits leave in tables of each format version, and of those that were upgraded.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "floe/dml/write_rows.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_file.h"
#include "floe/manifest/snapshot_manifests.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/snapshot_changes.h"
#include "floe/metadata/table_metadata.h"
#include "floe/table/table.h"
#include "support/contest.h"
#include "support/table_audit.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

Properties Version(int version) { return {{"format-version", std::to_string(version)}}; }

Table Append(const Table& table, const std::string& json) {
  return AppendRows(table, *ContestRows(json));
}

/// The table as it would be with other metadata, which the next commit makes true.
Table With(const Table& table, TableMetadata metadata) {
  return {table.identifier(),
          std::make_shared<const TableMetadata>(std::move(metadata)),
          table.metadata_location(),
          table.catalog().shared_from_this(),
          table.io(),
          table.environment()};
}

Table Upgraded(const Table& table, int version) {
  TableMetadata metadata = table.metadata();
  RaiseFormatVersion(version, &metadata);
  return With(table, std::move(metadata));
}

/// First row id and rows of each live file.
std::multiset<std::pair<std::optional<int64_t>, int64_t>> RowIds(const Table& table) {
  std::multiset<std::pair<std::optional<int64_t>, int64_t>> found;
  for (const ManifestEntry& entry : LiveEntries(table, *table.current_snapshot())) {
    found.emplace(entry.data_file.first_row_id, entry.data_file.record_count);
  }
  return found;
}

std::multiset<std::optional<int64_t>> SequenceNumbers(const Table& table) {
  std::multiset<std::optional<int64_t>> found;
  for (const ManifestEntry& entry : LiveEntries(table, *table.current_snapshot())) {
    found.insert(entry.sequence_number);
  }
  return found;
}

std::string MetadataText(const Table& table) {
  return ReadFile(*table.io(), table.metadata_location());
}

TEST(FormatVersions, Version1HasNoSequenceNumbers) {
  Contest contest(Version(1));
  Append(contest.Ours(), R"([[1, "a"], [2, "b"]])");
  const Table table = Append(contest.Ours(), R"([[3, "a"]])");
  EXPECT_EQ(table.metadata().format_version, 1);
  EXPECT_EQ(table.metadata().last_sequence_number, 0);
  const std::string text = MetadataText(table);
  EXPECT_THAT(text, Not(HasSubstr("sequence-number")));
  EXPECT_THAT(text, Not(HasSubstr("row-id")));
  EXPECT_THAT(text, HasSubstr(R"("schema":{)"));
  EXPECT_THAT(text, HasSubstr(R"("partition-spec":[{)"));
  EXPECT_THAT(SequenceNumbers(table), ElementsAre(0, 0, 0));
  contest.Expect({"1|a", "2|b", "3|a"});
}

TEST(FormatVersions, Version3GivesRowIds) {
  Contest contest(Version(3));
  const Table first = Append(contest.Ours(), R"([[1, "a"], [2, "a"], [3, "b"]])");
  const Table second = Append(contest.Ours(), R"([[4, "a"]])");
  EXPECT_EQ(first.current_snapshot()->first_row_id, 0);
  EXPECT_EQ(first.current_snapshot()->added_rows, 3);
  EXPECT_EQ(second.current_snapshot()->first_row_id, 3);
  EXPECT_EQ(second.current_snapshot()->added_rows, 1);
  EXPECT_EQ(second.metadata().next_row_id, 4);
  std::set<int64_t> ids;
  for (const auto& [first_row_id, rows] : RowIds(second)) {
    for (int64_t i = 0; i < rows; ++i) {
      EXPECT_TRUE(ids.insert(*first_row_id + i).second);
    }
  }
  EXPECT_THAT(ids, ElementsAre(0, 1, 2, 3));
  contest.Expect({"1|a", "2|a", "3|b", "4|a"});
}

TEST(FormatVersions, RetriesTakeTheRowIdsThatAreNextThen) {
  Contest contest(Version(3));
  contest.BeforeOurCommit(1, [&] { contest.RivalAppends(R"([[1, "a"], [2, "a"]])"); });
  const Table table = Append(contest.Ours(), R"([[3, "a"]])");
  EXPECT_EQ(table.current_snapshot()->first_row_id, 2);
  EXPECT_THAT(RowIds(table), ElementsAre(std::pair(0, 2), std::pair(2, 1)));
  EXPECT_EQ(table.metadata().next_row_id, 3);
  contest.Expect({"1|a", "2|a", "3|a"});
}

TEST(FormatVersions, FilesThatStayKeepTheirRowIds) {
  Contest contest(Version(3));
  Append(contest.Ours(), R"([[1, "a"], [2, "b"], [3, "b"]])");
  const auto before = RowIds(contest.Ours());
  const Table table = OverwritePartitions(contest.Ours(), *ContestRows(R"([[4, "a"]])"));
  const auto after = RowIds(table);
  ASSERT_EQ(after.size(), 2U);
  for (const auto& [first_row_id, rows] : before) {
    if (rows == 2) {
      EXPECT_TRUE(after.contains({first_row_id, 2})) << "the file of b was only copied";
    }
  }
  EXPECT_TRUE(after.contains({table.current_snapshot()->first_row_id, 1}));
  contest.Expect({"2|b", "3|b", "4|a"});
}

TEST(FormatVersions, UpgradesKeepSequenceNumbersAndGiveRowIds) {
  Contest contest(Version(1));
  Append(contest.Ours(), R"([[1, "a"], [2, "a"]])");
  const Table second = Append(Upgraded(contest.Ours(), 2), R"([[3, "a"]])");
  EXPECT_EQ(second.metadata().format_version, 2);
  EXPECT_THAT(SequenceNumbers(second), ElementsAre(0, 1));
  EXPECT_THAT(MetadataText(second), HasSubstr(R"({"sequence-number":0,"snapshot-id":)"));
  EXPECT_THAT(RowIds(second),
              ElementsAre(std::pair(std::nullopt, 1), std::pair(std::nullopt, 2)));

  const Table third = Append(Upgraded(second, 3), R"([[4, "a"], [5, "a"], [6, "a"]])");
  EXPECT_EQ(third.metadata().format_version, 3);
  EXPECT_THAT(SequenceNumbers(third), ElementsAre(0, 1, 2));
  EXPECT_EQ(third.current_snapshot()->first_row_id, 0);
  EXPECT_EQ(third.current_snapshot()->added_rows, 6) << "rows of before get their ids now";
  EXPECT_EQ(third.metadata().next_row_id, 6);
  EXPECT_EQ(third.metadata().FindSnapshot(second.current_snapshot()->snapshot_id)->first_row_id,
            std::nullopt);
  int64_t rows_with_ids = 0;
  for (const auto& [first_row_id, rows] : RowIds(third)) {
    EXPECT_TRUE(first_row_id.has_value());
    rows_with_ids += rows;
  }
  EXPECT_EQ(rows_with_ids, 6);
  const Table fourth = Append(third, R"([[7, "a"]])");
  EXPECT_EQ(fourth.current_snapshot()->first_row_id, 6);
  EXPECT_EQ(fourth.current_snapshot()->added_rows, 1) << "nothing is given an id twice";
  contest.Expect({"1|a", "2|a", "3|a", "4|a", "5|a", "6|a", "7|a"});
}

TEST(FormatVersions, ManifestsAreNotUsedAgainInAnotherVersion) {
  Contest contest(Version(1));
  contest.BeforeOurCommit(1, [&] { Append(Upgraded(contest.Rivals(), 2), R"([[1, "a"]])"); });
  const Table table = Append(contest.Ours(), R"([[2, "a"]])");
  EXPECT_EQ(table.metadata().format_version, 2);
  EXPECT_THAT(SequenceNumbers(table), ElementsAre(1, 2));
  contest.Expect({"1|a", "2|a"});
}

TEST(FormatVersions, TablesOfVersion1GetTheirUuidWithTheFirstCommit) {
  Contest contest(Version(1));
  TableMetadata metadata = contest.Ours().metadata();
  metadata.table_uuid.clear();
  const Table table = Append(With(contest.Ours(), metadata), R"([[1, "a"]])");
  EXPECT_EQ(table.metadata().table_uuid.size(), 36U);
  EXPECT_EQ(contest.Ours().metadata().table_uuid, table.metadata().table_uuid);
}

/// The table with its snapshots naming their manifests themselves, as the first writers did.
Table WithoutManifestLists(const Table& table) {
  TableMetadata metadata = table.metadata();
  for (SnapshotPtr& snapshot : metadata.snapshots) {
    auto old = std::make_shared<Snapshot>(*snapshot);
    for (const ManifestFile& manifest : ReadManifests(*table.io(), *snapshot)) {
      old->manifests.push_back(manifest.manifest_path);
    }
    old->manifest_list.clear();
    old->raw_json = {};
    snapshot = old;
  }
  return With(table, std::move(metadata));
}

TEST(FormatVersions, SnapshotsMayNameTheirManifestsThemselves) {
  for (const int version : {1, 2, 3}) {
    SCOPED_TRACE(version);
    Contest contest(Version(1));
    Append(contest.Ours(), R"([[1, "a"]])");
    Append(contest.Ours(), R"([[2, "b"]])");
    const Table old = WithoutManifestLists(Upgraded(contest.Ours(), version));
    const Table table = OverwritePartitions(old, *ContestRows(R"([[3, "a"]])"));
    EXPECT_THAT(MetadataText(table), HasSubstr(R"("manifests":["file:)"));
    EXPECT_EQ(contest.Rows(), (std::vector<std::string>{"2|b", "3|a"}));
    EXPECT_EQ(table.metadata().next_row_id, version == 3 ? 2 : 0);
  }
}

}  // namespace
}  // namespace floe::testing
