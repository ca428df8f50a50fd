// Files that were moved into a table: without field ids, and without their partition's column.

#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>

#include <span>
#include <string>
#include <vector>

#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/io/file_io.h"
#include "floe/metadata/snapshot.h"
#include "floe/scan/plan.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "support/rows.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A table with columns id and p, partitioned by p, whose only file has neither ids nor p.
Table TableWithMovedFile(Warehouse& warehouse, const Properties& properties) {
  Table table = warehouse.Create(
      "t", {Optional(1, "id", TypeId::kLong), Optional(2, "p", TypeId::kString)},
      {PartitionBy(2, "p")}, properties);
  table = AppendRows(table, *RowsOf(arrow::schema({arrow::field("id", arrow::int64()),
                                                   arrow::field("p", arrow::utf8())}),
                                    {R"([[1, "x"], [2, "x"]])"}));
  const std::string path(TableScan(table).Plan()[0].file_path());
  const auto rows =
      arrow::Table::FromRecordBatches(
          {BatchOf(arrow::schema({arrow::field("old_id", arrow::int64())}), "[[1], [2]]")})
          .ValueOrDie();
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  EXPECT_TRUE(parquet::arrow::WriteTable(*rows, arrow::default_memory_pool(), stream).ok());
  const std::string bytes = stream->Finish().ValueOrDie()->ToString();
  table.io()->Delete(path);
  const auto file = table.io()->Create(path);
  file->Write(std::as_bytes(std::span(bytes)));
  file->Close();
  return table;
}

TEST(MissingColumns, ComeFromTheNameMappingAndThePartition) {
  Warehouse warehouse;
  const Table table =
      TableWithMovedFile(warehouse, {{"schema.name-mapping.default",
                                      R"([{"field-id": 1, "names": ["id", "old_id"]},
                       {"field-id": 2, "names": ["p"]}])"}});
  EXPECT_THAT(ReadRows(table), ElementsAre("1|x", "2|x"));
  EXPECT_THAT(ReadRows(table, {.row_filter = ParseExpression("id > 1 and p = 'x'")}),
              ElementsAre("2|x"));
  EXPECT_THAT(ReadRows(table, {.row_filter = ParseExpression("p is null or id = 3")}),
              IsEmpty());
}

TEST(MissingColumns, CantBeToldWithoutNameMapping) {
  Warehouse warehouse;
  const Table table = TableWithMovedFile(warehouse, {});
  const Thrown thrown = WhatThrows([&] { ReadRows(table); });
  EXPECT_EQ(thrown.class_name, "UnsupportedError") << thrown;
  EXPECT_THAT(thrown.message, HasSubstr("schema.name-mapping.default"));
}

}  // namespace
}  // namespace floe::testing
