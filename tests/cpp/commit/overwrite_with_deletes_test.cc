// Overwrites in tables with row-level deletes: which delete files stay.

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/commit/overwrite_files.h"
#include "floe/dml/delete_rows.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/manifest/data_file.h"
#include "floe/metadata/snapshot.h"
#include "floe/scan/inspect.h"
#include "floe/scan/plan.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "support/delete_files.h"
#include "support/rows.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const std::vector<Field>& Columns() {
  static const auto* const columns = new std::vector<Field>{Optional(1, "id", TypeId::kLong),
                                                            Optional(2, "part", TypeId::kInt)};
  return *columns;
}

std::shared_ptr<arrow::RecordBatchReader> Rows(const std::string& rows) {
  return RowsOf(
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("part", arrow::int32())}),
      {rows});
}

/// Partition 1 has rows 1 and 2 in one file, partition 2 has rows 3 and 4.
class OverwriteWithDeletes : public ::testing::Test {
 protected:
  void SetUp() override {
    const Table table =
        warehouse_.Create("t", Columns(), {PartitionBy(2, "part")}, {{"format-version", "3"}});
    table_ = AppendRows(table, *Rows("[[1, 1], [2, 1], [3, 2], [4, 2]]"));
  }

  std::string PathOf(int64_t id) const {
    const auto tasks =
        TableScan(*table_, {.row_filter = ParseExpression(fmt::format("id = {}", id))}).Plan();
    EXPECT_EQ(tasks.size(), 1U);
    return std::string(tasks.at(0).file_path());
  }

  DataFile Positions(int32_t part, std::vector<std::pair<std::string, int64_t>> rows) const {
    std::ranges::sort(rows);
    return WritePositionDeletes(*table_, {0, {Literal::Int(part)}}, rows);
  }

  DataFile Vector(int64_t id, const std::vector<int64_t>& positions, int32_t part) const {
    return WriteDeletionVector(*table_, {0, {Literal::Int(part)}}, PathOf(id), positions);
  }

  DataFile Equalities(int32_t part, const std::string& rows) const {
    const Schema ids({Optional(1, "id", TypeId::kLong)});
    return WriteEqualityDeletes(*table_, {0, {Literal::Int(part)}}, ids, rows, {1});
  }

