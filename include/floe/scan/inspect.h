#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "floe/base/stop_token.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// A metadata table as rows; columns are named as in other Iceberg engines.
/// `what`: "snapshots" (all of the table's), "files", "data_files", "delete_files" or
/// "partitions" (of one snapshot, the current one by default). Throws InvalidArgumentError for
/// another name, NoSuchSnapshotError, and what planning throws.
std::shared_ptr<arrow::RecordBatchReader> InspectTable(const Table& table,
                                                       const std::string& what,
                                                       std::optional<int64_t> snapshot_id,
                                                       const StopToken& stop = {});

}  // namespace floe::inline v0
