// kill -9 after every operation of files, of the catalog and of its database: the table reads
// as before or as after, and the next write works.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dml/table_operations.h"
#include "floe/table/table.h"
#include "support/child_process.h"
#include "support/fault_point.h"
#include "support/faulty_catalog.h"
#include "support/faulty_file_io.h"
#include "support/sqlite_faults.h"
#include "support/table_audit.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::IsEmpty;

/// Runs the operation; the process is killed after its n-th step.
int RunAndDie(const TableOperation& operation, Warehouse& warehouse, int64_t n) {
  Prepare(operation, warehouse);
  const auto faults = std::make_shared<FaultPoint>();
  const SqliteFaults sqlite_faults(faults);
  const auto io = std::make_shared<FaultyFileIO>(UnsyncedFileIO(), faults);
  const auto catalog = std::make_shared<FaultyCatalog>(warehouse.Open(io), faults);
  faults->ArmAction(n, [] { ::kill(::getpid(), SIGKILL); });
  operation.run(*catalog);
  return 0;
}

/// Fails the running test unless the table is whole and can be written.
void CheckTable(const TableOperation& operation, Warehouse& warehouse, bool finished) {
  const Table table = warehouse.Load("t");
  const std::vector<std::string> rows = RowsOfTable(table);
  if (finished) {
    EXPECT_EQ(rows, operation.rows_after);
  } else {
    EXPECT_THAT(rows, AnyOf(Eq(operation.rows_before), Eq(operation.rows_after)));
  }
  EXPECT_THAT(AuditTable(table).missing(), IsEmpty());
  CheckSummaries(table);
  RunAppend(warehouse.catalog());
  EXPECT_EQ(RowsOfTable(warehouse.Load("t")).size(), rows.size() + 2);
}

class CrashTest : public ::testing::TestWithParam<TableOperation> {};

// requirement: T-FR-022, T-FR-026
TEST_P(CrashTest, LeavesTheTableAsBeforeOrAsAfter) {
  const TableOperation& operation = GetParam();
  int64_t n = 0;
  for (bool finished = false; !finished;) {
    ++n;
    SCOPED_TRACE("killed after step " + std::to_string(n));
    Warehouse warehouse;
    const ChildEnd end = RunInChild([&] { return RunAndDie(operation, warehouse, n); });
    ASSERT_THAT(end.signal, AnyOf(0, SIGKILL));
    ASSERT_THAT(end.exit_code, AnyOf(0, -1));
    finished = end.signal == 0;
    const ChildEnd check = RunInChild([&] {
      CheckTable(operation, warehouse, finished);
      return HasFailure() ? 1 : 0;
    });
    ASSERT_EQ(check.exit_code, 0);
  }
  EXPECT_GT(n, 30) << "an operation has more steps than that";
}

INSTANTIATE_TEST_SUITE_P(Operations, CrashTest,
                         ::testing::Values(TableOperations()[1], TableOperations()[2],
                                           TableOperations()[3]),
                         [](const auto& operation) { return operation.param.name; });

}  // namespace
}  // namespace floe::testing
