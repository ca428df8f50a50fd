// Rows that delete files delete: which files apply to which, and what they delete.

#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/manifest/data_file.h"
#include "floe/metadata/snapshot.h"
#include "floe/scan/plan.h"
#include "floe/scan/read.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "support/delete_files.h"
#include "support/rows.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

using Rows = std::vector<std::string>;

std::shared_ptr<arrow::Schema> Input() {
  return arrow::schema(
      {arrow::field("id", arrow::int64()), arrow::field("part", arrow::int32()),
       arrow::field("text", arrow::utf8()), arrow::field("ratio", arrow::float64())});
}

const std::vector<Field>& Columns() {
  static const auto* const columns_of_rows = new std::vector<Field>{
      Optional(1, "id", TypeId::kLong), Optional(2, "part", TypeId::kInt),
      Optional(3, "text", TypeId::kString), Optional(4, "ratio", TypeId::kDouble)};
  return *columns_of_rows;
}

class Deletes : public ::testing::Test {
 protected:
  /// Partitioned by part; partition 1 has two files, 2 has one.
  Table Make(const Properties& properties = {}) {
    Table table = warehouse_.Create("t", Columns(), {PartitionBy(2, "part")}, properties);
    table = Append(table, R"([[1, 1, "a", 0.5], [2, 1, "b", null], [3, 2, "c", 1.5]])");
    return Append(table, R"([[11, 1, "k", 0.5], [12, 1, null, 2.5]])");
  }

  Table MakeUnpartitioned() {
    return Append(warehouse_.Create("u", Columns()),
                  R"([[1, 1, "a", 0.5], [2, 1, "b", null], [null, 2, null, 1.5]])");
  }

