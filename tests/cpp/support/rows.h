#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <vector>

#include "floe/scan/plan.h"
#include "floe/table/table.h"

namespace floe::testing {

/// A batch from JSON: `[[1, "a"], [2, null]]`, one list for each row.
std::shared_ptr<arrow::RecordBatch> BatchOf(const std::shared_ptr<arrow::Schema>& schema,
                                            const std::string& json);

/// A stream of batches from JSON.
std::shared_ptr<arrow::RecordBatchReader> RowsOf(const std::shared_ptr<arrow::Schema>& schema,
                                                 const std::vector<std::string>& batches);
std::shared_ptr<arrow::RecordBatchReader> StreamOf(
    std::vector<std::shared_ptr<arrow::RecordBatch>> batches);

/// Rows as texts such as `1|a|null`, in order.
std::vector<std::string> TextsOf(const arrow::Table& rows);

/// The rows of a scan as texts, sorted.
std::vector<std::string> ReadRows(const Table& table, ScanOptions options = {});

/// The same, sorted; for what is expected.
std::vector<std::string> Sorted(std::vector<std::string> rows);

}  // namespace floe::testing
