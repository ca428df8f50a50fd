#pragma once

#include "floe/dml/write_rows.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// Throws InvalidArgumentError for an option out of its range, and for a branch that can't be
/// written to.
void CheckOptions(const Table& table, const WriteOptions& options);

}  // namespace floe::inline v0