  Table Append(const Table& table, const std::string& rows) {
    warehouse_.clock().SleepMs(1'000);
    return AppendRows(table, *RowsOf(Input(), {rows}));
  }

  static DeleteScope Part(int32_t part) { return {0, {Literal::Int(part)}}; }

  /// Path of the only file that has a row with this id.
  static std::string PathOf(const Table& table, int64_t id) {
    const auto tasks =
        TableScan(table, {.row_filter = ParseExpression(fmt::format("id = {}", id))}).Plan();
    EXPECT_EQ(tasks.size(), 1U);
    return std::string(tasks.at(0).file_path());
  }

  /// The ids of the rows, all ways of reading agreeing on them.
  static Rows Ids(const Table& table, const std::string& filter = "") {
    ScanOptions options{.selected_fields = std::vector<std::string>{"id"}};
    if (!filter.empty()) {
      options.row_filter = ParseExpression(filter);
    }
    Rows rows = ReadRows(table, options);
    EXPECT_EQ(CountRows(TableScan(table, options)), static_cast<int64_t>(rows.size()));
    const auto streamed =
        arrow::Table::FromRecordBatchReader(OpenReader(TableScan(table, options)).get());
    EXPECT_EQ(Sorted(TextsOf(*streamed.ValueOrDie())), rows);
    options.prune_files = false;
    options.prune_row_groups = false;
    EXPECT_EQ(ReadRows(table, options), rows);
    return rows;
  }

  static Schema OneColumn(int32_t id, const std::string& name, TypeId type) {
    return Schema({Optional(id, name, type)});
  }

  static size_t DeleteFilesOf(const Table& table, const std::string& filter) {
    size_t count = 0;
    for (const ScanTask& task :
         TableScan(table, {.row_filter = ParseExpression(filter)}).Plan()) {
      count += task.delete_files().size();
    }
    return count;
  }

  Warehouse warehouse_;
};

TEST_F(Deletes, PositionsOfOneFile) {
  Table table = Make();
  const std::string path = PathOf(table, 1);
  table = WithDeletes(table, {WritePositionDeletes(table, Part(1), {{path, 1}})});
  EXPECT_EQ(Ids(table), Sorted({"1", "3", "11", "12"}));
  EXPECT_EQ(Ids(table, "part = 1 and text is not null"), Sorted({"1", "11"}));
  EXPECT_EQ(DeleteFilesOf(table, "part = 1"), 1U);
}

TEST_F(Deletes, PositionsOfSeveralFilesInOneDeleteFile) {
  Table table = Make();
  std::vector<std::pair<std::string, int64_t>> rows = {{PathOf(table, 1), 0},
                                                       {PathOf(table, 11), 1}};
  std::ranges::sort(rows);
  table = WithDeletes(table, {WritePositionDeletes(table, Part(1), rows)});
  EXPECT_EQ(Ids(table), Sorted({"2", "3", "11"}));
}

TEST_F(Deletes, PositionsOfAnotherPartitionAreNotOurs) {
  Table table = Make();
  // Two paths, so that the file is found by its partition only.
  std::vector<std::pair<std::string, int64_t>> rows = {{PathOf(table, 1), 0},
                                                       {PathOf(table, 3), 0}};
  std::ranges::sort(rows);
  table = WithDeletes(table, {WritePositionDeletes(table, Part(2), rows)});
  EXPECT_EQ(Ids(table), Sorted({"1", "2", "11", "12"}));
}

TEST_F(Deletes, PositionsApplyToDataOfTheSameCommitAndEqualitiesToOlderOnly) {
  Table table = Make();  // sequence numbers 1 and 2
  const std::string path = PathOf(table, 11);
  const Schema ids = OneColumn(1, "id", TypeId::kLong);
  const Table same =
      WithDeletes(table,
                  {WritePositionDeletes(table, Part(1), {{path, 0}}),
                   WriteEqualityDeletes(table, Part(1), ids, "[[1], [12]]", {1})},
                  2);
  EXPECT_EQ(Ids(same), Sorted({"2", "3", "12"}));
  const Table older = WithDeletes(same, {WritePositionDeletes(table, Part(1), {{path, 1}})}, 1);
  EXPECT_EQ(Ids(older), Sorted({"2", "3", "12"}));
}

TEST_F(Deletes, EqualitiesOfAPartitionLeaveOthersAlone) {
  Table table = Make();
  const Schema ids = OneColumn(1, "id", TypeId::kLong);
  table = CommitDeletes(table, {WriteEqualityDeletes(table, Part(2), ids, "[[1], [3]]", {1})});
  EXPECT_EQ(Ids(table), Sorted({"1", "2", "11", "12"}));
  table = CommitDeletes(table, {WriteEqualityDeletes(table, Part(1), ids, "[[1], [12]]", {1})});
  EXPECT_EQ(Ids(table), Sorted({"2", "11"}));
  // Rows that come later are not deleted.
  table = Append(table, R"([[1, 1, "again", null]])");
  EXPECT_EQ(Ids(table), Sorted({"1", "2", "11"}));
}

TEST_F(Deletes, EqualitiesComparePairsAndNulls) {
  Table table = MakeUnpartitioned();
  const Schema pair({Optional(1, "id", TypeId::kLong), Optional(3, "text", TypeId::kString)});
  EXPECT_EQ(Ids(WithDeletes(table, {WriteEqualityDeletes(table, {}, pair,
                                                         R"([[1, "b"], [2, "a"]])", {1, 3})})),
            Sorted({"1", "2", "null"}));
  EXPECT_EQ(
      Ids(WithDeletes(table, {WriteEqualityDeletes(table, {}, pair,
                                                   R"([[null, null], [2, "b"]])", {3, 1})})),
      Sorted({"1"}));
  const Schema ratios = OneColumn(4, "ratio", TypeId::kDouble);
  EXPECT_EQ(Ids(WithDeletes(table, {WriteEqualityDeletes(table, {}, ratios, "[[null]]", {4})})),
            Sorted({"1", "null"}));
}

TEST_F(Deletes, EqualitiesOfZerosAndNans) {
  Table table = warehouse_.Create("z", Columns());
  table = Append(table, R"([[1, 1, "a", 0.0], [2, 1, "b", -0.0], [3, 1, "c", NaN],
                            [4, 1, "d", 1.0]])");
  const Schema ratios = OneColumn(4, "ratio", TypeId::kDouble);
  EXPECT_EQ(
      Ids(WithDeletes(table, {WriteEqualityDeletes(table, {}, ratios, "[[-0.0]]", {4}, {4})})),
      Sorted({"1", "3", "4"}));
  EXPECT_EQ(
      Ids(WithDeletes(table, {WriteEqualityDeletes(table, {}, ratios, "[[NaN]]", {4}, {4})})),
      Sorted({"1", "2", "4"}));
}

