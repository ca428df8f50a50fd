#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "floe/table/catalog.h"
#include "floe/table/table.h"
#include "support/warehouse.h"

namespace floe::testing {

/// A change to table `db.t` that must happen as a whole or not at all.
struct TableOperation {
  std::string name;
  bool creates_table;                    ///< else Prepare() has made it
  std::vector<std::string> rows_before;  ///< id|part|value, sorted
  std::vector<std::string> rows_after;
  std::function<void(Catalog&)> run;
  Properties properties = {};  ///< of the table that Prepare() makes
};

std::ostream& operator<<(std::ostream& out, const TableOperation& operation);

/// Create table, append, append with schema evolution, overwrite of partitions, of the whole
/// table and of some rows, deletes in each mode and format version.
const std::vector<TableOperation>& TableOperations();

/// Makes `db.t`, partitioned by `part`, with two snapshots, if `operation` needs it.
void Prepare(const TableOperation& operation, Warehouse& warehouse);

/// Appends two rows to `db.t`.
void RunAppend(Catalog& catalog);

/// The rows of `db.t` as `rows_before` and `rows_after` have them.
std::vector<std::string> RowsOfTable(const Table& table);

}  // namespace floe::testing
