#pragma once

#include <string>
#include <vector>

#include "floe/io/file_io.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// The files that go with a table which is purged, in groups of which each refers to those
/// before it: data and delete files, manifests, manifest lists and statistics, metadata files.
/// Only what the metadata reaches; nothing that lies in another table's folder, and no data if
/// the table's `gc.enabled` is false. Throws CorruptFileError, IoError.
///
/// `other_metadata` are the metadata files of all other tables of the catalog.
std::vector<std::vector<std::string>> FilesToPurge(
    const Table& table, const std::vector<std::string>& other_metadata);

/// Deletes them, in order. Goes on when one can't be deleted; throws IoError at the end then.
void DeletePurged(FileIO& io, const TableIdentifier& identifier,
                  const std::vector<std::vector<std::string>>& groups);

}  // namespace floe::inline v0
