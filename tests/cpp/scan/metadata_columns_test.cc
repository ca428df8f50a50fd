// Columns that tell of a row where it is and when it came.

#include <arrow/type.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/scan/plan.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "support/delete_files.h"
#include "support/rows.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

class MetadataColumns : public ::testing::Test {
 protected:
  Table Append(const Table& table, const std::string& rows) {
    warehouse_.clock().SleepMs(1'000);
    const auto input = arrow::schema(
        {arrow::field("id", arrow::int64()), arrow::field("part", arrow::int32())});
    return AppendRows(table, *RowsOf(input, {rows}));
  }

  Table Make() {
    const Table empty = warehouse_.Create(
        "t", {Optional(1, "id", TypeId::kLong), Optional(2, "part", TypeId::kInt)},
        {PartitionBy(2, "part")});
    return Append(Append(empty, "[[10, 1], [11, 1], [12, 1]]"), "[[20, 2], [21, null]]");
  }

  static std::vector<std::string> Read(const Table& table, std::vector<std::string> columns,
                                       const std::string& filter = "id > 0") {
    return ReadRows(
        table, {.row_filter = ParseExpression(filter), .selected_fields = std::move(columns)});
  }

  Warehouse warehouse_;
};

TEST_F(MetadataColumns, PositionsAreThoseOfTheFile) {
  const Table table = Make();
  EXPECT_EQ(Read(table, {"_pos", "id"}), Sorted({"10|0", "11|1", "12|2", "20|0", "21|0"}));
  EXPECT_EQ(Read(table, {"id", "_pos"}, "id = 12"), Sorted({"12|2"}));
  EXPECT_EQ(Read(table, {"_pos"}, "part = 1"), Sorted({"0", "1", "2"}));
}

TEST_F(MetadataColumns, PositionsStayWhereRowsAreDeleted) {
  const Table table = Make();
  const auto tasks = TableScan(table, {.row_filter = ParseExpression("id = 10")}).Plan();
  const Table less =
      WithDeletes(table, {WriteDeletionVector(table, {0, {Literal::Int(1)}},
                                              std::string(tasks.at(0).file_path()), {1})});
  EXPECT_EQ(Read(less, {"id", "_pos"}, "part = 1"), Sorted({"10|0", "12|2"}));
  EXPECT_EQ(Read(less, {"_spec_id"}, "part = 1"), Sorted({"0", "0"}));
}

TEST_F(MetadataColumns, FileSpecAndPartition) {
  const Table table = Make();
  const auto tasks = TableScan(table, {.row_filter = ParseExpression("id = 20")}).Plan();
  EXPECT_EQ(Read(table, {"_file"}, "id = 20"), Sorted({std::string(tasks.at(0).file_path())}));
  EXPECT_EQ(Read(table, {"id", "_spec_id", "_partition"}, "id >= 20"),
            Sorted({"20|0|{part:int32 = 2}", "21|0|{part:int32 = null}"}));
}

TEST_F(MetadataColumns, RowIdsAreNullWithoutLineage) {
  EXPECT_EQ(Read(Make(), {"id", "_row_id", "_last_updated_sequence_number"}, "id in (10, 20)"),
            Sorted({"10|null|1", "20|null|2"}));
}

TEST_F(MetadataColumns, AreReadOnRequestOnly) {
  const Table table = Make();
  EXPECT_EQ(ReadRows(table, {.limit = 0}).size(), 0U);
  EXPECT_EQ(TableScan(table).projection()->fields().size(), 2U);
  EXPECT_EQ(TableScan(table, {.selected_fields = std::vector<std::string>{"*", "_pos"}})
                .projection()
                ->fields()
                .size(),
            3U);
  const Thrown thrown = WhatThrows([&] { Read(table, {"_deleted"}); });
  EXPECT_EQ(thrown.class_name, "InvalidArgumentError");
  EXPECT_THAT(thrown.message, HasSubstr("no column '_deleted'"));
}

}  // namespace
}  // namespace floe::testing
