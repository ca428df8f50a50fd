#pragma once

#include <arrow/type_fwd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "floe/table/table.h"
#include "support/fault_point.h"
#include "support/faulty_catalog.h"
#include "support/faulty_file_io.h"
#include "support/warehouse.h"

namespace floe::testing {

/// Two writers of one table `db.t` (id long, part string) partitioned by `part`, over two
/// connections to one catalog: `ours` goes through faulty parts and is watched, the rival's is
/// plain.
class Contest {
 public:
  explicit Contest(Properties properties = {});

  Warehouse& warehouse() { return warehouse_; }
  FaultPoint& faults() { return *faults_; }
  FaultyFileIO& io() { return *io_; }
  FaultyCatalog& catalog() { return *catalog_; }

  /// The table as our connection loads it now.
  Table Ours() { return catalog_->LoadTable({{"db"}, "t"}); }
  /// The table as the rival loads it now.
  Table Rivals() { return warehouse_.Load("t"); }

  /// The rival commits an append of rows `[[1, "a"]]` right now.
  void RivalAppends(const std::string& json);
  /// The rival does `work` just before our commit number `call` (1 is the first).
  void BeforeOurCommit(int call, std::function<void()> work);

  /// Rows of the table as it is now, sorted.
  std::vector<std::string> Rows();
  /// Fails the running test unless the table has exactly these rows, lacks nothing that it
  /// refers to, has consistent summaries, and nothing lies about.
  void Expect(const std::vector<std::string>& rows);

 private:
  Warehouse warehouse_;
  std::shared_ptr<FaultPoint> faults_ = std::make_shared<FaultPoint>();
  std::shared_ptr<FaultyFileIO> io_ = std::make_shared<FaultyFileIO>(UnsyncedFileIO(), faults_);
  std::shared_ptr<FaultyCatalog> catalog_;
};

/// Rows for `db.t` from JSON such as `[[1, "a"]]`.
std::shared_ptr<arrow::RecordBatchReader> ContestRows(const std::string& json);

}  // namespace floe::testing
