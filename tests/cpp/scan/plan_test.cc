// Which snapshot, manifests and files a scan reads.

#include "floe/scan/plan.h"

#include <arrow/type.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/stop_token.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/manifest/manifest_file.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/update.h"
#include "floe/schema/type.h"
#include "floe/table/catalog.h"
#include "floe/table/table.h"
#include "support/rows.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::shared_ptr<arrow::Schema> Input() {
  return arrow::schema({arrow::field("id", arrow::int64()),
                        arrow::field("part", arrow::int32()),
                        arrow::field("text", arrow::utf8())});
}

class ScanPlan : public ::testing::Test {
 protected:
  /// Partitioned by part, with four commits: a file for each of its partitions.
  Table Make() {
    Table table =
        warehouse_.Create("t",
                          {Optional(1, "id", TypeId::kLong), Optional(2, "part", TypeId::kInt),
                           Optional(3, "text", TypeId::kString)},
                          {PartitionBy(2, "part")});
    for (const char* rows :
         {R"([[1, 1, "a"], [2, 1, null], [3, 2, "c"]])", R"([[10, 2, "k"], [12, 2, "m"]])",
          R"([[20, 3, null], [null, null, "x"]])", R"([[30, 4, "z"]])"}) {
      warehouse_.clock().SleepMs(1'000);
      table = AppendRows(table, *RowsOf(Input(), {rows}));
    }
    return table;
  }

  Table WithRef(const Table& table, const std::string& name, SnapshotRef ref) {
    return *warehouse_.catalog()
                .CommitTable(table, {.requirements = {},
                                     .updates = {SetSnapshotRefUpdate{name, std::move(ref)}},
                                     .new_files = {}})
                .table;
  }

  static size_t FilesFor(const Table& table, const std::string& filter, bool prune = true) {
    return TableScan(table, {.row_filter = ParseExpression(filter), .prune_files = prune})
        .Plan()
        .size();
  }

  Warehouse warehouse_;
};

// requirement: T-FR-036
TEST_F(ScanPlan, FilesAreLeftOutByPartitionAndByMetrics) {
  const Table table = Make();
  struct Case {
    const char* filter;
    size_t files;
    const char* rows;  // ids
  };
  for (const Case& test : {
           Case{"part = 2", 2, "3 10 12 "},
           Case{"part in (1, 4)", 2, "1 2 30 "},
           Case{"part is null", 1, "null "},
           Case{"part is not null", 5, "1 2 3 10 12 20 30 "},
           Case{"part > 4", 0, ""},
           Case{"id = 12", 1, "12 "},
           Case{"id = 11", 1, ""},
           Case{"id is null", 1, "null "},
           Case{"part != 2 and id < 20", 1, "1 2 "},
           Case{"text is null", 2, "2 20 "},
           Case{"text >= 'k'", 3, "10 12 30 null "},
           Case{"text like 'z%'", 1, "30 "},
           Case{"not (part = 2 or id > 15)", 1, "1 2 "},
           Case{"part = 3 or id = 1", 2, "1 20 "},
       }) {
    SCOPED_TRACE(test.filter);
    EXPECT_EQ(FilesFor(table, test.filter), test.files);
    EXPECT_EQ(FilesFor(table, test.filter, /*prune=*/false), 6U);
    const auto rows = [&](bool prune) {
      return ReadRows(table, {.row_filter = ParseExpression(test.filter),
                              .selected_fields = std::vector<std::string>{"id"},
                              .prune_files = prune,
                              .prune_row_groups = prune});
    };
    std::vector<std::string> expected;
    std::istringstream words(test.rows);
    for (std::string word; words >> word;) {
      expected.push_back(word);
    }
    EXPECT_EQ(rows(true), Sorted(expected));
    EXPECT_EQ(rows(false), Sorted(expected));
  }
}

TEST_F(ScanPlan, ManifestsOutOfBoundsAreNotOpened) {
  const Table table = Make();
  const auto manifests = ReadManifestList(*table.io(), table.current_snapshot()->manifest_list);
  for (const ManifestFile& manifest : manifests) {
    if (manifest.added_snapshot_id != table.current_snapshot()->snapshot_id) {
      table.io()->Delete(manifest.manifest_path);
    }
  }
  EXPECT_EQ(FilesFor(table, "part = 4"), 1U);
  EXPECT_EQ(FilesFor(table, "part > 3 and part < 9"), 1U);
  EXPECT_THROW(FilesFor(table, "part = 4", /*prune=*/false), IoError);
  EXPECT_THROW(FilesFor(table, "id = 30"), IoError) << "no partition tells";
}

TEST_F(ScanPlan, TasksSayWhetherAllTheirRowsMatch) {
  const Table table = Make();
  const auto all_match = [&](const std::string& filter) {
    std::vector<bool> answers;
    for (const ScanTask& task :
         TableScan(table, {.row_filter = ParseExpression(filter)}).Plan()) {
      answers.push_back(task.all_rows_match());
    }
    return answers;
  };
  EXPECT_EQ(all_match("part = 4"), std::vector{true});
  EXPECT_EQ(all_match("id >= 10 and id <= 12"), std::vector{true});
  EXPECT_EQ(all_match("id = 12"), std::vector{false});
  EXPECT_EQ(all_match("part = 1 and text is not null"), std::vector{false});
}

TEST_F(ScanPlan, SnapshotIsFoundByIdTimeAndRef) {
  Table table = Make();
  const auto snapshots = table.metadata().snapshots;
  table = WithRef(table, "old",
                  {.snapshot_id = snapshots[0]->snapshot_id, .kind = SnapshotRef::Kind::kTag});
  const auto read = [&](ScanOptions options) -> std::optional<int64_t> {
    const TableScan scan(table, std::move(options));
    return scan.snapshot() == nullptr ? std::nullopt
                                      : std::optional(scan.snapshot()->snapshot_id);
  };
  EXPECT_EQ(read({}), snapshots[3]->snapshot_id);
  EXPECT_EQ(read({.ref = "main"}), snapshots[3]->snapshot_id);
  EXPECT_EQ(read({.ref = "old"}), snapshots[0]->snapshot_id);
  for (const SnapshotPtr& snapshot : snapshots) {
    EXPECT_EQ(read({.snapshot_id = snapshot->snapshot_id}), snapshot->snapshot_id);
    EXPECT_EQ(read({.timestamp_ms = snapshot->timestamp_ms}), snapshot->snapshot_id)
        << "a snapshot is current from its own time on";
    EXPECT_EQ(read({.timestamp_ms = snapshot->timestamp_ms + 999}), snapshot->snapshot_id);
  }
  EXPECT_EQ(read({.timestamp_ms = std::numeric_limits<int64_t>::max()}),
            snapshots[3]->snapshot_id);

  const int64_t before = snapshots[0]->timestamp_ms - 1;
  for (ScanOptions options :
       {ScanOptions{.snapshot_id = 5}, ScanOptions{.timestamp_ms = before},
        ScanOptions{.ref = "none"}}) {
    const Thrown thrown = WhatThrows([&] { TableScan(table, options); });
    EXPECT_EQ(thrown.class_name, "NoSuchSnapshotError") << thrown;
    EXPECT_EQ(thrown.details.table, "db.t");
    options.ref = "main";
    options.snapshot_id = snapshots[0]->snapshot_id;
    EXPECT_EQ(WhatThrows([&] { TableScan(table, options); }).class_name,
              "InvalidArgumentError");
  }
}

TEST_F(ScanPlan, TableThatWasNeverWrittenHasNoRows) {
  const Table table = warehouse_.Create("t", {Optional(1, "id", TypeId::kLong)});
  EXPECT_EQ(TableScan(table).snapshot(), nullptr);
  EXPECT_THAT(TableScan(table).Plan(), IsEmpty());
  EXPECT_THAT(ReadRows(table, {.row_filter = ParseExpression("id = 1")}), IsEmpty());
  EXPECT_THROW(TableScan(table, {.ref = "main"}), NoSuchSnapshotError);
}

TEST_F(ScanPlan, OptionsThatCannotBeMetAreNamedBeforeAnythingIsRead) {
  const Table table = Make();
  for (const auto& [options, problem] : std::vector<std::pair<ScanOptions, std::string>>{
           {{.row_filter = ParseExpression("gone = 1")}, "gone"},
           {{.row_filter = ParseExpression("id = 'x'")}, "id"},
           {{.selected_fields = std::vector<std::string>{"gone"}}, "gone"},
           {{.limit = -1}, "limit"},
           {{.batch_rows = 0}, "batch_rows"},
           {{.memory_bytes = 0}, "memory_bytes"},
       }) {
    const Thrown thrown = WhatThrows([&] { TableScan(table, options); });
    EXPECT_EQ(thrown.class_name, "InvalidArgumentError") << thrown;
    EXPECT_THAT(thrown.message, HasSubstr(problem));
  }
}

TEST_F(ScanPlan, StopEndsPlanning) {
  const StopToken stop = StopToken::Make();
  stop.RequestStop();
  const TableScan scan(Make(), {.parallel = {.stop = stop}});
  EXPECT_THROW(scan.Plan(), CancelledError);
}

}  // namespace
}  // namespace floe::testing
