#pragma once

#include <cstdint>
#include <string>

#include "floe/metadata/snapshot.h"
#include "floe/table/identifier.h"

namespace floe::inline v0 {

/// The report of a commit that made a snapshot (REST specification, `CommitReport`): what its
/// summary counts, tries and time.
std::string MakeCommitReport(const TableIdentifier& table, const Snapshot& snapshot, int tries,
                             int64_t duration_ms);

}  // namespace floe::inline v0
