#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "floe/scan/plan.h"

namespace floe::inline v0 {

/// The scan's tasks, as many as its limit can need.
std::vector<ScanTask> PlanWithinLimit(const TableScan& scan);

/// OpenReader() of a scan that has been planned.
std::shared_ptr<arrow::RecordBatchReader> OpenTaskReader(const TableScan& scan,
                                                         std::vector<ScanTask> tasks);

/// Threads to decode the columns of one unit with, where `unit_count` units are
/// there to be decoded side by side.
int ColumnParallelism(const TableScan& scan, size_t unit_count);

}  // namespace floe::inline v0
