// Rows of a scan: at once and as a stream, with limits, and ended before their time.

#include "floe/scan/read.h"

#include <arrow/record_batch.h>
#include <arrow/status.h>
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
#include <vector>

#include "floe/base/error.h"
#include "floe/base/stop_token.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/scan/plan.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "parquet/arrow_status.h"
#include "support/rows.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

class ScanRead : public ::testing::Test {
 protected:
  /// ids 0 to 59 in three files of four row groups each.
  ScanRead()
      : table_(warehouse_.Create("t", {Optional(1, "id", TypeId::kLong)}, {},
                                 {{"write.parquet.row-group-limit", "5"}})) {
    for (int file = 0; file < 3; ++file) {
      std::string rows;
      for (int id = 20 * file; id < 20 * (file + 1); ++id) {
        rows += fmt::format("{}[{}]", rows.empty() ? "" : ",", id);
      }
      table_ = AppendRows(table_, *RowsOf(arrow::schema({arrow::field("id", arrow::int64())}),
                                          {"[" + rows + "]"}));
    }
  }

  /// All rows of a stream, in order.
  static std::vector<std::string> Stream(const TableScan& scan) {
    return TextsOf(*OpenReader(scan)->ToTable().ValueOrDie());
  }

  Warehouse warehouse_;
  Table table_;
};

TEST_F(ScanRead, StreamAndTableHaveTheSameRowsInTheSameOrder) {
  for (const char* filter : {"id >= 0", "id > 7 and id < 43", "id in (1, 22, 59)", "id > 99"}) {
    for (const int64_t batch_rows : {1, 3, 1'000}) {
      for (const int64_t memory : {int64_t{1}, int64_t{1} << 20}) {
        const TableScan scan(table_, {.row_filter = ParseExpression(filter),
                                      .batch_rows = batch_rows,
                                      .memory_bytes = memory});
        const std::vector<std::string> rows = TextsOf(*ReadTable(scan));
        EXPECT_EQ(Stream(scan), rows) << filter;
        EXPECT_EQ(CountRows(scan), static_cast<int64_t>(rows.size())) << filter;
        const auto reader = OpenReader(scan);
        std::shared_ptr<arrow::RecordBatch> batch;
        while (reader->ReadNext(&batch).ok() && batch != nullptr) {
          EXPECT_LE(batch->num_rows(), batch_rows);
        }
      }
    }
  }
}

TEST_F(ScanRead, LimitIsKeptInEveryWayOfReading) {
  for (const char* filter : {"", "id >= 20", "id > 22 and id < 51"}) {
    const auto scan_of = [&](std::optional<int64_t> limit) {
      return TableScan(table_,
                       {.row_filter = *filter == '\0' ? nullptr : ParseExpression(filter),
                        .limit = limit,
                        .batch_rows = 3});
    };
    const std::vector<std::string> all = TextsOf(*ReadTable(scan_of(std::nullopt)));
    for (const int64_t limit : {0, 1, 3, 5, 20, 21, 28, 59, 60, 1'000}) {
      SCOPED_TRACE(fmt::format("{} limit {}", filter, limit));
      const TableScan scan = scan_of(limit);
      const auto kept = std::min(static_cast<size_t>(limit), all.size());
      const std::vector<std::string> expected(all.begin(),
                                              all.begin() + static_cast<std::ptrdiff_t>(kept));
      EXPECT_EQ(TextsOf(*ReadTable(scan)), expected);
      EXPECT_EQ(Stream(scan), expected);
      EXPECT_EQ(CountRows(scan), static_cast<int64_t>(kept));
    }
  }
}

TEST_F(ScanRead, FilesBehindTheLimitAreNotOpened) {
  const std::vector<ScanTask> tasks = TableScan(table_).Plan();
  for (size_t i = 1; i < tasks.size(); ++i) {
    table_.io()->Delete(std::string(tasks[i].file_path()));
  }
  EXPECT_EQ(ReadTable(TableScan(table_, {.limit = 20}))->num_rows(), 20);
  EXPECT_EQ(Stream(TableScan(table_, {.limit = 20})).size(), 20U);
  EXPECT_THROW(ReadTable(TableScan(table_, {.limit = 21})), IoError);
  // How many rows of a file match is only known when they are read.
  const auto one_of_each_file = ParseExpression("id in (1, 22, 41)");
  EXPECT_EQ(
      ReadTable(TableScan(table_, {.row_filter = one_of_each_file, .limit = 1}))->num_rows(),
      1);
  EXPECT_THROW(ReadTable(TableScan(table_, {.row_filter = one_of_each_file, .limit = 2})),
               IoError);
}

TEST_F(ScanRead, StopEndsAStreamWithItsError) {
  const StopToken stop = StopToken::Make();
  const TableScan scan(table_, {.batch_rows = 1, .parallel = {.stop = stop}});
  const auto reader = OpenReader(scan);
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_TRUE(reader->ReadNext(&batch).ok());
  stop.RequestStop();
  const arrow::Status status = reader->ReadNext(&batch);
  ASSERT_FALSE(status.ok());
  EXPECT_THROW(ThrowIfNotOk(status, ArrowContext::Internal("test")), CancelledError);
  EXPECT_THROW(ReadTable(scan), CancelledError);
  EXPECT_THROW(CountRows(TableScan(table_, {.row_filter = ParseExpression("id > 3"),
                                            .parallel = {.stop = stop}})),
               CancelledError);
}

TEST_F(ScanRead, PollOfTheReadersThreadIsHeeded) {
  int polls = 0;
  const StopToken stop = StopToken::Make([&] { return ++polls > 1; });
  // By this thread alone, or others might leave it nothing to do.
  EXPECT_THROW(ReadTable(TableScan(table_, {.batch_rows = 1,
                                            .parallel = {.max_parallelism = 1, .stop = stop}})),
               CancelledError);
}

TEST_F(ScanRead, ReaderOutlivesTheScanAndMayBeDroppedEarly) {
  const auto make = [&] {
    const Table table = table_;
    return OpenReader(TableScan(table, {.batch_rows = 2}));
  };
  const auto reader = make();
  EXPECT_EQ(reader->ToTable().ValueOrDie()->num_rows(), 60);
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_TRUE(reader->ReadNext(&batch).ok());
  EXPECT_EQ(batch, nullptr) << "it stays at its end";
  for (int read = 0; read < 5; ++read) {
    const auto dropped = make();
    for (int i = 0; i < read; ++i) {
      ASSERT_TRUE(dropped->ReadNext(&batch).ok());
    }
  }
  EXPECT_EQ(batch->num_rows(), 2) << "a batch lives on";
}

TEST_F(ScanRead, ErrorOfAFileInTheMiddleComesAfterTheRowsBefore) {
  const std::vector<ScanTask> tasks = TableScan(table_).Plan();
  table_.io()->Delete(std::string(tasks[1].file_path()));
  const auto reader = OpenReader(TableScan(table_));
  std::shared_ptr<arrow::RecordBatch> batch;
  int64_t rows = 0;
  arrow::Status status = reader->ReadNext(&batch);
  for (; status.ok() && batch != nullptr; status = reader->ReadNext(&batch)) {
    rows += batch->num_rows();
  }
  EXPECT_EQ(rows, 20);
  EXPECT_THROW(ThrowIfNotOk(status, ArrowContext::Internal("test")), IoError);
  EXPECT_FALSE(reader->ReadNext(&batch).ok()) << "it does not go on as if nothing had been";
}

}  // namespace
}  // namespace floe::testing
