#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "floe/scan/plan.h"
#include "parquet/data_file_reader.h"
#include "scan/delete_loader.h"

namespace floe::inline v0 {

/// Opens the file of a task with the scan's projection, the task's residual filter and its
/// deletes, which `deletes` reads.
std::unique_ptr<DataFileReader> OpenTask(const TableScan& scan, const ScanTask& task,
                                         DeleteLoader& deletes);

/// The scan's tasks, as many as its limit can need.
std::vector<ScanTask> PlanWithinLimit(const TableScan& scan);

/// Threads to decode the columns of one unit with, where `unit_count` units are
/// there to be decoded side by side.
int ColumnParallelism(const TableScan& scan, size_t unit_count);

}  // namespace floe::inline v0
