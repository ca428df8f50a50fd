#include "floe/metadata/update.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/case_files.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kCurrent = 3055729675574597004;

TableMetadata Base() {
  return *ParseTableMetadata(ReadTestFile("cases/table_metadata/base.json"), "file:///base");
}

SnapshotPtr NewSnapshot(int64_t id, int64_t sequence_number, int64_t timestamp_ms) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->snapshot_id = id;
  snapshot->sequence_number = sequence_number;
  snapshot->timestamp_ms = timestamp_ms;
  snapshot->manifest_list = "file:///list.avro";
  snapshot->operation = "append";
  return snapshot;
}

struct Requirement {
  TableRequirement requirement;
  const char* broken;  ///< "" if it holds
};

TEST(Requirements, SayWhatHasChanged) {
  const TableMetadata base = Base();
  for (const Requirement& test : std::vector<Requirement>{
           {AssertTableUuid{"9c12d441-03fe-4693-9a96-a0705ddf69c1"}, ""},
           {AssertTableUuid{"other"},
            "the table was replaced: its uuid is 9c12d441-03fe-4693-9a96-a0705ddf69c1, "
            "expected "
            "other"},
           {AssertRefSnapshotId{"main", kCurrent}, ""},
           {AssertRefSnapshotId{"main", 5},
            "main has moved: it points to snapshot 3055729675574597004, expected snapshot 5"},
           {AssertRefSnapshotId{"main", std::nullopt},
            "main has moved: it points to snapshot 3055729675574597004, expected nothing"},
           {AssertRefSnapshotId{"branch", std::nullopt}, ""},
           {AssertRefSnapshotId{"branch", 5},
            "branch has moved: it points to nothing, expected snapshot 5"},
           {AssertLastAssignedFieldId{6}, ""},
           {AssertLastAssignedFieldId{5}, "columns were added: the last id is 6, expected 5"},
           {AssertCurrentSchemaId{1}, ""},
           {AssertCurrentSchemaId{0}, "the schema changed: its id is 1, expected 0"},
           {AssertLastAssignedPartitionId{base.last_partition_id}, ""},
           {AssertLastAssignedPartitionId{7},
            "partition fields were added: the last id is 1001, expected 7"},
           {AssertDefaultSpecId{base.default_spec_id}, ""},
           {AssertDefaultSpecId{7}, "the partition spec changed: its id is 1, expected 7"},
           {AssertDefaultSortOrderId{base.default_sort_order_id}, ""},
           {AssertDefaultSortOrderId{7}, "the sort order changed: its id is 3, expected 7"},
           {AssertCreate{},
            "the table exists already, with uuid 9c12d441-03fe-4693-9a96-a0705ddf69c1"},
       }) {
    const auto conflict = FindConflict(base, {test.requirement}, {});
    EXPECT_EQ(conflict.value_or(""), test.broken);
  }
  EXPECT_EQ(FindConflict(base, {AssertCurrentSchemaId{1}, AssertLastAssignedFieldId{1}}, {}),
            "columns were added: the last id is 6, expected 1");
}

TEST(Requirements, ASequenceNumberThatIsTakenIsAConflict) {
  const TableMetadata base = Base();
  EXPECT_EQ(FindConflict(base, {}, {AddSnapshotUpdate{NewSnapshot(1, 35, 0)}}), std::nullopt);
  EXPECT_THAT(FindConflict(base, {}, {AddSnapshotUpdate{NewSnapshot(1, 34, 0)}}).value(),
              HasSubstr("34 is taken"));
}