TEST_F(Deletes, EqualityColumnsThatAreNotSelectedAreReadAllTheSame) {
  Table table = MakeUnpartitioned();
  const Schema texts = OneColumn(3, "text", TypeId::kString);
  table =
      WithDeletes(table, {WriteEqualityDeletes(table, {}, texts, R"([["a"], [null]])", {3})});
  EXPECT_EQ(Ids(table), Sorted({"2"}));
  EXPECT_EQ(Ids(table, "ratio > 0"), Rows{});
}

TEST_F(Deletes, ColumnsThatCameLaterAreNullInOlderFiles) {
  Table table = MakeUnpartitioned();
  warehouse_.clock().SleepMs(1'000);
  const auto wider =
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("late", arrow::int32())});
  table = AppendRows(table, *RowsOf(wider, {"[[7, 70], [8, null]]"}), {.evolve_schema = true});
  const int32_t late = table.metadata().schema()->Find("late")->field->id;
  const Schema lates = OneColumn(late, "late", TypeId::kInt);
  EXPECT_EQ(
      Ids(WithDeletes(table, {WriteEqualityDeletes(table, {}, lates, "[[null]]", {late})})),
      Sorted({"7"}));
  EXPECT_EQ(Ids(WithDeletes(table, {WriteEqualityDeletes(table, {}, lates, "[[70]]", {late})})),
            Sorted({"1", "2", "8", "null"}));
}

TEST_F(Deletes, ValuesArePromotedBeforeTheyAreCompared) {
  Table table = MakeUnpartitioned();
  // The delete file has int where the column is long, as of a time before it was widened.
  const Schema ids = OneColumn(1, "id", TypeId::kInt);
  table = WithDeletes(table, {WriteEqualityDeletes(table, {}, ids, "[[2]]", {1}, {1})});
  EXPECT_EQ(Ids(table), Sorted({"1", "null"}));
}

// Bounds of some columns only, and of others none, must not hide a delete.
TEST_F(Deletes, BoundsShowWhichEqualitiesAreAboutOtherRows) {
  Table table = MakeUnpartitioned();
  const Schema pair({Optional(1, "id", TypeId::kLong), Optional(3, "text", TypeId::kString)});
  const auto with_bounds = [&](const char* rows, const std::vector<int32_t>& bounds_of) {
    return WithDeletes(table, {WriteEqualityDeletes(table, {}, pair, rows, {1, 3}, bounds_of)});
  };
  for (const std::vector<int32_t>& bounds_of : {std::vector<int32_t>{}, {1}, {3}, {1, 3}}) {
    const Table hit = with_bounds(R"([[2, "b"]])", bounds_of);
    EXPECT_EQ(DeleteFilesOf(hit, "id is not null"), 1U);
    EXPECT_EQ(Ids(hit), Sorted({"1", "null"}));
    const Table miss = with_bounds(R"([[20, "bb"]])", bounds_of);
    EXPECT_EQ(Ids(miss), Sorted({"1", "2", "null"}));
    const bool tells = !bounds_of.empty();
    EXPECT_EQ(DeleteFilesOf(miss, "id is not null"), tells ? 0U : 1U);
    EXPECT_EQ(Ids(with_bounds("[[null, null]]", bounds_of)), Sorted({"1", "2"}));
  }
}

TEST_F(Deletes, ADeletionVectorStandsForTheFilesPositions) {
  Table table = Make();
  const std::string path = PathOf(table, 11);
  table = WithDeletes(table, {WritePositionDeletes(table, Part(1), {{path, 0}})});
  EXPECT_EQ(Ids(table), Sorted({"1", "2", "3", "12"}));
  table = WithDeletes(table, {WriteDeletionVector(table, Part(1), path, {1})});
  EXPECT_EQ(Ids(table), Sorted({"1", "2", "3", "11"}));
  EXPECT_EQ(DeleteFilesOf(table, "part = 1"), 1U);
  // Equality deletes go on.
  const Schema ids = OneColumn(1, "id", TypeId::kLong);
  table = WithDeletes(table, {WriteEqualityDeletes(table, Part(1), ids, "[[11]]", {1})});
  EXPECT_EQ(Ids(table), Sorted({"1", "2", "3"}));
}

