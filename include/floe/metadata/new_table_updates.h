#pragma once

#include <cstdint>
#include <vector>

#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"

namespace floe::inline v0 {

/// The updates that make a new, empty table from nothing, for a commit with AssertCreate.
std::vector<TableUpdate> NewTableUpdates(const TableMetadata& metadata);

/// Leaves one update of the location and one of the properties, with what `table` ends up with:
/// some servers (Nessie 0.99) refuse more of them for a new table. Updates are those of
/// NewTableUpdates() and what was done since.
void JoinSettings(const TableMetadata& table, std::vector<TableUpdate>* updates);

/// A table made of updates, of which those of NewTableUpdates() come first.
TableMetadata ApplyNewTableUpdates(const std::vector<TableUpdate>& updates, int64_t now_ms);

}  // namespace floe::inline v0