TEST(Updates, AnAppendedSnapshotBecomesCurrent) {
  const TableMetadata base = Base();
  SnapshotRef main = base.refs.at("main");
  main.snapshot_id = 77;
  const int64_t now = base.last_updated_ms + 10;
  const TableMetadata after = ApplyUpdates(
      base, {AddSnapshotUpdate{NewSnapshot(77, 35, now)}, SetSnapshotRefUpdate{"main", main}},
      "file:///base", now);
  EXPECT_EQ(after.current_snapshot()->snapshot_id, 77);
  EXPECT_EQ(after.last_sequence_number, 35);
  EXPECT_EQ(after.last_updated_ms, now);
  EXPECT_EQ(after.snapshots.size(), base.snapshots.size() + 1);
  EXPECT_EQ(after.snapshot_log.back(), (SnapshotLogEntry{now, 77}));
  EXPECT_EQ(after.metadata_log.back(),
            (MetadataLogEntry{base.last_updated_ms, "file:///base"}));
  EXPECT_EQ(after.refs.at("main").extras, base.refs.at("main").extras);
  EXPECT_EQ(after.refs.at("audit"), base.refs.at("audit"));
  EXPECT_EQ(after.extras, base.extras);
  // And it survives its file.
  const std::string json = TableMetadataToJson(after);
  EXPECT_EQ(TableMetadataToJson(*ParseTableMetadata(json, "file:///after")), json);
  EXPECT_EQ(Base().snapshots.size(), 2U) << "the base is not touched";
}

TEST(Updates, TimesNeverRunBackwards) {
  const TableMetadata base = Base();
  EXPECT_EQ(ApplyUpdates(base, {}, "", 1).last_updated_ms, base.last_updated_ms);
  EXPECT_TRUE(ApplyUpdates(base, {}, "", 1).metadata_log == base.metadata_log)
      << "without a base file nothing is logged";
}

TEST(Updates, OtherBranchesLeaveTheSnapshotLogAlone) {
  const TableMetadata base = Base();
  const TableMetadata after = ApplyUpdates(
      base, {SetSnapshotRefUpdate{"dev", {.snapshot_id = kCurrent}}}, "file:///base", 1);
  EXPECT_EQ(after.refs.at("dev").snapshot_id, kCurrent);
  EXPECT_EQ(after.snapshot_log, base.snapshot_log);
}

TEST(Updates, ASchemaIsAddedAndThenMadeCurrent) {
  const TableMetadata base = Base();
  auto schema = std::make_shared<const Schema>(
      std::vector<Field>{{9, "new", Type::Of(TypeId::kInt), false, "", {}}}, 2);
  const TableMetadata added = ApplyUpdates(base, {AddSchemaUpdate{schema}}, "", 1);
  EXPECT_EQ(added.current_schema_id, 1);
  EXPECT_EQ(added.last_column_id, 9);
  const TableMetadata current =
      ApplyUpdates(base, {AddSchemaUpdate{schema}, SetCurrentSchemaUpdate{2}}, "", 1);
  EXPECT_EQ(current.schema()->schema_id(), 2);
  const auto small = std::make_shared<const Schema>(
      std::vector<Field>{{1, "id", Type::Of(TypeId::kLong), true, "", {}}}, 3);
  EXPECT_EQ(ApplyUpdates(base, {AddSchemaUpdate{small}}, "", 1).last_column_id, 6)
      << "ids of dropped columns are not given again";
}

TEST(Updates, TheMetadataLogIsKeptAsLongAsThePropertySays) {
  TableMetadata metadata = Base();
  metadata.metadata_log.clear();
  SetProperty("write.metadata.previous-versions-max", "2", &metadata.properties);
  for (int version = 1; version <= 4; ++version) {
    metadata = ApplyUpdates(metadata, {}, "v" + std::to_string(version), 1);
  }
  std::vector<std::string> files;
  for (const MetadataLogEntry& entry : metadata.metadata_log) {
    files.push_back(entry.metadata_file);
  }
  EXPECT_THAT(files, ElementsAre("v3", "v4"));
}

