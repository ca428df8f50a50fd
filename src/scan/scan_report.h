#pragma once

#include <cstdint>
#include <string>

#include "floe/scan/plan.h"

namespace floe::inline v0 {

/// What planning a scan came to.
struct ScanCounts {
  int64_t planning_ms = 0;
  int64_t data_manifests = 0;    ///< of the snapshot
  int64_t delete_manifests = 0;  ///< the same
  int64_t scanned_data_manifests = 0;
  int64_t data_files = 0;
  int64_t data_file_bytes = 0;
  int64_t delete_files = 0;
};

/// The report of a scan (REST specification, `ScanReport`): counts, names and ids, and the
/// filter's shape without its values.
std::string MakeScanReport(const TableScan& scan, const ScanCounts& counts);

}  // namespace floe::inline v0
