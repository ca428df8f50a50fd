// Rows into files: routing, rolling, budgets, and what is left of a write that fails.

#include "floe/write/row_writer.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/stop_token.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/metadata/snapshot.h"
#include "floe/partition/spec.h"
#include "floe/scan/read.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "support/child_process.h"
#include "support/rng.h"
#include "support/rows.h"
#include "support/table_audit.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::Each;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

std::shared_ptr<arrow::Schema> Input() {
  return arrow::schema({arrow::field("id", arrow::int64()),
                        arrow::field("part", arrow::int32()),
                        arrow::field("text", arrow::utf8())});
}

/// Rows with ids from `first`, of partition `part_of(id)`, and texts that don't compress.
template <class PartOf>
std::shared_ptr<arrow::RecordBatch> MakeBatch(int64_t first, int64_t count, size_t text_size,
                                              const PartOf& part_of) {
  Rng rng(static_cast<uint64_t>(first) + 1);
  arrow::Int64Builder ids;
  arrow::Int32Builder parts;
  arrow::StringBuilder texts;
  for (int64_t id = first; id < first + count; ++id) {
    EXPECT_TRUE(ids.Append(id).ok());
    EXPECT_TRUE(parts.Append(static_cast<int32_t>(part_of(id))).ok());
    std::string text;
    while (text.size() < text_size) {
      text += fmt::format("{:016x}", rng.Next());
    }
    EXPECT_TRUE(texts.Append(text.substr(0, text_size)).ok());
  }
  return arrow::RecordBatch::Make(
      Input(), count,
      {ids.Finish().ValueOrDie(), parts.Finish().ValueOrDie(), texts.Finish().ValueOrDie()});
}

class RowWriterTest : public ::testing::Test {
 protected:
  Table Create(std::vector<PartitionField> fields, Properties properties = {}) {
    return warehouse_.Create(
        "t",
        {Optional(1, "id", TypeId::kLong), Optional(2, "part", TypeId::kInt),
         Optional(3, "text", TypeId::kString)},
        std::move(fields), std::move(properties));
  }

  std::set<std::string> DataFiles() {
    std::set<std::string> found;
    for (const std::string& file : FilesIn(warehouse_.path() / "tables")) {
      if (file.ends_with(".parquet")) {
        found.insert(file);
      }
    }
    return found;
  }

  Warehouse warehouse_;
};

std::vector<int64_t> RowGroupRows(const std::string& location) {
  const auto footer = parquet::ParquetFileReader::OpenFile(*LocalPath(location))->metadata();
  std::vector<int64_t> rows;
  for (int i = 0; i < footer->num_row_groups(); ++i) {
    rows.push_back(footer->RowGroup(i)->num_rows());
  }
  return rows;
}

int64_t SumOfRecords(const std::vector<DataFile>& files) {
  return std::accumulate(files.begin(), files.end(), int64_t{0},
                         [](int64_t sum, const DataFile& f) { return sum + f.record_count; });
}