TEST(Updates, OfSpecsPropertiesAndTheLocation) {
  const TableMetadata base = Base();
  const PartitionField field{1, 1007, "id_b", Transform::Bucket(4), {}};
  const auto spec = std::make_shared<const PartitionSpec>(5, std::vector{field});
  const TableMetadata after =
      ApplyUpdates(base,
                   {AddSpecUpdate{spec}, SetDefaultSpecUpdate{kLastAdded},
                    SetLocationUpdate{"file:///elsewhere"},
                    SetPropertiesUpdate{{{"a", "1"}, {"b", "2"}, {"a", "3"}}},
                    RemovePropertiesUpdate{{"b", "missing"}}, AssignUuidUpdate{"u"}},
                   "", 1);
  EXPECT_EQ(after.default_spec_id, 5);
  EXPECT_EQ(after.last_partition_id, 1007);
  EXPECT_EQ(after.location, "file:///elsewhere");
  EXPECT_EQ(FindProperty(after.properties, "a"), "3");
  EXPECT_FALSE(FindProperty(after.properties, "b"));
  EXPECT_EQ(after.table_uuid, "u");
  const TableMetadata removed =
      ApplyUpdates(after, {SetDefaultSpecUpdate{0}, RemovePartitionSpecsUpdate{{5}}}, "", 1);
  EXPECT_EQ(removed.partition_specs.size(), base.partition_specs.size());
  EXPECT_EQ(removed.last_partition_id, 1007) << "ids are not given again";
}

TEST(Updates, SnapshotsGoWithTheirRefsAndTheLogBeforeThem) {
  TableMetadata base = Base();
  const int64_t first = base.snapshots.front()->snapshot_id;
  base.snapshot_log = {{1, kCurrent}, {2, first}, {3, kCurrent}};
  base.refs["old"] = {.snapshot_id = first};
  const TableMetadata after = ApplyUpdates(base, {RemoveSnapshotsUpdate{{first}}}, "", 1);
  EXPECT_EQ(after.FindSnapshot(first), nullptr);
  EXPECT_FALSE(after.refs.contains("old"));
  EXPECT_THAT(after.snapshot_log, ElementsAre(SnapshotLogEntry{3, kCurrent}));
}

TEST(Updates, SnapshotsThatWereNeverCurrentAreNotLogged) {
  const TableMetadata base = Base();
  const TableMetadata after = ApplyUpdates(base,
                                           {AddSnapshotUpdate{NewSnapshot(77, 35, 5)},
                                            SetSnapshotRefUpdate{"main", {.snapshot_id = 77}},
                                            AddSnapshotUpdate{NewSnapshot(78, 36, 5)},
                                            SetSnapshotRefUpdate{"main", {.snapshot_id = 78}}},
                                           "", 1);
  EXPECT_EQ(after.snapshot_log.size(), base.snapshot_log.size() + 1);
  EXPECT_EQ(after.snapshot_log.back().snapshot_id, 78);
}

TEST(Updates, ABranchThatGoesLeavesItsSnapshots) {
  const TableMetadata base = Base();
  const TableMetadata after = ApplyUpdates(base, {RemoveSnapshotRefUpdate{"main"}}, "", 1);
  EXPECT_EQ(after.current_snapshot(), nullptr);
  EXPECT_EQ(after.snapshots.size(), base.snapshots.size());
  EXPECT_TRUE(after.snapshot_log.empty());
}

TEST(Updates, ThatBreakTheMetadataAreOurBugs) {
  const TableMetadata base = Base();
  for (const TableUpdate& update : std::vector<TableUpdate>{
           SetCurrentSchemaUpdate{9}, SetSnapshotRefUpdate{"main", {.snapshot_id = 9}},
           SetCurrentSchemaUpdate{kLastAdded}, SetDefaultSpecUpdate{9},
           SetDefaultSortOrderUpdate{9}, AddSchemaUpdate{base.schemas[0]},
           RemoveSchemasUpdate{{base.current_schema_id}},
           RemovePartitionSpecsUpdate{{base.default_spec_id}},
           SetSnapshotRefUpdate{"main",
                                {.snapshot_id = kCurrent, .kind = SnapshotRef::Kind::kTag}},
           AddSnapshotUpdate{NewSnapshot(kCurrent, 99, 0)}}) {
    EXPECT_EQ(WhatThrows([&] { ApplyUpdates(base, {update}, "", 1); }).class_name,
              "InternalError");
  }
}

}  // namespace
}  // namespace floe::testing
