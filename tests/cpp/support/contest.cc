#include "support/contest.h"

#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/dml/write_rows.h"
#include "floe/metadata/snapshot.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "support/faulty_catalog.h"
#include "support/rows.h"
#include "support/table_audit.h"
#include "support/warehouse.h"

namespace floe::testing {

Contest::Contest(Properties properties) {
  warehouse_.Create("t",
                    {Optional(1, "id", TypeId::kLong), Optional(2, "part", TypeId::kString)},
                    {PartitionBy(2, "part")}, std::move(properties));
  catalog_ = std::make_shared<FaultyCatalog>(warehouse_.Open(io_), faults_);
}

void Contest::RivalAppends(const std::string& json) {
  AppendRows(Rivals(), *ContestRows(json));
}

void Contest::BeforeOurCommit(int call, std::function<void()> work) {
  catalog_->BeforeCommit([call, work = std::move(work)](int number) {
    if (number == call) {
      work();
    }
  });
}

std::vector<std::string> Contest::Rows() {
  return ReadRows(Rivals(), {.selected_fields = std::vector<std::string>{"id", "part"}});
}

void Contest::Expect(const std::vector<std::string>& rows) {
  EXPECT_EQ(Rows(), rows);
  const Table table = Rivals();
  const TableFiles files = AuditTable(table);
  EXPECT_THAT(files.missing(), ::testing::IsEmpty());
  EXPECT_THAT(files.orphans(), ::testing::IsEmpty());
  CheckSummaries(table);
}

std::shared_ptr<arrow::RecordBatchReader> ContestRows(const std::string& json) {
  return RowsOf(
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("part", arrow::utf8())}),
      {json});
}

}  // namespace floe::testing
