#pragma once

#include <string>

#include "floe/table/identifier.h"

namespace floe::inline v0 {

/// Throws InvalidArgumentError unless a table, or a level of a namespace, of a catalog in a
/// database can have this name.
void CheckSqlName(const std::string& level);

/// The namespace as the database has it, with dots between its levels. Throws
/// InvalidArgumentError for one without levels, or with one that can't be.
std::string CheckedSqlNamespace(const Namespace& levels);

/// Whether a database can hold a namespace: one with empty levels, or with dots in them, would
/// be taken for another there.
bool CanBeInDatabase(const Namespace& levels);

}  // namespace floe::inline v0
