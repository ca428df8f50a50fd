// Every operation of files and of the catalog fails in turn; the table is then as before or
// as after, and nothing it refers to is missing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "dml/table_operations.h"
#include "floe/base/error.h"
#include "floe/table/table.h"
#include "support/fault_point.h"
#include "support/faulty_catalog.h"
#include "support/faulty_file_io.h"
#include "support/sqlite_faults.h"
#include "support/table_audit.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::AnyOf;
using ::testing::Combine;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::ValuesIn;

/// What an operation says became of it.
enum class Said : uint8_t { kDone, kFailed, kUnknown };

/// One run of an operation in a warehouse of its own, in which something fails.
class FaultyRun {
 public:
  explicit FaultyRun(const TableOperation& operation) : operation_(operation) {
    Prepare(operation_, warehouse_);
    sqlite_faults_ = std::make_unique<SqliteFaults>(faults_);
    catalog_ = std::make_shared<FaultyCatalog>(warehouse_.Open(io_), faults_);
  }

  FaultPoint& faults() { return *faults_; }
  FaultyCatalog& catalog() { return *catalog_; }

  Said Run() {
    try {
      operation_.run(*catalog_);
      return Said::kDone;
    } catch (const CommitStateUnknownError&) {
      return Said::kUnknown;
    } catch (const InternalError& error) {
      ADD_FAILURE() << "a fault is no bug of floe: " << error.what();
    } catch (const CatalogConnectionError&) {
      // A table's creation has no error of its own for a lost answer.
      return operation_.creates_table ? Said::kUnknown : Said::kFailed;
    } catch (const Error&) {
      return Said::kFailed;
    } catch (const std::exception& error) {
      ADD_FAILURE() << "not an error of floe: " << error.what();
    }
    return Said::kFailed;
  }

  /// Fails the running test unless the table is as `said`.
  void Check(Said said) {
    const auto catalog = warehouse_.Open();
    const std::optional<Table> table = catalog->TryLoadTable({{"db"}, "t"}, {});
    if (said == Said::kDone || !operation_.creates_table) {
      ASSERT_TRUE(table.has_value());
    }
    if (!table) {
      CheckOrphans(FilesIn(warehouse_.path() / "tables"), said);
      return;
    }
    const std::vector<std::string> rows = RowsOfTable(*table);
    switch (said) {
      case Said::kDone:
        EXPECT_EQ(rows, operation_.rows_after);
        break;
      case Said::kFailed:
        EXPECT_EQ(rows, operation_.rows_before);
        break;
      case Said::kUnknown:
        EXPECT_THAT(rows, AnyOf(Eq(operation_.rows_before), Eq(operation_.rows_after)));
        break;
    }
    const TableFiles files = AuditTable(*table);
    EXPECT_THAT(files.missing(), IsEmpty());
    CheckOrphans(files.orphans(), said);
    CheckSummaries(*table);
  }

 private:
  void CheckOrphans(const std::set<std::string>& orphans, Said said) {
    if (said == Said::kUnknown && !operation_.creates_table) {
      EXPECT_THAT(io_->deleted(), IsEmpty()) << "its commit may have happened";
    }
    if (said == Said::kUnknown) {
      return;
    }
    std::set<std::string> unexcused;
    std::ranges::set_difference(orphans, io_->excused(),
                                std::inserter(unexcused, unexcused.end()));
    EXPECT_THAT(unexcused, IsEmpty());
  }

  const TableOperation& operation_;
  Warehouse warehouse_;
  std::shared_ptr<FaultPoint> faults_ = std::make_shared<FaultPoint>();
  std::shared_ptr<FaultyFileIO> io_ = std::make_shared<FaultyFileIO>(UnsyncedFileIO(), faults_);
  std::unique_ptr<SqliteFaults> sqlite_faults_;  // outlives the connection
  std::shared_ptr<FaultyCatalog> catalog_;
};

class FaultTest : public ::testing::TestWithParam<std::tuple<TableOperation, FaultMode>> {};

// requirement: T-FR-026, Edge: partial write failure
TEST_P(FaultTest, LeavesTheTableAsBeforeOrAsAfter) {
  const auto& [operation, mode] = GetParam();
  for (int64_t n = 1;; ++n) {
    FaultyRun run(operation);
    run.faults().Arm(n, mode);
    const Said said = run.Run();
    run.faults().Disarm();
    SCOPED_TRACE("operation " + std::to_string(n) + ": " + run.faults().failed());
    run.Check(said);
    if (HasFailure()) {
      return;
    }
    if (!run.faults().met()) {
      EXPECT_EQ(said, Said::kDone);
      EXPECT_GT(n, 5);
      break;
    }
  }
}

std::string NameOf(const ::testing::TestParamInfo<FaultTest::ParamType>& info) {
  static const char* const modes[] = {"Once", "Forever", "LostAnswer"};
  return std::get<0>(info.param).name + modes[static_cast<int>(std::get<1>(info.param))];
}

INSTANTIATE_TEST_SUITE_P(Operations, FaultTest,
                         Combine(ValuesIn(TableOperations()),
                                 ValuesIn({FaultMode::kOnce, FaultMode::kForever,
                                           FaultMode::kLostAnswer})),
                         NameOf);

}  // namespace
}  // namespace floe::testing
