// Many writers of one catalog, in threads and in processes.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/catalog/sqlite_catalog.h"
#include "floe/dml/write_rows.h"
#include "floe/metadata/snapshot.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"
#include "support/child_process.h"
#include "support/contest.h"
#include "support/rows.h"
#include "support/table_audit.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const TableIdentifier& Identifier() {
  static const TableIdentifier identifier{{"db"}, "t"};
  return identifier;
}

CreateTableRequest Request(Properties properties = {}) {
  return {.identifier = Identifier(),
          .schema =
              Schema({Optional(1, "id", TypeId::kLong), Optional(2, "part", TypeId::kString)}),
          .spec = PartitionSpec(0, {PartitionBy(2, "part")}),
          .location = std::nullopt,
          .properties = std::move(properties)};
}

/// A connection with the system's time and randomness, as users have it.
std::shared_ptr<Catalog> Connect(const Warehouse& warehouse) {
  return OpenSqliteCatalog({.name = "test",
                            .database_path = warehouse.database_path(),
                            .warehouse = warehouse.location()},
                           UnsyncedFileIO());
}

/// Appends `count` rows, one by one, with few tries each; calls `done` for each that is in.
void AppendMany(Catalog& catalog, int64_t first_id, int count,
                const std::function<void(int64_t)>& done) {
  const WriteOptions options{.retry = {.max_retries = 5, .min_wait_ms = 1, .max_wait_ms = 20}};
  for (int64_t id = first_id; id < first_id + count; ++id) {
    try {
      AppendRows(catalog.LoadTable(Identifier()),
                 *ContestRows(fmt::format(R"([[{}, "p{}"]])", id, id % 3)), options);
      done(id);
    } catch (const CommitConflictError&) {
      continue;  // then it must not be there
    }
  }
}

void CheckIds(Warehouse& warehouse, std::vector<std::string> expected) {
  const Table table = Connect(warehouse)->LoadTable(Identifier());
  EXPECT_EQ(ReadRows(table, {.selected_fields = std::vector<std::string>{"id"}}),
            Sorted(std::move(expected)));
  const TableFiles files = AuditTable(table);
  EXPECT_THAT(files.missing(), IsEmpty());
  EXPECT_THAT(files.orphans(), IsEmpty());
  CheckSummaries(table);
}

class Writers : public ::testing::TestWithParam<const char*> {
 protected:
  /// A catalog whose file has the journal mode of the test.
  void Prepare() {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(warehouse_.database_path().c_str(), &handle), SQLITE_OK);
    const std::string sql =
        fmt::format("PRAGMA journal_mode = {}; CREATE TABLE x (y)", GetParam());
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close_v2(handle);
    warehouse_.Open()->CreateTable(Request());
  }

  Warehouse warehouse_;
};

TEST_P(Writers, OfManyProcessesAppendWhatTheySay) {
  constexpr int kProcesses = 4;
  constexpr int kAppends = 6;
  ASSERT_EQ(RunInChild([&] {
              Prepare();
              return HasFailure() ? 1 : 0;
            }).exit_code,
            0);
  std::vector<int> children;
  for (int p = 0; p < kProcesses; ++p) {
    children.push_back(StartChild([&, p] {
      std::ofstream said(warehouse_.path() / fmt::format("said-{}", p));
      AppendMany(*Connect(warehouse_), p * 1'000, kAppends, [&](int64_t id) {
        said << id << '\n' << std::flush;
      });
      return 0;
    }));
  }
  for (const int child : children) {
    EXPECT_EQ(WaitForChild(child).exit_code, 0);
  }
  std::vector<std::string> ids;
  for (int p = 0; p < kProcesses; ++p) {
    std::ifstream said(warehouse_.path() / fmt::format("said-{}", p));
    for (std::string id; said >> id;) {
      ids.push_back(id);
    }
  }
  EXPECT_THAT(ids, ::testing::Not(IsEmpty()));
  EXPECT_EQ(RunInChild([&] {
              CheckIds(warehouse_, ids);
              return HasFailure() ? 1 : 0;
            }).exit_code,
            0);
}

TEST_P(Writers, OfManyThreadsAppendWhatTheySay) {
  Prepare();
  const auto shared = Connect(warehouse_);
  std::mutex mutex;
  std::vector<std::string> ids;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const auto own = t % 2 == 0 ? shared : Connect(warehouse_);
      AppendMany(*own, t * 1'000, 5, [&](int64_t id) {
        const std::lock_guard lock(mutex);
        ids.push_back(std::to_string(id));
      });
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CheckIds(warehouse_, ids);
}

INSTANTIATE_TEST_SUITE_P(JournalModes, Writers, ::testing::Values("WAL", "DELETE"),
                         [](const auto& mode) { return std::string(mode.param); });

TEST(ConcurrentCatalog, OfManyWhoCreateOneTableOneWins) {
  for (int round = 0; round < 5; ++round) {
    Warehouse warehouse;
    warehouse.catalog();
    std::atomic<int> made = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        const auto catalog = Connect(warehouse);
        try {
          catalog->CreateTable(Request());
          ++made;
        } catch (const TableAlreadyExistsError&) {
          ++refused;
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    EXPECT_EQ(made, 1);
    EXPECT_EQ(refused, 3);
    EXPECT_THAT(FilesIn(warehouse.path() / "tables"), SizeIs(1));
    EXPECT_EQ(warehouse.Load("t").current_snapshot(), nullptr);
  }
}

TEST(ConcurrentCatalog, ManyMayBeFirstToOpenAFile) {
  for (int round = 0; round < 20; ++round) {
    const Warehouse warehouse;
    std::vector<int> children;
    for (int p = 0; p < 4; ++p) {
      children.push_back(StartChild([&, p] {
        Connect(warehouse)->CreateNamespace({fmt::format("n{}", p)}, {});
        return 0;
      }));
    }
    for (const int child : children) {
      EXPECT_EQ(WaitForChild(child).exit_code, 0);
    }
    EXPECT_EQ(RunInChild([&] {
                return static_cast<int>(Connect(warehouse)->ListNamespaces({}).size());
              }).exit_code,
              4);
  }
}

TEST(ConcurrentCatalog, ReadersAndWritersOutliveMetadataThatIsDeleted) {
  Warehouse warehouse;
  warehouse.catalog().CreateTable(
      Request({{"write.metadata.previous-versions-max", "1"},
               {"write.metadata.delete-after-commit.enabled", "true"}}));
  std::atomic<bool> stopped = false;
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::vector<std::string> problems;
  const auto run = [&](const std::function<void()>& work) {
    threads.emplace_back([&, work] {
      try {
        work();
      } catch (const std::exception& error) {
        stopped = true;
        const std::lock_guard lock(mutex);
        problems.emplace_back(error.what());
      }
    });
  };
  for (int t = 0; t < 2; ++t) {
    run([&, t] {
      AppendMany(*Connect(warehouse), t * 1'000, 15, [](int64_t) {});
      stopped = true;
    });
    run([&] {
      const auto catalog = Connect(warehouse);
      while (!stopped) {
        catalog->LoadTable(Identifier());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(problems, IsEmpty());
}

}  // namespace
}  // namespace floe::testing
