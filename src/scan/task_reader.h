#pragma once

#include <cstddef>
#include <vector>

#include "floe/scan/plan.h"

namespace floe::inline v0 {

/// The scan's tasks, as many as its limit can need.
std::vector<ScanTask> PlanWithinLimit(const TableScan& scan);

/// Threads to decode the columns of one unit with, where `unit_count` units are
/// there to be decoded side by side.
int ColumnParallelism(const TableScan& scan, size_t unit_count);

}  // namespace floe::inline v0
