#pragma once

#include <optional>
#include <string>

#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"

namespace floe::inline v0 {

/// Why `snapshot`, made for a base that others may have moved since, can't be added to
/// `metadata`, in words: its sequence number or its row ids are taken. Nothing if it can.
std::optional<std::string> FindTaken(const Snapshot& snapshot, const TableMetadata& metadata);

/// Adds a new snapshot, with what the format version counts: sequence numbers from version 2
/// on, row ids from version 3 on. Throws InternalError for one that FindTaken() refuses, whose
/// id is taken, or that lacks what its version needs.
void AddSnapshot(SnapshotPtr snapshot, TableMetadata* metadata);

/// Checks that a table can be raised to a format version. Throws InvalidArgumentError for one
/// below the table's, UnsupportedError for one above kMaxFormatVersion.
void CheckFormatVersionRaise(int format_version, const TableMetadata& metadata);

/// Raises the table's format version; snapshots, and the rows in them, stay as they are
/// (specification, "Row Lineage for Upgraded Tables", appendix E);
/// throws what CheckFormatVersionRaise() throws. A table of version 1 without a uuid gets one
/// when it is committed.
void RaiseFormatVersion(int format_version, TableMetadata* metadata);

}  // namespace floe::inline v0