TEST_F(Deletes, AllRowsOfAFile) {
  Table table = Make();
  table = WithDeletes(table, {WriteDeletionVector(table, Part(1), PathOf(table, 1), {0, 1})});
  EXPECT_EQ(Ids(table), Sorted({"3", "11", "12"}));
  EXPECT_EQ(Ids(table, "id < 3"), Rows{});
}

TEST_F(Deletes, TheLimitIsOfRowsThatAreLeft) {
  Table table = MakeUnpartitioned();
  const std::string path = PathOf(table, 1);
  table = Append(table, R"([[7, 1, "g", null]])");
  table = WithDeletes(table, {WriteDeletionVector(table, {}, path, {0, 1, 2})});
  EXPECT_EQ(ReadRows(table, {.limit = 1}).size(), 1U);
  EXPECT_EQ(CountRows(TableScan(table, {.limit = 3})), 1);
}

TEST_F(Deletes, TwoDeletionVectorsOfOneFileAreDamage) {
  Table table = Make();
  const std::string path = PathOf(table, 1);
  table = WithDeletes(table, {WriteDeletionVector(table, Part(1), path, {0})});
  table = WithDeletes(table, {WriteDeletionVector(table, Part(1), path, {1})});
  const Thrown thrown = WhatThrows([&] { TableScan(table).Plan(); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError");
  EXPECT_THAT(thrown.message, HasSubstr("which has another one in"));
}

TEST_F(Deletes, DamageNamesTheDeleteFile) {
  const Table table = Make();
  const std::string path = PathOf(table, 1);
  const auto error_of = [&](const DataFile& file) {
    const Table damaged = WithDeletes(table, {file});
    const Thrown thrown = WhatThrows([&] { ReadRows(damaged); });
    EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
    EXPECT_EQ(thrown.details.path, file.file_path);
    EXPECT_EQ(WhatThrows([&] { CountRows(TableScan(damaged)); }).message, thrown.message);
    return thrown.message;
  };
  DataFile vector = WriteDeletionVector(table, Part(1), path, {0});
  vector.record_count = 2;
  EXPECT_THAT(error_of(vector), HasSubstr("has a deletion vector of 1 rows at byte 4"));
  vector.record_count = 1;
  vector.content_size_in_bytes = *vector.content_size_in_bytes + 1;
  EXPECT_THAT(error_of(vector), HasSubstr("it says it has"));
  vector.content_size_in_bytes = 1'000'000;
  EXPECT_THAT(error_of(vector), HasSubstr("goes on past the end of the file"));
  vector.content_size_in_bytes.reset();
  EXPECT_THAT(error_of(vector), HasSubstr("without referenced_data_file, content_offset or"));
  EXPECT_THAT(error_of(WritePositionDeletes(table, Part(1), {{path, -1}})),
              HasSubstr("has pos -1"));
  const Schema ids = OneColumn(1, "id", TypeId::kLong);
  EXPECT_THAT(error_of(WriteEqualityDeletes(table, Part(1), ids, "[[1]]", {99})),
              HasSubstr("compares rows by field 99"));
  EXPECT_THAT(error_of(WriteEqualityDeletes(table, Part(1), ids, "[[1]]", {})),
              HasSubstr("no equality_ids"));
}

TEST_F(Deletes, PositionsBeyondTheFileDeleteNothing) {
  Table table = Make();
  const std::string path = PathOf(table, 1);
  table = WithDeletes(table,
                      {WriteDeletionVector(table, Part(1), path, {0, 2, 1'000'000'000'000})});
  EXPECT_EQ(Ids(table), Sorted({"2", "3", "11", "12"}));
}

TEST_F(Deletes, FilesThatAreDroppedFromMemoryAreReadAgain) {
  Table table = Make();
  const std::string path = PathOf(table, 1);
  const Schema ids = OneColumn(1, "id", TypeId::kLong);
  std::vector<std::pair<std::string, int64_t>> rows = {{path, 0}, {PathOf(table, 11), 1}};
  std::ranges::sort(rows);
  table = WithDeletes(table, {WritePositionDeletes(table, Part(1), rows),
                              WriteEqualityDeletes(table, Part(1), ids, "[[2]]", {1})});
  EXPECT_EQ(
      ReadRows(table, {.selected_fields = std::vector<std::string>{"id"}, .memory_bytes = 1}),
      Sorted({"3", "11"}));
}

}  // namespace
}  // namespace floe::testing