  void Commit(const std::vector<DataFile>& deletes) {
    warehouse_.clock().SleepMs(1'000);
    table_ = CommitDeletes(*table_, deletes);
  }

  void Overwrite(const std::string& filter, const std::string& rows) {
    warehouse_.clock().SleepMs(1'000);
    table_ = OverwriteRows(*table_, ParseExpression(filter), *Rows(rows));
  }

  std::vector<std::string> Live() const {
    const auto reader = InspectTable(*table_, "delete_files", std::nullopt);
    std::vector<std::string> paths;
    while (const auto batch = reader->Next().ValueOrDie()) {
      const auto column = batch->GetColumnByName("file_path");
      for (int64_t i = 0; i < batch->num_rows(); ++i) {
        paths.push_back(column->GetScalar(i).ValueOrDie()->ToString());
      }
    }
    return paths;
  }

  std::string Summary(const std::string& key) const {
    return FindProperty(table_->current_snapshot()->summary, key).value_or("");
  }

  Warehouse warehouse_;
  std::optional<Table> table_;
};

TEST_F(OverwriteWithDeletes, DeletesOfOtherPartitionsStay) {
  const DataFile first = Positions(1, {{PathOf(1), 0}});
  const DataFile second = Positions(2, {{PathOf(3), 1}});
  Commit({first, second});
  Overwrite("part = 1", "[[9, 1]]");
  EXPECT_THAT(ReadRows(*table_), UnorderedElementsAre("3|2", "9|1"));
  EXPECT_THAT(Live(), ElementsAre(second.file_path));
  EXPECT_EQ(Summary("removed-delete-files"), "1");
  EXPECT_EQ(Summary("removed-position-delete-files"), "1");
  EXPECT_EQ(Summary("removed-position-deletes"), "1");
  EXPECT_EQ(Summary("total-delete-files"), "1");
  EXPECT_EQ(Summary("total-position-deletes"), "1");
}

TEST_F(OverwriteWithDeletes, ReplacedPartitionsLoseTheirs) {
  const DataFile kept = Equalities(1, "[[2]]");
  Commit({kept, Equalities(2, "[[3], [8]]")});
  table_ = OverwritePartitions(*table_, *Rows("[[8, 2]]"));
  EXPECT_THAT(ReadRows(*table_), UnorderedElementsAre("1|1", "8|2"));
  EXPECT_THAT(Live(), ElementsAre(kept.file_path));
  EXPECT_EQ(Summary("removed-equality-delete-files"), "1");
  EXPECT_EQ(Summary("removed-equality-deletes"), "2");
  EXPECT_EQ(Summary("total-equality-deletes"), "1");
}

TEST_F(OverwriteWithDeletes, AVectorGoesWithItsFile) {
  const DataFile kept = Vector(3, {0}, 2);
  Commit({Vector(1, {0, 1}, 1), kept});
  Overwrite("part = 1", "[[9, 1]]");
  EXPECT_THAT(ReadRows(*table_), UnorderedElementsAre("4|2", "9|1"));
  EXPECT_THAT(Live(), ElementsAre(kept.file_path));
  EXPECT_EQ(Summary("removed-dvs"), "1");
  EXPECT_EQ(Summary("removed-position-deletes"), "2");
  EXPECT_EQ(Summary("removed-position-delete-files"), "");
}

// A file of one partition can name files of others: rows of those stay deleted.
TEST_F(OverwriteWithDeletes, APartOfAPartitionIsLeftWithItsDeletes) {
  table_ = AppendRows(*table_, *Rows("[[101, 1], [102, 1]]"));
  const DataFile both = Positions(1, {{PathOf(1), 0}, {PathOf(101), 1}});
  const DataFile equality = Equalities(1, "[[2]]");
  Commit({both, equality});
  Overwrite("part = 1 and id < 100", "[[9, 1]]");
  EXPECT_THAT(ReadRows(*table_), UnorderedElementsAre("3|2", "4|2", "9|1", "101|1"));
  EXPECT_THAT(Live(), UnorderedElementsAre(both.file_path, equality.file_path));
}

TEST_F(OverwriteWithDeletes, TheWholeTableIsReplacedWithAllDeletes) {
  Commit({Positions(1, {{PathOf(1), 0}}), Equalities(2, "[[4]]"), Vector(3, {0}, 2)});
  Overwrite("true", "[[5, 5]]");
  EXPECT_THAT(ReadRows(*table_), ElementsAre("5|5"));
  EXPECT_THAT(Live(), IsEmpty());
  EXPECT_EQ(Summary("removed-delete-files"), "3");
  EXPECT_EQ(Summary("total-delete-files"), "0");
  EXPECT_EQ(Summary("total-records"), "1");
}

TEST_F(OverwriteWithDeletes, DeletesThatCameMeanwhileAreAConflictOrGo) {
  const Table planned = *table_;
  Commit({Equalities(1, "[[2]]")});
  EXPECT_THROW(OverwriteRows(planned, ParseExpression("part = 1"), *Rows("[[9, 1]]")),
               CommitConflictError);
  table_ = OverwriteRows(planned, ParseExpression("part = 1"), *Rows("[[9, 1]]"),
                         {.isolation = Isolation::kSnapshot});
  EXPECT_THAT(ReadRows(*table_), UnorderedElementsAre("3|2", "4|2", "9|1"));
  EXPECT_THAT(Live(), IsEmpty());
}

TEST_F(OverwriteWithDeletes, PositionsThatAFileNeverHadAreNotCountedAsItsRows) {
  Commit({Positions(1, {{PathOf(1), 7}})});
  table_ = DeleteRows(*table_, ParseExpression("id = 1"));
  EXPECT_THAT(ReadRows(*table_), UnorderedElementsAre("2|1", "3|2", "4|2"));
}

TEST_F(OverwriteWithDeletes, DeletedRowsOfAnyKindStayDeletedWhenTheOthersAreWrittenAnew) {
  Commit({Equalities(1, "[[2]]"), Positions(2, {{PathOf(3), 0}})});
  table_ = AppendRows(*table_, *Rows("[[5, 1], [2, 1]]"));
  table_ = DeleteRows(*table_, ParseExpression("id in (1, 5)"));
  EXPECT_THAT(ReadRows(*table_), UnorderedElementsAre("2|1", "4|2"));
  table_ = DeleteRows(*table_, ParseExpression("id = 4"));
  EXPECT_THAT(ReadRows(*table_), ElementsAre("2|1"));
  EXPECT_EQ(Summary("total-data-files"), "1");
}

}  // namespace
}  // namespace floe::testing