TEST_F(RowWriterTest, FilesAreRolledByEncodedSize) {
  constexpr int64_t kTarget = 200'000;
  const Table table = Create({}, {{"write.target-file-size-bytes", fmt::to_string(kTarget)}});
  RowWriter writer(table, Input());
  for (int64_t batch = 0; batch < 10; ++batch) {
    writer.Write(*MakeBatch(batch * 4'000, 4'000, 48, [](int64_t) { return 0; }));
  }
  const std::vector<DataFile> files = writer.Finish();
  EXPECT_EQ(SumOfRecords(files), 40'000);
  EXPECT_GE(files.size(), 3);
  for (size_t i = 0; i < files.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_LE(files[i].file_size_in_bytes, kTarget * 3 / 2);
    if (i + 1 < files.size()) {
      EXPECT_GE(files[i].file_size_in_bytes, kTarget / 2);
    }
    EXPECT_EQ(files[i].file_size_in_bytes,
              static_cast<int64_t>(std::filesystem::file_size(*LocalPath(files[i].file_path))));
    EXPECT_THAT(files[i].split_offsets, SizeIs(RowGroupRows(files[i].file_path).size()));
    EXPECT_TRUE(std::ranges::is_sorted(files[i].split_offsets));
  }
}

TEST_F(RowWriterTest, RowGroupsKeepTheirLimit) {
  const Table table = Create({}, {{"write.parquet.row-group-limit", "700"}});
  RowWriter writer(table, Input());
  for (int64_t batch = 0; batch < 5; ++batch) {
    writer.Write(*MakeBatch(batch * 999, 999, 3, [](int64_t) { return 0; }));
  }
  const std::vector<DataFile> files = writer.Finish();
  ASSERT_THAT(files, SizeIs(1));
  const std::vector<int64_t> groups = RowGroupRows(files[0].file_path);
  EXPECT_THAT(groups, Each(Le(700)));
  EXPECT_THAT(groups, SizeIs(8)) << "none is cut short but the last";
}

TEST_F(RowWriterTest, ManyPartitionsFitAnyBudgetAndFewOpenFiles) {
  // Files can only be limited for a process as a whole.
  const ChildEnd end = RunInChild([&] {
    const rlimit limit{150, 150};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const Table table = Create({PartitionBy(2, "part")});
    RowWriter writer(table, Input(), {.memory_bytes = 100'000});
    for (int64_t batch = 0; batch < 5; ++batch) {
      writer.Write(*MakeBatch(batch * 1'000, 1'000, 40, [](int64_t id) { return id % 400; }));
    }
    const std::vector<DataFile> files = writer.Finish();
    EXPECT_EQ(SumOfRecords(files), 5'000);
    std::set<int32_t> parts;
    for (const DataFile& file : files) {
      parts.insert(file.partition[0]->get<int32_t>());
    }
    EXPECT_THAT(parts, SizeIs(400));
    return HasFailure() ? 1 : 0;
  });
  EXPECT_EQ(end.exit_code, 0);
}

TEST_F(RowWriterTest, BudgetHoldsWhereAFewRowsOfEachBatchWait) {
  constexpr int64_t kBudget = 4 << 20;
  constexpr int64_t kBatchRows = 2'000;  // about 1 MB
  const Table table = Create({PartitionBy(2, "part")});
  RowWriter writer(table, Input(), {.memory_bytes = kBudget});
  const int64_t before = arrow::default_memory_pool()->bytes_allocated();
  int64_t most = 0;
  for (int64_t batch = 0; batch < 40; ++batch) {
    // One large partition, which is written again and again, and a row of its own for each.
    writer.Write(*MakeBatch(batch * kBatchRows, kBatchRows, 500, [&](int64_t id) {
      return id % kBatchRows == 0 ? 1 + id / kBatchRows : 0;
    }));
    most = std::max(most, arrow::default_memory_pool()->bytes_allocated() - before);
  }
  EXPECT_LE(most, 3 * kBudget) << "small rests must not keep whole batches alive";
  EXPECT_EQ(SumOfRecords(writer.Finish()), 40 * kBatchRows);
}

TEST_F(RowWriterTest, BatchesOfOneRowEndUpInOneFileInOrder) {
  const Table table = Create({PartitionBy(2, "part")});
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (int64_t id = 0; id < 300; ++id) {
    batches.push_back(MakeBatch(id, 1, 5, [](int64_t) { return 7; }));
  }
  const Table after = AppendRows(table, *StreamOf(batches));
  EXPECT_THAT(DataFiles(), SizeIs(1));
  const auto rows =
      ReadTable(TableScan(after, {.selected_fields = std::vector<std::string>{"id"}}));
  std::vector<std::string> expected;
  for (int id = 0; id < 300; ++id) {
    expected.push_back(std::to_string(id));
  }
  EXPECT_EQ(TextsOf(*rows), expected);
}

TEST_F(RowWriterTest, NoRowsMakeNoFiles) {
  const Table table = Create({PartitionBy(2, "part")});
  RowWriter never(table, Input());
  EXPECT_THAT(never.Finish(), IsEmpty());
  RowWriter empty(table, Input());
  empty.Write(*MakeBatch(0, 0, 0, [](int64_t) { return 0; }));
  EXPECT_THAT(empty.Finish(), IsEmpty());
  EXPECT_THAT(DataFiles(), IsEmpty());
  const Table after = AppendRows(table, *RowsOf(Input(), {"[]", "[]"}));
  EXPECT_THAT(ReadRows(after), IsEmpty());
  EXPECT_THAT(after.metadata().snapshots, SizeIs(1));
}

TEST_F(RowWriterTest, RowsWithoutColumnsAreNulls) {
  const Table table = Create({PartitionBy(2, "part")});
  const auto batch = arrow::RecordBatch::Make(arrow::schema({}), 3, arrow::ArrayVector{});
  EXPECT_EQ(ReadRows(AppendRows(table, *StreamOf({batch}))),
            std::vector<std::string>(3, "null|null|null"));
}

TEST_F(RowWriterTest, WideRowsAreWritten) {
  std::vector<Field> columns;
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (int32_t i = 0; i < 1'000; ++i) {
    const std::string name = fmt::format("c{}", i);
    columns.push_back(Optional(i + 1, name, TypeId::kInt));
    fields.push_back(arrow::field(name, arrow::int32()));
    arrow::Int32Builder builder;
    ASSERT_TRUE(builder.AppendValues({i, -i}).ok());
    arrays.push_back(builder.Finish().ValueOrDie());
  }
  const Table table = warehouse_.Create("wide", columns);
  const auto batch = arrow::RecordBatch::Make(arrow::schema(fields), 2, arrays);
  const Table after = AppendRows(table, *StreamOf({batch}));
  const auto rows = ReadTable(TableScan(after));
  ASSERT_EQ(rows->num_columns(), 1'000);
  EXPECT_TRUE(rows->CombineChunksToBatch().ValueOrDie()->Equals(*batch));
}

TEST_F(RowWriterTest, RowsOutsideTheRequiredFilterAreCountedAndNothingIsLeft) {
  const Table table =
      Create({PartitionBy(2, "part")}, {{"write.parquet.row-group-limit", "10"}});
  const auto rows = StreamOf({MakeBatch(0, 100, 5, [](int64_t) { return 1; }),
                              MakeBatch(100, 100, 5, [](int64_t id) { return id % 4; })});
  const Thrown thrown = WhatThrows(
      [&] { AppendRows(table, *rows, {.required_filter = ParseExpression("part = 1")}); });
  EXPECT_EQ(thrown.class_name, "InvalidArgumentError");
  // The first slice that has any: ids 100 to 109, of which 101, 105 and 109 are right.
  EXPECT_THAT(thrown.message, HasSubstr("7 of the first 110 rows"));
  EXPECT_THAT(thrown.message, HasSubstr("\"part\" = 1"));
  EXPECT_THAT(DataFiles(), IsEmpty());
  EXPECT_EQ(warehouse_.Load("t").current_snapshot(), nullptr);
}

TEST_F(RowWriterTest, WriterThatIsNotFinishedRemovesItsFiles) {
  const Table table = Create(
      {PartitionBy(2, "part")},
      {{"write.parquet.row-group-limit", "10"}, {"write.target-file-size-bytes", "2000"}});
  {
    RowWriter writer(table, Input());
    writer.Write(*MakeBatch(0, 500, 20, [](int64_t id) { return id % 3; }));
    EXPECT_THAT(DataFiles(), SizeIs(Ge(3)));
  }
  EXPECT_THAT(DataFiles(), IsEmpty());
}

/// Batches without an end; `on_batch` is told before each.
class EndlessRows final : public arrow::RecordBatchReader {
 public:
  explicit EndlessRows(std::function<arrow::Status(int)> on_batch)
      : on_batch_(std::move(on_batch)) {}
  std::shared_ptr<arrow::Schema> schema() const override { return Input(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    ARROW_RETURN_NOT_OK(on_batch_(++count_));
    *batch = MakeBatch(count_ * 100, 100, 20, [](int64_t id) { return id % 5; });
    return arrow::Status::OK();
  }

 private:
  std::function<arrow::Status(int)> on_batch_;
  int count_ = 0;
};

TEST_F(RowWriterTest, StopEndsAWriteAndLeavesNothing) {
  const Table table =
      Create({PartitionBy(2, "part")}, {{"write.parquet.row-group-limit", "50"}});
  const StopToken stop = StopToken::Make();
  EndlessRows rows([&](int count) {
    if (count == 20) {
      EXPECT_THAT(DataFiles(), SizeIs(Ge(5)));
      stop.RequestStop();
    }
    EXPECT_LE(count, 21);
    return count > 100 ? arrow::Status::Invalid("it goes on and on") : arrow::Status::OK();
  });
  EXPECT_THROW(AppendRows(table, rows, {.stop = stop}), CancelledError);
  EXPECT_THAT(DataFiles(), IsEmpty());
}

TEST_F(RowWriterTest, ErrorOfTheCallersStreamIsThrownAndNothingIsLeft) {
  const Table table =
      Create({PartitionBy(2, "part")}, {{"write.parquet.row-group-limit", "50"}});
  EndlessRows rows([&](int count) {
    return count == 10 ? arrow::Status::IOError("the source broke") : arrow::Status::OK();
  });
  const Thrown thrown = WhatThrows([&] { AppendRows(table, rows); });
  EXPECT_EQ(thrown.class_name, "InvalidArgumentError");
  EXPECT_THAT(thrown.message, HasSubstr("the source broke"));
  EXPECT_THAT(DataFiles(), IsEmpty());
}

TEST_F(RowWriterTest, OverwriteOfPartitionsNeedsPartitions) {
  const Table table = Create({});
  EXPECT_EQ(
      WhatThrows([&] { OverwritePartitions(table, *RowsOf(Input(), {"[]"})); }).class_name,
      "UnsupportedError");
}

}  // namespace
}  // namespace floe::testing
