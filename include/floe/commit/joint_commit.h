#pragma once

#include <vector>

#include "floe/commit/transaction.h"
#include "floe/table/catalog.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// Commits transactions of several tables of a catalog at once: all of them become visible,
/// or none does. Tries again on conflicts as a single one does, each table on its own latest
/// state, by the retries of the first. Returns the tables, in their order.
///
/// Throws InvalidArgumentError for a table of another catalog, or that is there twice,
/// UnsupportedError where the catalog's server can't, and otherwise what Transaction::Commit()
/// does: of all tables alike.
std::vector<Table> CommitTogether(Catalog& catalog,
                                  const std::vector<Transaction*>& transactions);

}  // namespace floe::inline v0
